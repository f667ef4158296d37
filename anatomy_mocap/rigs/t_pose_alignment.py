"""Alignment: the rotation of each body part from a rig's rest pose to the take's T-pose, by direction, then twist."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.skeleton import SIDES
from ..maths.rotations import about, apply, multiply, swing
from .limb_twist import foot_yaw, palm_twist, ramp, read_twists, rest_direction, straightened, upright_turn
from .rest_pose import RestPose
from .rig import from_matrix
from .tuning import TUNING

SOURCE_JOINTS = {"upper_arm": "elbow", "lower_arm": "wrist", "hand": "knuckle", "upper_leg": "knee",
                 "lower_leg": "ankle", "foot": "toe", "shoulder": "shoulder"}
"""Limb -> the joint at its end; in a take, bone j ends at joint j."""

AT_EASE = {"pelvis": -8.0, "spine": -8.0, "thorax": 6.0, "neck": 17.0, "head": -12.0}
"""Degrees by which a take's bones lean forward (about the body's left) in people who stand at ease.

The T-pose draws back, neck and head as one line; the joints of a real person zigzag. Measured: medians over the
standing frames of the CMU mocap on which the lifter is trained. A character's own carriage corresponds to these.
"""

_UP, _LEFT = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])


def alignments(rest: RestPose, keep_posture: bool = True, at_ease: bool = True,
               twists: Mapping[tuple[str, str], float] | None = None) -> dict[str, np.ndarray]:
    """Part -> (4,) quaternion, the rig's rest pose in the world -> the take's rest pose.

    Parts are those of the bone map, and "pelvis", "spine" and "thorax" for the three knots of the spine and "chest" for
    the torso set upright. Limbs take the T-pose's directions and the twist of `read_twists`, each on top of the one
    above.
    keep_posture: back, neck and head keep their rest pose, and a foot that is flat at rest corresponds to a flat foot;
        otherwise they take the T-pose's directions like the limbs.
    at_ease: with keep_posture, the rest pose corresponds to a performer who stands at ease (`AT_EASE`); False if it
        corresponds to another rig's rest pose.
    twists: (side, "arm" or "leg") -> radians that replace `LimbTwist.twist`, from a second rest pose.
    """
    body, torso = from_matrix(rest.body_from_world), upright_turn(rest)
    limbs = {limb: (each.turn, (twists or {}).get(limb, each.twist))
             for limb, each in read_twists(rest).items()}
    chest = multiply(torso, body)
    found = {"pelvis": body, "spine": chest, "thorax": chest, "head": body if rest.upright else chest}
    if "neck" in rest.bones:
        found["neck"] = chest if keep_posture else multiply(swing(rest.direction("neck"), _UP), body)
    if keep_posture and at_ease:
        found = {part: multiply(about(_LEFT, -np.radians(AT_EASE[part])), turn) for part, turn in found.items()}
    found["chest"] = chest
    for side in SIDES:
        if f"{side}_shoulder" in rest.bones:
            across = apply(torso, rest.direction(f"{side}_shoulder"))
            found[f"{side}_shoulder"] = multiply(swing(across, rest_direction(f"{side}_shoulder")), chest)
        _align_arm(rest, found, side, *limbs[side, "arm"], keep_posture and at_ease)
        _align_leg(rest, found, side, *limbs[side, "leg"], keep_posture)
    return {part: turn if part not in _IN_BODY_AXES else multiply(turn, body) for part, turn in found.items()}


_IN_BODY_AXES = {f"{side}_{limb}" for side in SIDES
                 for limb in ("upper_arm", "lower_arm", "hand", "upper_leg", "lower_leg", "foot")}


def _align_arm(rest: RestPose, found: dict, side: str, turn: np.ndarray, twist: float, own_palm: bool) -> None:
    """Add the rotations of an arm's parts, in the body's axes. turn, twist: of the upper arm, see `LimbTwist`."""
    upper, lower, hand = (f"{side}_{part}" for part in ("upper_arm", "lower_arm", "hand"))
    goal = rest_direction(f"{side}_elbow")
    found[upper] = turn = multiply(about(goal, twist), turn)
    found[lower] = turn = multiply(straightened(apply(turn, rest.direction(lower)), side, "arm"), turn)
    if hand not in rest.bones:
        return
    goal = rest_direction(f"{side}_knuckle")
    turn = multiply(swing(apply(turn, rest.direction(hand)), goal), turn)
    twist = palm_twist(rest, turn, side)
    plain = twist * ramp(abs(twist), np.radians(TUNING.own_palm))
    found[hand] = multiply(about(goal, plain if own_palm else twist), turn)
    # Pronation happens in the forearm: it takes half of a twist that exceeds the wrist's range.
    found[lower] = multiply(about(rest_direction(f"{side}_wrist"), plain / 2), found[lower])


def _align_leg(rest: RestPose, found: dict, side: str, turn: np.ndarray, twist: float, keep_posture: bool) -> None:
    """Add the rotations of a leg's parts, in the body's axes. turn, twist: of the thigh, see `LimbTwist`."""
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
