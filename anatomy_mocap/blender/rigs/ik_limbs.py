"""The arms and legs of a control rig that have IK controls beside their FK controls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import bpy

from ...core.skeleton import SIDES

LIMBS = {"arm": ("upper_arm", "lower_arm", "hand"), "leg": ("upper_leg", "lower_leg", "foot")}
"""The parts of a bone map in an arm and in a leg."""
_NEAR = 0.02
"""Distance of the heads of FK and IK bones of one joint, as a share of the bone's length. Guessed."""


@dataclass(frozen=True)
class IkLimb:
    """The IK controls of one arm or leg.

    upper, lower: FK bones of the limb. ends: pairs (FK bone, IK control) that must coincide, parents first.
    pole: the control towards which the limb bends; "" where there is none. chain: (bone, constraint name) of the IK.
    """

    upper: str
    lower: str
    ends: tuple[tuple[str, str], ...]
    pole: str
    chain: tuple[str, str]

    @property
    def controls(self) -> tuple[str, ...]:
        """Names of the controls to be keyed."""
        return tuple(ik for _, ik in self.ends) + ((self.pole,) if self.pole else ())


def find_ik(armature: bpy.types.Object, mapped: Mapping[str, tuple[str, ...]]) -> list[IkLimb]:
    """The IK limbs at the place of mapped FK limbs."""
    found = []
    bones = armature.pose.bones
    for side in SIDES:
        for parts in LIMBS.values():
            names = [(mapped.get(f"{side}_{part}") or ("",))[0] for part in parts]
            if not all(name in bones for name in names):
                continue
            toes = mapped.get(f"{side}_toes") or ()
            limb = _ik_limb(armature, *names, toes[:1] if parts[-1] == "foot" else ())
            found += [limb] if limb else []
    return found


def _ik_limb(armature, upper: str, lower: str, end: str, toes) -> IkLimb | None:
    bones = armature.pose.bones
    place, size = bones[lower].bone.head_local, bones[lower].bone.length
    chains = [(bone, each) for bone in bones for each in bone.constraints
              if each.type == "IK" and each.subtarget and each.target == armature
              and (bone.bone.head_local - place).length < _NEAR * size and bone.name not in (upper, lower)]
    if not chains:
        return None
    bone, chosen = max(chains, key=lambda pair: bool(pair[1].pole_subtarget))
    pairs = [(end, _twin(armature, end) or _handle(bones[chosen.subtarget]))]
    pairs += [(toe, _twin(armature, toe)) for toe in toes if _twin(armature, toe)]
    pole = bones.get(chosen.pole_subtarget)
    return IkLimb(upper, lower, tuple(pairs), _handle(pole) if pole else "", (bone.name, chosen.name))


def _twin(armature, name: str) -> str:
    """The IK control with the name of the FK control, "fk" replaced by "ik"; "" where there is none."""
    for fk, ik in (("fk", "ik"), ("FK", "IK"), ("Fk", "Ik")):
        twin = re.sub(rf"(?<![A-Za-z]){fk}(?![A-Za-z])", ik, name)
        if twin != name and twin in armature.pose.bones:
            return twin
    return ""


def _handle(bone) -> str:
    """The bone that moves an IK target: its highest ancestor that no constraint moves."""
    while bone.parent and not bone.parent.constraints and bone.parent.custom_shape:
        bone = bone.parent
    return bone.name
