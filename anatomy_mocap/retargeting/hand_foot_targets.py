"""Hands and feet at the performer's places: two-bone inverse kinematics of arms and legs, in armature space.

Bones are rigid in armature space for any scale of the object, so the ends reach their targets exactly. All frames at
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..core.skeleton import SIDES
from ..maths.rotations import apply, multiply, swing, unit
from ..rigs.rest_pose import RestPose
from .armature_pose import ArmaturePose, in_armature
from .hip_path import Stance, sole_offsets, sole_weights, soles_of
from .performer import Performer
from .tuning import TUNING

_SOFTNESS = {"arm": TUNING.arm_softness, "leg": TUNING.leg_softness}


@dataclass(frozen=True)
class Limb:
    """A two-bone limb.

    side: "left" or "right". kind: "arm" or "leg". bend: (T, 3) world, the direction in which its elbow or knee points.
    """

    side: str
    kind: str
    bend: np.ndarray

    @property
    def upper(self) -> str:
        """Name of its first part."""
        return f"{self.side}_upper_{self.kind}"

    @property
    def lower(self) -> str:
        """Name of its second part."""
        return f"{self.side}_lower_{self.kind}"


def hand_places(pose: ArmaturePose, stance: Stance, performer: Performer, space: bool) -> dict[str, np.ndarray]:
    """Side -> (T, 3) world, the targets of the wrists.

    space: the performer's place at the scale of the hips' path. Otherwise the performer's distance from the middle of
    the shoulders, scaled by the ratio of arm spans: hands that meet still meet, whatever the legs' length.
    """
    rest = pose.rest
    if space:
        return {side: stance.origin + stance.scale * performer.at(f"{side}_wrist") for side in SIDES}
    posed, _ = pose.full()
    shoulders = [pose.head(rest.bones[f"{side}_upper_arm"][0], posed) for side in SIDES]
    middle = rest.rig.in_world(np.mean(shoulders, axis=0))
    source = (performer.at("left_shoulder") + performer.at("right_shoulder")) / 2
    size = _span(rest) / max(_performer_span(performer), 1e-6)
    return {side: middle + size * (performer.at(f"{side}_wrist") - source) for side in SIDES}


def foot_places(rest: RestPose, stance: Stance, performer: Performer,
                turns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Side -> (T, 3) world, the targets of the ankles: the soles stand at the performer's places, at scale.

    turns: part -> (T, 4) world rotation of the limb from its rest pose.
    """
    found = {}
    for side in SIDES:
        offsets, weights = sole_offsets(rest, stance, turns, side), sole_weights(performer, side)
        lift = stance.ankles[side] - stance.scale * performer.flat[side].ankle
        free = stance.origin + stance.scale * performer.at(f"{side}_ankle") + (0.0, 0.0, lift)
        wanted = [free, *(stance.origin + stance.scale * point - offsets[name]
                          for name, point in soles_of(performer, side).items())]
        found[side] = np.einsum("vti,vt->ti", np.stack(wanted), weights)
    return found


def reach(pose: ArmaturePose, limbs: list[Limb], places: dict[tuple[str, str], np.ndarray]) -> ArmaturePose:
    """The pose with the ends of its limbs at their targets, within reach; hands and feet keep their world rotations.

    places: (side, "arm" or "leg") -> (T, 3) world, the targets.
    """
    rotations = dict(pose.rotations)
    posed, _ = pose.full()
    for limb in limbs:
        start = pose.head(pose.rest.bones[limb.upper][0], posed)
        goal = in_armature(pose.rest.rig, places[limb.side, limb.kind])
        rotations |= _solve(pose, limb, goal - start)
    return replace(pose, rotations=rotations)


def _solve(pose: ArmaturePose, limb: Limb, goal: np.ndarray) -> dict[int, np.ndarray]:
    """Bone -> (T, 4) new pose rotation of a limb's two bones. goal: (T, 3) from its first joint to the target."""
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
    distance = soft_reach(np.linalg.norm(goal, axis=-1), first, second, _SOFTNESS[limb.kind])
    along = (first**2 + distance**2 - second**2) / (2 * distance)
    aside = np.sqrt(np.maximum(first**2 - along**2, 0.0))
    middle = way * along[:, None] + side * aside[:, None]
    ends = middle, way * distance[:, None] - middle
    return {bone: multiply(swing(apply(turn, link), end), turn, pose.rotations[bone])
            for bone, link, end in zip(bones, links, ends, strict=True)}


def soft_reach(distance: np.ndarray, first: float, second: float, soft: float) -> np.ndarray:
    """(T,) distances between the ends of a two-bone limb, eased towards full stretch so that it does not snap.

    With full = first + second and room = soft * full, a distance d beyond full - room becomes
    full - room * exp(-(d - (full - room)) / room). distance: (T,) wanted. first, second: lengths of the two bones.
    soft: 0..1, share of the whole length.
    """
    full = first + second
    room = soft * full
    over = np.maximum(distance - (full - room), 0.0)
    eased = np.minimum(distance, full - room) + room * (1.0 - np.exp(-over / room))
    return np.maximum(eased, max(abs(first - second) * 1.001, 1e-4 * full))


def _bend_side(rig, limb: Limb, links: list[np.ndarray], length: float) -> np.ndarray:
    """(T, 3) unit, square to the limb's line: the direction of its middle joint, from its bend or its hinge."""
    line = unit(links[0] + links[1])
    hinge = limb.bend @ np.linalg.inv(rig.world_from_armature[:3, :3]).T
    hinge = unit(hinge - line * (hinge * line).sum(-1, keepdims=True))
    shown = (links[0] - line * (links[0] * line).sum(-1, keepdims=True)) / length
    # A bend the wrong way does not count: at the hinge's plane it would turn the limb over from frame to frame.
    wrong = np.minimum((shown * hinge).sum(-1, keepdims=True), 0.0)
    return unit(shown - wrong * hinge + TUNING.hinge_pull * hinge)


def limbs_of(rest: RestPose, performer: Performer, kind: str) -> list[Limb]:
    """The limbs of a kind ("arm" or "leg") whose hand or foot the rig has, with the directions of elbow or knee."""
    end, joint = {"arm": ("hand", "elbow"), "leg": ("foot", "knee")}[kind]
    # In the T-pose elbows point back and knees ahead.
    there = np.array([0.0, 1.0 if kind == "arm" else -1.0, 0.0])
    return [Limb(side, kind, apply(performer.turn(f"{side}_{joint}"), there)) for side in SIDES
            if f"{side}_{end}" in rest.bones]


def _span(rest: RestPose) -> float:
    """World units, half the arm span of a rig: half the shoulder width and one arm."""
    total = 0.0
    for side in SIDES:
        upper, lower = (rest.heads[rest.bones[f"{side}_{part}"][0]] for part in ("upper_arm", "lower_arm"))
        total += np.linalg.norm(lower - upper) + np.linalg.norm(rest.tips[f"{side}_lower_arm"] - lower)
    heads = [rest.heads[rest.bones[f"{side}_upper_arm"][0]] for side in SIDES]
    return float(total + np.linalg.norm(heads[0] - heads[1])) / 2


def _performer_span(performer: Performer) -> float:
    arms = sum(performer.length(f"{side}_{joint}") for side in SIDES for joint in ("elbow", "wrist"))
    width = np.linalg.norm(performer.at("left_shoulder") - performer.at("right_shoulder"), axis=-1)
    return float(arms + np.median(width)) / 2
