"""Soles: the points of the feet that touch the floor."""

from __future__ import annotations

import numpy as np

from .skeleton import MOCAP22, SIDES

SOLES = {"ankle": 0.38, "toe": 0.05}
"""Height of a foot's joints above the sole of a flat foot, as shares of the foot bone's length. Measured on CMU's
motion capture."""


def foot_points(positions: np.ndarray) -> np.ndarray:
    """(T, 2, 2, 3) metres: [left, right] x [heel, toe] on the sole, for (T, J, 3) positions with Z up.

    The heel's point lies straight below the ankle.
    """
    points = np.zeros((len(positions), 2, 2, 3))
    for column, side in enumerate(SIDES):
        ankle, toe = (positions[:, MOCAP22.index(f"{side}_{part}")] for part in ("ankle", "toe"))
        length = np.linalg.norm(toe - ankle, axis=1)
        points[:, column, 0], points[:, column, 1] = ankle, toe
        points[:, column, 0, 2] -= SOLES["ankle"] * length
        points[:, column, 1, 2] -= SOLES["toe"] * length
    return points
