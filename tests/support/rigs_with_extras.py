"""Procedural rigs with additional bones as in real rigs (fingers, twist bones, hair, skirts, tails, props, IK targets),
other proportions, bones in any order, and names that help little, not at all, or mislead."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_mocap.rigs.rig import TargetRig, make_rig
from tests.support.made_rigs import SIDES, Made, Plan, make, placed


@dataclass(frozen=True)
class Extras:
    """The additional bones. fingers: chains a hand; joints: bones a finger. twists: twist bones beside the next joint.
    ends: end bones after head, toes and fingers. face, hair, tail, skirt, cape, breasts, prop, targets (IK, as loose
    roots), wings: whether there are any. legs, arms: stretch of the limbs. above: root bones above the rig's own."""

    fingers: int = 0
    joints: int = 3
    twists: bool = False
    ends: bool = False
    face: bool = False
    hair: int = 0
    tail: int = 0
    skirt: int = 0
    cape: bool = False
    breasts: bool = False
    prop: bool = False
    targets: bool = False
    wings: bool = False
    legs: float = 1.0
    arms: float = 1.0
    seed: int = 0


class _Wardrobe:
    def __init__(self, made: Made, plan: Plan, extras: Extras):
        self.plan, self.extras, self.random = plan, extras, np.random.default_rng(extras.seed + 1)
        turn = plan.body_from_armature.inv()
        rig = made.rig
        self.names, self.parents = list(rig.bone_names), list(rig.parents)
        self.heads, self.ends = list(turn.apply(rig.heads)), list(turn.apply(rig.tails))
        self.bones = made.bones

    def at(self, part: str) -> np.ndarray:
        return self.heads[self.names.index(self.bones[part][-1])]

    def chain(self, name: str, parent: str, start, step, count: int, turn: float = 0.0) -> str:
        at, step = np.array(start, dtype=float), np.array(step, dtype=float)
        for number in range(count):
            end = at + step
            self.names.append(f"{name}_{number + 1}")
            self.parents.append(self.names.index(parent) if parent else -1)
            self.heads.append(at)
            self.ends.append(end)
            parent, at = self.names[-1], end
            step = Rotation.from_rotvec(self.random.normal(0, turn, 3)).apply(step)
        return parent

    def both(self, name: str, parent: str, start, step, count: int) -> None:
        """Add a chain on the left and its mirror image. parent and name have {} for the side."""
        mirror = np.array([-1.0, 1, 1])
        state = self.random.bit_generator.state
        for side, flip in zip(SIDES, (1.0, mirror), strict=True):
            self.random.bit_generator.state = state
            host = parent.format(side)
            if host in self.names:
                self.chain(name.format(side), host, np.array(start) * flip, np.array(step) * flip, count)


def dressed(plan: Plan, extras: Extras) -> Made:
    """Make the plan's rig with the extras. The bones are in random order, parents first."""
    made = make(plan)
    wear = _Wardrobe(made, plan, extras)
    _hands(wear)
    _limbs(wear)
    _head(wear)
    _trunk(wear)
    _stretch(wear)
    bones = made.bones
    if np.linalg.det(plan.world[:3, :3]) < 0:  # the bones made as the left ones appear on the right
        bones = {{"left": "right_", "right": "left_"}.get(part.split("_")[0], part.split("_")[0] + "_")
                 + "_".join(part.split("_")[1:]) if part.startswith(SIDES) else part: names
                 for part, names in bones.items()}
    return replace(made, rig=_finish(wear, made.rig), bones=bones)


def _hands(wear: _Wardrobe) -> None:
    extras = wear.extras
    if wear.plan.hands and extras.fingers:
        for side in SIDES:
            hand = wear.names.index(f"{side}_hand")
            host = wear.names.index(f"{side}_middle_finger")
            wrist, tip = wear.heads[hand], wear.heads[host]
            along = tip - wrist
            aside = np.cross(along, (0, 0, 1.0) if abs(along[2]) < 0.8 * np.linalg.norm(along) else (0, 1.0, 0))
            aside *= np.linalg.norm(along) / np.linalg.norm(aside)
            wear.chain(f"{side}_middle_finger_more", f"{side}_middle_finger", tip + 0.4 * along, 0.35 * along,
                       extras.joints - 1 + extras.ends)
            for number in range(extras.fingers - 1):
                place = (number - 1.0) * 0.25 * aside
                start = wrist + (0.45 if number == 0 else 0.95) * along + place
                wear.chain(f"{side}_finger{number}", f"{side}_hand", start,
                           0.35 * along + (0.3 * place if number == 0 else 0), extras.joints + extras.ends)
    if wear.plan.hands and extras.prop:
        wear.chain("blade", "right_hand", wear.at("right_hand"), wear.random.normal(0, 0.25, 3), 2)


