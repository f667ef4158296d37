"""Turning points of a movement, which an animator expects to be keys."""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

from ..maths.rotations import continuous, inverse, multiply
from .tuning import TUNING


def extremes(turns: np.ndarray | None, places: np.ndarray | None, size: float) -> np.ndarray:
    """(E,) frames at which a bone turns back after a wide swing, about the axis or along the line that it moves most.

    turns: (T, 4) quaternions. places: (T, 3). size: of the rig, in the unit of the places.
    """
    found = []
    if turns is not None and len(turns) > 2:
        local = continuous(multiply(inverse(turns[len(turns) // 2]), turns))
        angles = 2.0 * np.degrees(np.arctan2(np.linalg.norm(local[:, 1:], axis=-1), local[:, 0]))
        sines = np.maximum(np.linalg.norm(local[:, 1:], axis=-1, keepdims=True), 1e-12)
        found.append(_turning_points(local[:, 1:] / sines * angles[:, None], TUNING.extreme_turn))
    if places is not None and len(places) > 2:
        found.append(_turning_points(places, TUNING.extreme_place * size))
    return np.unique(np.concatenate(found)).astype(int) if found else np.zeros(0, int)


def _turning_points(values: np.ndarray, swing: float) -> np.ndarray:
    """Frames of the peaks, on either side, of (T, 3) values along their main direction."""
    centred = values - values.mean(axis=0)
    along = centred @ np.linalg.eigh(centred.T @ centred)[1][:, -1]
    return np.concatenate([find_peaks(sign * along, prominence=swing)[0] for sign in (1.0, -1.0)])
