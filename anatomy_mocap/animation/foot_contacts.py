"""Find the frames in which each foot stands, from the speed and the height of heel and toe."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_closing, binary_opening, grey_opening, label

from ..core.motion import Motion
from ..core.soles import foot_points
from ..maths.rotations import unit
from ..maths.smooth_series import smooth_series
from .tuning import TUNING


def find_contacts(motion: Motion) -> np.ndarray:
    """(T, 2) bool, [left, right]: whether the foot stands.

    With the effort e(t) = max(speed / speed limit, height / height limit), of heel or toe, whichever is less, a contact
    begins where e < 1 and lasts while e < leave_factor (hysteresis).
    """
    effort = standing_effort(motion)
    contacts = np.zeros(effort.shape, dtype=bool)
    for column in range(2):
        begins, stays = effort[:, column] < 1.0, effort[:, column] < TUNING.leave_factor
        runs, count = label(stays)
        kept = np.isin(runs, np.unique(runs[begins])) & stays
        contacts[:, column] = _without_short_runs(kept, motion.fps)
    return contacts


def _without_short_runs(contact: np.ndarray, fps: float) -> np.ndarray:
    """The contact with short gaps closed, then short contacts dropped; beyond the clip its ends are repeated."""
    pad = len(contact)
    padded = np.pad(contact, pad, mode="edge")
    padded = binary_closing(padded, np.ones(2 * int(TUNING.shortest_gap / 2 * fps) + 1))
    padded = binary_opening(padded, np.ones(2 * int(TUNING.shortest_contact / 2 * fps) + 1))
    return padded[pad:pad + len(contact)]


def standing_effort(motion: Motion) -> np.ndarray:
    """(T, 2) speed or height of each foot relative to the limit of standing: the greater of the two, of heel or toe."""
    points = smooth_series(foot_points(motion.joint_positions()), TUNING.point_seconds, motion.fps)
    speed = np.linalg.norm(_without_depth_error(_velocity(points, motion.fps), points, motion.eye), axis=-1)
    # The speed of the slowest foot point in the quietest fifth of the clip is noise.
    times = TUNING.noise_factors[0 if motion.eye is None else 1]
    limit = np.clip(times * np.percentile(speed.min(axis=(1, 2)), TUNING.noise_percentile), *TUNING.stand_speed)
    height = points[..., 2] - _local_floor(points, motion.fps)[:, None, None]
    return np.maximum(speed / limit, height / TUNING.stand_height).min(axis=-1)


def _velocity(points, fps: float) -> np.ndarray:
    return np.gradient(points, 1.0 / fps, axis=0) if len(points) > 1 else np.zeros_like(points)


def _without_depth_error(velocity, points, eye) -> np.ndarray:
    """The velocity (..., 3) of points (..., 3) with a reduced part along the line of sight from `eye` (3,)."""
    if eye is None:
        return velocity
    sight = unit(points - eye)
    return velocity - (1 - TUNING.sight_speed) * (velocity * sight).sum(axis=-1, keepdims=True) * sight


def _local_floor(points, fps: float) -> np.ndarray:
    """(T,) metres: the height at which the feet land around each frame: a lower envelope that spans flights.

    It reaches little below the floor of the take, where only a hidden foot would be.
    """
    lowest = points[..., 2].min(axis=(1, 2))
    size = min(2 * int(TUNING.flight * fps / 2) + 1, 2 * len(lowest) - 1)
    floor = smooth_series(grey_opening(lowest, size=size, mode="nearest"), TUNING.floor_seconds, fps)
    return np.maximum(floor, -TUNING.hidden_depth)
