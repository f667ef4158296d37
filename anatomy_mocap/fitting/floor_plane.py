"""The upright world of a clip: the up direction and the floor, from the feet that stand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..core.camera import world_from_camera_rotation
from ..core.soles import foot_points
from ..maths.rotations import unit
from ..maths.smooth_series import smooth_series
from .tuning import TUNING


def level(positions_camera: np.ndarray, up: np.ndarray, fps: float = 30.0) -> np.ndarray:
    """(4, 4) world_from_camera: upright, floor at Z = 0, origin under the pelvis of the first frame.

    positions_camera: (T, J, 3) metres, camera axes. up: (T, 3) the world's up in camera axes as seen in each frame.
    fps: frames per second. The camera stands still, so one robust mean of `up` serves the whole clip; the floor that
    the feet stand on refines it.
    """
    positions_camera = np.asarray(positions_camera, dtype=float)
    turn = world_from_camera_rotation(mean_direction(up))
    distance = float(np.median(np.linalg.norm(positions_camera[:, 0], axis=-1)))
    tilted = floor_up(positions_camera @ turn.T, fps, distance)
    turn = world_from_camera_rotation(turn.T @ tilted)
    points = positions_camera @ turn.T
    world_from_camera = np.eye(4)
    world_from_camera[:3, :3] = turn
    world_from_camera[:3, 3] = -points[0, 0, 0], -points[0, 0, 1], -floor_height(points, fps)
    return world_from_camera


def floor_height(positions: np.ndarray, fps: float) -> float:
    """Metres: the floor's height under (T, J, 3) positions with Z up, a low percentile of the slow foot points."""
    points, slow = _slow_points(positions, fps)
    return float(np.percentile(points[slow][:, 2], TUNING.floor_percentile))


def floor_up(positions: np.ndarray, fps: float, distance: float = 0.0) -> np.ndarray:
    """(3,) unit vector near +Z, normal to the plane that the feet stand on, for (T, J, 3) positions with Z up.

    distance: metres from the camera to the person.

    A robust plane through the standing points, with +Z itself as its prior. A clip on the spot, or one in which no foot
    stands, does not show the tilt and returns +Z.
    """
    points, slow = _slow_points(positions, fps)
    heights = points[..., 2]
    slow &= heights < heights.min(axis=(1, 2), keepdims=True) + TUNING.near
    if not slow.any():  # a still foot in the air while the low one slides
        return np.array([0.0, 0.0, 1.0])
    chosen = points[slow]
    stands = len(np.unique(np.nonzero(slow)[0] // max(int(TUNING.stand_seconds * fps), 1)))
    rows = np.column_stack([chosen[:, :2] - np.median(chosen[:, :2], axis=0), np.ones(len(chosen))])
    spread = max(TUNING.floor_spread, TUNING.floor_spread_share * distance)
    weights, prior = np.ones(len(chosen)), np.diag([TUNING.up_spread**-2, TUNING.up_spread**-2, 0.0])
    for _ in range(TUNING.floor_rounds):
        scaled = rows * (weights * stands / len(chosen) / spread**2)[:, None]
        slope = np.linalg.solve(rows.T @ scaled + prior, scaled.T @ chosen[:, 2])
        weights = (1.0 + ((chosen[:, 2] - rows @ slope) / (TUNING.floor_outlier * spread)) ** 2) ** -2
    return unit(np.array([-slope[0], -slope[1], 1.0]))


def mean_direction(directions: np.ndarray) -> np.ndarray:
    """(3,) unit vector: the robust mean (geometric median) of (T, 3) unit vectors."""
    directions = unit(directions)
    mean = unit(np.median(directions, axis=0))
    rounds, nearest = TUNING.mean_up
    for _ in range(rounds):
        weights = 1.0 / np.maximum(np.linalg.norm(directions - mean, axis=1), nearest)
        mean = unit((directions * weights[:, None]).sum(axis=0))
    return mean if mean.any() else np.array([0.0, -1.0, 0.0])


class _SlowPoints(NamedTuple):
    """points: (T, 2, 2, 3) metres, smoothed foot points. slow: (T, 2, 2) bool, the points that may stand."""

    points: np.ndarray
    slow: np.ndarray


def _slow_points(positions: np.ndarray, fps: float) -> _SlowPoints:
    """Foot points that are slow and about as low as the body reaches."""
    points = smooth_series(foot_points(positions), TUNING.floor_seconds, fps)
    if len(points) < 2:
        return _SlowPoints(points, np.ones(points.shape[:3], dtype=bool))
    speed = np.linalg.norm(np.gradient(points, 1.0 / fps, axis=0), axis=-1)
    low = points[..., 2] < positions[..., 2].min(axis=1)[:, None, None] + TUNING.low
    low = low if low.any() else np.ones_like(low)
    speed = np.where(low, speed, np.inf)
    slowest = speed.min(axis=(1, 2))
    return _SlowPoints(points, speed <= np.percentile(slowest[np.isfinite(slowest)], TUNING.slow_percent))
