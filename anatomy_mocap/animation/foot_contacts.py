"""Feet on the floor: when they stand, and the corrections that keep them from sliding, sinking and floating."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import binary_closing, binary_opening, grey_dilation, grey_opening, label

from ..core.motion import Motion
from ..core.skeleton import MOCAP22
from ..core.soles import foot_points
from ..maths.banded_least_squares import add_bands, penalty_bands, penalty_strength, smooth_fit, solve_bands
from ..maths.rotations import continuous, unit
from ..maths.smooth_series import smooth_series
from .leg_ik import missing_reach, move_feet

SPEED = 0.20, 0.60
"""Metres a second below which a foot point may stand, in a clean and in a noisy clip; it leaves at LEAVE times that."""
HEIGHT = 0.07
"""Metres above the local floor below which a foot point may stand; it leaves at LEAVE times that."""
LEAVE = 1.7
NOISE, NOISE_SEEN = 3.0, 2.0
"""How many times the clip's noise that speed is; the second where the line of sight is known."""
ALONG = 0.5
"""How much speed along the line of sight counts: from a single camera most of it is error."""
FLIGHT = 1.2
"""Seconds: the longest time that both feet are taken to be in the air. Feet that stay up longer stand on something."""
FLAT = 0.12, 0.30
"""Metres: a stand up to the first above the floor is put on it, one beyond the second stays: it is on something."""
SUNK = 0.10
"""Metres under the floor at which a foot that doesn't stand pulls the body up as firmly as one that stands."""
STRETCH = 0.995
"""Part of the leg's length at which a standing foot begins to pull the pelvis down, by MOST_SINK metres at most."""
MOST_SINK = 0.06
MEMORY = 1.0
"""Seconds over which the feet, and beyond which the camera, are believed about where the root is."""


def find_contacts(motion: Motion) -> np.ndarray:
    """(T, 2) bool: whether the left and the right foot stand, by speed and height of heel and toe with hysteresis."""
    effort = _effort(motion)
    contacts = np.zeros(effort.shape, dtype=bool)
    for column in range(2):
        begins, stays = effort[:, column] < 1.0, effort[:, column] < LEAVE
        runs, count = label(stays)
        kept = np.isin(runs, np.unique(runs[begins])) & stays
        contacts[:, column] = _without_blips(kept, motion.fps)
    return contacts


def _without_blips(contact: np.ndarray, fps: float) -> np.ndarray:
    """Gaps under 0.06 s closed, then contacts under 0.08 s dropped; the clip's ends count as going on."""
    pad = len(contact)
    padded = np.pad(contact, pad, mode="edge")
    padded = binary_closing(padded, np.ones(2 * int(0.03 * fps) + 1))
    padded = binary_opening(padded, np.ones(2 * int(0.04 * fps) + 1))
    return padded[pad:pad + len(contact)]


def _effort(motion: Motion) -> np.ndarray:
    """(T, 2) how far each foot is from standing: below 1 it may stand, the lesser of heel and toe."""
    points = smooth_series(foot_points(motion.joint_positions(), MOCAP22), 0.06, motion.fps)
    speed = np.linalg.norm(_seen(_velocity(points, motion.fps), points, motion.eye), axis=-1)
    # What the slowest foot does in the quietest fifth of the clip is its noise.
    times = NOISE if motion.eye is None else NOISE_SEEN
    limit = np.clip(times * np.percentile(speed.min(axis=(1, 2)), 20), *SPEED)
    height = points[..., 2] - _local_floor(points, motion.fps)[:, None, None]
    return np.maximum(speed / limit, height / HEIGHT).min(axis=-1)


def _velocity(points, fps: float) -> np.ndarray:
    return np.gradient(points, 1.0 / fps, axis=0) if len(points) > 1 else np.zeros_like(points)


def _seen(velocity, points, eye) -> np.ndarray:
    """The velocity (..., 3) of points (..., 3) with ALONG of what lies along the line of sight from `eye` (3,)."""
    if eye is None:
        return velocity
    sight = unit(points - eye)
    return velocity - (1 - ALONG) * (velocity * sight).sum(axis=-1, keepdims=True) * sight


def _local_floor(points, fps: float) -> np.ndarray:
    """(T,) metres: the height on which the feet come down around each frame, a lower envelope without the flights."""
    lowest = points[..., 2].min(axis=(1, 2))
    size = min(2 * int(FLIGHT * fps / 2) + 1, 2 * len(lowest) - 1)
    return smooth_series(grey_opening(lowest, size=size, mode="nearest"), 0.5, fps)


def ground(motion: Motion, contacts, strength: float = 1.0) -> Motion:
    """The motion with standing feet held on the floor; lengths untouched, zero phase.

    contacts: (T, 2) bool from `find_contacts`. strength: 0 changes nothing, 1 holds the feet fully.
    The root takes what both feet agree on, smoothly, and of that only what lies along the line of sight where there is
    one (across it the picture knows better); the legs bend for the rest.
    """
    contacts = np.asarray(contacts, dtype=bool)
    if strength <= 0 or not contacts.any():
        return motion
    firm = np.where(contacts, np.clip((LEAVE - _effort(motion)) / (LEAVE - 0.7), 0.05, 1.0), 0.0)
    points = foot_points(motion.joint_positions(), MOCAP22)
    shift = strength * _root_shift(points, firm**2, motion.fps, motion.eye)
    moved = replace(motion, root_positions=motion.root_positions + shift)
    offsets = strength * _foot_offsets(points + shift[:, None, None], contacts, firm, motion.fps)
    sink = _sink(missing_reach(moved, offsets, STRETCH) * (firm > 0.5), motion.fps)
    moved = replace(moved, root_positions=moved.root_positions - [0.0, 0.0, 1.0] * sink[:, None])
    offsets[..., 2] += sink[:, None]
    result = move_feet(moved, offsets)
    return replace(result, rotations=continuous(result.rotations))


