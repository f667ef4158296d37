"""A clip's keypoints as somebody of usual proportions would have given them.

What a single camera leaves open, the lifter fills with what is usual: a person with long forearms is told to reach
less far towards the camera than they do. Once the body is known (body_fit.py), the keypoints are moved by what lies
between its picture and that of a usual person in the same pose; lifted again, they tell the pose better.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from ..core.bone_lengths import body_height
from ..core.camera import Camera
from ..core.keypoints import Keypoints2D
from ..core.progress import Progress, chunks
from ..core.skeleton import MOCAP22
from .seen_body import SeenBody

SHARE = 0.5
"""How much of the way a detector's keypoints are moved; exact ones go all of it. All of it is better on simulated clips
and worse where rendered people sit, kneel or lie (docs/training.md): the lifter has learnt how the detector errs there
from bodies of these very proportions."""

CHUNK = 2048
"""Frames moved at a time; bounds the time between two steps, changes nothing in the result."""

_NEAREST = 0.2
"""Metres: a point nearer than this to the camera, or behind it, stays where it was seen."""


def as_usual_person(keypoints: Keypoints2D, camera: Camera, body: SeenBody, directions: np.ndarray,
                    root: np.ndarray) -> Generator[Progress, None, Keypoints2D]:
    """Canonical keypoints of T frames, moved, step by step.

    body: whose they are. directions (T, J, 3), root (T, 3) metres: the pose, camera axes. What the keypoints are off
    in the picture, noise included, they stay off.
    """
    average = SeenBody.usual(body_height(body.lengths, MOCAP22))
    share = 1.0 if keypoints.exact else SHARE
    frames, xy = len(keypoints), np.array(keypoints.xy, dtype=float)
    for part in chunks(frames, CHUNK):
        own, usual = (one.keypoints(root[part], directions[part]) for one in (body, average))
        known = (keypoints.score[part] > 0) & (own[..., 2] > _NEAREST) & (usual[..., 2] > _NEAREST)
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = share * (camera.project(usual) - camera.project(own))
        xy[part] += np.where(known[..., None], moved, 0.0)
        yield Progress("average body", part.stop, frames)
    return replace(keypoints, xy=xy)
