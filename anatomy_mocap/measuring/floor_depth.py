"""How deep a body reaches below the floor, Z = 0."""

from __future__ import annotations

import numpy as np

from ..core.soles import body_points


def lowest_points(positions: np.ndarray) -> np.ndarray:
    """(T,) metres: the height of the body's lowest point, from its joints with radii and its soles.

    positions: (T, J, 3) metres, Z up.
    """
    return body_points(np.asarray(positions, dtype=float))[..., 2].min(axis=1)


def depths(lowest: np.ndarray) -> np.ndarray:
    """(T,) millimetres that the lowest points (T,), metres, lie below the floor; 0 above it."""
    return 1000.0 * np.maximum(-np.asarray(lowest, dtype=float), 0.0)


def body_depths(positions: np.ndarray) -> np.ndarray:
    """(T,) millimetres that the body of joints (T, J, 3), metres, reaches below the floor."""
    return depths(lowest_points(positions))
