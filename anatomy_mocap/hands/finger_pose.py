"""From bends of finger joints to the local rotations of a rig's finger bones.

A finger's rest pose is measured in the palm's axes: the splay of its first bone in the palm's plane, and the bend of
each joint out of it. The turns are what the wanted pose has beyond that, so a finger that is bent at rest already is
bent by less.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..maths.rotations import about, apply, inverse, multiply, swing, unit
from ..rigs.rig import TargetRig, from_matrix
from .finger_angles import FINGERS, FingerPoses
from .finger_rest import RestHand, read_hands
from .tuning import TUNING

_OUT = np.array([0.0, 0.0, 1.0])
_STILL = np.array([1.0, 0.0, 0.0, 0.0])


def relaxed_fingers(rig: TargetRig, bones: Mapping[str, tuple[str, ...]], fingers: Mapping[str, tuple[str, ...]]
                    ) -> dict[str, np.ndarray]:
    """Bone name -> (1, 4) local rotation from the rest pose, of all fingers of a rig, relaxed.

    bones, fingers: body part and finger -> bone names, as of a BoneMap. Fingers whose palm is not known are left out.
    """
    found = {}
    for hand in read_hands(rig, bones, fingers).values():
        for finger, chain in hand.fingers.items():
            ways = hand.directions[finger]
            turns = _relaxed_thumb(ways) if finger == "thumb" else _relaxed_finger(finger, ways)
            found |= {name: turn[None] for name, turn in _local(rig, hand, chain, turns).items()}
    return found


def captured_fingers(rig: TargetRig, bones: Mapping[str, tuple[str, ...]], fingers: Mapping[str, tuple[str, ...]],
                     poses: FingerPoses) -> dict[str, np.ndarray]:
    """Bone name -> (T, 4) local rotations from the rest pose, of all fingers of a rig, in the poses of a take.

    bones, fingers: see `relaxed_fingers`.
    """
    found = {}
    for side, hand in read_hands(rig, bones, fingers).items():
        number = ("left", "right").index(side)
        for finger, chain in hand.fingers.items():
            ways = hand.directions[finger]
            turns = _thumb(ways, poses.thumbs[:, number], np.full(3, np.pi)) if finger == "thumb" \
                else _bent(ways, poses.angles[:, number, FINGERS.index(finger)])
            found |= _local(rig, hand, chain, turns)
    return found


def _bent(directions: np.ndarray, angles: np.ndarray) -> list[np.ndarray]:
    """(T, 4) rotations of each of a finger's bones from rest to (T, 4) angles, in the palm's axes."""
    splay, bends = rest_bends(directions)
    goal = angles[:, 0]
    axis = np.cross(np.stack([np.cos(goal), np.sin(goal), np.zeros_like(goal)], axis=-1), _OUT)
    aside = about(_OUT, goal - splay)
    return [multiply(about(axis, angle), aside)
            for angle in np.cumsum(_for_bones(angles[:, 1:], len(bends)) - bends, axis=-1).T]


def _for_bones(bends: np.ndarray, count: int) -> np.ndarray:
    """(..., count) bends of a finger with fewer bones, from those of its three joints (..., 3)."""
    first, second, third = np.moveaxis(np.asarray(bends), -1, 0)
    few = {1: (first + second / 2,), 2: (first, second + third / 2)}
    return np.stack(few.get(count, (first, second, third)), axis=-1)


def rest_bends(directions: np.ndarray) -> tuple[float, np.ndarray]:
    """(splay, (N,) bends) in radians of a finger with (N, 3) directions of its bones in the palm's axes.

    The splay is that of the first bone towards the thumb. A bend is positive towards the palm.
    """
    first = directions[0]
    splay = float(np.arctan2(first[1], first[0]))
    axis = np.cross((np.cos(splay), np.sin(splay), 0.0), _OUT)
    before = np.array([(np.cos(splay), np.sin(splay), 0.0), *directions[:-1]])
    bends = np.arctan2((np.cross(before, directions) * axis).sum(-1), (before * directions).sum(-1))
    return splay, bends


def _relaxed_finger(finger: str, directions: np.ndarray) -> list[np.ndarray]:
    """Rotations of a finger's bones from rest to the relaxed pose, the hand at rest, in the palm's axes."""
    splay, bends = rest_bends(directions)
    wanted = _for_bones(np.radians(TUNING.bends[finger]), len(bends))
    low, high = TUNING.natural
    natural = low * np.sum(wanted) <= bends.sum() <= high * np.sum(wanted)
    more = np.zeros(len(bends)) if natural else np.asarray(wanted) - bends
    goal = np.radians(TUNING.splays[finger])
    aside = about(_OUT, goal - splay)
    axis = np.cross((np.cos(goal), np.sin(goal), 0.0), _OUT)
    return [multiply(about(axis, angle), aside) for angle in np.cumsum(more)]


def _relaxed_thumb(directions: np.ndarray) -> list[np.ndarray]:
    """As `_relaxed_finger`, of a thumb: its bones point as those of a relaxed one, within limits."""
    return _thumb(directions, unit(np.array(TUNING.thumb)), np.radians(TUNING.thumb_turns))


def _thumb(directions: np.ndarray, goals: np.ndarray, limits: np.ndarray) -> list[np.ndarray]:
    """Rotations of a thumb's bones to the (..., 3, 3) directions `goals`, each by at most so many radians."""
    first = 3 - len(directions)
    turns, turn = [], _STILL
    for way, goal, most in zip(directions, np.moveaxis(goals, -2, 0)[first:], limits[first:], strict=True):
        turn = multiply(_limited(swing(apply(turn, way), goal), most), turn)
        turns.append(turn)
    return turns


def _limited(turn: np.ndarray, most: float) -> np.ndarray:
    """The rotations (..., 4) by at most so many radians about their axes."""
    turn = np.where(turn[..., :1] >= 0, turn, -turn)
    angle = 2.0 * np.arccos(np.clip(turn[..., 0], -1.0, 1.0))
    return about(unit(turn[..., 1:]), np.minimum(angle, most))


def _local(rig: TargetRig, hand: RestHand, chain: tuple[int, ...], turns: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Bone name -> (..., 4) local rotation. turns: from rest in the palm's axes, the hand at rest."""
    found, above = {}, _STILL
    for bone, turn in zip(chain, turns, strict=True):
        rest = from_matrix(rig.rest[bone, :3, :3])
        turn = _in_armature(turn, hand.axes)
        if rig.inherit_rotation[bone]:
            found[rig.bone_names[bone]] = multiply(inverse(rest), inverse(above), turn, rest)
        above = turn
    return found


def _in_armature(turn: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """A rotation in the palm's axes as one in armature space; the axes of one hand are left-handed."""
    sign = np.sign(np.linalg.det(axes))
    return np.concatenate([turn[..., :1], sign * (turn[..., 1:] @ axes)], axis=-1)
