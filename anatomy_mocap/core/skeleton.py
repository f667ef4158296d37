"""The skeleton of the product: joint names, hierarchy, rest pose, and joint positions from lengths and directions.

One index for everything: *bone j ends at joint j*. `bone_lengths[j]`, `directions[..., j, :]` and a rotation of bone j
belong to the segment from joint `parents[j]` to joint j. The right thigh therefore has the index of `right_knee`.
Row 0 (the pelvis, the root) has length 0 and direction 0; its rotation is that of the pelvis as a body part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

SIDES = ("left", "right")
"""The sides of the body, the person's own left first."""


@dataclass(frozen=True)
class Skeleton:
    """Names and hierarchy of J joints.

    joint_names: J names, parents before children.
    parents: J indices; -1 for the root, which comes first.
    """

    joint_names: tuple[str, ...]
    parents: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.joint_names)

    def index(self, name: str) -> int:
        """Index of the joint called `name`; raises ValueError if there is none."""
        if name not in self.joint_names:
            raise ValueError(f"no joint {name!r} among {', '.join(self.joint_names)}")
        return self.joint_names.index(name)

    @cached_property
    def ancestors(self) -> np.ndarray:
        """(J, J) float64: entry (j, b) is 1 if bone b lies on the path from the root to joint j (b = j included)."""
        matrix = np.zeros((len(self), len(self)))
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                matrix[joint] = matrix[parent]
                matrix[joint, joint] = 1.0
        return matrix

    @cached_property
    def mirror(self) -> np.ndarray:
        """(J,) int: index of the joint on the other side; a joint of the middle has its own."""
        swap = {"left": "right", "right": "left"}
        names = []
        for name in self.joint_names:
            side, _, rest = name.partition("_")
            names.append(f"{swap[side]}_{rest}" if side in swap else name)
        return np.array([self.index(name) for name in names])

    def joint_positions(self, bone_lengths: np.ndarray, directions: np.ndarray,
                        root_positions: np.ndarray) -> np.ndarray:
        """Joint positions: root + ancestors @ (bone_lengths * directions), equation 1 of the paper.

        bone_lengths: (J,) metres; row 0 is ignored.
        directions: (..., J, 3) unit vectors, parent to joint, any axes.
        root_positions: (..., 3) metres, the same axes.
        Returns (..., J, 3) metres.
        """
        segments = np.asarray(bone_lengths)[:, None] * np.asarray(directions)
        return np.asarray(root_positions)[..., None, :] + self.ancestors @ segments


def _build(table: list[tuple[str, str | None]]) -> Skeleton:
    """The skeleton of (joint, parent) rows."""
    names = tuple(name for name, _ in table)
    return Skeleton(names, tuple(-1 if parent is None else names.index(parent) for _, parent in table))


MOCAP22 = _build([
    ("pelvis", None),
    ("right_hip", "pelvis"), ("right_knee", "right_hip"), ("right_ankle", "right_knee"), ("right_toe", "right_ankle"),
    ("left_hip", "pelvis"), ("left_knee", "left_hip"), ("left_ankle", "left_knee"), ("left_toe", "left_ankle"),
    ("spine", "pelvis"), ("thorax", "spine"), ("neck", "thorax"), ("nose", "neck"), ("head", "neck"),
    ("left_shoulder", "thorax"), ("left_elbow", "left_shoulder"), ("left_wrist", "left_elbow"),
    ("left_knuckle", "left_wrist"),
    ("right_shoulder", "thorax"), ("right_elbow", "right_shoulder"), ("right_wrist", "right_elbow"),
    ("right_knuckle", "right_wrist"),
])
"""The 22 joints of a take: the paper's 17 with toes, knuckles and the nose.

pelvis: middle of the hip joint centres. spine: half way up. thorax: base of the neck. neck: where skull and neck meet.
head: top of the head. wrist: end of the forearm. knuckle: middle of the hand's knuckles. toe: tip of the foot.
"""

# Rest pose: a T-pose as in Blender's front view. World axes: the character faces -Y, Z is up, its left is +X.
_REST = {
    "right_hip": (-1, 0, 0), "right_knee": (0, 0, -1), "right_ankle": (0, 0, -1), "right_toe": (0, -0.9, -0.436),
    "left_hip": (1, 0, 0), "left_knee": (0, 0, -1), "left_ankle": (0, 0, -1), "left_toe": (0, -0.9, -0.436),
    "spine": (0, 0, 1), "thorax": (0, 0, 1), "neck": (0, 0, 1), "nose": (0, -1, 0), "head": (0, 0, 1),
    "left_shoulder": (1, 0, 0), "left_elbow": (1, 0, 0), "left_wrist": (1, 0, 0), "left_knuckle": (1, 0, 0),
    "right_shoulder": (-1, 0, 0), "right_elbow": (-1, 0, 0), "right_wrist": (-1, 0, 0), "right_knuckle": (-1, 0, 0),
}


def rest_directions() -> np.ndarray:
    """(22, 3) unit directions of the rest pose (T-pose facing -Y, Z up, left is +X, palms down); row 0 is zero."""
    rest = np.array([_REST.get(name, (0, 0, 0)) for name in MOCAP22.joint_names], dtype=float)
    norms = np.linalg.norm(rest, axis=-1, keepdims=True)
    return np.divide(rest, norms, out=np.zeros_like(rest), where=norms > 0)
