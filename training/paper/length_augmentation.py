"""Bone length augmentation (section 3.3): other bone lengths for a video, new 3D joints, new projection.

Only the length branch sees the result. The original arrays stay unchanged.
"""

from __future__ import annotations

import numpy as np

from .skeleton17 import PAPER17, bones_of
from .videos import projected

SPREAD = 0.3
"""Largest change of a bone's length, as a share of it."""

_ANCESTORS = PAPER17.ancestors[:, 1:].astype(np.float32)


def other_lengths(rng: np.random.Generator, lengths: np.ndarray) -> np.ndarray:
    """Random lengths (V, 16) metres around the given ones, each bone on its own."""
    return (lengths * rng.uniform(1 - SPREAD, 1 + SPREAD, lengths.shape)).astype(lengths.dtype)


def rebuilt(joints: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Joints (V, L, 17, 3) in camera axes with other bone lengths (V, 16) and the same directions and root."""
    bones = bones_of(joints)
    directions = bones / np.maximum(np.linalg.norm(bones, axis=-1, keepdims=True), 1e-6)
    return joints[..., :1, :] + _ANCESTORS @ (directions * lengths[:, None, :, None])


def augmented_bag(rng: np.random.Generator, joints: np.ndarray, lengths: np.ndarray,
                  lens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """joints (V, L, 17, 3), lengths (V, 16), lens (V, 9) -> clean 2D (V, L, 17, 2) of other bodies, their lengths."""
    new = other_lengths(rng, lengths)
    return projected(rebuilt(joints, new), lens[:, None]).astype(np.float32), new
