"""Poses that the set lacks: mirrored, seated, lying."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from ..core.skeleton import MOCAP22
from .detector_points import unit

_J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}
_MIRROR = np.array([-1.0, 1.0, 1.0], dtype=np.float32)


def mirrored(rng, directions: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half of the rows mirrored left to right. directions (B, T, J, 3), root (B, T, 3), world axes."""
    flip = rng.random(len(directions)) < 0.5
    directions = np.where(flip[:, None, None, None], directions[:, :, MOCAP22.mirror] * _MIRROR, directions)
    return directions, np.where(flip[:, None, None], root * _MIRROR, root)


def tilted(rng, directions: np.ndarray, root: np.ndarray, share: float = 0.10) -> tuple[np.ndarray, np.ndarray]:
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


def sat_down(rng, directions: np.ndarray, share: float = 0.10) -> np.ndarray:
    """Some rows with thighs and shanks bent towards sitting, squatting or kneeling for a part of the time."""
    rows = np.flatnonzero(rng.random(len(directions)) < share)
    if len(rows) == 0:
        return directions
    directions = directions.copy()
    part = directions[rows].astype(np.float64)
    count, frames = part.shape[:2]
    wave = gaussian_filter1d(rng.standard_normal((count, frames)), 15, axis=1, mode="nearest") * 12
    amount = 1 / (1 + np.exp(-(wave + rng.uniform(0, 6, (count, 1)))))
    up = unit(part[:, :, _J["spine"]] * (0.3, 0.3, 1.0))
    left = part[:, :, _J["left_hip"]] - part[:, :, _J["right_hip"]]
    left = unit(left - up * (left * up).sum(-1, keepdims=True))
    forward = np.cross(left, up)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        hip, knee = np.radians(rng.normal(85, 15, (count, 1, 1))), np.radians(rng.normal(88, 25, (count, 1, 1)))
        out = np.radians(rng.normal(12, 12, (count, 1, 1))) * sign
        thigh = -up * np.cos(hip) + (forward * np.cos(out) + left * np.sin(out)) * np.sin(hip)
        bend = unit(np.cross(thigh, np.cross(thigh, up) + 1e-3 * left))
        bend = np.where((bend * up).sum(-1, keepdims=True) > 0, -bend, bend)
        shank = thigh * np.cos(knee) + bend * np.sin(knee)
        foot = unit(forward * np.cos(out) + left * np.sin(out) - 0.3 * up)
        for bone, target in (("knee", thigh), ("ankle", shank), ("toe", foot)):
            index = _J[f"{side}_{bone}"]
            part[:, :, index] = unit((1 - amount[..., None]) * part[:, :, index] + amount[..., None] * target)
    directions[rows] = part
    return directions
