"""The turn of each part that makes a rig's rest pose the take's rest pose: by direction, then by twist."""

from __future__ import annotations

import numpy as np

from .performer import SIDES
from .rest_pose import RestPose
from .rig import from_matrix
from .rotations import about, apply, multiply, swing, unit
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

_BEND_RANGE = np.radians((5.0, 15.0))
"""A rest bend of the elbow or knee below the first tells nothing of the hinge, above the second it is the hinge."""
_WRONG_WAY = np.radians(100.0)
_UP, _LEFT = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])
_STILL = np.array([1.0, 0.0, 0.0, 0.0])


def rest_direction(joint: str) -> np.ndarray:
    """(3,) unit: the way the take's bone that ends at `joint` points in its T-pose."""
    return rest_directions()[MOCAP22.index(joint)]


def alignments(rest: RestPose, keep_posture: bool = True) -> dict[str, np.ndarray]:
    """Part -> (4,) quaternion: the rig's rest pose in the world -> the take's rest pose.

    Parts are those of the bone map, with "pelvis", "spine" and "thorax" for the three knots of the spine.
    A limb is turned by the least rotation that gives it the T-pose's direction, on top of its parent limb's turn, and
    about itself so that a rest bend lies in the plane in which elbow and knee bend.
    keep_posture: back, neck and head answer to people standing at ease, and a foot that is flat at rest to a flat
    foot; otherwise they take the T-pose's directions as limbs do.
    """
    level = from_matrix(rest.level)
    torso = swing(unit(rest.level @ (rest.neck_base - rest.hip_centre)), _UP)
    chest = multiply(torso, level)
    found = {"pelvis": level, "spine": chest, "thorax": chest, "head": level if rest.upright else chest}
    if "neck" in rest.bones:
        found["neck"] = chest if keep_posture else multiply(swing(rest.direction("neck"), _UP), level)
    if keep_posture:
        found = {part: multiply(about(_LEFT, -np.radians(AT_EASE[part])), turn) for part, turn in found.items()}
    for side in SIDES:
        if f"{side}_shoulder" in rest.bones:
            across = apply(torso, rest.direction(f"{side}_shoulder"))
            found[f"{side}_shoulder"] = multiply(swing(across, rest_direction(f"{side}_shoulder")), chest)
        # Standing, arms are level as they are; in a bent rest pose they hang on a torso that is first set upright.
        _align_limb(rest, found, side, "arm", _STILL if rest.upright else torso, keep_posture)
        _align_limb(rest, found, side, "leg", _STILL, keep_posture)
    return found


def _align_limb(rest: RestPose, found: dict, side: str, limb: str, start: np.ndarray, keep_posture: bool) -> None:
    """Add the turns of an arm or a leg; `start` is that of the body part on which it hangs, in the body's axes."""
    level = from_matrix(rest.level)
    upper, lower = f"{side}_upper_{limb}", f"{side}_lower_{limb}"
    goal = rest_direction(f"{side}_{SOURCE_JOINTS[f'upper_{limb}']}")
    turn = multiply(swing(apply(start, rest.direction(upper)), goal), start)
    turn = multiply(about(goal, _hinge_twist(rest, turn, side, limb, goal)), turn)
    found[upper] = multiply(turn, level)
    goal = rest_direction(f"{side}_{SOURCE_JOINTS[f'lower_{limb}']}")
    turn = multiply(swing(apply(turn, rest.direction(lower)), goal), turn)
    found[lower] = multiply(turn, level)
    end = f"{side}_{'hand' if limb == 'arm' else 'foot'}"
    if end not in rest.bones:
        return
    if limb == "leg" and rest.upright and keep_posture:
        turn = _face_ahead(rest.direction(end))
    else:
        goal = rest_direction(f"{side}_{'knuckle' if limb == 'arm' else 'toe'}")
        turn = multiply(swing(apply(turn, rest.direction(end)), goal), turn)
    found[end] = multiply(turn, level)


def _hinge_twist(rest: RestPose, turn: np.ndarray, side: str, limb: str, axis: np.ndarray) -> float:
    """Radians about the upper limb that bring the plane of its rest bend into the plane it bends in; 0 if straight."""
    upper, lower = rest.direction(f"{side}_upper_{limb}"), rest.direction(f"{side}_lower_{limb}")
    normal = np.cross(upper, lower)
    bend = np.arctan2(np.linalg.norm(normal), np.dot(upper, lower))
    share = np.clip((bend - _BEND_RANGE[0]) / (_BEND_RANGE[1] - _BEND_RANGE[0]), 0.0, 1.0)
    hinge = apply(turn, unit(normal))
    wanted = np.array(_HINGES[side, limb], dtype=float)
    angle = np.arctan2(np.dot(axis, np.cross(hinge, wanted)), np.dot(hinge, wanted))
    return 0.0 if abs(angle) > _WRONG_WAY else float(angle * share * share * (3 - 2 * share))


def _face_ahead(foot: np.ndarray) -> np.ndarray:
    """The turn about the vertical that points a resting foot straight ahead; none where it points nowhere near."""
    yaw = np.arctan2(foot[0], -foot[1])
    if np.hypot(foot[0], foot[1]) < 0.3 or abs(yaw) > np.radians(40):
        return _STILL
    return about(_UP, -yaw)
