"""Random motion of trunk and limbs through the whole range of their joints, as acrobats use it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.special import ndtr

from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.detector_points import unit

from .mix_poses import pelvis_axes, trunk_axes
from .postures import turned
from .tuning import TUNING

_J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}
_ABOVE_SPINE = [index for index, name in enumerate(MOCAP22.joint_names)
                if not name.endswith(("pelvis", "spine", "hip", "knee", "ankle", "toe"))]
_SIDES = (("left", 1.0), ("right", -1.0))


@dataclass(frozen=True)
class Range:
    """An angle between `low` and `high`, degrees. usual: power that favours the lower end; 1: uniform."""

    low: float
    high: float
    usual: float = 1.0


# Active ranges of motion of healthy adults (American Academy of Orthopaedic Surgeons), rounded, and a little beyond.
BEND, SIDEWAYS, TWIST = Range(-30, 80), Range(-35, 35), Range(-45, 45)  # trunk, all of it
HIP, OUT, HIP_TURN, KNEE, ANKLE = Range(-30, 130), Range(-25, 65), Range(-45, 45), Range(0, 150, 1.5), Range(-20, 55)
RAISED, AROUND, ARM_TURN, ELBOW = Range(0, 175), Range(-40, 130), Range(-90, 90), Range(0, 148, 1.3)
WRIST, ROLL = Range(-50, 50), Range(-90, 90)


def wandering(rng: np.random.Generator, count: int, frames: int, limits: Range) -> np.ndarray:
    """Random angles (count, frames) within the limits, radians; slow in some rows and fast in others."""
    slow = np.empty((count, frames))
    pace = rng.choice(TUNING.free_paces, count)
    for frames_wide in np.unique(pace):
        some = pace == frames_wide
        noise = gaussian_filter1d(rng.standard_normal((int(some.sum()), frames)), frames_wide, axis=1, mode="nearest")
        slow[some] = noise * np.sqrt(2 * np.sqrt(np.pi) * frames_wide)  # a spread of 1 again
    share = rng.uniform(*TUNING.free_moving, (count, 1))
    level = ndtr(np.sqrt(1 - share) * rng.standard_normal((count, 1)) + np.sqrt(share) * slow) ** limits.usual
    return np.radians(limits.low + (limits.high - limits.low) * level)


def freestyled(rng: np.random.Generator, directions: np.ndarray, share: float = TUNING.free_share,
               part: float = TUNING.free_part) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose trunk and limbs move freely within the ranges above: `share` of the rows, each part with the chance
    `part`. Returns the directions and the rows as (B,) bool.

    directions: (B, T, J, 3) unit vectors, world axes, row 0 zero.
    """
    chosen = rng.random(len(directions)) < share
    rows = np.flatnonzero(chosen)
    free = directions[rows].astype(np.float64)
    pelvis = pelvis_axes(free)  # before the lower spine, which defines them, is bent
    some = np.flatnonzero(rng.random(len(rows)) < part)
    free[some] = _bent(rng, free[some], pelvis[some])
    for (side, sign), (limb, axes) in product(_SIDES, ((_leg, pelvis), (_arm, trunk_axes(free)))):
        some = np.flatnonzero(rng.random(len(rows)) < part)
        for name, bone in limb(rng, sign, axes[some]).items():
            free[some, :, _J[f"{side}_{name}"]] = bone
    directions = directions.copy()
    directions[rows] = free
    return directions, chosen


def _bent(rng: np.random.Generator, part: np.ndarray, pelvis: np.ndarray) -> np.ndarray:
    """The upper body bent and twisted on the pelvis, the lower half of the spine half as far."""
    count, frames = part.shape[:2]
    left, forward, up = _left_forward_up(pelvis)
    angles = [wandering(rng, count, frames, limits)[..., None] for limits in (BEND, SIDEWAYS, TWIST)]
    turn = left * angles[0] + forward * angles[1] + up * angles[2]
    angle = np.linalg.norm(turn, axis=-1)[..., None]
    axis = (turn / np.maximum(angle, 1e-6))[:, :, None]
    part[:, :, _ABOVE_SPINE] = turned(part[:, :, _ABOVE_SPINE], axis, angle)
    part[:, :, [_J["spine"]]] = turned(part[:, :, [_J["spine"]]], axis, angle / 2)
    return part


def _left_forward_up(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each (B, T, 3), of axes (B, T, 3, 3) whose rows are left, backward and up."""
    return rows[..., 0, :], -rows[..., 1, :], rows[..., 2, :]


def _leg(rng: np.random.Generator, sign: float, axes: np.ndarray) -> dict[str, np.ndarray]:
    """Bone -> directions (B, T, 3) of a leg on a pelvis of `axes` (B, T, 3, 3); sign: 1 left, -1 right."""
    hip, out, turn, knee, ankle = (wandering(rng, *axes.shape[:2], limits)
                                   for limits in (HIP, OUT, HIP_TURN, KNEE, ANKLE))
    left, forward, up = _left_forward_up(axes)
    axis = turned(left, up, out * sign)  # that hip and knee bend about: the leg's own left
    thigh = turned(-up, axis, -hip)
    lift = out * sign * np.cos(np.clip(hip, 0, np.pi / 2))  # sideways, the less the further the thigh is forward
    thigh, axis = turned(thigh, forward, lift), turned(axis, forward, lift)
    axis = turned(axis, thigh, turn)
    shank = turned(thigh, axis, knee)
    return {"knee": thigh, "ankle": shank, "toe": turned(shank, axis, ankle - np.pi / 2)}


def _arm(rng: np.random.Generator, sign: float, axes: np.ndarray) -> dict[str, np.ndarray]:
    """Bone -> directions (B, T, 3) of an arm on a chest of `axes` (B, T, 3, 3); sign: 1 left, -1 right."""
    raised, around, turn, elbow, wrist, roll = (wandering(rng, *axes.shape[:2], limits)
                                                for limits in (RAISED, AROUND, ARM_TURN, ELBOW, WRIST, ROLL))
    left, _, up = _left_forward_up(axes)
    aside = turned(left * sign, up, -around * sign)  # it rises to there: behind, aside, in front
    axis = unit(np.cross(aside, up))
    upper = turned(-up, axis, raised)
    hinge = turned(turned(-left, axis, raised), upper, turn)  # unturned, a hanging arm's elbow bends forward
    lower = turned(upper, hinge, elbow)
    return {"elbow": upper, "wrist": lower, "knuckle": turned(lower, turned(hinge, lower, roll), wrist)}
