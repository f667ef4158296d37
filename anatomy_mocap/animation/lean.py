"""Lean: a body that rests on more than its feet is turned as a whole until what rests lies level.

The camera shows the lean of a lying or kneeling body poorly, so its knees, toes and hands come out at different
heights. To move each of them to the floor would bend the limbs; to turn the body costs nothing of its pose.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..core.motion import Motion
from ..core.skeleton import MOCAP22
from ..core.soles import BODY_JOINTS, body_points
from ..maths.rotations import apply, continuous, multiply, swing
from ..touch.contacts import Contacts
from .tuning import TUNING


def level_resting(motion: Motion, contacts: Contacts, strength: float = 1.0) -> Motion:
    """The motion, turned slowly about horizontal axes where knees, hands, seat or back rest besides the feet.

    contacts: see `find_contacts`. strength: 0..1, the share of the turn. Where nothing but the feet rests the motion is
    unchanged.
    """
    weights = _resting(contacts, motion.fps)
    if len(motion) < 2 or not weights.any():
        return motion
    body = body_points(motion.joint_positions())
    points = body[:, _ROWS]
    # What touches far above the lowest part does not touch the floor but an object, or is no contact.
    near, far = TUNING.lean_reach
    above = points[..., 2] - body[..., 2].min(axis=1, keepdims=True)
    weights = weights * np.clip((far - above) / (far - near), 0.0, 1.0)
    slope, centre = _plane(points, weights, motion.fps)
    normal = np.column_stack([-strength * slope, np.ones(len(slope))])
    turn = swing(normal / np.linalg.norm(normal, axis=1, keepdims=True), np.broadcast_to((0.0, 0.0, 1.0), normal.shape))
    return replace(motion, rotations=continuous(multiply(turn[:, None], motion.rotations)),
                   root_positions=centre + apply(turn, motion.root_positions - centre))


_PARTS = (("left_wrist", 4), ("left_knuckle", 4), ("right_wrist", 5), ("right_knuckle", 5), ("left_knee", 6),
          ("right_knee", 7), ("pelvis", 8), ("left_hip", 8), ("right_hip", 8), ("thorax", 9), ("left_shoulder", 9),
          ("right_shoulder", 9))
"""A joint besides the feet, and the column of `Contacts.array` that says whether it rests."""
_ROWS = [0, 1, 2, 3, *(4 + BODY_JOINTS.index(MOCAP22.index(joint)) for joint, _ in _PARTS)]
"""Their rows of `body_points`, after those of heels and toes."""
_COLUMNS = [0, 1, 2, 3, *(column for _, column in _PARTS)]


def _resting(contacts: Contacts, fps: float) -> np.ndarray:
    """(T, P) 0..1: how surely each of _ROWS rests; 0 where only the feet do."""
    firm = contacts.array
    return firm[:, _COLUMNS] * _averaged(firm[:, 4:].max(axis=1), fps)[:, None]


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
