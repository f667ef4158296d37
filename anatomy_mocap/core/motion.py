"""Motion: a clip as rotations of all bones and a path of the pelvis, in world axes (Z up, metres)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from ..maths.rotations import about, apply, multiply
from .skeleton import MOCAP22, rest_directions


@dataclass(frozen=True)
class Motion:
    """A clip of T frames of the 22 joints, in world axes (Z up, metres); the floor is Z = 0.

    rotations: (T, 22, 4) quaternions (w, x, y, z) that turn bone j (the segment that ends at joint j) from the rest
        pose into the world. The identity is the rest pose of `rest_directions`, a T-pose that faces -Y. Row 0 is the
        rotation of the pelvis as a body part. Signs are continuous over time.
    root_positions: (T, 3) metres, the pelvis.
    bone_lengths: (22,) metres; row 0 is 0.
    fps: frames per second; frame i is at start_time + i / fps.
    start_time: seconds from the start of the source.
    eye: (3,) metres, the camera from which the motion was lifted; None if no camera saw it.
    """

    rotations: np.ndarray
    root_positions: np.ndarray
    bone_lengths: np.ndarray
    fps: float
    start_time: float = 0.0
    eye: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.root_positions)

    @property
    def directions(self) -> np.ndarray:
        """(T, 22, 3) unit directions of the bones, parent to joint; row 0 is zero."""
        flat = Rotation.from_quat(self.rotations.reshape(-1, 4), scalar_first=True)
        return flat.apply(np.tile(rest_directions(), (len(self), 1))).reshape(len(self), -1, 3)

    def joint_positions(self) -> np.ndarray:
        """(T, 22, 3) metres: root + ancestors @ (bone_lengths * directions)."""
        return MOCAP22.joint_positions(self.bone_lengths, self.directions, self.root_positions)


def rotate_about_vertical(motion: Motion, angle: float) -> Motion:
    """The motion rotated about the world's Z axis through the origin by `angle` radians, its camera included."""
    turn = about((0.0, 0.0, 1.0), angle)
    return replace(motion, rotations=multiply(turn, motion.rotations),
                   root_positions=apply(turn, motion.root_positions),
                   eye=None if motion.eye is None else apply(turn, motion.eye))


def in_place_shift(motion: Motion) -> np.ndarray:
    """(T, 3) metres, horizontal: the shift of each frame that puts its pelvis above that of the first frame."""
    shift = motion.root_positions[:1] - motion.root_positions
    shift[:, 2] = 0.0
    return shift


def make_in_place(motion: Motion) -> Motion:
    """The motion without horizontal travel: the pelvis stays above its first position, heights are unchanged.

    The result has no `eye`: the camera would have to move along.
    """
    return replace(motion, root_positions=motion.root_positions + in_place_shift(motion), eye=None)