def _limbs(wear: _Wardrobe) -> None:
    extras = wear.extras
    for upper, lower in (("upper_arm", "lower_arm"), ("upper_leg", "lower_leg")):
        for side in SIDES if extras.twists else ():
            start, end = wear.at(f"{side}_{upper}"), wear.at(f"{side}_{lower}")
            for share in (0.33, 0.66):
                wear.chain(f"{side}_{upper}_twist{share}", f"{side}_{upper}", start + share * (end - start),
                           0.3 * (end - start), 1)
    for side in SIDES if extras.ends and wear.plan.toes else ():
        wear.chain(f"{side}_toes_tip", f"{side}_toes", wear.at(f"{side}_toes") + (0, -0.07, 0), (0, -0.03, 0), 1)
    for side in SIDES if extras.targets else ():
        ankle, knee = wear.at(f"{side}_foot"), wear.at(f"{side}_lower_leg")
        wear.chain(f"{side}_foot_goal", "", ankle, (0, 0.15, 0), 1)
        wear.chain(f"{side}_knee_goal", "", knee + (0, -0.5, 0), (0, -0.1, 0), 1)


def _head(wear: _Wardrobe) -> None:
    extras, head = wear.extras, wear.at("head")
    if extras.ends:
        wear.chain("head_tip", "head", head + (0, 0, 0.2), (0, 0, 0.05), 1)
    if extras.face:
        wear.chain("jaw", "head", head + (0, -0.02, 0.02), (0, -0.07, -0.03), 1)
        for name, start in (("eye", (0.03, -0.08, 0.08)), ("brow", (0.03, -0.09, 0.11)),
                            ("cheek", (0.05, -0.06, 0.04))):
            wear.both(name + "_{}", "head", head + start, (0, -0.03, 0), 1)
    for number in range(extras.hair):
        wear.both(f"hair{number}_{{}}", "head", head + (0.05 + 0.02 * number, 0.06, 0.14), (0.01, 0.03, -0.08), 4)


def _trunk(wear: _Wardrobe) -> None:
    extras, hips = wear.extras, wear.at("hips")
    chest = wear.bones["spine_chain"][-1]
    top = wear.at("spine_chain")
    if extras.tail:
        wear.chain("tail", "hips", hips + (0, 0.1, 0), (0, 0.12, -0.03), extras.tail, 0.1)
    for number in range(extras.skirt):
        angle = np.pi * (number + 0.5) / extras.skirt
        way = np.array([np.sin(angle), -np.cos(angle), 0])
        wear.both(f"skirt{number}_{{}}", "hips", hips + 0.13 * way, 0.03 * way + (0, 0, -0.13), 3)
    if extras.cape:
        wear.chain("cape", chest, top + (0, 0.12, 0.1), (0, 0.03, -0.2), 5)
    if extras.breasts:
        wear.both("breast_{}", chest, top + (0.08, -0.08, 0.0), (0, -0.06, 0), 1)
    if extras.wings:
        wear.both("wing_{}", chest, top + (0.07, 0.1, 0.1), (0.22, 0.12, 0.1), 4)


def _stretch(wear: _Wardrobe) -> None:
    """Stretch or shrink legs and arms equally on both sides."""
    hips = wear.at("hips")[2]
    wide = {side: wear.at(f"{side}_upper_arm") for side in SIDES}
    below = [_below(wear, f"{side}_upper_arm") for side in SIDES]
    for points in (wear.heads, wear.ends):
        for index, point in enumerate(points):
            for side, members in zip(SIDES, below, strict=True):
                if index in members:
                    point = wide[side] + (point - wide[side]) * wear.extras.arms
            drop = min(point[2] - hips, 0.0) if not any(index in members for members in below) else 0.0
            points[index] = point + (0, 0, (wear.extras.legs - 1) * drop)


def _below(wear: _Wardrobe, name: str) -> set[int]:
    members = {wear.names.index(name)}
    for index, parent in enumerate(wear.parents):
        if parent in members:
            members.add(index)
    return members


