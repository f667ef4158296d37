"""The turn of each part that makes a rig's rest pose the take's rest pose: by direction, then by twist."""

from __future__ import annotations

import numpy as np

from .performer import SIDES
from .rest_pose import RestPose
from .rig import from_matrix
from .rotations import about, apply, inverse, multiply, swing, unit
from .skeleton import MOCAP22, rest_directions

SOURCE_JOINTS = {"upper_arm": "elbow", "lower_arm": "wrist", "hand": "knuckle", "upper_leg": "knee",
                 "lower_leg": "ankle", "foot": "toe", "shoulder": "shoulder"}
"""Limb -> the joint at its end: in a take, bone j ends at joint j."""

AT_EASE = {"pelvis": -8.0, "spine": -8.0, "thorax": 6.0, "neck": 17.0, "head": -12.0}
"""Degrees that a take's bones lean forward (about the body's left) in people who stand at ease.

The joints of a take make a person's back, neck and head a zigzag, the T-pose draws them as one line. Medians over the
standing frames of the CMU mocap that the lifter learns from. A character's own carriage answers to these.
"""

_HINGES = {("left", "arm"): (0, 0, -1), ("right", "arm"): (0, 0, 1),
           ("left", "leg"): (1, 0, 0), ("right", "leg"): (1, 0, 0)}
"""upper x lower limb in the T-pose, when elbow or knee bends the way it can."""

_PALM = {"left": (0.0, -1.0, 0.0), "right": (0.0, -1.0, 0.0)}
"""Where the thumb's side of the hand faces in the T-pose, whose palms are down."""

_BEND_RANGE = np.radians((4.0, 10.0))
"""A rest bend of the elbow or knee below the first tells nothing of the hinge, above the second it is the hinge."""
_WRONG_WAY = np.radians(100.0)
_FRONTAL_RANGE = (0.3, 0.7)
"""How much of a limb must lie in the frontal plane for it to be lowered in that plane before it is swung forwards."""
_PALM_RANGE = np.radians((20.0, 45.0))
"""A palm that is turned by less than the first is the character's own carriage, by more than the second a rest pose."""
_TOES_OUT = np.radians(15.0)
"""Feet may point so far outwards with knees straight ahead; beyond it the leg is turned with them."""
_UP, _LEFT = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])
_FRONT = np.array([0.0, -1.0, 0.0])
_STILL = np.array([1.0, 0.0, 0.0, 0.0])


def rest_direction(joint: str) -> np.ndarray:
    """(3,) unit: the way the take's bone that ends at `joint` points in its T-pose."""
    return rest_directions()[MOCAP22.index(joint)]


def alignments(rest: RestPose, keep_posture: bool = True, at_ease: bool = True) -> dict[str, np.ndarray]:
    """Part -> (4,) quaternion: the rig's rest pose in the world -> the take's rest pose.

    Parts are those of the bone map, with "pelvis", "spine" and "thorax" for the three knots of the spine and "chest"
    for the torso stood upright.
    A limb is turned as `_to_goal` says to the T-pose's direction, on top of its parent limb's turn, and about itself so
    that a rest bend lies in the plane in which elbow and knee bend.
    keep_posture: back, neck and head stay as they are at rest, and a foot that is flat at rest answers to a flat foot;
    otherwise they take the T-pose's directions as limbs do.
    at_ease: with keep_posture, the rest pose answers to a performer of a take who stands at ease; False where it
    answers to another rig's rest pose.
    """
    level = from_matrix(rest.level)
    torso = swing(unit(rest.level @ (rest.neck_base - rest.hip_centre)), _UP)
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
        # Standing, arms are level as they are; in a bent rest pose they hang on a torso that is first set upright.
        _align_arm(rest, found, side, _STILL if rest.upright else torso, keep_posture and at_ease)
        _align_leg(rest, found, side, keep_posture)
    return {part: turn if part not in _IN_BODY_AXES else multiply(turn, level) for part, turn in found.items()}


_IN_BODY_AXES = {f"{side}_{limb}" for side in SIDES
                 for limb in ("upper_arm", "lower_arm", "hand", "upper_leg", "lower_leg", "foot")}


def _align_arm(rest: RestPose, found: dict, side: str, start: np.ndarray, own_palm: bool) -> None:
    """Add the turns of an arm's parts, in the body's axes; `start` is that of the body part on which it hangs."""
    upper, lower, hand = (f"{side}_{part}" for part in ("upper_arm", "lower_arm", "hand"))
    goal = rest_direction(f"{side}_elbow")
    turn = multiply(_to_goal(apply(start, rest.direction(upper)), goal), start)
    twist, share = _hinge_twist(rest, turn, side, "arm", goal)
    found[upper] = turn = multiply(about(goal, twist * share), turn)
    found[lower] = turn = multiply(swing(apply(turn, rest.direction(lower)), goal), turn)
    if hand not in rest.bones:
        return
    goal = rest_direction(f"{side}_knuckle")
    turn = multiply(swing(apply(turn, rest.direction(hand)), goal), turn)
    twist = _palm_twist(rest, turn, side, goal)
    plain = twist * _ramp(abs(twist), _PALM_RANGE)
    found[hand] = multiply(about(goal, plain if own_palm else twist), turn)
    # The forearm turns the palm over: it takes half of a turn that the wrist alone could not bear.
    found[lower] = multiply(about(rest_direction(f"{side}_wrist"), plain / 2), found[lower])


