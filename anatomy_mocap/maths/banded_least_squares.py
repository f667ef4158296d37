"""Least squares over time with a smoothness penalty (Whittaker smoothing).

All smoothing over a clip solves this one symmetric banded system for the whole clip at once:

    minimise  sum w(t) |x(t) - target(t)|^2  +  x' P x,  P = D' diag(s) D, D a difference of first or second order

It has zero phase and no transient at the ends, and it bridges gaps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solveh_banded

_DIFFERENCES = {1: (-1.0, 1.0), 2: (1.0, -2.0, 1.0)}


def penalty_bands(frames: int, order: int, weights: ArrayLike = 1.0) -> np.ndarray:
    """(order + 1, T) upper bands, as solveh_banded reads them, of D' diag(weights) D.

    order: of the difference D, 1 or 2. weights: one number, or one for each difference (T - order,). A clip that is too
    short for a difference has zeros.
    """
    bands = np.zeros((order + 1, frames))
    steps = frames - order
    if steps <= 0:
        return bands
    weights = np.broadcast_to(np.asarray(weights, dtype=float), (steps,))
    taps = _DIFFERENCES[order]
    for low, first in enumerate(taps):
        for high in range(low, len(taps)):
            bands[order - (high - low), high:high + steps] += first * taps[high] * weights
    return bands


def add_bands(*parts: np.ndarray) -> np.ndarray:
    """Sum of banded matrices (upper form) of different widths."""
    height = max(len(part) for part in parts)
    total = np.zeros((height, parts[0].shape[1]))
    for part in parts:
        total[height - len(part):] += part
    return total


def smooth_fit(targets: ArrayLike, weights: ArrayLike, penalty: np.ndarray) -> np.ndarray:
    """(T, C) minimiser of sum w(t) |x(t) - target(t)|^2 + x' penalty x.

    targets: (T, C). weights: (T,), >= 0, any may be 0. penalty: upper bands from `penalty_bands`.
    """
    targets, weights = np.asarray(targets, dtype=float), np.asarray(weights, dtype=float)
    if not weights.any():
        return np.zeros_like(targets)
    # A tiny pull to zero keeps the system solvable where little is known; its effect is invisible.
    pull = 1e-9 * weights.max()
    right = weights[:, None] * targets
    try:
        return solve_bands(add_bands(penalty, (weights + pull)[None]), right)
    except np.linalg.LinAlgError:
        return solve_bands(add_bands(penalty, (weights + pull + 1e-13 * penalty[-1].max())[None]), right)


def solve_bands(bands: np.ndarray, right: ArrayLike) -> np.ndarray:
    """Solution of a symmetric positive definite system in upper banded form, of any size down to one unknown."""
    # LAPACK's tridiagonal solver refuses a single unknown, and bands wider than the matrix are of no use.
    bands = bands[-min(len(bands), bands.shape[1]):]
    if len(bands) == 1:
        return (np.asarray(right).T / bands[0]).T
    return solveh_banded(bands, right)


def penalty_strength(seconds: float, fps: float, order: int) -> float:
    """Weight of the `order`-th difference that halves a wave with the half period `seconds`, beside data of weight 1.

    Half a wave is one move there or back. A clip contains no half wave shorter than a frame, so below that the strength
    falls to zero.
    """
    steps = seconds * fps
    angle = np.pi / max(steps, 1.0)
    return float((min(steps, 1.0) / (2.0 * np.sin(angle / 2.0))) ** (2 * order))
