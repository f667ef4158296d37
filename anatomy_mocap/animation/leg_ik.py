"""Feet: their soles' heights, and moving them with an exact two-bone leg."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES
from ..maths.rotations import apply, multiply, perpendicular, swing, unit

SOFT_SLACK = 0.003
"""Part of a leg's length over which it nears full stretch: the knee of an almost straight leg jumps otherwise."""
FOLDED = 0.1, 0.3
"""Parts of a leg's length from hip to ankle: from the second down an ankle moves less, at the first not at all."""
STRAIGHT = 0.2
"""A leg is almost straight while its knee is off the line from hip to ankle by less than this part of the thigh."""
SOFT_FROM = 0.002
"""Metres of an ankle's move from which that softness counts; a leg that is not moved stays as it is."""






def move_feet(motion: Motion, offsets) -> Motion:
    """The motion with each ankle moved by `offsets` (T, 2, 3) metres [left, right].

    The legs bend for it, the feet keep their rotation, lengths stay exact. An ankle that the leg can't reach stops on
    the way there.
    """
    offsets = np.asarray(offsets, dtype=float)
    positions, directions = motion.joint_positions(), motion.directions
    rotations = motion.rotations.copy()
    for column, side in enumerate(SIDES):
        hip, knee, ankle = (MOCAP22.index(f"{side}_{part}") for part in ("hip", "knee", "ankle"))
        lengths = motion.bone_lengths[[knee, ankle]]
        reach = positions[:, ankle] - positions[:, hip]
        bones = directions[:, [knee, ankle]]
        both = [knee, ankle]
        wanted = reach + offsets[:, column] * _freedom(np.linalg.norm(reach, axis=-1) / lengths.sum())[:, None]
        rotations[:, both] = _bend(bones, rotations[:, both], lengths, reach, wanted)
    return replace(motion, rotations=rotations)


def _freedom(stretch) -> np.ndarray:
    """(T,) 0..1 how far the ankle of a leg stretched to this part of its length may move.

    With the ankle at the hip, a fold that no leg makes, the least move would turn the leg anyhow.
    """
    return np.clip((stretch - FOLDED[0]) / (FOLDED[1] - FOLDED[0]), 0.0, 1.0)


def _bend(bones, rotations, lengths, before, after) -> np.ndarray:
    """(T, 2, 4) rotations of thigh and shank when the hip-to-ankle vector goes from `before` to `after` (T, 3).

    The knee keeps its place beside the line from hip to ankle as far as it can. Where the leg is almost straight and
    has to bend, the knee goes forwards (square to the thigh's hinge axis), as its bending plane is mostly noise; a
    little backward bend is mirrored to the front there.
    """
    thigh, shank = lengths
    turn = swing(before, after)
    line = unit(after)
    distance = _reached(thigh + shank, abs(thigh - shank), before, after)
    along = (thigh**2 + distance**2 - shank**2) / (2 * distance)
    out = np.sqrt(np.maximum(thigh**2 - along**2, 0.0))
    axis = perpendicular(apply(multiply(turn, rotations[:, 0]), (1.0, 0.0, 0.0)), line)
    front = np.cross(line, axis)
    knee = thigh * apply(turn, bones[:, 0])
    aside = knee - line * (knee * line).sum(-1, keepdims=True)
    bend = np.linalg.norm(aside, axis=-1, keepdims=True) / thigh
    backward = np.minimum((aside * front).sum(-1, keepdims=True), 0.0)
    aside = aside - 2.0 * np.clip(2.0 - bend / STRAIGHT, 0.0, 1.0) * backward * front
    ahead = np.clip(2.0 - 2.0 * bend / STRAIGHT, 1e-9, 1.0) * 0.5 * STRAIGHT * thigh * front
    knee = line * along[:, None] + _stretched(aside, unit(aside + ahead), out)
    result = np.empty_like(rotations)
    for index, wanted in enumerate((knee, line * distance[:, None] - knee)):
        carried = apply(turn, bones[:, index])
        result[:, index] = multiply(swing(carried, wanted), turn, rotations[:, index])
    return result


def _stretched(aside, front, out) -> np.ndarray:
    """(T, 3) `aside` brought to the length `out` (T,): shortened as it is, or lengthened along `front`."""
    ahead, size = (aside * front).sum(-1), np.linalg.norm(aside, axis=-1)
    more = -ahead + np.sqrt(np.maximum(ahead**2 + out**2 - size**2, 0.0))
    longer = aside + front * np.maximum(more, 0.0)[:, None]
    shorter = aside * (out / np.maximum(size, 1e-12))[:, None]
    return np.where((out >= size)[:, None], longer, shorter)


def _reached(longest: float, difference: float, before, after) -> np.ndarray:
    """(T,) metres from hip to ankle that the leg takes for the wanted vectors `after`, eased in towards full stretch.

    The slack (what is missing to full stretch) goes through a softplus, which is smooth where the leg comes too short.
    """
    wanted = np.linalg.norm(after, axis=-1)
    slack = (longest - wanted) / (SOFT_SLACK * longest)
    soft = np.logaddexp(0.0, slack)
    moved = np.linalg.norm(after - before, axis=-1) ** 2
    slack = slack + (soft - slack) * moved / (moved + SOFT_FROM**2)
    return np.clip(longest - np.maximum(slack, 0.0) * SOFT_SLACK * longest, difference + 1e-3 * longest, longest)


def missing_reach(motion: Motion, offsets, stretch: float) -> np.ndarray:
    """(T, 2) metres that the pelvis would have to sink for each leg, at `stretch` of its length, to reach its foot.

    offsets: (T, 2, 3) metres by which the ankles are to move. 0 where they are in reach.
    """
    positions = motion.joint_positions()
    missing = np.zeros((len(positions), 2))
    for column, side in enumerate(SIDES):
        hip, knee, ankle = (MOCAP22.index(f"{side}_{part}") for part in ("hip", "knee", "ankle"))
        leg = positions[:, ankle] + offsets[:, column] - positions[:, hip]
        length = stretch * (motion.bone_lengths[knee] + motion.bone_lengths[ankle])
        height = np.sqrt(np.maximum(length**2 - (leg[:, :2] ** 2).sum(-1), 0.0))
        missing[:, column] = np.maximum(-leg[:, 2] - height, 0.0)
    return missing
