"""Feet: their soles' heights, and moving them with an exact two-bone leg."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .motion import Motion
from .rotations import about, apply, multiply, perpendicular, swing, unit
from .skeleton import Skeleton

SIDES = ("left", "right")
SOLES = {"ankle": 0.38, "toe": 0.05}
"""Height of a foot's joints above the sole when it stands flat, as parts of the foot bone's length (CMU mocap)."""
STRETCH = 0.9995
"""A leg is not straightened further than to this part of its length, where the knee would jump."""


def foot_points(positions, skeleton: Skeleton) -> np.ndarray:
    """(T, 2, 2, 3) metres: [left, right] x [heel, toe] on the sole, for (T, J, 3) positions with Z up.

    The heel's point lies straight under the ankle.
    """
    points = np.zeros((len(positions), 2, 2, 3))
    for column, side in enumerate(SIDES):
        ankle, toe = (positions[:, skeleton.index(f"{side}_{part}")] for part in ("ankle", "toe"))
        length = np.linalg.norm(toe - ankle, axis=1)
        points[:, column, 0], points[:, column, 1] = ankle, toe
        points[:, column, 0, 2] -= SOLES["ankle"] * length
        points[:, column, 1, 2] -= SOLES["toe"] * length
    return points


def sole_heights(positions, skeleton: Skeleton) -> np.ndarray:
    """(T, 2, 2) metres: height of the sole under [left, right] x [heel, toe], for (T, J, 3) positions with Z up."""
    return foot_points(positions, skeleton)[..., 2]


def move_feet(motion: Motion, offsets) -> Motion:
    """The motion with each ankle moved by `offsets` (T, 2, 3) metres [left, right].

    The legs bend for it, the feet keep their rotation, lengths stay exact. An ankle that the leg can't reach stops on the way there.
    """
    offsets = np.asarray(offsets, dtype=float)
    positions, directions = motion.joint_positions(), motion.directions
    rotations = motion.rotations.copy()
    for column, side in enumerate(SIDES):
        hip, knee, ankle = (motion.skeleton.index(f"{side}_{part}") for part in ("hip", "knee", "ankle"))
        lengths = motion.bone_lengths[[knee, ankle]]
        reach = positions[:, ankle] - positions[:, hip]
        bones = directions[:, [knee, ankle]]
        turned = _bend(bones, rotations[:, [knee, ankle]], lengths, reach, reach + offsets[:, column])
        moved = np.abs(offsets[:, column]).max(axis=-1) > 0
        rotations[moved, knee], rotations[moved, ankle] = turned[moved, 0], turned[moved, 1]
    return replace(motion, rotations=rotations)


def _bend(bones, rotations, lengths, before, after) -> np.ndarray:
    """(T, 2, 4) rotations of thigh and shank when the hip-to-ankle vector goes from `before` to `after` (T, 3).

    The plane of the knee turns along by the shortest way.
    """
    turn = swing(before, after)
    hinge = np.cross(bones[:, 0], bones[:, 1]) + 1e-3 * apply(rotations[:, 0], (1.0, 0.0, 0.0))
    axis = apply(turn, perpendicular(hinge, before, apply(rotations[:, 0], (1.0, 0.0, 0.0))))
    thigh, shank = lengths
    shortest = abs(thigh - shank) + 1e-3 * (thigh + shank)
    longest = np.maximum(STRETCH * (thigh + shank), np.minimum(np.linalg.norm(before, axis=-1), thigh + shank))
    distance = np.clip(np.linalg.norm(after, axis=-1), shortest, longest)
    line = unit(after)
    at_hip = np.arccos(np.clip((thigh**2 + distance**2 - shank**2) / (2 * thigh * distance), -1.0, 1.0))
    at_ankle = np.arccos(np.clip((shank**2 + distance**2 - thigh**2) / (2 * shank * distance), -1.0, 1.0))
    result = np.empty_like(rotations)
    for index, angle in enumerate((-at_hip, at_ankle)):
        wanted = apply(about(axis, angle), line)
        carried = apply(turn, bones[:, index])
        result[:, index] = multiply(swing(carried, wanted), turn, rotations[:, index])
    return result
