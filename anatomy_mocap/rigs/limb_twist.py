"""How a rest pose's arms and legs are turned about themselves: by the bend of elbow and knee, else by convention.

In the body's axes. Positive angles turn right-handed about the limb's direction in the T-pose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.skeleton import MOCAP22, SIDES, rest_directions
from ..maths.rotations import about, apply, inverse, multiply, swing, unit
from .rest_pose import RestPose

LIMB_ENDS = {"arm": "elbow", "leg": "knee"}
_HINGES = {("left", "arm"): (0, 0, -1), ("right", "arm"): (0, 0, 1),
           ("left", "leg"): (1, 0, 0), ("right", "leg"): (1, 0, 0)}
"""upper x lower limb in the T-pose, when elbow or knee bends the way it can."""

_THUMBS_AHEAD = (0.0, -1.0, 0.0)
"""Where the thumb's side of the hand faces in the T-pose, whose palms are down."""

_BEND_RANGE = np.radians((5.0, 20.0))
"""Read alone, a rest bend of elbow or knee below the first tells nothing of the hinge; above the second it is one."""
_SHOWN_RANGE = np.radians((4.0, 10.0))
"""The same where another rest pose of the skeleton tells the carrying angle."""
_NEAR = {"arm": np.radians((15.0, 45.0)), "leg": np.radians((10.0, 30.0))}
"""A bend's plane so far from where palm or foot speak for the hinge may be it; from the second on it is sideways."""
_CARRIED = np.radians((20.0, 35.0))
"""A limb is carried sideways, off its joint's hinge, by less than the first; nobody's is by more than the second."""
_WRONG_WAY = np.radians((100.0, 140.0))
"""Planes that are turned further than this bend elbow or knee backwards."""
_GIVES_WAY = np.radians(10.0)
"""Elbows and knees give way backwards by so much; a larger bend in a twin is a limb that was turned."""
_PALM_AIDS = np.radians(45.0)
"""A palm speaks for an arm that is turned as a whole up to here; more is the forearm's doing."""
_FRONTAL_RANGE = (0.3, 0.7)
"""How much of a limb must lie in the frontal plane for it to be lowered in that plane before it is swung forwards."""
_TOES_OUT = np.radians(15.0)
"""Feet may point so far outwards with knees straight ahead; beyond it the leg is turned with them."""
_TURNED_MOST = np.radians(80)
_STILL = np.array([1.0, 0.0, 0.0, 0.0])


@dataclass(frozen=True)
class LimbTwist:
    """How one arm or leg at rest is brought to the T-pose.

    turn: (4,) the turn of its upper limb to the T-pose's direction, without twist. bend: radians of elbow or knee.
    hinge: radians of twist after `turn` that bring the plane of the bend into the one in which the T-pose's limb
    bends. shown: 0..1, how far the bend is seen as the hinge's where the carrying angle is known.
    twist: radians of twist after `turn`, as this rest pose alone tells.
    """

    turn: np.ndarray
    bend: float
    hinge: float
    shown: float
    twist: float


def rest_direction(joint: str) -> np.ndarray:
    """(3,) unit: the way the take's bone that ends at `joint` points in its T-pose."""
    return rest_directions()[MOCAP22.index(joint)]


def upright_turn(rest: RestPose) -> np.ndarray:
    """(4,) the turn that sets the torso upright, in the body's axes."""
    return swing(unit(rest.level @ (rest.neck_base - rest.hip_centre)), (0.0, 0.0, 1.0))


def read_twists(rest: RestPose) -> dict[tuple[str, str], LimbTwist]:
    """(side, "arm" or "leg") -> its twist."""
    # Standing, arms are level as they are; in a bent rest pose they hang on a torso that is first set upright.
    starts = {"arm": _STILL if rest.upright else upright_turn(rest), "leg": _STILL}
    return {(side, limb): _read(rest, side, limb, starts[limb]) for side in SIDES for limb in LIMB_ENDS}


def _read(rest: RestPose, side: str, limb: str, start: np.ndarray) -> LimbTwist:
    """One limb's twist. start: (4,) the turn of the body part on which it hangs."""
    upper, lower = rest.direction(f"{side}_upper_{limb}"), rest.direction(f"{side}_lower_{limb}")
    goal = rest_direction(f"{side}_{LIMB_ENDS[limb]}")
    turn = multiply(_to_goal(apply(start, upper), goal), start)
    normal = np.cross(upper, lower)
    bend = float(np.arctan2(np.linalg.norm(normal), np.dot(upper, lower)))
    hinge = angle_about(goal, apply(turn, unit(normal)), np.array(_HINGES[side, limb], dtype=float))
    plain, likely = _by_foot(rest, side) if limb == "leg" else (0.0, _by_palm(rest, turn, side))
    sure = ramp(bend, _BEND_RANGE) * _plausible(bend, hinge, likely, _NEAR[limb])
    back = ramp(abs(hinge), _WRONG_WAY) * _GIVES_WAY
    shown = ramp(bend, (_SHOWN_RANGE[0] + back, _SHOWN_RANGE[1] + back))
    return LimbTwist(turn, bend, hinge, shown, hinge * sure + plain * (1.0 - sure))


