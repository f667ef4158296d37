"""Hands and feet in the performer's places: elbows and knees bend and turn by as much as that takes, in armature space.

Bones are rigid in armature space whatever the object's scale, so the reach is exact there. All frames at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..core.skeleton import SIDES
from ..maths.rotations import apply, multiply, swing, unit
from ..rigs.rest_pose import RestPose
from .armature_pose import ArmaturePose, in_armature
from .hip_path import Stance, sole_offsets, sole_weights, soles_of
from .performer import Performer

_SOFT = {"arm": 0.02, "leg": 0.004}
"""The last part of a limb's length, which it uses up only by and by: straightening limbs do not snap."""
_HINGE_PULL = 0.05
"""How much the hinge's own plane counts beside the plane of the bend, in lengths of the upper limb."""


@dataclass(frozen=True)
class Limb:
    """One two-bone limb: side, "arm" or "leg", and (T, 3) the side to which its elbow or knee goes, world axes."""

    side: str
    kind: str
    bend: np.ndarray

    @property
    def upper(self) -> str:
        """The part at its beginning."""
        return f"{self.side}_upper_{self.kind}"

    @property
    def lower(self) -> str:
        """The part at its end."""
        return f"{self.side}_lower_{self.kind}"


def hand_places(pose: ArmaturePose, stance: Stance, performer: Performer, space: bool) -> dict[str, np.ndarray]:
    """Side -> (T, 3) world: where the wrists should be.

    space: the performer's place at the character's scale, as the hips' path; otherwise as far from the middle of the
    shoulders as the performer's, by the length of the arms: hands that meet do meet, however the legs are.
    """
    rest = pose.rest
    if space:
        return {side: stance.origin + stance.scale * performer.at(f"{side}_wrist") for side in SIDES}
    posed, _ = pose.full()
    shoulders = [pose.head(rest.bones[f"{side}_upper_arm"][0], posed) for side in SIDES]
    middle = rest.rig.in_world(np.mean(shoulders, axis=0))
    theirs = (performer.at("left_shoulder") + performer.at("right_shoulder")) / 2
    size = _span(rest) / max(_their_span(performer), 1e-6)
    return {side: middle + size * (performer.at(f"{side}_wrist") - theirs) for side in SIDES}


def foot_places(rest: RestPose, stance: Stance, performer: Performer, turns) -> dict[str, np.ndarray]:
    """Side -> (T, 3) world: where the ankles should be for the soles to stand where the performer's do, to scale."""
    found = {}
    for side in SIDES:
        offsets, weights = sole_offsets(rest, stance, turns, side), sole_weights(performer, side)
        lift = stance.ankles[side] - stance.scale * performer.flat[side].ankle
        free = stance.origin + stance.scale * performer.at(f"{side}_ankle") + (0.0, 0.0, lift)
        wanted = [free, *(stance.origin + stance.scale * point - offsets[name]
                          for name, point in soles_of(performer, side).items())]
        found[side] = np.einsum("vti,vt->ti", np.stack(wanted), weights)
    return found


def reached(pose: ArmaturePose, limbs: list[Limb], places: dict[tuple[str, str], np.ndarray]) -> ArmaturePose:
    """The pose with the ends of its limbs in their places, as far as they reach; hands and feet keep their rotation.

    places: (side, "arm" or "leg") -> (T, 3) world.
    """
    rotations = dict(pose.rotations)
    posed, _ = pose.full()
    for limb in limbs:
        start = pose.head(pose.rest.bones[limb.upper][0], posed)
        goal = in_armature(pose.rest.rig, places[limb.side, limb.kind])
        rotations |= _solve(pose, limb, goal - start)
    return replace(pose, rotations=rotations)


