"""From 21 points a hand to the bends of its fingers over time: gated, limited and smoothed, relaxed where not seen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..core.keypoint_layouts import KNUCKLES, palm_axes
from ..core.skeleton import SIDES
from ..core.take import Take
from ..maths.banded_least_squares import penalty_bands, penalty_strength, smooth_fit
from ..maths.rotations import unit
from .tuning import TUNING

FINGERS = ("index", "middle", "ring", "pinky")
_ORDER = 2


class FingerPoses(NamedTuple):
    """Poses of both hands, left first, over T frames, each in its palm's axes (see `finger_rest.RestHand`).

    angles: (T, 2, 4, 4) radians; for index, middle, ring and pinky the splay towards the thumb and the three bends.
    thumbs: (T, 2, 3, 3) unit directions of the thumb's bones.
    """

    angles: np.ndarray
    thumbs: np.ndarray

    def at(self, before: np.ndarray, after: np.ndarray, share: np.ndarray) -> FingerPoses:
        """The poses at N times, each (N,) `share` of the way from frame `before` to frame `after`."""
        part = share[:, None, None, None]
        angles, thumbs = (each[before] * (1 - part) + each[after] * part for each in self)
        return FingerPoses(angles, unit(thumbs))


def relaxed_pose() -> FingerPoses:
    """One frame of relaxed hands."""
    angles = np.radians([[TUNING.splays[finger], *TUNING.bends[finger]] for finger in FINGERS])
    return FingerPoses(np.array([[angles] * 2]), np.array([[unit(np.array(TUNING.thumb))] * 2]))


def finger_poses(take: Take) -> FingerPoses | None:
    """The poses of a take's fingers; None where nobody looked at the hands, or none was seen."""
    if take.finger_points is None or not (take.finger_presence >= TUNING.presence).any():
        return None
    relaxed = relaxed_pose()
    angles, thumbs = (np.repeat(each, len(take), axis=0) for each in relaxed)
    penalty = penalty_bands(len(take), _ORDER, penalty_strength(TUNING.finger_seconds, take.fps, _ORDER))
    for number, side in enumerate(SIDES):
        seen = take.finger_presence[:, number] >= TUNING.presence
        if not seen.any():
            continue
        found, thumb = measured(take.finger_points[seen, number], side)
        angles[seen, number], thumbs[seen, number] = limited(found), thumb
        weight = np.where(seen, take.finger_presence[:, number], TUNING.relaxed_weight)
        angles[:, number] = smooth_fit(angles[:, number].reshape(len(take), -1), weight, penalty).reshape(-1, 4, 4)
        thumbs[:, number] = smooth_fit(thumbs[:, number].reshape(len(take), -1), weight, penalty).reshape(-1, 3, 3)
    return FingerPoses(limited(angles), unit(thumbs))


def measured(points: np.ndarray, side: str) -> tuple[np.ndarray, np.ndarray]:
    """((N, 4, 4) angles, (N, 3, 3) thumb directions) of (N, 21, 3) points of a hand; see `FingerPoses`."""
    ways = unit(np.einsum("nij,nkj->nki", palm_axes(points, side), np.diff(points, axis=1)))
    fingers = np.stack([ways[:, first:first + 3] for first in KNUCKLES], axis=1)
    splay = np.arctan2(fingers[:, :, 0, 1], np.abs(fingers[:, :, 0, 0]))
    ahead = np.stack([np.cos(splay), np.sin(splay), np.zeros_like(splay)], axis=-1)
    axis = np.cross(ahead, (0.0, 0.0, 1.0))
    before = np.concatenate([ahead[:, :, None], fingers[:, :, :-1]], axis=2)
    bends = np.arctan2((np.cross(before, fingers) * axis[:, :, None]).sum(-1), (before * fingers).sum(-1))
    return np.concatenate([splay[..., None], bends], axis=-1), ways[:, 1:4]


def limited(angles: np.ndarray) -> np.ndarray:
    """(..., 4, 4) angles within the limits of a finger's joints.

    A finger splays the less the more it is bent at the knuckle: its ligaments tighten, and the splay of a finger that
    points out of the palm could not be measured either.
    """
    low, high = np.radians([(-TUNING.splay_limit, TUNING.splay_limit), *TUNING.bend_limits]).T
    found = np.clip(angles, low, high)
    splay = np.radians(TUNING.splay_limit) * np.clip(np.cos(found[..., 1]), 0.0, 1.0)
    found[..., 0] = np.clip(found[..., 0], -splay, splay)
    return found
