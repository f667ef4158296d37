"""The turn of each part that makes a rig's rest pose the take's rest pose: by direction, then by twist."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.skeleton import SIDES
from ..maths.rotations import about, apply, multiply, swing
from .limb_twist import foot_yaw, palm_twist, ramp, read_twists, rest_direction, straightened, upright_turn
from .rest_pose import RestPose
from .rig import from_matrix

SOURCE_JOINTS = {"upper_arm": "elbow", "lower_arm": "wrist", "hand": "knuckle", "upper_leg": "knee",
                 "lower_leg": "ankle", "foot": "toe", "shoulder": "shoulder"}
"""Limb -> the joint at its end: in a take, bone j ends at joint j."""

AT_EASE = {"pelvis": -8.0, "spine": -8.0, "thorax": 6.0, "neck": 17.0, "head": -12.0}
"""Degrees that a take's bones lean forward (about the body's left) in people who stand at ease.

The joints of a take make a person's back, neck and head a zigzag, the T-pose draws them as one line. Medians over the
standing frames of the CMU mocap that the lifter learns from. A character's own carriage answers to these.
"""

_PALM_RANGE = np.radians((20.0, 45.0))
"""A palm that is turned by less than the first is the character's own carriage, by more than the second a rest pose."""
_UP, _LEFT = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])


def alignments(rest: RestPose, keep_posture: bool = True, at_ease: bool = True,
               twists: Mapping[tuple[str, str], float] | None = None) -> dict[str, np.ndarray]:
    """Part -> (4,) quaternion: the rig's rest pose in the world -> the take's rest pose.

    Parts are those of the bone map, with "pelvis", "spine" and "thorax" for the three knots of the spine and "chest"
    for the torso stood upright.
    Limbs are turned to the T-pose's directions and about themselves as `rest_twist` says, each on top of the one above.
    keep_posture: back, neck and head stay as they are at rest, and a foot that is flat at rest answers to a flat foot;
    otherwise they take the T-pose's directions as limbs do.
    at_ease: with keep_posture, the rest pose answers to a performer of a take who stands at ease; False where it
    answers to another rig's rest pose.
    twists: (side, "arm" or "leg") -> radians for `LimbTwist.twist`, where more is known than this rest pose tells.
    """
    level, torso = from_matrix(rest.level), upright_turn(rest)
    limbs = {limb: (each.turn, (twists or {}).get(limb, each.twist))
             for limb, each in read_twists(rest).items()}
    chest = multiply(torso, level)
    found = {"pelvis": level, "spine": chest, "thorax": chest, "head": level if rest.upright else chest}
    if "neck" in rest.bones:
        found["neck"] = chest if keep_posture else multiply(swing(rest.direction("neck"), _UP), level)
    if keep_posture and at_ease:
        found = {part: multiply(about(_LEFT, -np.radians(AT_EASE[part])), turn) for part, turn in found.items()}
    found["chest"] = chest
    for side in SIDES:
        if f"{side}_shoulder" in rest.bones:
            across = apply(torso, rest.direction(f"{side}_shoulder"))
            found[f"{side}_shoulder"] = multiply(swing(across, rest_direction(f"{side}_shoulder")), chest)
        _align_arm(rest, found, side, *limbs[side, "arm"], keep_posture and at_ease)
        _align_leg(rest, found, side, *limbs[side, "leg"], keep_posture)
    return {part: turn if part not in _IN_BODY_AXES else multiply(turn, level) for part, turn in found.items()}


_IN_BODY_AXES = {f"{side}_{limb}" for side in SIDES
                 for limb in ("upper_arm", "lower_arm", "hand", "upper_leg", "lower_leg", "foot")}


def _align_arm(rest: RestPose, found: dict, side: str, turn: np.ndarray, twist: float, own_palm: bool) -> None:
    """Add the turns of an arm's parts, in the body's axes. turn, twist: the upper arm's, see `LimbTwist`."""
    upper, lower, hand = (f"{side}_{part}" for part in ("upper_arm", "lower_arm", "hand"))
    goal = rest_direction(f"{side}_elbow")
    found[upper] = turn = multiply(about(goal, twist), turn)
    found[lower] = turn = multiply(straightened(apply(turn, rest.direction(lower)), side, "arm"), turn)
    if hand not in rest.bones:
        return
    goal = rest_direction(f"{side}_knuckle")
    turn = multiply(swing(apply(turn, rest.direction(hand)), goal), turn)
    twist = palm_twist(rest, turn, side)
    plain = twist * ramp(abs(twist), _PALM_RANGE)
    found[hand] = multiply(about(goal, plain if own_palm else twist), turn)
    # The forearm turns the palm over: it takes half of a turn that the wrist alone could not bear.
    found[lower] = multiply(about(rest_direction(f"{side}_wrist"), plain / 2), found[lower])


def _align_leg(rest: RestPose, found: dict, side: str, turn: np.ndarray, twist: float, keep_posture: bool) -> None:
    """Add the turns of a leg's parts, in the body's axes. turn, twist: the thigh's, see `LimbTwist`."""
    upper, lower, foot = (f"{side}_{part}" for part in ("upper_leg", "lower_leg", "foot"))
    goal = rest_direction(f"{side}_knee")
    found[upper] = turn = multiply(about(goal, twist), turn)
    found[lower] = turn = multiply(straightened(apply(turn, rest.direction(lower)), side, "leg"), turn)
    if foot not in rest.bones:
        return
    if rest.stands and keep_posture:
        found[foot] = about(_UP, -foot_yaw(rest, side))
    else:
        found[foot] = multiply(swing(apply(turn, rest.direction(foot)), rest_direction(f"{side}_toe")), turn)
