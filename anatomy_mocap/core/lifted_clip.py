"""The lifter's result: bone lengths, directions and the world's up direction, in camera axes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Lifted:
    """A clip lifted to 3D, without its place in space; J joints of MOCAP22.

    bone_lengths: (J,) metres, constant over the clip; row 0 is 0.
    directions: (T, J, 3) unit vectors, camera axes (x right, y down, z forward); row 0 is zero.
    up: (T, 3) unit vectors, each frame's estimate of the world's up in camera axes.
    confidence: (T, J) in 0..1, the probability that a joint's error relative to the pelvis is below 10 cm.
    """

    bone_lengths: np.ndarray
    directions: np.ndarray
    up: np.ndarray
    confidence: np.ndarray

    def __len__(self) -> int:
        return len(self.directions)

    def __getitem__(self, part: slice | np.ndarray) -> Lifted:
        """Some of the frames: a slice, (T,) bool or (N,) indices."""
        return replace(self, directions=self.directions[part], up=self.up[part], confidence=self.confidence[part])
