"""Two-bone inverse kinematics: move ankles or wrists, keep the rotations of feet and hands and all bone lengths.

Arms whose parts are still below the floor are turned up to it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES
from ..core.soles import BODY_JOINTS
from ..maths.rotations import apply, continuous, multiply, perpendicular, swing, unit
from .tuning import TUNING

LEG_JOINTS = tuple(tuple(MOCAP22.index(f"{side}_{part}") for part in ("hip", "knee", "ankle")) for side in SIDES)
ARM_JOINTS = tuple(tuple(MOCAP22.index(f"{side}_{part}") for part in ("shoulder", "elbow", "wrist")) for side in SIDES)
"""Joints of the left and right limb: root, middle, end."""
ARM = ("elbow", "wrist", "knuckle")
"""The ends of an arm's bones."""
_HINGES = {LEG_JOINTS: ((1.0, 0.0, 0.0), (1.0, 0.0, 0.0)), ARM_JOINTS: ((0.0, 0.0, -1.0), (0.0, 0.0, 1.0))}
"""Axes about which the lower bones bend, rest pose, left and right."""


def move_ends(motion: Motion, offsets: np.ndarray, limbs: tuple, positions: np.ndarray) -> Motion:
    """The motion with the ends of both limbs moved by `offsets`, (T, 2, 3) metres, [left, right].

    limbs: LEG_JOINTS or ARM_JOINTS. positions: (T, 22, 3) metres, the motion's joints. Limbs bend, feet and hands keep
    their rotations, bone lengths stay exact. An end beyond reach stops at full stretch on the line to its target.
    """
    offsets = np.asarray(offsets, dtype=float)
    if not offsets.any():
        return motion
    directions, rotations = motion.directions, motion.rotations.copy()
    for column, (root, middle, end) in enumerate(limbs):
        if not offsets[:, column].any():
            continue
        both = [middle, end]
        lengths = motion.bone_lengths[both]
        reach = positions[:, end] - positions[:, root]
        wanted = reach + offsets[:, column] * _freedom(np.linalg.norm(reach, axis=-1) / lengths.sum())[:, None]
        rotations[:, both] = _bend(directions[:, both], rotations[:, both], lengths, reach, wanted,
                                   _HINGES[limbs][column])
    return replace(motion, rotations=rotations)


def arms_up(motion: Motion, positions: np.ndarray, thick: np.ndarray, strength: float) -> Motion:
    """The motion with the arms' bones turned up where their ends are below the floor.

    positions: (T, 22, 3) metres, the motion's joints. thick: metres between each of BODY_JOINTS and the skin below it.
    strength: 0..1, the share of the turn.
    """
    rotations, directions = motion.rotations, None
    for side in SIDES:
        start = positions[:, MOCAP22.index(f"{side}_shoulder")].copy()
        chain = [MOCAP22.index(f"{side}_{part}") for part in ARM]
        thin = thick[[BODY_JOINTS.index(joint) for joint in chain]]
        if (positions[:, chain, 2] >= thin).all():
            continue
        if directions is None:
            rotations, directions = rotations.copy(), motion.directions
        for joint, thickness in zip(chain, thin, strict=True):
            length, before = motion.bone_lengths[joint], directions[:, joint]
            least = np.clip((thickness - start[:, 2]) / length, -1.0, 0.98)
            height = before[:, 2] + strength * np.maximum(least - before[:, 2], 0.0)
            across = unit(before[:, :2]) * np.sqrt(np.maximum(1.0 - height**2, 0.0))[:, None]
            after = np.where((height > before[:, 2])[:, None], np.column_stack([across, height]), before)
            rotations[:, joint] = multiply(swing(before, after), rotations[:, joint])
            start = start + length * after
    return motion if directions is None else replace(motion, rotations=continuous(rotations))


def _freedom(stretch) -> np.ndarray:
    """(T,) 0..1, the share of its offset that an ankle takes. stretch: hip-to-ankle distance over leg length.

    With the ankle near the hip, a fold that no leg reaches, the smallest offset would rotate the leg arbitrarily.
    """
    none, full = TUNING.folded
    return np.clip((stretch - none) / (full - none), 0.0, 1.0)


def _bend(bones, rotations, lengths, before, after, hinge) -> np.ndarray:
    """(T, 2, 4) rotations of thigh and shank when the hip-to-ankle vector goes from `before` to `after` (T, 3).

    With thigh length a, shank length b and hip-to-ankle distance d, the knee lies (a^2 + d^2 - b^2) / 2d along the line
    from hip to ankle. It keeps its direction off that line as far as possible. An almost straight leg, whose bending
    plane is mostly noise, bends forwards (square to the thigh's hinge axis), and a small backward bend is mirrored.
    """
    thigh, shank = lengths
    turn = swing(before, after)
    line = unit(after)
    distance = _reach(thigh + shank, abs(thigh - shank), before, after)
    along = (thigh**2 + distance**2 - shank**2) / (2 * distance)
    out = np.sqrt(np.maximum(thigh**2 - along**2, 0.0))
    axis = perpendicular(apply(multiply(turn, rotations[:, 0]), hinge), line)
    front = np.cross(line, axis)
    knee = thigh * apply(turn, bones[:, 0])
    aside = knee - line * (knee * line).sum(-1, keepdims=True)
    bend = np.linalg.norm(aside, axis=-1, keepdims=True) / thigh
    backward = np.minimum((aside * front).sum(-1, keepdims=True), 0.0)
    aside = aside - 2.0 * np.clip(2.0 - bend / TUNING.straight, 0.0, 1.0) * backward * front
    ahead = np.clip(2.0 - 2.0 * bend / TUNING.straight, 1e-9, 1.0) * 0.5 * TUNING.straight * thigh * front
    knee = line * along[:, None] + _stretched(aside, unit(aside + ahead), out)
    result = np.empty_like(rotations)
    for index, wanted in enumerate((knee, line * distance[:, None] - knee)):
        carried = apply(turn, bones[:, index])
        result[:, index] = multiply(swing(carried, wanted), turn, rotations[:, index])
    return result


def _stretched(aside, front, out) -> np.ndarray:
    """(T, 3) `aside` with the length `out` (T,): shortened along itself, or lengthened along `front`."""
    ahead, size = (aside * front).sum(-1), np.linalg.norm(aside, axis=-1)
    more = -ahead + np.sqrt(np.maximum(ahead**2 + out**2 - size**2, 0.0))
    longer = aside + front * np.maximum(more, 0.0)[:, None]
    shorter = aside * (out / np.maximum(size, 1e-12))[:, None]
    return np.where((out >= size)[:, None], longer, shorter)


def _reach(longest: float, difference: float, before, after) -> np.ndarray:
    """(T,) metres from hip to ankle for the wanted vectors `after`, eased towards full stretch.

    The slack (full stretch minus distance) goes through a softplus, which is smooth where the leg is too short. The
    softplus acts in proportion to the ankle's move, so an unmoved leg is unchanged.
    """
    wanted = np.linalg.norm(after, axis=-1)
    before_slack = (longest - np.linalg.norm(before, axis=-1)) / longest
    ease = longest * np.clip(before_slack, TUNING.soft_least, TUNING.soft_slack)
    slack = (longest - wanted) / ease
    soft = np.logaddexp(0.0, slack)
    moved = np.linalg.norm(after - before, axis=-1) ** 2
    slack = slack + (soft - slack) * moved / (moved + TUNING.soft_from**2)
    return np.clip(longest - np.maximum(slack, 0.0) * ease, difference + 1e-3 * longest, longest)
