"""The set's motion seen otherwise: mirrored, and turned as a whole as those who lie or lean are."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from ..core.skeleton import MOCAP22

_MIRROR = np.array([-1.0, 1.0, 1.0], dtype=np.float32)


def mirrored(rng, directions: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half of the rows mirrored left to right. directions (B, T, J, 3), root (B, T, 3), world axes."""
    flip = rng.random(len(directions)) < 0.5
    directions = np.where(flip[:, None, None, None], directions[:, :, MOCAP22.mirror] * _MIRROR, directions)
    return directions, np.where(flip[:, None, None], root * _MIRROR, root)


def tilted(rng, directions: np.ndarray, root: np.ndarray, share: float = 0.08) -> tuple[np.ndarray, np.ndarray]:
    """Some rows turned as a whole about a horizontal axis: lying, leaning, upside down."""
    rows = np.flatnonzero(rng.random(len(directions)) < share)
    if len(rows) == 0:
        return directions, root
    heading = rng.uniform(-np.pi, np.pi, len(rows))
    kind, any_way = rng.random(len(rows)), rng.uniform(0, 180, len(rows))
    lying, leaning = rng.normal(90, 12, len(rows)), rng.normal(0, 35, len(rows))
    angle = np.radians(np.where(kind < 0.4, lying, np.where(kind < 0.8, leaning, any_way)))
    axis = np.stack([np.cos(heading), np.sin(heading), np.zeros(len(rows))], axis=-1)
    turn = Rotation.from_rotvec(axis * angle[:, None]).as_matrix()
    directions, root = directions.copy(), root.copy()
    directions[rows] = directions[rows] @ np.swapaxes(turn, 1, 2)[:, None]
    middle = root[rows].mean(axis=1, keepdims=True)
    root[rows] = middle + (root[rows] - middle) @ np.swapaxes(turn, 1, 2)
    return directions, root
