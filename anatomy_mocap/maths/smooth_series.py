"""Smooth values over time, with one strength or with a strength that adapts to their motion."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter1d, grey_dilation

from .banded_least_squares import penalty_bands, penalty_strength, smooth_fit

ORDER = 2
LIGHT, HEAVY = 0.5, 2.0
"""The two strengths of `smooth_lively`, as multiples of the one asked for. Guessed."""
AROUND = 0.1
"""Seconds around a frame (one standard deviation) over which the energy of the motion is averaged. Guessed."""
CAUTION = 2.0
"""Multiple of white noise's energy between both filters above which the motion counts as lively. Guessed."""


def smooth_series(values: ArrayLike, seconds: float, fps: float) -> np.ndarray:
    """(T, ...) values smoothed along the first axis with one strength.

    seconds: half period of the waves that lose half of their height. fps: frames per second.
    """
    values = np.asarray(values, dtype=float)
    flat = values.reshape(len(values), -1)
    penalty = penalty_bands(len(values), ORDER, penalty_strength(seconds, fps, ORDER))
    return smooth_fit(flat, np.ones(len(values)), penalty).reshape(values.shape)


def upper_envelope(needed: np.ndarray, seconds: float, fps: float) -> np.ndarray:
    """(T,) a smooth series that is nowhere below `needed` (T,), nor below 0; 0 where nothing near is needed.

    seconds: by which it rises ahead. fps: frames per second.
    """
    needed = np.maximum(needed, 0.0)
    if not needed.any():
        return needed
    size = 2 * int(seconds * fps) + 1
    high = grey_dilation(needed, size=size, mode="nearest")
    return np.maximum(smooth_series(high, seconds, fps), needed)


def smooth_weighted(values: np.ndarray, seconds: float, fps: float, weights: np.ndarray) -> np.ndarray:
    """(T, N, C) values of N series, each smoothed with its own weights (T, N) of the frames; 1 is the usual weight."""
    penalty = penalty_bands(len(values), ORDER, penalty_strength(seconds, fps, ORDER))
    return np.stack([smooth_fit(values[:, series], weights[:, series], penalty) for series in range(values.shape[1])],
                    axis=1)


def smooth_lively(values: ArrayLike, seconds: float, fps: float, weights: np.ndarray | None = None) -> np.ndarray:
    """(T, N, C) values of N series smoothed along the first axis: lightly where a series moves fast, heavily elsewhere.

    seconds, fps: see `smooth_series`. weights: (T, N) of the frames, or None for equal ones.
    """
    values = np.asarray(values, dtype=float)
    light, heavy = (smooth_series(values, share * seconds, fps) if weights is None else
                    smooth_weighted(values, share * seconds, fps, weights) for share in (LIGHT, HEAVY))
    noise = np.median(_energy(values - light, fps), axis=0) * _noise_left(seconds, fps)
    lively = _energy(light - heavy, fps)
    share = np.clip(1.0 - CAUTION * noise / np.maximum(lively, 1e-300), 0.0, 1.0)
    return heavy + share[..., None] * (light - heavy)


def _energy(values: np.ndarray, fps: float) -> np.ndarray:
    """(T, N) mean square around each frame, summed over the last axis."""
    return gaussian_filter1d((values**2).sum(axis=-1), AROUND * fps, axis=0, mode="nearest")


def _noise_left(seconds: float, fps: float) -> float:
    """Energy of white noise between the light and the heavy filter, over that above the light one."""
    waves = 2.0 * np.sin(np.linspace(0.0, np.pi, 512) / 2.0)
    light, heavy = (1.0 / (1.0 + penalty_strength(share * seconds, fps, ORDER) * waves ** (2 * ORDER))
                    for share in (LIGHT, HEAVY))
    return float(((light - heavy) ** 2).mean() / ((1.0 - light) ** 2).mean())