def _sink(missing, fps: float) -> np.ndarray:
    """(T,) metres to lower the pelvis by so that standing feet are in reach: an upper envelope, smooth in time."""
    needed = np.minimum(missing.max(axis=1), MOST_SINK)
    size = 2 * int(0.1 * fps) + 1
    return np.maximum(smooth_series(grey_dilation(needed, size=size, mode="nearest"), 0.2, fps), 0.0)


def _footing(points) -> tuple[np.ndarray, np.ndarray]:
    """The moving contact point of each foot: its steps (T, 2, 2) metres a frame, level, and its height (T, 2)."""
    share = np.exp(-(points[..., 2] - points[..., 2].min(axis=-1, keepdims=True)) / 0.015)
    share = share / share.sum(axis=-1, keepdims=True)
    steps = np.diff(points[..., :2], axis=0, prepend=points[:1, ..., :2])
    return (steps * share[..., None]).sum(axis=2), points[..., 2].min(axis=-1)


def _root_shift(points, firm, fps: float, eye) -> np.ndarray:
    """(T, 3) metres to move the root by: against the slip of the standing feet, and up or down to the floor.

    points: (T, 2, 2, 3) metres, of `foot_points`. firm: (T, 2) how firmly each foot stands, 0..1. eye: as in Motion.
    """
    frames = len(points)
    steps, heights = _footing(points)
    total = firm.sum(axis=1)
    share = firm / np.maximum(total, 1e-9)[:, None]
    slip = (steps * share[..., None]).sum(axis=1)
    # The N level directions in which the root may give way, (N, 1 or T, 2).
    free = np.eye(2)[:, None] if eye is None else unit(points.mean(axis=(1, 2)) - eye)[None, :, :2]
    slip = (slip * free).sum(axis=-1).T[1:]
    weight = np.minimum(total[1:], total[:-1])
    bands = add_bands(penalty_bands(frames, 1, weight), penalty_bands(frames, 2, 0.1 * penalty_strength(0.15, fps, 2)),
                      np.full((1, frames), 1.0 / (MEMORY * fps) ** 2))
    pull = np.zeros((frames, len(free)))
    pull[1:] -= weight[:, None] * slip
    pull[:-1] += weight[:, None] * slip
    level = (solve_bands(bands, pull).T[..., None] * free).sum(axis=0)
    # A body whose lower foot is under the floor rises, standing or not.
    lowest = heights.min(axis=1)
    under = np.clip(-lowest / SUNK, 0.0, 1.0)
    stand = np.minimum(total, 1.0)
    rise = (stand * _to_floor((heights * share).sum(axis=1)) - under * lowest) / np.maximum(stand + under, 1e-9)
    smoothness = add_bands(penalty_bands(frames, 2, penalty_strength(0.8, fps, 2)),
                           penalty_bands(frames, 1, 0.01 * penalty_strength(0.8, fps, 1)))
    return np.column_stack([level, smooth_fit(rise[:, None], stand + under, smoothness)])


def _to_floor(heights) -> np.ndarray:
    """The rise that puts soles at these heights on the floor; none for those that stand on something above it."""
    near, far = FLAT
    return -heights * np.clip((far - heights) / (far - near), 0.0, 1.0)


def _foot_offsets(points, contacts, firm, fps: float) -> np.ndarray:
    """(T, 2, 3) metres to move each foot by: it stands still on the floor while in contact and is never below it."""
    frames = len(points)
    steps, heights = _footing(points)
    path = np.cumsum(steps, axis=0)
    penalty = penalty_bands(frames, 2, penalty_strength(0.1, fps, 2))
    offsets = np.zeros((frames, 2, 3))
    for column in range(2):
        standing = _standing_path(path[:, column], firm[:, column], fps)
        rise = np.where(contacts[:, column], _to_floor(heights[:, column]), 0.0)
        targets = np.column_stack([standing - path[:, column], rise])
        weights = np.where(contacts[:, column], 100.0 * firm[:, column] ** 2, 0.05)
        offsets[:, column] = smooth_fit(targets, weights, penalty)
        offsets[:, column, 2] += _lift(heights[:, column] + offsets[:, column, 2], fps)
    return offsets


def _standing_path(path, firm, fps: float) -> np.ndarray:
    """(T, 2) the level path of a foot with its steps held at zero where it stands firmly.

    A pull to the foot's own path lets go of a foot that moves slowly but far: that is no slip.
    """
    holds = np.minimum(firm[1:], firm[:-1]) ** 2
    return smooth_fit(path, np.full(len(path), 1.0 / (MEMORY * fps) ** 2), penalty_bands(len(path), 1, holds))


def _lift(heights, fps: float) -> np.ndarray:
    """(T,) what lifts a foot at these heights smoothly out of the floor."""
    sunk = np.maximum(-heights, 0.0)
    return np.maximum(smooth_series(sunk, 0.05, fps), sunk)
