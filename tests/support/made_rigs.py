"""Makes procedural rigs with any proportions, rest pose, rolls, chains, flags and object transforms and known truth."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.rigs.rig import TargetRig, make_rig

SIDES = ("left", "right")
T_POSE = dict(zip(MOCAP22.joint_names, rest_directions(), strict=True))
ENDS = {"upper_arm": "elbow", "lower_arm": "wrist", "hand": "knuckle", "upper_leg": "knee", "lower_leg": "ankle",
        "foot": "toe"}
_TWIST_AT = {"beside": 0.7, "inside": 0.5}
"""Fraction of a limb at which its twist bone begins."""


@dataclass(frozen=True)
class Plan:
    """The description of a rig to make.

    arm_drop, arm_forward, arm_twist, elbow, leg_spread, leg_twist, knee: degrees from the T-pose, the same on both
    sides. spine, neck: how many bones. clavicles, toes, hands: whether there are any. straight: bones point along
    their limbs. seed: rolls, proportions and the like. body_from_armature: how the body is modelled in armature space.
    world: (4, 4). flags: random inherit_rotation and connected. legs_on_root: thighs are no children of the hips.
    halves: a helper bone halfway in every limb is the parent of the next bone. twists: "beside" (every limb has a twist
    bone as a child) or "inside" (the limb continues through it, as in Daz rigs), "" for none.
    """

    arm_drop: float = 0.0
    arm_forward: float = 0.0
    arm_twist: float = 0.0
    elbow: float = 0.0
    leg_spread: float = 0.0
    leg_twist: float = 0.0
    knee: float = 0.0
    spine: int = 3
    neck: int = 1
    clavicles: bool = True
    toes: bool = True
    hands: bool = True
    straight: bool = True
    seed: int = 0
    body_from_armature: Rotation = field(default_factory=Rotation.identity)
    world: np.ndarray = field(default_factory=lambda: np.eye(4))
    flags: bool = False
    legs_on_root: bool = False
    halves: bool = False
    twists: str = ""


@dataclass(frozen=True)
class Made:
    """A rig with its correct map, and the world rotation of each limb's rest pose from the T-pose."""

    rig: TargetRig
    bones: dict[str, tuple[str, ...]]
    rest_turns: dict[str, Rotation]


def limb_turns(plan: Plan) -> dict[str, Rotation]:
    """Return part -> rotation of the limb from the T-pose, in the body's axes."""
    turns = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        arm = Rotation.from_rotvec(np.radians(plan.arm_drop) * np.array([0, sign, 0])) \
            * Rotation.from_rotvec(np.radians(plan.arm_forward) * np.array([0, 0, -sign])) \
            * Rotation.from_rotvec(np.radians(plan.arm_twist) * np.array([1.0, 0, 0]))
        turns[f"{side}_upper_arm"] = arm
        turns[f"{side}_lower_arm"] = arm * Rotation.from_rotvec(np.radians(plan.elbow) * np.array([0, 0, -sign]))
        turns[f"{side}_hand"] = turns[f"{side}_lower_arm"]
        leg = Rotation.from_rotvec(np.radians(plan.leg_spread) * np.array([0, -sign, 0])) \
            * Rotation.from_rotvec(np.radians(plan.leg_twist) * np.array([0, 0, 1.0]))
        turns[f"{side}_upper_leg"] = leg
        turns[f"{side}_lower_leg"] = leg * Rotation.from_rotvec(np.radians(plan.knee) * np.array([1.0, 0, 0]))
        turns[f"{side}_foot"] = Rotation.identity()
    return turns


class _Builder:
    def __init__(self, plan: Plan):
        self.plan, self.random = plan, np.random.default_rng(plan.seed)
        self.names: list[str] = []
        self.parents: list[int] = []
        self.heads: list[np.ndarray] = []
        self.ends: list[np.ndarray] = []

    def bone(self, name: str, parent: str | None, head, end) -> None:
        self.names.append(name)
        self.parents.append(-1 if parent is None else self.names.index(parent))
        self.heads.append(np.array(head, dtype=float))
        self.ends.append(np.array(end, dtype=float))

    def size(self, usual: float) -> float:
        return usual * self.random.uniform(0.8, 1.25)

    def finish(self) -> TargetRig:
        plan, random, count = self.plan, self.random, len(self.names)
        along = np.array(self.ends) - np.array(self.heads)
        lengths = np.linalg.norm(along, axis=-1)
        if not plan.straight:
            along = random.normal(size=(count, 3))
        along /= np.linalg.norm(along, axis=-1, keepdims=True)
        rest = np.tile(np.eye(4), (count, 1, 1))
        for index in range(count):
            side = np.cross(along[index], random.normal(size=3))
            side /= np.linalg.norm(side)
            rest[index, :3, :3] = np.stack([side, along[index], np.cross(side, along[index])], axis=-1)
            rest[index, :3, 3] = self.heads[index]
        body = np.eye(4)
        body[:3, :3] = plan.body_from_armature.as_matrix()
        flags = {}
        if plan.flags:
            # A helper bone inside a limb must inherit its rotation, or the limb would fall apart.
            helpers = np.array([name.endswith("_half") for name in self.names])
            flags["inherit_rotation"] = (random.random(count) > 0.3) | helpers
        return make_rig("zoo", self.names, self.parents, body @ rest, lengths, plan.world, **flags)


