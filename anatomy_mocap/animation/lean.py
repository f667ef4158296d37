"""Lean: a body that rests on more than its feet is turned as a whole until what rests lies level.

The camera shows the lean of a lying or kneeling body poorly, so its knees, toes and hands come out at different
heights. To move each of them to the floor would bend the limbs; to turn the body costs nothing of its pose.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..core.motion import Motion
from ..core.soles import body_points
from ..maths.rotations import apply, continuous, multiply, swing
from ..maths.smooth_series import smooth_series
from .tuning import TUNING


def level_resting(motion: Motion, strength: float = 1.0) -> Motion:
    """The motion, turned slowly about horizontal axes where knees, hands, seat or back rest besides the feet.

    strength: 0..1, the share of the turn. Where nothing but the feet rests the motion is unchanged.
    """
    if len(motion) < 2:
        return motion
    points = body_points(motion.joint_positions())
    slow = _slow_points(points, motion.fps)
    slope, centre = np.zeros((len(points), 2)), np.zeros((len(points), 3))
    for reach in np.linspace(TUNING.rest_reach, 1.0, TUNING.lean_rounds):
        weights = _resting(points, slow, slope, centre, reach, motion.fps)
        if not weights.any():
            return motion
        slope, centre = _plane(points, weights, motion.fps)
    normal = np.column_stack([-strength * slope, np.ones(len(slope))])
    turn = swing(normal / np.linalg.norm(normal, axis=1, keepdims=True), np.broadcast_to((0.0, 0.0, 1.0), normal.shape))
    return replace(motion, rotations=continuous(multiply(turn[:, None], motion.rotations)),
                   root_positions=centre + apply(turn, motion.root_positions - centre))


def _slow_points(points: np.ndarray, fps: float) -> np.ndarray:
    """(T, P) 0..1: how slow each body point is."""
    speed = np.linalg.norm(np.gradient(smooth_series(points, TUNING.point_seconds, fps), 1 / fps, axis=0), axis=-1)
    whole, none = TUNING.rest_speed
    return np.clip((none - speed) / (none - whole), 0.0, 1.0)


def _resting(points: np.ndarray, slow: np.ndarray, slope: np.ndarray, centre: np.ndarray, reach: float, fps: float
             ) -> np.ndarray:
    """(T, P) 0..1: how surely each body point rests: slow, and low above the plane; 0 where only the feet do.

    reach: times the heights above the lowest point up to which a point may rest.
    """
    away = points - centre[:, None]
    heights = away[..., 2] - (away[..., :2] * slope[:, None]).sum(axis=-1)
    near, far = reach * np.array(TUNING.rest_height)
    above = heights - smooth_series(heights.min(axis=1), TUNING.point_seconds, fps)[:, None]
    rests = slow * np.clip((far - above) / (far - near), 0.0, 1.0)
    return rests * _averaged(rests[:, 4:].max(axis=1), fps)[:, None]


def _plane(points: np.ndarray, weights: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """((T, 2) slopes of the plane through what rests, (T, 3) its middle); both change slowly.

    Least squares over about lean_seconds with a prior of no slope.
    """
    frames = len(points)
    prior, noise = TUNING.lean_spread**-2, TUNING.rest_spread
    total = np.maximum(_averaged(weights.sum(axis=1), fps), 1e-6)
    centre = _averaged((weights[..., None] * points).sum(axis=1), fps) / total[:, None]
    away = points - centre[:, None]
    flat = away[..., :2]
    moments = _averaged(np.einsum("tp,tpi,tpj->tij", weights, flat, flat).reshape(frames, 4), fps)
    pull = _averaged(np.einsum("tp,tpi,tp->ti", weights, flat, away[..., 2]), fps)
    slope = np.linalg.solve(moments.reshape(frames, 2, 2) / noise**2 + prior * np.eye(2), (pull / noise**2)[..., None])
    return slope[..., 0], centre


def _averaged(values: np.ndarray, fps: float) -> np.ndarray:
    return gaussian_filter1d(values, TUNING.lean_seconds * fps, axis=0, mode="nearest")
