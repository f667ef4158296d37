"""The custom properties with which a control rig switches between FK and IK, found by the effect of their drivers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy

from .pose_state import evaluate

_WIDEST = 100.0
"""Widest range of a switch. Guessed: percentages are the widest in use."""
_PLACING = ("COPY_TRANSFORMS", "COPY_LOCATION", "COPY_ROTATION", "ARMATURE", "CHILD_OF", "IK", "DAMPED_TRACK",
            "TRACK_TO", "LOCKED_TRACK", "STRETCH_TO")

Score = Callable[[str, bpy.types.Constraint], float]
"""(bone name, constraint) -> how much it is wanted: positive, 0 or negative."""


@dataclass(frozen=True)
class Switch:
    """A custom property and the value that a limb needs it to have.

    bone: its owner ("" for the armature object). name: the property. value: the one needed; other: its opposite.
    kind: "limb" if it chooses between FK and IK, "follow" if it frees a control from everything but its parent,
    "pole" if it lets an IK limb bend towards its pole. concerns: names of the bones that it affects.
    """

    bone: str
    name: str
    value: float
    other: float
    kind: str = "limb"
    concerns: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """The data path, from the armature object."""
        owner = f'pose.bones["{bpy.utils.escape_identifier(self.bone)}"]' if self.bone else ""
        return f'{owner}["{bpy.utils.escape_identifier(self.name)}"]'

    def set_on(self, armature: bpy.types.Object, value: float) -> None:
        """Set the property, keeping its type of number."""
        owner = armature.pose.bones[self.bone] if self.bone else armature
        owner[self.name] = type(owner[self.name])(value)


def find_switches(armature: bpy.types.Object, driven: dict, score: Score, kind: str) -> list[Switch]:
    """The properties of `driven` that change the score, each at its better end; the pose must be at rest.

    driven: see `driven_constraints`. score(bone name, constraint) is positive if the constraint is wanted, negative if
    it is not. All properties are tried together at one end and then at the other.
    """
    ends = {key: ends_of(armature, *key) for key in driven}
    ends = {key: pair for key, pair in ends.items() if pair}
    before = {key: (armature.pose.bones[key[0]] if key[0] else armature)[key[1]] for key in ends}
    worth: dict[tuple[str, str], list[float]] = {}
    for side in (0, 1):
        for key, pair in ends.items():
            Switch(*key, 0.0, 0.0).set_on(armature, pair[side])
        evaluate(armature)
        for key in ends:
            worth.setdefault(key, []).append(sum(score(bone, each) * strength(each) for bone, each in driven[key]))
    for key, value in before.items():
        Switch(*key, 0.0, 0.0).set_on(armature, value)
    found = []
    for key, (low, high) in ends.items():
        if abs(worth[key][0] - worth[key][1]) > 0.1:
            better = int(worth[key][1] > worth[key][0])
            found.append(Switch(*key, (low, high)[better], (high, low)[better], kind,
                                _concerns(driven[key], score)))
    return found


def _concerns(pairs, score) -> frozenset[str]:
    names = set()
    for bone, constraint in pairs:
        if score(bone, constraint):
            names |= {bone, getattr(constraint, "pole_subtarget", "")}
            names |= {getattr(each, "subtarget", "") for each in constraint.id_data.pose.bones[bone].constraints}
    return frozenset(names - {""})


def strength(constraint: bpy.types.Constraint) -> float:
    """The present strength of a constraint: its influence; 0 if it is off or only scales.

    An Armature constraint with several targets counts with the weight of all but the lowest one in the hierarchy: a
    limb follows the chest, and a switch may let it follow the root instead.
    """
    if not constraint.enabled or constraint.mute or constraint.type not in _PLACING:
        return 0.0
    if constraint.type == "ARMATURE" and len(constraint.targets) > 1:
        return constraint.influence * (1.0 - _lowest_share(constraint))
    return constraint.influence


def _lowest_share(constraint) -> float:
    """The weight of an Armature constraint's lowest target in the hierarchy, divided by the sum of weights."""
    weights, depths = [], []
    for each in constraint.targets:
        bone = each.target.pose.bones.get(each.subtarget) if each.target and each.target.pose else None
        weights.append(each.weight)
        depths.append(len(bone.parent_recursive) if bone else -1)
    total = sum(weights)
    return weights[depths.index(max(depths))] / total if total > 0 else 1.0


def ends_of(armature: bpy.types.Object, bone: str, name: str) -> tuple[float, float] | None:
    """The lowest and the highest value of a property; None for one that is no switch."""
    owner = armature.pose.bones.get(bone) if bone else armature
    if owner is None or not isinstance(owner.get(name), int | float):
        return None
    if isinstance(owner[name], bool):
        return False, True
    shown = owner.id_properties_ui(name).as_dict()
    low, high = shown.get("soft_min", 0), shown.get("soft_max", 1)
    return (low, high) if 0 < high - low <= _WIDEST and not shown.get("items") else None
