"""Ground: find the frames in which each foot stands, and hold standing feet on the floor.

A contact is found from the speed and the height of heel and toe. Grounding first moves the root against the slip of
the standing feet and towards the floor, then moves each foot the rest of the way with an exact two-bone leg (leg_ik).
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.ndimage import binary_closing, binary_opening, grey_dilation, grey_opening, label

from ..core.motion import Motion
from ..core.soles import foot_points
from ..maths.banded_least_squares import add_bands, penalty_bands, penalty_strength, smooth_fit, solve_bands
from ..maths.rotations import continuous, unit
from ..maths.smooth_series import smooth_series
from .leg_ik import missing_reach, move_feet
from .tuning import TUNING


class _Footing(NamedTuple):
    """The contact point of each foot, which rolls between heel and toe.

    steps: (T, 2, 2) metres a frame, horizontal. heights: (T, 2) metres above the floor, the lower of heel and toe.
    """

    steps: np.ndarray
    heights: np.ndarray


def find_contacts(motion: Motion) -> np.ndarray:
    """(T, 2) bool, [left, right]: whether the foot stands.

    With the effort e(t) = max(speed / speed limit, height / height limit), of heel or toe, whichever is less, a contact
    begins where e < 1 and lasts while e < leave_factor (hysteresis).
    """
    effort = _effort(motion)
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


def _effort(motion: Motion) -> np.ndarray:
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
    """(T,) metres: the height at which the feet land around each frame: a lower envelope that spans flights."""
    lowest = points[..., 2].min(axis=(1, 2))
    size = min(2 * int(TUNING.flight * fps / 2) + 1, 2 * len(lowest) - 1)
    return smooth_series(grey_opening(lowest, size=size, mode="nearest"), TUNING.floor_seconds, fps)


def ground(motion: Motion, contacts: np.ndarray, strength: float = 1.0) -> Motion:
    """Hold the standing feet of a motion on the floor; bone lengths are unchanged, the filter has zero phase.

    contacts: (T, 2) bool from `find_contacts`. strength: 0 changes nothing, 1 holds the feet fully.
    The root takes the common part of both feet's corrections, smoothly. If the camera is known, the root moves
    horizontally along the line of sight only, since the picture measures the other direction well. The legs bend for
    the rest.
    """
    contacts = np.asarray(contacts, dtype=bool)
    if strength <= 0 or not contacts.any():
        return motion
    leave = TUNING.leave_factor
    firm = np.where(contacts, np.clip((leave - _effort(motion)) / (leave - TUNING.firm_effort),
                                        TUNING.least_firmness, 1.0), 0.0)
    points = foot_points(motion.joint_positions())
    shift = strength * _root_shift(points, firm**2, motion.fps, motion.eye)
    moved = replace(motion, root_positions=motion.root_positions + shift)
    offsets = strength * _foot_offsets(points + shift[:, None, None], contacts, firm, motion.fps)
    sink = _sink(missing_reach(moved, offsets, TUNING.full_stretch) * (firm > 0.5), motion.fps)
    moved = replace(moved, root_positions=moved.root_positions - [0.0, 0.0, 1.0] * sink[:, None])
    offsets[..., 2] += sink[:, None]
    result = move_feet(moved, offsets)
    return replace(result, rotations=continuous(result.rotations))


def _sink(missing, fps: float) -> np.ndarray:
    """(T,) metres by which the pelvis sinks to bring standing feet within reach: an upper envelope, smooth in time."""
    needed = np.minimum(missing.max(axis=1), TUNING.most_sink)
    ahead, seconds = TUNING.sink_seconds
    size = 2 * int(ahead * fps) + 1
    return np.maximum(smooth_series(grey_dilation(needed, size=size, mode="nearest"), seconds, fps), 0.0)


def _footing(points) -> _Footing:
    """The contact points of (T, 2, 2, 3) heels and toes: a soft minimum by height."""
    share = np.exp(-(points[..., 2] - points[..., 2].min(axis=-1, keepdims=True)) / TUNING.roll_height)
    share = share / share.sum(axis=-1, keepdims=True)
    steps = np.diff(points[..., :2], axis=0, prepend=points[:1, ..., :2])
    return _Footing((steps * share[..., None]).sum(axis=2), points[..., 2].min(axis=-1))


def _root_shift(points, firm, fps: float, eye) -> np.ndarray:
    """(T, 3) metres to move the root by: against the slip of the standing feet, and up or down to the floor.

    The horizontal shift s minimises, in each free direction,

        sum_t  w_t (s_t - s_(t-1) + slip_t)^2 + r a |D2 s|^2 + |s|^2 / (root_memory fps)^2

    with second differences D2, the strength a of root_seconds and r of root_stiffness.
    points: (T, 2, 2, 3) metres, of `foot_points`. firm: (T, 2) 0..1, the firmness of each contact. eye: see Motion.
    """
    frames, (level_stiffness, slope_stiffness) = len(points), TUNING.root_stiffness
    steps, heights = _footing(points)
    total = firm.sum(axis=1)
    share = firm / np.maximum(total, 1e-9)[:, None]
    slip = (steps * share[..., None]).sum(axis=1)
    # The N horizontal directions in which the root may move, (N, 1 or T, 2).
    free = np.eye(2)[:, None] if eye is None else unit(points.mean(axis=(1, 2)) - eye)[None, :, :2]
    slip = (slip * free).sum(axis=-1).T[1:]
    weight = np.minimum(total[1:], total[:-1])
    bands = add_bands(penalty_bands(frames, 1, weight),
                      penalty_bands(frames, 2, level_stiffness * penalty_strength(TUNING.root_seconds, fps, 2)),
                      np.full((1, frames), 1.0 / (TUNING.root_memory * fps) ** 2))
    pull = np.zeros((frames, len(free)))
    pull[1:] -= weight[:, None] * slip
    pull[:-1] += weight[:, None] * slip
    level = (solve_bands(bands, pull).T[..., None] * free).sum(axis=0)
    # A body whose lower foot is under the floor rises, whether the foot stands or not.
    lowest = heights.min(axis=1)
    under = np.clip(-lowest / TUNING.sunk, 0.0, 1.0)
    stand = np.minimum(total, 1.0)
    rise = (stand * _to_floor((heights * share).sum(axis=1)) - under * lowest) / np.maximum(stand + under, 1e-9)
    smoothness = add_bands(penalty_bands(frames, 2, penalty_strength(TUNING.rise_seconds, fps, 2)),
                           penalty_bands(frames, 1, slope_stiffness * penalty_strength(TUNING.rise_seconds, fps, 1)))
    return np.column_stack([level, smooth_fit(rise[:, None], stand + under, smoothness)])


def _to_floor(heights) -> np.ndarray:
    """The rise that puts soles at these heights on the floor; 0 for soles that stand on an object above it."""
    near, far = TUNING.put_down
    return -heights * np.clip((far - heights) / (far - near), 0.0, 1.0)


def _foot_offsets(points, contacts, firm, fps: float) -> np.ndarray:
    """(T, 2, 3) metres to move each foot by: fixed on the floor while in contact, never below the floor."""
    frames = len(points)
    steps, heights = _footing(points)
    path = np.cumsum(steps, axis=0)
    penalty = penalty_bands(frames, 2, penalty_strength(TUNING.offset_seconds, fps, 2))
    (held, free), offsets = TUNING.offset_weights, np.zeros((frames, 2, 3))
    for column in range(2):
        standing = _standing_path(path[:, column], firm[:, column], fps)
        rise = np.where(contacts[:, column], _to_floor(heights[:, column]), 0.0)
        targets = np.column_stack([standing - path[:, column], rise])
        weights = np.where(contacts[:, column], held * firm[:, column] ** 2, free)
        offsets[:, column] = smooth_fit(targets, weights, penalty)
        offsets[:, column, 2] += _lift(heights[:, column] + offsets[:, column, 2], fps)
    return offsets


def _standing_path(path, firm, fps: float) -> np.ndarray:
    """(T, 2) the horizontal path of a foot with steps of zero where it stands firmly.

    The path p minimises sum_t firm_t^2 |p_t - p_(t-1)|^2 + |p_t - path_t|^2 / (root_memory fps)^2. The second term
    releases a foot that moves slowly but far, which is no slip.
    """
    holds = np.minimum(firm[1:], firm[:-1]) ** 2
    weights = np.full(len(path), 1.0 / (TUNING.root_memory * fps) ** 2)
    return smooth_fit(path, weights, penalty_bands(len(path), 1, holds))


def _lift(heights, fps: float) -> np.ndarray:
    """(T,) metres that lift a foot at these heights out of the floor, smoothly."""
    sunk = np.maximum(-heights, 0.0)
    return np.maximum(smooth_series(sunk, TUNING.lift_seconds, fps), sunk)
