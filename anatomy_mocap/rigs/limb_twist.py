"""Twist of a rest pose's arms and legs about themselves: from the bend of elbow and knee, else by convention.

All in the body's axes. Positive angles are right-handed about the limb's direction in the T-pose. The convention for a
straight limb: undo its swing forwards or back, then its swing in the frontal plane, as A-poses are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..core.skeleton import MOCAP22, SIDES, rest_directions
from ..maths.rotations import about, apply, inverse, multiply, swing, unit
from .rest_pose import RestPose
from .tuning import TUNING

LIMB_ENDS = {"arm": "elbow", "leg": "knee"}
_HINGES = {("left", "arm"): (0, 0, -1), ("right", "arm"): (0, 0, 1),
           ("left", "leg"): (1, 0, 0), ("right", "leg"): (1, 0, 0)}
"""Direction of upper x lower limb in the T-pose if elbow or knee flexes."""

_THUMBS_AHEAD = (0.0, -1.0, 0.0)
"""Direction of the thumb's side of the hand in the T-pose, palms down."""
_STILL = np.array([1.0, 0.0, 0.0, 0.0])


@dataclass(frozen=True)
class LimbTwist:
    """The rotation of one arm or leg from its rest pose to the T-pose.

    turn: (4,) quaternion of the upper limb to its direction in the T-pose, without twist.
    bend: radians between upper and lower limb.
    hinge: radians of twist after `turn` that bring the plane of the bend into the T-pose's plane of flexion.
    shown: 0..1, the weight of the bend as evidence of the hinge if the carrying angle is known.
    twist: radians of twist after `turn`, read from this rest pose alone.
    """

    turn: np.ndarray
    bend: float
    hinge: float
    shown: float
    twist: float


class _FootTwist(NamedTuple):
    """Radians of outward twist of a straight leg: the value that its foot requires, and the most that it allows."""

    plain: float
    likely: float


def rest_direction(joint: str) -> np.ndarray:
    """(3,) unit direction, in the T-pose, of the take's bone that ends at `joint`."""
    return rest_directions()[MOCAP22.index(joint)]


def upright_turn(rest: RestPose) -> np.ndarray:
    """(4,) quaternion that sets the torso upright, in the body's axes."""
    return swing(unit(rest.body_from_world @ (rest.neck_base - rest.hip_centre)), (0.0, 0.0, 1.0))


def read_twists(rest: RestPose) -> dict[tuple[str, str], LimbTwist]:
    """(side, "arm" or "leg") -> its LimbTwist."""
    # In a bent rest pose the torso is set upright first, and the arms with it.
    starts = {"arm": _STILL if rest.upright else upright_turn(rest), "leg": _STILL}
    return {(side, limb): _read(rest, side, limb, starts[limb]) for side in SIDES for limb in LIMB_ENDS}


def _read(rest: RestPose, side: str, limb: str, start: np.ndarray) -> LimbTwist:
    """One limb's twist. start: (4,) rotation of the body part on which the limb hangs."""
    upper, lower = rest.direction(f"{side}_upper_{limb}"), rest.direction(f"{side}_lower_{limb}")
    goal = rest_direction(f"{side}_{LIMB_ENDS[limb]}")
    turn = multiply(_to_goal(apply(start, upper), goal), start)
    normal = np.cross(upper, lower)
    bend = float(np.arctan2(np.linalg.norm(normal), np.dot(upper, lower)))
    hinge = angle_about(goal, apply(turn, unit(normal)), np.array(_HINGES[side, limb], dtype=float))
    plain, likely = _by_foot(rest, side) if limb == "leg" else (0.0, _by_palm(rest, turn, side))
    near = TUNING.near_leg if limb == "leg" else TUNING.near_arm
    sure = ramp(bend, np.radians(TUNING.hinge_bend)) * _plausible(bend, hinge, likely, np.radians(near))
    back = ramp(abs(hinge), np.radians(TUNING.wrong_way)) * np.radians(TUNING.overextension)
    shown = ramp(bend, np.radians(TUNING.hinge_bend_pair) + back)
    return LimbTwist(turn, bend, hinge, shown, hinge * sure + plain * (1.0 - sure))


