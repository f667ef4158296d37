"""Smooth values over time: with one strength, or lightly where they are lively and heavily where they are calm."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from .banded_least_squares import penalty_bands, penalty_strength, smooth_fit

ORDER = 2
LIGHT, HEAVY = 0.5, 2.0
"""The two strengths, as parts of the one that is asked for."""
AROUND = 0.1
"""Seconds around a frame (one standard deviation) in which a bone's liveliness is taken."""
CAUTION = 2.0
"""A bone is lively where its energy is more than this many times what white noise would leave between the two."""


def smooth_series(values, seconds: float, fps: float) -> np.ndarray:
    """(T, ...) values smoothed along the first axis with one strength throughout."""
    values = np.asarray(values, dtype=float)
    flat = values.reshape(len(values), -1)
    penalty = penalty_bands(len(values), ORDER, penalty_strength(seconds, fps, ORDER))
    return smooth_fit(flat, np.ones(len(values)), penalty).reshape(values.shape)


def smooth_lively(values, seconds: float, fps: float) -> np.ndarray:
    """(T, N, C) values of N things smoothed along the first axis, each lightly where it is lively, else heavily."""
    values = np.asarray(values, dtype=float)
    light, heavy = (smooth_series(values, share * seconds, fps) for share in (LIGHT, HEAVY))
    noise = np.median(_energy(values - light, fps), axis=0) * _noise_left(seconds, fps)
    lively = _energy(light - heavy, fps)
    share = np.clip(1.0 - CAUTION * noise / np.maximum(lively, 1e-300), 0.0, 1.0)
    return heavy + share[..., None] * (light - heavy)


def _energy(values, fps: float) -> np.ndarray:
    """(T, N) mean square around each frame, summed over the last axis."""
    return gaussian_filter1d((values**2).sum(axis=-1), AROUND * fps, axis=0, mode="nearest")


def _noise_left(seconds: float, fps: float) -> float:
    """Energy of white noise between the light and the heavy filter, over that above the light one."""
    waves = 2.0 * np.sin(np.linspace(0.0, np.pi, 512) / 2.0)
    light, heavy = (1.0 / (1.0 + penalty_strength(share * seconds, fps, ORDER) * waves ** (2 * ORDER))
                    for share in (LIGHT, HEAVY))
    return float(((light - heavy) ** 2).mean() / ((1.0 - light) ** 2).mean())
