"""The keys of chosen parts of the body (no bpy here)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ...core.errors import MocapError
from ...settings import BODY_PARTS

if TYPE_CHECKING:  # the panel needs nothing of the numerical libraries
    from ...retargeting.retarget import BoneKeys

PARTS = tuple(part.value for part in BODY_PARTS)
"""Names of the parts."""
_ARM, _LEG = ("shoulder", "upper_arm", "lower_arm", "hand"), ("upper_leg", "lower_leg", "foot", "toes")


def part_of(body_part: str) -> str:
    """The name in PARTS of the part to which a part of a bone map belongs."""
    side, _, rest = body_part.partition("_")
    if rest in _ARM:
        return f"{side.upper()}_ARM"
    if rest in _LEG:
        return f"{side.upper()}_LEG"
    return {"spine_chain": "SPINE", "neck": "HEAD", "head": "HEAD"}.get(body_part, "HIPS")


def keys_of_parts(keys: BoneKeys, bones: Mapping[str, tuple[str, ...]], parts: Iterable[str] | None) -> BoneKeys:
    """Only the keys of some parts; None keeps all. Kept keys stay local to their parents: they are a layer, not a pose.

    bones: those of the bone map. An unmapped bone that moves the whole body belongs to the hips, a twist bone to its
    limb.
    """
    if parts is None or set(parts) >= set(PARTS):
        return keys
    owner = {name: part_of(part) for part, names in bones.items() for name in names}
    owner = {name: part_of(part) for name, part in keys.helpers.items()} | owner
    kept = [index for index, name in enumerate(keys.bone_names) if owner.get(name, "HIPS") in parts]
    with_root = "ROOT" in parts
    if not kept and not with_root:
        raise MocapError("this character has none of the chosen parts of the body; choose parts to key")
    return replace(keys, bone_names=tuple(keys.bone_names[index] for index in kept), rotations=keys.rotations[:, kept],
                   root_bone=keys.root_bone if with_root else "", root_locations=keys.root_locations,
                   more_locations=keys.more_locations if with_root else {})
