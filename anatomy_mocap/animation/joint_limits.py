"""Joint limits: elbows and knees do not bend backwards, and no joint turns beyond its range.

Within a joint's range nothing changes. Beyond it the excess x, in degrees, becomes m (1 - exp(-x / m)): the joint
eases towards the end of its margin m and never passes it. What hangs on a bone that is turned turns along, so that
bone lengths and all other joints stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES, rest_directions
from ..maths.rotations import about, apply, continuous, inverse, multiply, perpendicular, twist_angle, unit
from .solve_rotations import ARM, LEG
from .tuning import TUNING

Range = tuple[float, float, float]
"""Degrees: the least and the largest value without a change, and the margin beyond both."""


class Held(NamedTuple):
    """A joint that was held back. joint: words. frames: how many, by more than `limit_told` degrees. first, last: of
    them, indices."""

    joint: str
    frames: int
    first: int
    last: int


class _Joint(NamedTuple):
    """The bone that ends at `bone`, against `upper`. axis: of a hinge, else None. centre: middle of a cone's range.

    bend: range of a hinge's bend, or of the angle from the centre. twist: range about the bone; None for any.
    """

    name: str
    bone: int
    upper: int
    axis: np.ndarray | None
    centre: np.ndarray
    bend: Range
    twist: Range | None = None


def ease(values: np.ndarray, limits: Range) -> np.ndarray:
    """Values in degrees, those outside the range drawn back to it; see the module."""
    low, high, margin = limits
    over, under = np.maximum(values - high, 0.0), np.maximum(low - values, 0.0)
    return np.clip(values, low, high) + margin * (np.exp(-under / margin) - np.exp(-over / margin))


def limit_joints(motion: Motion) -> tuple[Motion, list[Held]]:
    """The motion with all joints within their ranges, and the joints that were held back often.

    The very same motion is returned where no joint is outside.
    """
    rotations, found = motion.rotations.copy(), []
    for joint in _joints():
        relative = multiply(inverse(rotations[:, joint.upper]), rotations[:, joint.bone])
        turn, off = _bend(joint, relative)
        if joint.twist:
            twist, more = _twist(joint, multiply(turn, relative))
            turn, off = multiply(twist, turn), np.maximum(off, more)
        moved = np.flatnonzero(off > 0)
        if not len(moved):
            continue
        above = rotations[moved, joint.upper]
        world = multiply(above, turn[moved], inverse(above))
        rotations[np.ix_(moved, _below(joint.bone))] = multiply(world[:, None],
                                                                rotations[np.ix_(moved, _below(joint.bone))])
        held = np.flatnonzero(off > TUNING.limit_told)
        if len(held) >= TUNING.limit_seconds * motion.fps:
            found.append(Held(joint.name, len(held), int(held[0]), int(held[-1])))
    if np.array_equal(rotations, motion.rotations):
        return motion, []
    return replace(motion, rotations=continuous(rotations)), found


def _bend(joint: _Joint, relative: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(T, 4) the turn that brings the bone into its range, in the axes of the upper bone, and its (T,) degrees."""
    rest = rest_directions()[joint.bone]
    way = apply(relative, rest)
    if joint.axis is None:
        angle = np.degrees(np.arccos(np.clip(way @ joint.centre, -1.0, 1.0)))
        change = ease(angle, joint.bend) - angle
        axis = perpendicular(np.cross(joint.centre, way), way)
        return about(axis, np.radians(change)), np.abs(change)
    across = np.cross(joint.axis, rest)
    angle = np.degrees(np.arctan2(way @ across, way @ rest))
    middle = (joint.bend[0] + joint.bend[1]) / 2.0  # angles are counted up to half a turn from there
    angle = (angle - middle + 180.0) % 360.0 - 180.0 + middle
    change = ease(angle, joint.bend) - angle
    # A bone along the axis of the hinge has no bend.
    clear = np.hypot(way @ across, way @ rest)
    change = change * np.clip(clear / TUNING.limit_clear, 0.0, 1.0)
    return about(np.broadcast_to(joint.axis, way.shape), np.radians(change)), np.abs(change)


def _twist(joint: _Joint, relative: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same for the twist about the bone."""
    rest = rest_directions()[joint.bone]
    angle = np.degrees(twist_angle(relative, rest))
    change = ease(angle, joint.twist) - angle
    return about(apply(relative, rest), np.radians(change)), np.abs(change)


def _below(bone: int) -> list[int]:
    """The bone and all that hangs on it."""
    found = [bone]
    for joint in range(bone + 1, len(MOCAP22)):
        if MOCAP22.parents[joint] in found:
            found.append(joint)
    return found


def _joints() -> Iterator[_Joint]:
    """All limited joints, from the trunk outwards."""
    ranges = TUNING.joint_ranges
    index = MOCAP22.index

    def cone(name: str, key: str, bone: str, upper: str, sign: float = 1.0, twist: Range | None = None) -> _Joint:
        centre = unit(np.array(TUNING.joint_centres[key]) * (sign, 1.0, 1.0))
        return _Joint(name, index(bone), index(upper), None, centre, (-1.0, *ranges[key]), twist)

    yield cone("spine", "spine", "thorax", "pelvis")
    yield cone("neck", "neck", "head", "thorax", twist=TUNING.neck_twist)
    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        yield cone(f"{side} shoulder", "shoulder", f"{side}_elbow", "thorax", sign)
        yield cone(f"{side} hip", "hip", f"{side}_knee", "pelvis", sign)
        for name, upper, lower, hinge in (("elbow", "elbow", "wrist", ARM[side]), ("knee", "knee", "ankle", LEG)):
            yield _Joint(f"{side} {name}", index(f"{side}_{lower}"), index(f"{side}_{upper}"),
                         np.array(hinge.rest_axis, float), np.zeros(3), TUNING.hinge_ranges[name])
        yield cone(f"{side} wrist", "wrist", f"{side}_knuckle", f"{side}_wrist", sign)
        yield cone(f"{side} ankle", "ankle", f"{side}_toe", f"{side}_ankle", sign)


def held_back(found: list[Held]) -> list[str]:
    """One sentence about joints that were held back often, with frames counted from 1; [] for none."""
    if not found:
        return []
    shown = ", ".join(f"{held.joint} in {held.frames} frames (between {held.first + 1} and {held.last + 1})"
                      for held in sorted(found, key=lambda held: -held.frames)[:TUNING.pops_named])
    return [f"joints were held within their range: {shown}; check the video there, or switch Joint Limits off"]
