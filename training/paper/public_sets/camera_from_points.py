"""Solve a camera from points in the world and their pixels: linear first, then with the whole lens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import rq
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from ..videos import projected


@dataclass(frozen=True)
class Resected:
    """rotation (3, 3) camera from world, centre (3,) in the world, lens (9,) as `Videos.lens` in the units of the
    given picture points. error: root mean square distance to them, in the same units."""

    rotation: np.ndarray
    centre: np.ndarray
    lens: np.ndarray
    error: float

    def see(self, points: np.ndarray) -> np.ndarray:
        """World (..., 3) -> camera axes."""
        return (points - self.centre) @ self.rotation.T


def resect(points: np.ndarray, seen: np.ndarray) -> Resected:
    """Solve the camera that sees world points (N, 3) metres at (N, 2). Needs six points or more that are not in a
    plane; hundreds are better."""
    lens, rotation, centre = _linear(points, seen)
    start = np.concatenate([Rotation.from_matrix(rotation).as_rotvec(), -rotation @ centre, lens, np.zeros(5)])

    def off(values: np.ndarray) -> np.ndarray:
        there = points @ Rotation.from_rotvec(values[:3]).as_matrix().T + values[3:6]
        return (projected(there, values[6:]) - seen).ravel()

    found = least_squares(off, start, method="lm", x_scale="jac", xtol=1e-14, ftol=1e-14, max_nfev=2000).x
    turn = Rotation.from_rotvec(found[:3]).as_matrix()
    return Resected(turn, -turn.T @ found[3:6], found[6:], float(np.sqrt(2 * np.mean(off(found) ** 2))))


def _linear(points: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """fx, fy, cx, cy, the rotation and the centre of a camera without distortion (direct linear transformation)."""
    middle, spread = points.mean(axis=0), points.std()
    place, size = seen.mean(axis=0), seen.std()
    world = np.concatenate([(points - middle) / spread, np.ones((len(points), 1))], axis=1)
    u, v = ((seen - place) / size).T[..., None]
    zero = np.zeros_like(world)
    system = np.concatenate([np.hstack([world, zero, -u * world]), np.hstack([zero, world, -v * world])])
    matrix = np.linalg.svd(system, full_matrices=False)[2][-1].reshape(3, 4)
    matrix = np.array([[size, 0, place[0]], [0, size, place[1]], [0, 0, 1]]) @ matrix
    matrix = matrix @ np.block([[np.eye(3) / spread, -middle[:, None] / spread], [np.zeros((1, 3)), np.ones((1, 1))]])
    matrix *= np.sign(np.linalg.det(matrix[:, :3]))
    inner, rotation = rq(matrix[:, :3])
    sign = np.diag(np.sign(np.diag(inner)))
    inner, rotation = inner @ sign, sign @ rotation
    centre = -np.linalg.solve(matrix[:, :3], matrix[:, 3])
    inner = inner / inner[2, 2]
    return np.array([inner[0, 0], inner[1, 1], inner[0, 2], inner[1, 2]]), rotation, centre


def pinhole(joints: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, float]:
    """Solve the lens (9,), without distortion, of a camera from joints (..., 3) in its axes; also returns the error as
    in `Resected`."""
    flat, target = joints.reshape(-1, 3), seen.reshape(-1, 2)
    rays = flat[:, :2] / flat[:, 2:]
    focal, offset = np.zeros(2), np.zeros(2)
    for axis in range(2):
        design = np.stack([rays[:, axis], np.ones(len(rays))], axis=1)
        (focal[axis], offset[axis]), *_ = np.linalg.lstsq(design, target[:, axis], rcond=None)
    lens = np.array([*focal, *offset, 0, 0, 0, 0, 0])
    return lens, float(np.sqrt(((projected(flat, lens) - target) ** 2).sum(axis=1).mean()))
