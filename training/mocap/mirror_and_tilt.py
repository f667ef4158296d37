"""Mirror the motion, and turn whole bodies as people lie, lean or turn over."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.skeleton import MOCAP22

from .dataset import LIFTER_FPS
from .tuning import TUNING

_MIRROR = np.array([-1.0, 1.0, 1.0], dtype=np.float32)


def mirrored(rng: np.random.Generator, directions: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half of the rows mirrored left to right. directions (B, T, J, 3), root (B, T, 3), world axes."""
    flip = rng.random(len(directions)) < 0.5
    directions = np.where(flip[:, None, None, None], directions[:, :, MOCAP22.mirror] * _MIRROR, directions)
    return directions, np.where(flip[:, None, None], root * _MIRROR, root)


def tilted(rng: np.random.Generator, directions: np.ndarray, root: np.ndarray,
           share: float | np.ndarray = TUNING.tilted_share) -> tuple[np.ndarray, np.ndarray]:
    """Some rows turned as a whole about a horizontal axis: lying, leaning, upside down, or turning over in time as in a
    roll, a flip or a cartwheel. share: of the rows, or the chance of each (B,)."""
    rows = np.flatnonzero(rng.random(len(directions)) < share)
    if len(rows) == 0:
        return directions, root
    count, frames = len(rows), directions.shape[1]
    heading = rng.uniform(-np.pi, np.pi, count)
    kind, any_way = rng.random(count), rng.uniform(0, 180, count)
    lying, leaning = rng.normal(*TUNING.tilted_lying, count), rng.normal(0, TUNING.tilted_leaning, count)
    kinds = [kind < share_up_to for share_up_to in TUNING.tilted_kinds]
    angle = np.select(kinds, [lying, leaning, any_way], any_way - 90)
    over = np.where(kinds[-1], 0, rng.normal(0, TUNING.tilted_over, count)) / LIFTER_FPS  # degrees a frame
    angle = np.radians(angle[:, None] + over[:, None] * (np.arange(frames) - frames / 2))
    axis = np.stack([np.cos(heading), np.sin(heading), np.zeros(count)], axis=-1)[:, None]
    turn = Rotation.from_rotvec((axis * angle[..., None]).reshape(-1, 3)).as_matrix().reshape(count, frames, 3, 3)
    directions, root = directions.copy(), root.copy()
    directions[rows] = directions[rows] @ np.swapaxes(turn, -1, -2)
    middle = root[rows].mean(axis=1, keepdims=True)
    root[rows] = middle + ((root[rows] - middle)[:, :, None] @ np.swapaxes(turn, -1, -2))[:, :, 0]
    return directions, root
