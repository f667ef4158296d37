"""What a take's feet look like when they stand flat: their pitch and how high ankle and toe are then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .feet import SOLES
from .motion import Motion
from .rotations import about
from .skeleton import rest_directions

_SLOW = 0.3
"""Metres per second below which ankle and toe rest on the floor."""
_NEAR = 0.03
"""Metres above its usual low within which a joint is down."""
_MOST = np.radians(20.0)
"""No foot's rest pitch is believed to differ more from the nominal one."""


@dataclass(frozen=True)
class FlatFoot:
    """One foot of a take, flat on the floor.

    level: (4,) quaternion that undoes the pitch which the flat foot's rotation shows; rotation * level is level then.
    ankle, toe: metres above the floor.
    """

    level: np.ndarray
    ankle: float
    toe: float


def find_flat_foot(motion: Motion, positions: np.ndarray, side: str) -> FlatFoot:
    """How the foot of `side` stands flat, by the frames where it is low and still; people's usual foot where none is.

    positions: (T, J, 3) world metres, floor at Z = 0.
    """
    ankle_joint, toe_joint = (motion.skeleton.index(f"{side}_{name}") for name in ("ankle", "toe"))
    ankle, toe = positions[:, ankle_joint], positions[:, toe_joint]
    length = motion.bone_lengths[toe_joint]
    heights = {"ankle": SOLES["ankle"] * length, "toe": SOLES["toe"] * length}
    still = _down(ankle, motion.fps) & _down(toe, motion.fps)
    if still.any():
        heights = {"ankle": float(np.median(ankle[still, 2])), "toe": float(np.median(toe[still, 2]))}
    in_rest = np.arcsin(-rest_directions(motion.skeleton)[toe_joint, 2])
    flat = np.arcsin(np.clip((heights["ankle"] - heights["toe"]) / length, -1, 1))
    level = about((1.0, 0.0, 0.0), np.clip(in_rest - flat, -_MOST, _MOST))
    return FlatFoot(level, heights["ankle"], heights["toe"])


def _down(joint: np.ndarray, fps: float) -> np.ndarray:
    """(T,) bool: where a joint's (T, 3) path is low and slow."""
    speed = np.linalg.norm(np.gradient(joint, axis=0), axis=-1) * fps if len(joint) > 1 else np.zeros(1)
    low = joint[:, 2] < np.percentile(joint[:, 2], 15) + _NEAR
    return low & (speed < _SLOW) & (joint[:, 2] < 0.25)
