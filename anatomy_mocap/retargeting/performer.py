"""Performer: a motion with its directions, joint positions and flat feet, computed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES, rest_directions
from ..core.soles import SOLES
from ..maths.rotations import about
from .rig_detail import RigDetail
from .tuning import TUNING

_IDENTITY = np.array([1.0, 0.0, 0.0, 0.0])


@dataclass(frozen=True)
class FlatFoot:
    """One foot of a performer, flat on the floor.

    level: (4,) quaternion that removes the pitch of the flat foot's rotation: rotation * level is horizontal.
    ankle, toe: metres above the floor.
    """

    level: np.ndarray
    ankle: float
    toe: float


@dataclass(frozen=True)
class Performer:
    """A motion as retargeting reads it.

    directions, positions: (T, 22, 3), world axes, of the bones and joints (of the rig, if there is a detail).
    flat: side -> the foot when it is flat on the floor.
    detail: of a motion that was read from a rig; None for a take.
    """

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
        """(T, 3) metres, the position of `joint`."""
        return self.positions[:, MOCAP22.index(joint)]

    def length(self, joint: str) -> float:
        """Length in metres of the bone that ends at `joint`."""
        return float(self.motion.bone_lengths[MOCAP22.index(joint)])


def read_performer(motion: Motion, detail: RigDetail | None = None) -> Performer:
    """The performer of a motion whose floor is Z = 0."""
    directions = motion.directions
    if detail is not None:
        flat = {side: FlatFoot(_IDENTITY, *detail.flat_feet[side]) for side in SIDES}
        return Performer(motion, directions, detail.positions, flat, detail)
    positions = MOCAP22.joint_positions(motion.bone_lengths, directions, motion.root_positions)
    return Performer(motion, directions, positions, {side: _flat_foot(motion, positions, side) for side in SIDES})


def _flat_foot(motion: Motion, positions: np.ndarray, side: str) -> FlatFoot:
    """A flat foot from the frames in which it is low and still; the average foot (`SOLES`) if there are none."""
    ankle_joint, toe_joint = (MOCAP22.index(f"{side}_{name}") for name in ("ankle", "toe"))
    ankle, toe = positions[:, ankle_joint], positions[:, toe_joint]
    length = motion.bone_lengths[toe_joint]
    heights = {"ankle": SOLES["ankle"] * length, "toe": SOLES["toe"] * length}
    steepest = np.sin(np.radians(TUNING.flat_pitch))
    still = _down(ankle, motion.fps) & _down(toe, motion.fps) & (ankle[:, 2] - toe[:, 2] < steepest * length)
    if still.any():
        heights = {"ankle": float(np.median(ankle[still, 2])), "toe": float(np.median(toe[still, 2]))}
    in_rest = np.arcsin(-rest_directions()[toe_joint, 2])
    flat = np.arcsin(np.clip((heights["ankle"] - heights["toe"]) / length, -1, 1))
    most = np.radians(TUNING.rest_pitch)
    level = about((1.0, 0.0, 0.0), np.clip(in_rest - flat, -most, most))
    return FlatFoot(level, heights["ankle"], heights["toe"])


def _down(joint: np.ndarray, fps: float) -> np.ndarray:
    """(T,) bool: the frames in which a joint's (T, 3) path is low and slow."""
    speed = np.linalg.norm(np.gradient(joint, axis=0), axis=-1) * fps if len(joint) > 1 else np.zeros(1)
    low = joint[:, 2] < np.percentile(joint[:, 2], TUNING.still_percentile) + TUNING.still_height
    return low & (speed < TUNING.still_speed) & (joint[:, 2] < TUNING.still_highest)
