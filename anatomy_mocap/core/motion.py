"""Motion: a solved clip in world axes - full rotations of every bone and the root's path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from .skeleton import Skeleton, rest_directions


@dataclass(frozen=True)
class Motion:
    """A clip as rotations, in world axes (Z up, metres).

    skeleton: J joints.
    rotations: (T, J, 4) quaternions (w, x, y, z), world <- rest, of bone j (the segment that ends at joint j). The
        identity is the rest pose of `rest_directions`: T-pose facing -Y. Row 0 turns the pelvis as a body part.
        Signs are continuous over time.
    root_positions: (T, 3) the pelvis.
    bone_lengths: (J,) metres; row 0 is 0.
    fps: frames per second; frame i is at start_time + i / fps.
    start_time: seconds from the start of the source.
    """

    skeleton: Skeleton
    rotations: np.ndarray
    root_positions: np.ndarray
    bone_lengths: np.ndarray
    fps: float
    start_time: float = 0.0

    def __len__(self) -> int:
        return len(self.root_positions)

    @property
    def directions(self) -> np.ndarray:
        """(T, J, 3) unit directions of the bones, world axes; row 0 is zero."""
        rest = rest_directions(self.skeleton)
        flat = Rotation.from_quat(self.rotations.reshape(-1, 4), scalar_first=True)
        return flat.apply(np.tile(rest, (len(self), 1))).reshape(len(self), -1, 3)

    def joint_positions(self) -> np.ndarray:
        """(T, J, 3) metres, world axes."""
        return self.skeleton.joint_positions(self.bone_lengths, self.directions, self.root_positions)
