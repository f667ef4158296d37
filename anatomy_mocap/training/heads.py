"""Mend what the motion set's recorded rotations of heads and hands tell wrongly.

Neck, nose and head-top of the set are a model head (shared/tools, mocap_to_joints17.py) on the recorded place where
the head begins, turned by the head bone's recorded rotation. In a few recordings (all of subject 85's skeleton `neo`,
135_01, 60_06, 127_32) that rotation is counted from some other pose than a head that looks ahead: in the mean of the
recording the head is turned by 94 to 177 degrees against the chest, to the side or backwards, in all others by no more
than 75. In those of `neo` the hand stands off the forearm by 80 to 117 degrees in the mean of the clip, which no wrist
can do.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from ..core.skeleton import MOCAP22
from .detector_points import unit
from .variety import trunk_axes

LARGEST_TURN = 85.0
"""Degrees of the head against the chest, mean of a recording, beyond which the rotation is taken to be wrong."""

# The model head of the set, in parts of its size (a leg's length / 0.86), along its upward and its forward axis.
_LEG_OF_SIZE = 0.86
_HEAD_FROM_NECK, _NOSE_FROM_NECK = (0.14, -0.055), (0.03, 0.06)
_NECK_ABOVE_THORAX, _NECK_FORWARD = 0.145, 0.055  # the first along the neck, then the head
_J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}


def head_on(recording: list[np.ndarray]) -> list[np.ndarray]:
    """The clips of one recording, each (T, J, 3) metres, Z up; a head whose rotation is wrong gets a constant turn
    about where it begins, such that it looks ahead in the mean of the recording."""
    heads = [_Head(clip) for clip in recording]
    mean = Rotation.from_matrix(np.concatenate([head.against_chest for head in heads])).mean()
    if np.degrees(mean.magnitude()) < LARGEST_TURN:
        return recording
    return [head.turned(mean.inv().as_matrix()) for head in heads]


class _Head:
    """The model head of a clip (T, J, 3), taken apart. up, forward: (T, 3) its axes. size: metres."""

    def __init__(self, positions: np.ndarray):
        self.positions = positions
        knee = positions[:, _J["right_knee"]]
        leg = sum(np.linalg.norm(knee - positions[:, _J[end]], axis=-1) for end in ("right_hip", "right_ankle"))
        self.size = float(np.median(leg)) / _LEG_OF_SIZE
        neck = positions[:, _J["neck"]]
        seen = np.stack([positions[:, _J["head"]] - neck, positions[:, _J["nose"]] - neck]) / self.size
        self.up, self.forward = np.tensordot(np.linalg.inv([_HEAD_FROM_NECK, _NOSE_FROM_NECK]), seen, 1)

    @property
    def axes(self) -> np.ndarray:
        """(T, 3, 3) rotations whose columns are left, back and up of the head."""
        up = unit(self.up)
        forward = unit(self.forward - (self.forward * up).sum(-1, keepdims=True) * up)
        return np.stack([np.cross(up, forward), -forward, up], axis=-1)

    @property
    def against_chest(self) -> np.ndarray:
        """(T, 3, 3): the head's axes as the chest sees them."""
        bones = self.positions - self.positions[:, list(MOCAP22.parents)]
        return trunk_axes(bones) @ self.axes

    def _begin(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the head begins (T, 3) and how far that is from the thorax (T, 1): the set's maker put the neck
        _NECK_ABOVE_THORAX of the size away from the thorax, along the neck first and then along the head."""
        thorax = self.positions[:, _J["thorax"]]
        rest = (self.positions[:, _J["neck"]] - thorax
                - self.size * (_NECK_ABOVE_THORAX * self.up + _NECK_FORWARD * self.forward))
        reach = -(rest * rest).sum(-1, keepdims=True) / (2 * (rest * self.up).sum(-1, keepdims=True))
        return thorax + rest + reach * self.up, reach

    def turned(self, turn: np.ndarray) -> np.ndarray:
        """(T, J, 3): the clip with its head turned by `turn` (3, 3), in axes of the head, about where it begins."""
        begin, reach = self._begin()
        axes = self.axes @ turn
        up, forward = axes[..., 2], -axes[..., 1]
        neck = begin + (_NECK_ABOVE_THORAX * self.size - reach) * up + _NECK_FORWARD * self.size * forward
        positions = self.positions.copy()
        positions[:, _J["neck"]] = neck
        for name, (rise, ahead) in (("head", _HEAD_FROM_NECK), ("nose", _NOSE_FROM_NECK)):
            positions[:, _J[name]] = neck + self.size * (rise * up + ahead * forward)
        return positions


LARGEST_BEND = 78.0
"""Degrees between forearm and hand, mean of a clip and of both hands, beyond which the hands are taken to be wrong."""


def hands_along(positions: np.ndarray) -> np.ndarray:
    """(T, J, 3) metres: the same clip; hands that are wrong go on from the forearm."""
    parts = {"elbow": [], "wrist": [], "knuckle": []}
    for name, joints in parts.items():
        joints.extend(MOCAP22.index(f"{side}_{name}") for side in ("left", "right"))
    wrist = positions[:, parts["wrist"]]
    forearm, hand = wrist - positions[:, parts["elbow"]], positions[:, parts["knuckle"]] - wrist
    length, reach = (np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-6) for v in (forearm, hand))
    bend = np.degrees(np.arccos(np.clip((forearm / length * hand / reach).sum(-1), -1, 1)))
    if bend.mean() < LARGEST_BEND:
        return positions
    positions = positions.copy()
    positions[:, parts["knuckle"]] = wrist + forearm / length * reach
    return positions
