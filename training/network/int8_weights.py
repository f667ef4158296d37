"""Large weights as 8 bit integers with one scale a channel: a quarter of float32's size."""

from __future__ import annotations

import numpy as np

SMALLEST = 1 << 18
"""Values in a weight from which it is stored as integers; smaller ones are stored in half precision."""


def in_8_bits(weight: np.ndarray, channels: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Float32 of at least two axes -> int8 of that shape, and the scale that gives the weight back when multiplied:
    float32, as long as the axis `channels` and of length 1 on the others."""
    others = tuple(axis for axis in range(weight.ndim) if axis != channels % weight.ndim)
    scale = np.abs(weight).max(axis=others, keepdims=True) / 127
    scale = np.maximum(scale, np.finfo(np.float32).tiny).astype(np.float32)
    return np.round(weight / scale).astype(np.int8), scale