def _solve(pose: ArmaturePose, limb: Limb, goal: np.ndarray) -> dict[int, np.ndarray]:
    """Bone -> (T, 4) new pose rotation of a limb's two bones. goal: (T, 3) from its beginning to its end's place."""
    rest, rig = pose.rest, pose.rest.rig
    bones = rest.bones[limb.upper][0], rest.bones[limb.lower][0]
    joints = [rig.heads[bones[0]], rig.heads[bones[1]], in_armature(rig, rest.tips[limb.lower])]
    links = [apply(pose.turn(bone), after - before)
             for bone, before, after in zip(bones, joints[:-1], joints[1:], strict=True)]
    first, second = (np.linalg.norm(after - before) for before, after in zip(joints[:-1], joints[1:], strict=True))
    line, side = unit(links[0] + links[1]), _bend_side(rig, limb, links, first)
    way = np.where(np.linalg.norm(goal, axis=-1, keepdims=True) > 1e-9, unit(goal), line)
    turn = swing(line, way)
    side = apply(turn, side)
    distance = soft_reach(np.linalg.norm(goal, axis=-1), first, second, _SOFT[limb.kind])
    along = (first**2 + distance**2 - second**2) / (2 * distance)
    aside = np.sqrt(np.maximum(first**2 - along**2, 0.0))
    middle = way * along[:, None] + side * aside[:, None]
    ends = middle, way * distance[:, None] - middle
    return {bone: multiply(swing(apply(turn, link), end), turn, pose.rotations[bone])
            for bone, link, end in zip(bones, links, ends, strict=True)}


def soft_reach(distance, first: float, second: float, soft: float) -> np.ndarray:
    """(T,) distances that a limb of two lengths can have: as wanted, but the last `soft` of its length only by and by.

    soft: 0..1, part of the whole length.
    """
    full = first + second
    room = soft * full
    over = np.maximum(distance - (full - room), 0.0)
    eased = np.minimum(distance, full - room) + room * (1.0 - np.exp(-over / room))
    return np.maximum(eased, max(abs(first - second) * 1.001, 1e-4 * full))


def _bend_side(rig, limb: Limb, links: list[np.ndarray], length: float) -> np.ndarray:
    """(T, 3) unit, square to the limb's line: where its middle joint goes, by the bend and, if straight, the hinge."""
    line = unit(links[0] + links[1])
    hinge = limb.bend @ np.linalg.inv(rig.world_from_armature[:3, :3]).T
    hinge = unit(hinge - line * (hinge * line).sum(-1, keepdims=True))
    shown = (links[0] - line * (links[0] * line).sum(-1, keepdims=True)) / length
    # A bend the wrong way does not count: at the hinge's plane it would turn the limb over from frame to frame.
    wrong = np.minimum((shown * hinge).sum(-1, keepdims=True), 0.0)
    return unit(shown - wrong * hinge + _HINGE_PULL * hinge)


def limbs_of(rest: RestPose, performer: Performer, kind: str) -> list[Limb]:
    """Both limbs of a kind ("arm" or "leg") whose end the rig has, with the sides to which they bend."""
    end, joint = {"arm": ("hand", "elbow"), "leg": ("foot", "knee")}[kind]
    # In the T-pose elbows go back and knees ahead.
    there = np.array([0.0, 1.0 if kind == "arm" else -1.0, 0.0])
    return [Limb(side, kind, apply(performer.turn(f"{side}_{joint}"), there)) for side in SIDES
            if f"{side}_{end}" in rest.bones]


def _span(rest: RestPose) -> float:
    """World units: half the shoulders' width and an arm."""
    total = 0.0
    for side in SIDES:
        upper, lower = (rest.heads[rest.bones[f"{side}_{part}"][0]] for part in ("upper_arm", "lower_arm"))
        total += np.linalg.norm(lower - upper) + np.linalg.norm(rest.tips[f"{side}_lower_arm"] - lower)
    heads = [rest.heads[rest.bones[f"{side}_upper_arm"][0]] for side in SIDES]
    return float(total + np.linalg.norm(heads[0] - heads[1])) / 2


def _their_span(performer: Performer) -> float:
    arms = sum(performer.length(f"{side}_{joint}") for side in SIDES for joint in ("elbow", "wrist"))
    width = np.linalg.norm(performer.at("left_shoulder") - performer.at("right_shoulder"), axis=-1)
    return float(arms + np.median(width)) / 2
