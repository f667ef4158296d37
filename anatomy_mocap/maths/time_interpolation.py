"""Nearest known frames, and interpolation of unit vectors in time."""

from __future__ import annotations

import numpy as np


def nearest_known(known: np.ndarray) -> np.ndarray:
    """(..., T) bool -> (..., T) int: the index of the nearest known frame, of two the earlier one."""
    frames = np.arange(known.shape[-1])
    before = np.maximum.accumulate(np.where(known, frames, -len(frames) * 4), axis=-1)
    after = np.minimum.accumulate(np.where(known, frames, len(frames) * 4)[..., ::-1], axis=-1)[..., ::-1]
    index = np.where(frames - before <= after - frames, before, after)
    return np.clip(index, 0, len(frames) - 1)


def at_times(vectors: np.ndarray, times: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Unit vectors (T, ..., 3) at `times`, interpolated to the times `wanted`: (len(wanted), ..., 3), unit again."""
    if len(times) > 1:
        after = np.clip(np.searchsorted(times, wanted), 1, len(times) - 1)
        gap = np.maximum(times[after] - times[after - 1], 1e-9)
        mix = np.clip((wanted - times[after - 1]) / gap, 0, 1).reshape(-1, *[1] * (vectors.ndim - 1))
        vectors = vectors[after - 1] * (1 - mix) + vectors[after] * mix
    else:
        vectors = np.repeat(vectors, len(wanted), axis=0)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
