"""The 21 points of a hand as MediaPipe numbers them, and the axes of the palm that they show."""

from __future__ import annotations

import numpy as np

from ..maths.rotations import unit

POINTS = 21
"""0 the wrist, 1 to 4 the thumb, then four points of each finger from its knuckle: index, middle, ring, pinky."""
KNUCKLES = (5, 9, 13, 17)
"""The knuckles of index, middle, ring and pinky."""


def palm_axes(points: np.ndarray, side: str) -> np.ndarray:
    """(..., 3, 3): unit rows along the hand, across the palm to the thumb's side, and out of the palm.

    points: (..., 21, 3) of one hand. side: "left" or "right". The rows of a hand whose points coincide are zero.
    """
    points = np.asarray(points, dtype=float)
    knuckles = points[..., list(KNUCKLES), :]
    along = unit(knuckles.mean(axis=-2) - points[..., 0, :])
    across = knuckles[..., 0, :] - knuckles[..., -1, :]
    across = unit(across - along * (across * along).sum(-1, keepdims=True))
    return np.stack([along, across, np.cross(along, across) * (1.0 if side == "left" else -1.0)], axis=-2)
