"""How far points move along the floor while they stand on it."""

from __future__ import annotations

import numpy as np

from .tuning import TUNING


def slide_steps(points: np.ndarray, stands: np.ndarray, fps: float) -> np.ndarray:
    """(n,) millimetres a frame at 25 fps: each horizontal step of a point that stands in both of its frames.

    points: (T, ..., 3) metres, Z up. stands: (T, ...) bool. fps: frames per second of the clip.
    """
    points, stands = np.asarray(points, dtype=float), np.asarray(stands, dtype=bool)
    steps = np.linalg.norm(np.diff(points[..., :2], axis=0), axis=-1)
    return 1000.0 * steps[stands[1:] & stands[:-1]] * fps / TUNING.rate


def standing_points(points: np.ndarray, contacts: np.ndarray) -> np.ndarray:
    """(T, 2, 2) bool: of each foot in contact, whichever of heel and toe is lower.

    points: (T, 2, 2, 3) metres, [left, right] x [heel, toe]. contacts: (T, 2) bool.
    """
    heights = np.asarray(points)[..., 2]
    return (heights == heights.min(axis=-1, keepdims=True)) & np.asarray(contacts, dtype=bool)[..., None]