def _finish(wear: _Wardrobe, rig: TargetRig) -> TargetRig:
    plan, random = wear.plan, wear.random
    heads, ends = np.array(wear.heads), np.array(wear.ends)
    along = ends - heads
    lengths = np.maximum(np.linalg.norm(along, axis=-1), 1e-3)
    if not plan.straight:
        along = random.normal(size=along.shape)
    along /= np.linalg.norm(along, axis=-1, keepdims=True)
    side = np.cross(along, random.normal(size=along.shape))
    side /= np.linalg.norm(side, axis=-1, keepdims=True)
    rest = np.tile(np.eye(4), (len(heads), 1, 1))
    rest[:, :3, :3] = np.stack([side, along, np.cross(side, along)], axis=-1)
    rest[:, :3, 3] = heads
    body = np.eye(4)
    body[:3, :3] = plan.body_from_armature.as_matrix()
    order = _any_order(wear.parents, random)
    place = np.argsort(order)
    parents = np.array([-1 if wear.parents[old] < 0 else place[wear.parents[old]] for old in order])
    return make_rig("dressed", [wear.names[old] for old in order], parents, (body @ rest)[order], lengths[order],
                    rig.world_from_armature)


def _any_order(parents: list[int], random: np.random.Generator) -> list[int]:
    order: list[int] = []
    ready = [index for index, parent in enumerate(parents) if parent < 0]
    while ready:
        index = ready.pop(int(random.integers(len(ready))))
        order.append(index)
        ready += [child for child, parent in enumerate(parents) if parent == index]
    return order


def _modelled(random: np.random.Generator) -> Rotation:
    """Mostly facing -Y with Z up, as in Blender, or +Z with Y up, as in glTF; sometimes in any other direction."""
    yaw = random.choice([0, 0, 0, 90, 180, random.uniform(0, 360)])
    return Rotation.from_euler("x", random.choice([0, 0, -90]), degrees=True) \
        * Rotation.from_euler("z", yaw, degrees=True)


def any_plan(seed: int) -> tuple[Plan, Extras]:
    """A random plan of a rig and its extras."""
    random = np.random.default_rng(seed)
    chance = random.random
    world = placed(Rotation.from_euler("z", random.uniform(0, 360), degrees=True) if chance() < 0.7
                   else Rotation.random(random_state=seed), 10 ** random.uniform(-2, 2), random.normal(0, 2, 3))
    if chance() < 0.1:
        world = world @ np.diag([-1.0, 1, 1, 1])
    plan = Plan(
        arm_drop=random.uniform(-10, 75), arm_forward=random.uniform(-20, 40),
        elbow=random.uniform(5, 40) if chance() < 0.5 else 0, leg_spread=random.uniform(0, 18),
        knee=random.uniform(0, 12) if chance() < 0.5 else 0, spine=int(random.integers(1, 7)),
        neck=int(random.integers(0, 4)), clavicles=bool(chance() < 0.8), toes=bool(chance() < 0.75),
        hands=bool(chance() < 0.93), straight=bool(chance() < 0.5), seed=seed, world=world,
        body_from_armature=_modelled(random),
        legs_on_root=bool(chance() < 0.2), halves=bool(chance() < 0.2))
    extras = Extras(
        fingers=int(random.choice([0, 3, 4, 5, 5, 5])), joints=int(random.integers(2, 4)), twists=bool(chance() < 0.3),
        ends=bool(chance() < 0.3), face=bool(chance() < 0.4), hair=int(random.integers(0, 4) * (chance() < 0.4)),
        tail=int(random.integers(2, 8) * (chance() < 0.2)), skirt=int(random.integers(2, 6) * (chance() < 0.25)),
        cape=bool(chance() < 0.15), breasts=bool(chance() < 0.25), prop=bool(chance() < 0.2),
        targets=bool(chance() < 0.2), wings=bool(chance() < 0.08), legs=random.uniform(0.6, 1.15),
        arms=random.uniform(0.75, 1.15), seed=seed)
    return plan, extras


def scrambled(made: Made, kind: str, seed: int) -> Made:
    """Rename the rig's bones: "numbered" (Bone, Bone.001 ...), "random" letters, or "shuffled" (permuted names)."""
    random = np.random.default_rng(seed)
    names = made.rig.bone_names
    if kind == "numbered":
        new = ["Bone" if index == 0 else f"Bone.{index:03d}" for index in range(len(names))]
    elif kind == "random":
        letters = np.array(list("bcdfghjkmpqtvwxz"))
        new = ["".join(random.choice(letters, 7)) + str(index) for index in range(len(names))]
    else:
        new = [names[index] for index in random.permutation(len(names))]
    called = dict(zip(names, new, strict=True))
    return replace(made, rig=replace(made.rig, bone_names=tuple(new)),
                   bones={part: tuple(called[name] for name in bones) for part, bones in made.bones.items()})
