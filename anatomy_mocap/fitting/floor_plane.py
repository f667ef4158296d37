"""The floor under a clip: its height and its tilt, from the feet that stand."""

from __future__ import annotations

import numpy as np

from ..core.camera import world_from_camera_rotation
from ..core.skeleton import Skeleton
from ..core.soles import foot_points
from ..maths.rotations import unit
from ..maths.smooth_series import smooth_series

SMOOTHING = 0.1
"""Seconds by which foot points are smoothed before their speed is taken."""
SLOW_SHARE = 60.0
"""Percent of the frames that may count as standing: a foot point is slow when slower than the slowest one of these."""
LOW = 0.15
"""Metres above the body's lowest joint below which a foot may stand: not in a handstand, not lying on the back."""
NEAR = 0.06
"""Metres above the frame's lowest point within which a slow point stands."""
UP_SPREAD = 0.04
"""Radians: how far the up direction that was given may be off (one standard deviation)."""
FLOOR_SPREAD = 0.06
"""Metres: how far a stand may lie off the floor's plane (one standard deviation): depth errors, not unevenness."""
FARTHER = 0.0065
"""The same as a share of the camera's distance, where that is more: through a long lens a person looks the same in a
wide range of depths. The path's depth was off by 0.05, 0.21 and 0.34 m some 6, 26 and 46 m away."""
STAND = 0.3
"""Seconds of standing that count as one independent look at the floor."""


def floor_height(positions, skeleton: Skeleton, fps: float) -> float:
    """Metres: the floor's height under (T, J, 3) positions with Z up: a low percentile of the slow foot points.

    Of several percentiles the 10th errs least on noisy mocap; benchmarks/solve.py prints by how much.
    """
    points, slow = _slow_points(positions, skeleton, fps)
    return float(np.percentile(points[slow][:, 2], 10))


def floor_up(positions, skeleton: Skeleton, fps: float, distance: float = 0.0) -> np.ndarray:
    """(3,) unit vector near +Z at right angles to the plane that the feet stand on, for (T, J, 3) positions with Z up.

    distance: metres from the camera to the person.

    A robust plane through the standing points, weighed against +Z itself: a clip on the spot, or one in which no foot
    stands, says nothing of the tilt and leaves +Z as it is.
    """
    points, slow = _slow_points(positions, skeleton, fps)
    heights = points[..., 2]
    slow &= heights < heights.min(axis=(1, 2), keepdims=True) + NEAR
    if not slow.any():  # a still foot in the air while the low one slides
        return np.array([0.0, 0.0, 1.0])
    chosen = points[slow]
    looks = len(np.unique(np.nonzero(slow)[0] // max(int(STAND * fps), 1)))
    rows = np.column_stack([chosen[:, :2] - np.median(chosen[:, :2], axis=0), np.ones(len(chosen))])
    spread = max(FLOOR_SPREAD, FARTHER * distance)
    weights, prior = np.ones(len(chosen)), np.diag([UP_SPREAD**-2, UP_SPREAD**-2, 0.0])
    for _ in range(15):
        scaled = rows * (weights * looks / len(chosen) / spread**2)[:, None]
        slope = np.linalg.solve(rows.T @ scaled + prior, scaled.T @ chosen[:, 2])
        weights = (1.0 + ((chosen[:, 2] - rows @ slope) / (2.0 * spread)) ** 2) ** -2
    return unit(np.array([-slope[0], -slope[1], 1.0]))


def _slow_points(positions, skeleton: Skeleton, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """(T, 2, 2, 3) smoothed foot points and (T, 2, 2) whether they may stand: slow, about as low as the body goes."""
    points = smooth_series(foot_points(positions, skeleton), SMOOTHING, fps)
    if len(points) < 2:
        return points, np.ones(points.shape[:3], dtype=bool)
    speed = np.linalg.norm(np.gradient(points, 1.0 / fps, axis=0), axis=-1)
    low = points[..., 2] < positions[..., 2].min(axis=1)[:, None, None] + LOW
    low = low if low.any() else np.ones_like(low)
    speed = np.where(low, speed, np.inf)
    slowest = speed.min(axis=(1, 2))
    return points, speed <= np.percentile(slowest[np.isfinite(slowest)], SLOW_SHARE)


def level(positions_camera, up, skeleton: Skeleton, fps: float = 30.0) -> np.ndarray:
    """(4, 4) world_from_camera: upright, floor at Z = 0, origin under the pelvis of the first frame.

    positions_camera: (T, J, 3) metres, camera axes. up: (T, 3) the world's up in camera axes as seen in each frame; the
    camera stands still, so one robust mean serves the clip, refined by the floor that the feet stand on.
    """
    positions_camera = np.asarray(positions_camera, dtype=float)
    turn = world_from_camera_rotation(mean_direction(up))
    distance = float(np.median(np.linalg.norm(positions_camera[:, 0], axis=-1)))
    tilted = floor_up(positions_camera @ turn.T, skeleton, fps, distance)
    turn = world_from_camera_rotation(turn.T @ tilted)
    points = positions_camera @ turn.T
    world_from_camera = np.eye(4)
    world_from_camera[:3, :3] = turn
    world_from_camera[:3, 3] = -points[0, 0, 0], -points[0, 0, 1], -floor_height(points, skeleton, fps)
    return world_from_camera


def mean_direction(directions) -> np.ndarray:
    """(3,) unit vector: the robust mean (geometric median) of (T, 3) unit vectors."""
    directions = unit(directions)
    mean = unit(np.median(directions, axis=0))
    for _ in range(20):
        weights = 1.0 / np.maximum(np.linalg.norm(directions - mean, axis=1), 0.01)
        mean = unit((directions * weights[:, None]).sum(axis=0))
    return mean if mean.any() else np.array([0.0, -1.0, 0.0])
