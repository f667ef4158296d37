"""A body as a 2D detector sees it: the lengths of its bones and the places of the keypoints on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core.bone_lengths import body_height
from ..core.keypoint_layouts import CANONICAL
from ..core.skeleton import MOCAP22
from .detector_bias import average_places
from .detector_points import SOLE, detector_points

USUAL_SHARES = {
    "hip": 0.053, "knee": 0.246, "ankle": 0.247, "toe": 0.095, "spine": 0.143, "thorax": 0.143, "neck": 0.083,
    "nose": 0.045, "head": 0.086, "shoulder": 0.115, "elbow": 0.182, "wrist": 0.150, "knuckle": 0.053,
}
"""Average bone lengths, by the joint at the bone's end, as shares of the standing height. Legs and arms: segment
lengths of Drillis & Contini. Torso, head and shoulders: measured, the mean of the motion set's skeletons."""

LENGTH_SPREAD = {
    "hip": 0.09, "knee": 0.033, "ankle": 0.037, "toe": 0.07, "spine": 0.03, "thorax": 0.03, "neck": 0.08, "nose": 0.10,
    "head": 0.07, "shoulder": 0.055, "elbow": 0.035, "wrist": 0.038, "knuckle": 0.08,
}
"""Relative standard deviations of these lengths between people of one height, from ergonomic tables (sitting height
2.5 %, popliteal height and thigh 3 to 3.5 %, arms 3.5 %, shoulder breadth 4.5 %). Guessed, and larger, where the
joint's place on the body is a matter of definition."""

_HEAD = ("nose", "eye", "ear")


@dataclass(frozen=True)
class SeenBody:
    """A body and the places on it where a detector sees the keypoints.

    lengths: (J,) metres, MOCAP22's bones, row 0 zero. places: (K, 3) metres from the joint of each canonical keypoint
    to the place where it is seen: outward, up the limb and forward (`detector_points`).
    """

    lengths: np.ndarray
    places: np.ndarray

    @classmethod
    def average(cls, height: float) -> SeenBody:
        """A person of average proportions and this `body_height` in metres, seen by the shipped detector."""
        parts = [name.rpartition("_")[2] for name in MOCAP22.joint_names]
        shares = np.array([USUAL_SHARES.get(part, 0.0) for part in parts])
        return cls(shares * height / body_height(shares), average_places(height))

    def keypoints(self, root: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """(T, K, 3) metres: the keypoints of a pose. root (T, 3) metres, directions (T, J, 3), any axes."""
        return self._seen_at(root, directions, self.places)

    def axes(self, root: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """(T, K, 3, 3): the columns are the unit vectors outward, up the limb and forward at each keypoint."""
        middle = self._seen_at(root, directions, np.zeros_like(self.places))
        moved = [self._seen_at(root, directions, np.broadcast_to(step, self.places.shape)) for step in np.eye(3)]
        return np.stack([one - middle for one in moved], axis=-1)

    def _seen_at(self, root, directions, places) -> np.ndarray:
        joints = MOCAP22.joint_positions(self.lengths, directions, root)
        return detector_points(joints[None], np.asarray(places)[None])[0]

    @cached_property
    def reach(self) -> np.ndarray:
        """(K, J) metres of each bone on the way from the pelvis to the joint of a keypoint."""
        return (MOCAP22.ancestors * self.lengths)[_BEGINS]

    @cached_property
    def influence(self) -> np.ndarray:
        """(K, J) metres that a keypoint moves when a bone's direction changes by one unit.

        The bones that lead to the joint move it, and so does the bone along which it lies beside its joint. The turn of
        a limb about its own axis is left out.
        """
        rows, names = self.reach.copy(), MOCAP22.joint_names
        for k, name in enumerate(CANONICAL.keypoint_names):
            side, _, part = name.rpartition("_")
            _, up, forward = self.places[k]
            if part in _HEAD:
                rows[k, names.index("head")] += up
                rows[k, names.index("nose")] += forward
            elif part in ("shoulder", "hip"):
                rows[k, [names.index("spine"), names.index("thorax")]] += up / 2
            elif part in ("heel", "toe"):
                rows[k, names.index(f"{side}_toe")] += forward * np.cos(SOLE) - up * np.sin(SOLE)
            else:
                rows[k, names.index(name)] += forward if part == "knuckle" else -up
        return rows


def _begins_at(keypoint: str) -> int:
    """Index of the joint from which a keypoint's place is measured."""
    side, _, part = keypoint.rpartition("_")
    if part in _HEAD:
        return MOCAP22.index("neck")
    return MOCAP22.index(f"{side}_ankle" if part == "heel" else keypoint)


_BEGINS = [_begins_at(name) for name in CANONICAL.keypoint_names]
