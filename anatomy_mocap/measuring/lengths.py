"""How much bones change their lengths."""

from __future__ import annotations

import numpy as np

from ..core.skeleton import MOCAP22


def joint_lengths(positions: np.ndarray) -> np.ndarray:
    """(T, J - 1) metres: the length of each bone, by the joint at its end, without the pelvis.

    positions: (T, J, 3) metres.
    """
    positions = np.asarray(positions, dtype=float)
    return np.linalg.norm(positions[:, 1:] - positions[:, np.array(MOCAP22.parents)[1:]], axis=-1)


def length_deviation(lengths: np.ndarray) -> np.ndarray:
    """(B,) largest deviation of each length (T, B) from its median over time, per cent of it; 0 of no length."""
    lengths = np.asarray(lengths, dtype=float)
    usual = np.median(lengths, axis=0)
    return 100.0 * np.abs(lengths - usual).max(axis=0) / np.where(usual > 1e-6, usual, np.inf)