def _plausible(bend: float, hinge: float, likely: float, limits) -> float:
    """0..1, the confidence that a bend is a flexion, and no carrying angle (knock-knees, sagging elbows).

    hinge: see `LimbTwist`. likely: radians; foot or palm support any twist between 0 and this.
    limits: radians off that range: plausible up to the first, implausible from the second.
    """
    off = abs(hinge - float(np.clip(hinge, min(likely, 0.0), max(likely, 0.0))))
    near = 1.0 - ramp(off, limits)
    aside = float(np.arcsin(np.sin(bend) * np.sin(min(off, np.pi / 2))))
    forwards = 1.0 - ramp(abs(hinge), np.radians(TUNING.wrong_way))
    return (near + (1.0 - near) * ramp(aside, np.radians(TUNING.carrying))) * forwards


def straightened(direction: np.ndarray, side: str, limb: str) -> np.ndarray:
    """(4,) quaternion that aligns a lower limb with its upper limb: first unbent about the hinge, then swung.

    The swing removes the carrying angle; it is the same for any bend.
    direction: (3,) the lower limb's, body's axes, with the upper limb in the T-pose. limb: "arm" or "leg".
    """
    goal, hinge = rest_direction(f"{side}_{LIMB_ENDS[limb]}"), np.array(_HINGES[side, limb], dtype=float)
    unbend = about(hinge, angle_about(hinge, direction, goal))
    return multiply(swing(apply(unbend, direction), goal), unbend)


def _by_foot(rest: RestPose, side: str) -> _FootTwist:
    """Twist of a straight leg from the yaw of its standing foot."""
    yaw = foot_yaw(rest, side) if rest.shows_toes(side) else 0.0
    most = np.radians(TUNING.toes_out)
    return _FootTwist(float(yaw - np.clip(yaw, -most, most)), yaw)


def _by_palm(rest: RestPose, turn: np.ndarray, side: str) -> float:
    """Radians of twist of a whole arm that its palm allows. turn: (4,) of the upper arm, without twist."""
    if f"{side}_hand" not in rest.bones:
        return 0.0
    turn = multiply(straightened(apply(turn, rest.direction(f"{side}_lower_arm")), side, "arm"), turn)
    turn = multiply(swing(apply(turn, rest.direction(f"{side}_hand")), rest_direction(f"{side}_knuckle")), turn)
    most = np.radians(TUNING.palm_twist)
    return float(np.clip(palm_twist(rest, turn, side), -most, most))


def palm_twist(rest: RestPose, turn: np.ndarray, side: str) -> float:
    """Radians about the hand's direction that turn the palm down, after `turn`; 0 for a hand without a known palm."""
    if side not in rest.palms or rest.palms[side].thumb_side is None:
        return 0.0
    shown = apply(turn, rest.body_from_world @ rest.palms[side].thumb_side)
    return angle_about(rest_direction(f"{side}_knuckle"), shown, np.array(_THUMBS_AHEAD))


def foot_yaw(rest: RestPose, side: str) -> float:
    """Radians by which a standing foot points to the left of straight ahead; 0 if it points far off."""
    if f"{side}_foot" not in rest.bones or not rest.stands:
        return 0.0
    foot = rest.direction(f"{side}_foot")
    yaw = float(np.arctan2(foot[0], -foot[1]))
    upright = np.hypot(foot[0], foot[1]) < TUNING.foot_level
    return 0.0 if upright or abs(yaw) > np.radians(TUNING.foot_yaw) else yaw


def _to_goal(direction: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """(4,) quaternion of a limb from its rest direction to that of the T-pose, both in the body's axes.

    It first undoes the swing forwards or back, then the swing in the frontal plane, as A-poses are made; hanging arms
    keep elbows that bend forwards. A limb that points ahead or back has no direction in the frontal plane and takes the
    shortest rotation, with a smooth transition.
    """
    aside = np.array([direction[0], 0.0, direction[2]])
    share = ramp(float(np.linalg.norm(aside)), TUNING.frontal_share)
    lowered = float(np.dot(np.cross(goal, unit(aside)), (0.0, 1.0, 0.0)))
    angle = share * np.arctan2(lowered, float(goal @ unit(aside)))
    between = about((0.0, 1.0, 0.0), angle)
    return multiply(inverse(between), swing(direction, apply(between, goal)))


def angle_about(axis: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """Radians about the unit vector `axis` from `start` to `end`, (3,) each, projected along the axis."""
    start = start - axis * np.dot(axis, start)
    return float(np.arctan2(np.dot(axis, np.cross(start, end)), np.dot(start, end)))


def ramp(value: float, limits: Sequence[float]) -> float:
    """0 below the first limit, 1 above the second, s^2 (3 - 2s) between."""
    share = np.clip((value - limits[0]) / (limits[1] - limits[0]), 0.0, 1.0)
    return float(share * share * (3 - 2 * share))
