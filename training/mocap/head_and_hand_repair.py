"""Repair heads and hands whose recorded rotations are wrong.

Neck, nose and head-top of the set belong to a model head (shared/tools, mocap_to_joints17.py). It sits on the recorded
beginning of the head and is turned by the head bone's recorded rotation. A few recordings (all of subject 85's skeleton
`neo`, 135_01, 60_06, 127_32) count that rotation from another pose than a head that looks ahead: in the mean of the
recording the head is turned by 94 to 177 degrees against the chest, to the side or backwards; in all others by at most
75. In `neo` the hand stands off the forearm by 80 to 117 degrees in the mean of the clip, which no wrist can do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.detector_points import unit

from .mix_poses import trunk_axes
from .tuning import TUNING

# The model head of the set, in parts of its size (a leg's length / 0.86), along its upward and its forward axis.
_LEG_OF_SIZE = 0.86
_HEAD_FROM_NECK, _NOSE_FROM_NECK = (0.14, -0.055), (0.03, 0.06)
_NECK_ABOVE_THORAX, _NECK_FORWARD = 0.145, 0.055  # the first along the neck, then the head
_USUAL, _FARTHEST = 0.2, 0.3  # that a head begins above the thorax
_LEAST = 1e-5  # smaller offsets are rounding errors of single precision
_J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}


@dataclass(frozen=True)
class ModelHead:
    """The set's model head in each frame. begin: (T, 3) metres, the recorded place where it sits on the neck. axes:
    (T, 3, 3), columns left, back and up of the head. size: metres."""

    begin: np.ndarray
    axes: np.ndarray
    size: float

    @classmethod
    def of(cls, positions: np.ndarray) -> ModelHead:
        """The model head of a clip (T, J, 3) of the set."""
        size, (thorax, neck) = size_of(positions), (positions[:, _J[name]] for name in ("thorax", "neck"))
        seen = np.stack([positions[:, _J["head"]] - neck, positions[:, _J["nose"]] - neck]) / size
        up, forward = np.tensordot(np.linalg.inv([_HEAD_FROM_NECK, _NOSE_FROM_NECK]), seen, 1)
        # neck = begin + (above - reach) up + before forward, where reach is how far begin is from the thorax.
        rest = neck - thorax - size * (_NECK_ABOVE_THORAX * up + _NECK_FORWARD * forward)
        along = (rest * up).sum(-1, keepdims=True)
        reach = -(rest * rest).sum(-1, keepdims=True) / np.where(np.abs(along) < 1e-9, np.inf, 2 * along)
        # If the head sits straight above, both are nearly zero and the quotient means nothing.
        told = (np.abs(along) > _LEAST * size) & (reach > 0) & (reach < _FARTHEST * size)
        reach = np.where(told, reach, np.median(reach[told]) if told.any() else _USUAL * size)
        up = unit(up)
        forward = unit(forward - (forward * up).sum(-1, keepdims=True) * up)
        return cls(thorax + rest + reach * up, np.stack([np.cross(up, forward), -forward, up], axis=-1), size)

    def put_on(self, positions: np.ndarray) -> np.ndarray:
        """The clip (T, J, 3) with this head's neck, nose and head-top, as high above its thorax as in the set."""
        up, forward = self.axes[..., 2], -self.axes[..., 1]
        reach = np.linalg.norm(self.begin - positions[:, _J["thorax"]], axis=-1, keepdims=True)
        neck = self.begin + (_NECK_ABOVE_THORAX * self.size - reach) * up + _NECK_FORWARD * self.size * forward
        positions = positions.copy()
        positions[:, _J["neck"]] = neck
        for name, (rise, ahead) in (("head", _HEAD_FROM_NECK), ("nose", _NOSE_FROM_NECK)):
            positions[:, _J[name]] = neck + self.size * (rise * up + ahead * forward)
        return positions


def size_of(positions: np.ndarray) -> float:
    """The unit in which the set's maker measures heads and trunks, metres, from the leg of a clip (T, J, 3)."""
    knee = positions[:, _J["right_knee"]]
    leg = sum(np.linalg.norm(knee - positions[:, _J[end]], axis=-1) for end in ("right_hip", "right_ankle"))
    return float(np.median(leg)) / _LEG_OF_SIZE


def head_on(recording: list[np.ndarray]) -> list[np.ndarray]:
    """The clips of one recording, each (T, J, 3) metres, Z up. A head with a wrong rotation gets a constant turn about
    its beginning, so that it looks ahead in the mean of the recording."""
    heads = [ModelHead.of(clip) for clip in recording]
    against = [trunk_axes(bones_of(clip)) @ head.axes for clip, head in zip(recording, heads, strict=True)]
    mean = Rotation.from_matrix(np.concatenate(against)).mean()
    if np.degrees(mean.magnitude()) < TUNING.head_turn:
        return recording
    turn = mean.inv().as_matrix()
    return [replace(head, axes=head.axes @ turn).put_on(clip) for clip, head in zip(recording, heads, strict=True)]


def bones_of(positions: np.ndarray) -> np.ndarray:
    """Each joint relative to its parent (..., J, 3), row 0 zero, of positions (..., J, 3)."""
    return positions - positions[..., [max(parent, 0) for parent in MOCAP22.parents], :]


def hands_along(positions: np.ndarray) -> np.ndarray:
    """The clip (T, J, 3) metres; wrong hands are replaced by the continuation of the forearm."""
    parts = {"elbow": [], "wrist": [], "knuckle": []}
    for name, joints in parts.items():
        joints.extend(MOCAP22.index(f"{side}_{name}") for side in ("left", "right"))
    wrist = positions[:, parts["wrist"]]
    forearm, hand = wrist - positions[:, parts["elbow"]], positions[:, parts["knuckle"]] - wrist
    length, reach = (np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-6) for v in (forearm, hand))
    bend = np.degrees(np.arccos(np.clip((forearm / length * hand / reach).sum(-1), -1, 1)))
    if bend.mean() < TUNING.hand_bend:
        return positions
    positions = positions.copy()
    positions[:, parts["knuckle"]] = wrist + forearm / length * reach
    return positions
