"""How near heel and toe of each foot are to standing, from their speed and height: the rule of the feet."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import grey_opening, label

from ..core.motion import Motion
from ..core.soles import foot_points
from ..maths.rotations import unit
from ..maths.smooth_series import smooth_series
from .tuning import CONTACTS


def holding(effort: np.ndarray) -> np.ndarray:
    """(T, 2) bool, from (T, 2) efforts: a contact begins where effort < 1 and lasts while effort < leave_factor."""
    contacts = np.zeros(effort.shape, dtype=bool)
    for column in range(2):
        begins, stays = effort[:, column] < 1.0, effort[:, column] < CONTACTS.leave_factor
        runs, _ = label(stays)
        contacts[:, column] = np.isin(runs, np.unique(runs[begins])) & stays
    return contacts


def point_efforts(motion: Motion) -> np.ndarray:
    """(T, 2, 2) of [left, right] x [heel, toe]: the speed or the height relative to the limit of standing, whichever
    is more."""
    points = smooth_series(foot_points(motion.joint_positions()), CONTACTS.point_seconds, motion.fps)
    speed = np.linalg.norm(_without_depth_error(_velocity(points, motion.fps), points, motion.eye), axis=-1)
    # The speed of the slowest foot point in the quietest fifth of the clip is noise.
    times = CONTACTS.noise_factors[0 if motion.eye is None else 1]
    limit = np.clip(times * np.percentile(speed.min(axis=(1, 2)), CONTACTS.noise_percentile), *CONTACTS.stand_speed)
    height = points[..., 2] - _local_floor(points, motion.fps)[:, None, None]
    return np.maximum(speed / limit, height / CONTACTS.stand_height)


def standing_effort(motion: Motion) -> np.ndarray:
    """(T, 2) the effort of each foot: that of heel or toe, whichever is less."""
    return point_efforts(motion).min(axis=-1)


def _velocity(points, fps: float) -> np.ndarray:
    return np.gradient(points, 1.0 / fps, axis=0) if len(points) > 1 else np.zeros_like(points)


def _without_depth_error(velocity, points, eye) -> np.ndarray:
    """The velocity (..., 3) of points (..., 3) with a reduced part along the line of sight from `eye` (3,)."""
    if eye is None:
        return velocity
    sight = unit(points - eye)
    return velocity - (1 - CONTACTS.sight_speed) * (velocity * sight).sum(axis=-1, keepdims=True) * sight


def _local_floor(points, fps: float) -> np.ndarray:
    """(T,) metres: the height at which the feet land around each frame: a lower envelope that spans flights.

    It reaches little below the floor of the take, where only a hidden foot would be.
    """
    lowest = points[..., 2].min(axis=(1, 2))
    size = min(2 * int(CONTACTS.flight * fps / 2) + 1, 2 * len(lowest) - 1)
    floor = smooth_series(grey_opening(lowest, size=size, mode="nearest"), CONTACTS.floor_seconds, fps)
    return np.maximum(floor, -CONTACTS.hidden_depth)
