"""How much of each person the picture shows: boxes, silhouettes, and what others and the picture's edge take away."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.ndimage import grey_closing

from ..rendered_people.filming import project

CELLS = 40
"""Cells over a standing person's height in the grid of a silhouette."""

_STANDING = 1.75
_BEFORE = 0.03
"""Metres by which somebody must be nearer to hide a cell."""

_POINT_BEFORE = 0.10
"""Metres by which somebody must be nearer to hide a joint, which lies inside of its own body."""


class Shown(NamedTuple):
    """One person in one frame.

    box: (4,) left, top, right, bottom of the whole body, pixels; it may reach out of the picture. visible, covered,
    outside: shares of the silhouette that sum to 1. hidden: (P,) bool, joints behind somebody else.
    """

    box: np.ndarray
    visible: float
    covered: float
    outside: float
    hidden: np.ndarray


def shown(bodies: list[np.ndarray | None], joints: list[np.ndarray | None], intrinsics: np.ndarray,
          size: tuple[int, int]) -> list[Shown | None]:
    """What one frame shows of each person; None for those who are not in the scene.

    bodies: (M, 3) points all over each body's surface, and joints: (P, 3), both in camera axes, metres. size: width and
    height, pixels.
    """
    pixels = [None if body is None else project(body, intrinsics) for body in bodies]
    return [None if body is None else
            _one(index, bodies, pixels, project(joints[index], intrinsics), joints[index][:, 2], intrinsics, size)
            for index, body in enumerate(bodies)]


def denser(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(M + F, 3) the vertices (M, 3) and the middles of the faces (F, 4)."""
    return np.concatenate([vertices, vertices[faces].mean(axis=1)])


def _one(index: int, bodies, pixels, joints_px, joints_depth, intrinsics, size) -> Shown:
    own = pixels[index]
    low, high = own.min(axis=0), own.max(axis=0)
    depth = float(np.median(bodies[index][:, 2]))
    cell = max(intrinsics[0, 0] * _STANDING / depth / CELLS, 0.5)
    shape = tuple(np.ceil((high - low) / cell).astype(int) + 1)
    mine = _nearness(own, bodies[index][:, 2], low, cell, shape)
    others = np.zeros(shape)
    for other, body in enumerate(bodies):
        if other != index and body is not None:
            others = np.maximum(others, _nearness(pixels[other], body[:, 2], low, cell, shape))
    filled = mine > 0
    other_depth = 1 / np.maximum(others, 1e-6)
    covered = filled & (other_depth < 1 / np.maximum(mine, 1e-6) - _BEFORE)
    middle = [low[axis] + cell * (np.arange(shape[axis]) + 0.5) for axis in (0, 1)]
    inside = [(middle[axis] >= 0) & (middle[axis] < size[axis]) for axis in (0, 1)]
    outside = filled & ~(inside[0][:, None] & inside[1])
    total, covered = filled.sum(), covered & ~outside
    at = np.clip(((joints_px - low) / cell).astype(int), 0, np.array(shape) - 1)
    hidden = other_depth[at[:, 0], at[:, 1]] < joints_depth - _POINT_BEFORE
    shares = [float(each.sum() / total) for each in (filled & ~covered & ~outside, covered, outside)]
    return Shown(np.concatenate([low, high]), *shares, hidden)


def _nearness(pixels: np.ndarray, depth: np.ndarray, low: np.ndarray, cell: float, shape: tuple) -> np.ndarray:
    """(columns, rows) 1 / depth of the nearest point in each cell, 0 where there is none; small holes are closed."""
    at = ((pixels - low) / cell).astype(int)
    inside = ((pixels >= low) & (at < shape)).all(axis=1)
    grid = np.zeros(shape)
    np.maximum.at(grid, tuple(at[inside].T), 1 / depth[inside])
    padded = np.pad(grid, 2)
    return grey_closing(padded, size=(3, 3))[2:-2, 2:-2]
