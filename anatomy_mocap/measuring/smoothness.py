"""Acceleration and jerk of joints."""

from __future__ import annotations

import numpy as np


def differences(positions: np.ndarray, fps: float, order: int) -> np.ndarray:
    """(T - order, J) norms of the derivative of (T, J, 3) metres in time: m/s2 for order 2, m/s3 for order 3.

    fps: frames per second. A clip that is too short has none.
    """
    return np.linalg.norm(np.diff(np.asarray(positions, dtype=float), n=order, axis=0), axis=-1) * fps**order


def mean_or_zero(values: np.ndarray) -> float:
    """The mean; 0 of nothing."""
    return float(np.mean(values)) if np.size(values) else 0.0