def _align_leg(rest: RestPose, found: dict, side: str, keep_posture: bool) -> None:
    """Add the turns of a leg's parts, in the body's axes."""
    upper, lower, foot = (f"{side}_{part}" for part in ("upper_leg", "lower_leg", "foot"))
    goal = rest_direction(f"{side}_knee")
    turn = _to_goal(rest.direction(upper), goal)
    twist, share = _hinge_twist(rest, turn, side, "leg", goal)
    yaw = _yaw(rest.direction(foot)) if foot in rest.bones and rest.stands else 0.0
    # Standing straight, feet that point far out tell that the whole leg is turned.
    outwards = yaw - np.clip(yaw, -_TOES_OUT, _TOES_OUT) if rest.shows_toes(side) else 0.0
    found[upper] = turn = multiply(about(goal, twist * share + outwards * (1.0 - share)), turn)
    found[lower] = turn = multiply(swing(apply(turn, rest.direction(lower)), goal), turn)
    if foot not in rest.bones:
        return
    if rest.stands and keep_posture:
        found[foot] = about(_UP, -yaw)
    else:
        found[foot] = multiply(swing(apply(turn, rest.direction(foot)), rest_direction(f"{side}_toe")), turn)


def _to_goal(direction: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """(4,) the turn of a limb from its rest direction to the T-pose's, both in the body's axes.

    It undoes first what the limb is swung forwards or back, then what it is lowered or spread in the frontal plane, as
    A-poses are made: hanging arms keep elbows that bend forwards. Limbs that point ahead or back have no place in the
    frontal plane: the shortest turn is taken for them, and something between on the way there.
    """
    aside = np.array([direction[0], 0.0, direction[2]])
    share = _ramp(float(np.linalg.norm(aside)), _FRONTAL_RANGE)
    lowered = float(np.dot(np.cross(goal, unit(aside)), (0.0, 1.0, 0.0)))
    angle = share * np.arctan2(lowered, float(goal @ unit(aside)))
    between = about((0.0, 1.0, 0.0), angle)
    return multiply(inverse(between), swing(direction, apply(between, goal)))


def _hinge_twist(rest: RestPose, turn: np.ndarray, side: str, limb: str, axis: np.ndarray) -> tuple[float, float]:
    """Radians about the upper limb that bring the plane of its rest bend into the plane it bends in, and how sure."""
    upper, lower = rest.direction(f"{side}_upper_{limb}"), rest.direction(f"{side}_lower_{limb}")
    normal = np.cross(upper, lower)
    bend = float(np.arctan2(np.linalg.norm(normal), np.dot(upper, lower)))
    angle = _angle_about(axis, apply(turn, unit(normal)), np.array(_HINGES[side, limb], dtype=float))
    return (0.0, 0.0) if abs(angle) > _WRONG_WAY else (angle, _ramp(bend, _BEND_RANGE))


def _palm_twist(rest: RestPose, turn: np.ndarray, side: str, axis: np.ndarray) -> float:
    """Radians about the hand that turn its palm down; 0 where the hand does not show its palm."""
    if side not in rest.palms or rest.palms[side].thumb_side is None:
        return 0.0
    shown = apply(turn, rest.level @ rest.palms[side].thumb_side)
    return _angle_about(axis, shown, np.array(_PALM[side]))


def _angle_about(axis: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """Radians about the unit vector `axis` from `start` to `end`, as seen along it."""
    start = start - axis * np.dot(axis, start)
    return float(np.arctan2(np.dot(axis, np.cross(start, end)), np.dot(start, end)))


def _ramp(value: float, limits) -> float:
    """0 below the first limit, 1 above the second, smooth between."""
    share = np.clip((value - limits[0]) / (limits[1] - limits[0]), 0.0, 1.0)
    return float(share * share * (3 - 2 * share))


def _yaw(foot: np.ndarray) -> float:
    """Radians by which a resting foot points to its left of straight ahead; 0 where it points nowhere near."""
    yaw = float(np.arctan2(foot[0], -foot[1]))
    return 0.0 if np.hypot(foot[0], foot[1]) < 0.3 or abs(yaw) > _TURNED_MOST else yaw


_TURNED_MOST = np.radians(80)