def make(plan: Plan) -> Made:
    """Make the rig of a plan. Left and right have equal lengths."""
    build, turns = _Builder(plan), limb_turns(plan)
    thigh, shin, foot, ankle = build.size(0.43), build.size(0.42), build.size(0.14), build.size(0.08)
    hip, legs = build.size(0.1), {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        upper, lower = (turns[f"{side}_{part}_leg"].apply([0, 0, -1.0]) for part in ("upper", "lower"))
        legs[side] = [np.array([sign * hip, 0, 0]), thigh * upper, shin * lower]
    floor = sum(legs["left"])[2] - ankle
    hips = np.array([0, 0.02, 0.05 - floor])
    build.bone("root", None, (0, 0, 0), (0, 0, 0.3))
    build.bone("hips", "root", hips, hips + (0, 0, 0.1))
    top, chain = _column(build, "spine", "hips", hips + (0, 0, 0.1), plan.spine, 0.4)
    bones = {"hips": ("hips",), "spine_chain": tuple(chain)}
    chest = chain[-1]
    head, necks = _column(build, "neck", chest, top, plan.neck, 0.1)
    bones["neck"] = tuple(necks)
    build.bone("head", necks[-1] if necks else chest, head, head + (0, 0, 0.2))
    bones["head"] = ("head",)
    arms = [build.size(length) for length in (0.28, 0.25, 0.09)]
    half = build.size(0.17)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        parent, shoulder = chest, top + (sign * half, 0.03, -0.04)
        if plan.clavicles:
            build.bone(f"{side}_shoulder", chest, top + (sign * 0.03, -0.02, -0.05), shoulder)
            bones[f"{side}_shoulder"] = (f"{side}_shoulder",)
            parent = f"{side}_shoulder"
        parts = ["upper_arm", "lower_arm"] + ["hand"] * plan.hands
        ways = [turns[f"{side}_{part}"].apply([sign, 0, 0]) for part in parts]
        links = [length * way for length, way in zip(arms, ways, strict=False)]
        end, last = _limb(build, bones, side, parts, parent, shoulder, links)
        if plan.hands:
            build.bone(f"{side}_middle_finger", last, end, end + links[-1] / 2)
        at, upper, lower = legs[side]
        start = np.array([0, 0, -floor]) + at
        end, last = _limb(build, bones, side, ["upper_leg", "lower_leg"], "root" if plan.legs_on_root else "hips",
                          start, [upper, lower])
        ball = end + (0, -foot, 0.02 - ankle)
        build.bone(f"{side}_foot", last, end, ball)
        bones[f"{side}_foot"] = (f"{side}_foot",)
        if plan.toes:
            build.bone(f"{side}_toes", f"{side}_foot", ball, ball + (0, -0.06, 0))
            bones[f"{side}_toes"] = (f"{side}_toes",)
    turn = Rotation.from_matrix(proper(plan.world[:3, :3])) * plan.body_from_armature
    return Made(build.finish(), {part: names for part, names in bones.items() if names},
                {part: turn * rest for part, rest in turns.items()})


def _column(build: _Builder, name: str, parent: str, start, count: int, length: float) -> tuple[np.ndarray, list[str]]:
    """Stack `count` bones with a slight curve. Returns the end of the last one and their names."""
    names, at = [], np.array(start, dtype=float)
    for number in range(count):
        end = at + build.size(length) / count * np.array([0, 0.1 * np.sin(2.0 * number + 1), 1.0])
        names.append(f"{name}_{number + 1}")
        build.bone(names[-1], parent, at, end)
        parent, at = names[-1], end
    return at, names


def _limb(build: _Builder, bones: dict, side: str, parts, parent: str, start, links) -> tuple[np.ndarray, str]:
    at = np.array(start, dtype=float)
    for part, link in zip(parts, links, strict=True):
        name = f"{side}_{part}"
        build.bone(name, parent, at, at + link)
        bones[name] = (name,)
        parent = name
        if build.plan.halves and part != "hand":
            build.bone(f"{name}_half", name, at + link / 2, at + link)
            parent = f"{name}_half"
        if build.plan.twists and part != "hand":
            build.bone(f"{name}_twist", name, at + link * _TWIST_AT[build.plan.twists], at + link)
            parent = f"{name}_twist" if build.plan.twists == "inside" else parent
        at = at + link
    return at, parent


def proper(linear: np.ndarray) -> np.ndarray:
    """Return the rotation of a linear map of rotation, uniform scale and possibly a mirroring."""
    left, _, right = np.linalg.svd(linear)
    turn = left @ right
    return turn * np.sign(np.linalg.det(turn))


def placed(rotation: Rotation, scale: float = 1.0, location=(0, 0, 0)) -> np.ndarray:
    """Return world_from_armature (4, 4)."""
    world = np.eye(4)
    world[:3, :3] = rotation.as_matrix() * scale
    world[:3, 3] = location
    return world
