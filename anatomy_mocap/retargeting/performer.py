"""Performer: a motion with what retargeting asks of it again and again, computed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES, rest_directions
from ..core.soles import SOLES
from ..maths.rotations import about
from .rig_detail import RigDetail

_SLOW = 0.3
"""Metres per second below which ankle and toe rest on the floor."""
_NEAR = 0.03
"""Metres above its usual low within which a joint is down."""
_STEEPEST = np.sin(np.radians(30.0))
"""A foot that is steeper has its heel up."""
_MOST = np.radians(20.0)
"""No foot's rest pitch is believed to differ more from the nominal one."""
_NO_TURN = np.array([1.0, 0.0, 0.0, 0.0])


@dataclass(frozen=True)
class FlatFoot:
    """One foot of a take, flat on the floor.

    level: (4,) quaternion that undoes the pitch which the flat foot's rotation shows; rotation * level is level then.
    ankle, toe: metres above the floor.
    """

    level: np.ndarray
    ankle: float
    toe: float


@dataclass(frozen=True)
class Performer:
    """A motion, its bones' directions and joints (both (T, J, 3), world), and how each foot stands flat."""

    motion: Motion
    directions: np.ndarray
    positions: np.ndarray
    flat: dict[str, FlatFoot]
    detail: RigDetail | None = None

    def __len__(self) -> int:
        return len(self.positions)

    def turn(self, joint: str) -> np.ndarray:
        """(T, 4) world rotation of the bone that ends at `joint`."""
        return self.motion.rotations[:, MOCAP22.index(joint)]

    def along(self, joint: str) -> np.ndarray:
        """(T, 3) unit direction of the bone that ends at `joint`."""
        return self.directions[:, MOCAP22.index(joint)]

    def at(self, joint: str) -> np.ndarray:
        """(T, 3) metres, where `joint` is."""
        return self.positions[:, MOCAP22.index(joint)]

    def length(self, joint: str) -> float:
        """Metres of the bone that ends at `joint`."""
        return float(self.motion.bone_lengths[MOCAP22.index(joint)])


def read_performer(motion: Motion, detail: RigDetail | None = None) -> Performer:
    """Directions, joints and flat feet of a motion whose floor is Z = 0."""
    directions = motion.directions
    if detail is not None:
        flat = {side: FlatFoot(_NO_TURN, *detail.flat_feet[side]) for side in SIDES}
        return Performer(motion, directions, detail.positions, flat, detail)
    positions = MOCAP22.joint_positions(motion.bone_lengths, directions, motion.root_positions)
    return Performer(motion, directions, positions, {side: _flat_foot(motion, positions, side) for side in SIDES})


def _flat_foot(motion: Motion, positions: np.ndarray, side: str) -> FlatFoot:
    """How a foot stands flat: by the frames where it is low and still; people's usual foot where there are none."""
    ankle_joint, toe_joint = (MOCAP22.index(f"{side}_{name}") for name in ("ankle", "toe"))
    ankle, toe = positions[:, ankle_joint], positions[:, toe_joint]
    length = motion.bone_lengths[toe_joint]
    heights = {"ankle": SOLES["ankle"] * length, "toe": SOLES["toe"] * length}
    still = _down(ankle, motion.fps) & _down(toe, motion.fps) & (ankle[:, 2] - toe[:, 2] < _STEEPEST * length)
    if still.any():
        heights = {"ankle": float(np.median(ankle[still, 2])), "toe": float(np.median(toe[still, 2]))}
    in_rest = np.arcsin(-rest_directions()[toe_joint, 2])
    flat = np.arcsin(np.clip((heights["ankle"] - heights["toe"]) / length, -1, 1))
    level = about((1.0, 0.0, 0.0), np.clip(in_rest - flat, -_MOST, _MOST))
    return FlatFoot(level, heights["ankle"], heights["toe"])


def _down(joint: np.ndarray, fps: float) -> np.ndarray:
    """(T,) bool: where a joint's (T, 3) path is low and slow."""
    speed = np.linalg.norm(np.gradient(joint, axis=0), axis=-1) * fps if len(joint) > 1 else np.zeros(1)
    low = joint[:, 2] < np.percentile(joint[:, 2], 15) + _NEAR
    return low & (speed < _SLOW) & (joint[:, 2] < 0.25)