def _plausible(bend: float, hinge: float, likely: float, limits) -> float:
    """0..1: how far a bend can be elbow's or knee's own, and no carrying angle (knock-knees, elbows that sag).

    hinge: see `LimbTwist`. likely: radians; foot or palm speak for any turn between none and this.
    limits: how far off these it may be, see `_NEAR`.
    """
    off = abs(hinge - float(np.clip(hinge, min(likely, 0.0), max(likely, 0.0))))
    near = 1.0 - ramp(off, limits)
    aside = float(np.arcsin(np.sin(bend) * np.sin(min(off, np.pi / 2))))
    return (near + (1.0 - near) * ramp(aside, _CARRIED)) * (1.0 - ramp(abs(hinge), _WRONG_WAY))


def straightened(direction: np.ndarray, side: str, limb: str) -> np.ndarray:
    """(4,) the turn that puts a lower limb onto its straight upper limb's line: first unbent about the hinge.

    What is left, a carrying angle along the hinge, is undone after it. So it is the same turn however far it is bent.
    direction: (3,) the lower limb's, body's axes, with the upper limb in the T-pose. limb: "arm" or "leg".
    """
    goal, hinge = rest_direction(f"{side}_{LIMB_ENDS[limb]}"), np.array(_HINGES[side, limb], dtype=float)
    unbend = about(hinge, angle_about(hinge, direction, goal))
    return multiply(swing(apply(unbend, direction), goal), unbend)


def _by_foot(rest: RestPose, side: str) -> tuple[float, float]:
    """Radians by which a straight leg is turned outwards as a whole, and by which it may be, as standing feet tell."""
    yaw = foot_yaw(rest, side) if rest.shows_toes(side) else 0.0
    return float(yaw - np.clip(yaw, -_TOES_OUT, _TOES_OUT)), yaw


def _by_palm(rest: RestPose, turn: np.ndarray, side: str) -> float:
    """Radians by which an arm may be turned as a whole, as its palm tells. turn: its upper arm's, without twist."""
    if f"{side}_hand" not in rest.bones:
        return 0.0
    turn = multiply(straightened(apply(turn, rest.direction(f"{side}_lower_arm")), side, "arm"), turn)
    turn = multiply(swing(apply(turn, rest.direction(f"{side}_hand")), rest_direction(f"{side}_knuckle")), turn)
    return float(np.clip(palm_twist(rest, turn, side), -_PALM_AIDS, _PALM_AIDS))


def palm_twist(rest: RestPose, turn: np.ndarray, side: str) -> float:
    """Radians about the hand that turn its palm down, after `turn`; 0 where the hand does not show its palm."""
    if side not in rest.palms or rest.palms[side].thumb_side is None:
        return 0.0
    shown = apply(turn, rest.level @ rest.palms[side].thumb_side)
    return angle_about(rest_direction(f"{side}_knuckle"), shown, np.array(_THUMBS_AHEAD))


def foot_yaw(rest: RestPose, side: str) -> float:
    """Radians by which a standing foot points to its left of straight ahead; 0 where it points nowhere near."""
    if f"{side}_foot" not in rest.bones or not rest.stands:
        return 0.0
    foot = rest.direction(f"{side}_foot")
    yaw = float(np.arctan2(foot[0], -foot[1]))
    return 0.0 if np.hypot(foot[0], foot[1]) < 0.3 or abs(yaw) > _TURNED_MOST else yaw


def _to_goal(direction: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """(4,) the turn of a limb from its rest direction to the T-pose's, both in the body's axes.

    It undoes first what the limb is swung forwards or back, then what it is lowered or spread in the frontal plane, as
    A-poses are made: hanging arms keep elbows that bend forwards. Limbs that point ahead or back have no place in the
    frontal plane: the shortest turn is taken for them, and something between on the way there.
    """
    aside = np.array([direction[0], 0.0, direction[2]])
    share = ramp(float(np.linalg.norm(aside)), _FRONTAL_RANGE)
    lowered = float(np.dot(np.cross(goal, unit(aside)), (0.0, 1.0, 0.0)))
    angle = share * np.arctan2(lowered, float(goal @ unit(aside)))
    between = about((0.0, 1.0, 0.0), angle)
    return multiply(inverse(between), swing(direction, apply(between, goal)))


def angle_about(axis: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """Radians about the unit vector `axis` from `start` to `end`, (3,) each, as seen along it."""
    start = start - axis * np.dot(axis, start)
    return float(np.arctan2(np.dot(axis, np.cross(start, end)), np.dot(start, end)))


def ramp(value: float, limits) -> float:
    """0 below the first limit, 1 above the second, smooth between."""
    share = np.clip((value - limits[0]) / (limits[1] - limits[0]), 0.0, 1.0)
    return float(share * share * (3 - 2 * share))
