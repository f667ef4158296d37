"""Which parts of the body are keyed (no bpy here)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ...core.errors import MocapError
from ...settings import BODY_PARTS

if TYPE_CHECKING:  # the panels need the names of the parts alone
    from ...retargeting.retarget import BoneKeys

PARTS = tuple(part.value for part in BODY_PARTS)
"""Names of the parts."""
_ARM, _LEG = ("shoulder", "upper_arm", "lower_arm", "hand"), ("upper_leg", "lower_leg", "foot", "toes")


def part_of(body_part: str) -> str:
    """The part of PARTS to which a part of a bone map belongs."""
    side, _, rest = body_part.partition("_")
    if rest in _ARM:
        return f"{side.upper()}_ARM"
    if rest in _LEG:
        return f"{side.upper()}_LEG"
    return {"spine_chain": "SPINE", "neck": "HEAD", "head": "HEAD"}.get(body_part, "HIPS")


def keys_of_parts(keys: BoneKeys, bones: Mapping[str, tuple[str, ...]], parts: Iterable[str] | None) -> BoneKeys:
    """Only the keys of some parts; None keeps all. They stay what they are on their parents: a layer, not a pose.

    bones: the bone map's. A bone that carries the body without being mapped goes with the hips, a twist bone with its
    limb.
    """
    if parts is None or set(parts) >= set(PARTS):
        return keys
    owner = {name: part_of(part) for part, names in bones.items() for name in names}
    owner = {name: part_of(part) for name, part in keys.helpers.items()} | owner
    kept = [index for index, name in enumerate(keys.bone_names) if owner.get(name, "HIPS") in parts]
    with_root = "ROOT" in parts
    if not kept and not with_root:
        raise MocapError("no part of the body is chosen that this character has; choose parts to key")
    return replace(keys, bone_names=tuple(keys.bone_names[index] for index in kept), rotations=keys.rotations[:, kept],
                   root_bone=keys.root_bone if with_root else "", root_locations=keys.root_locations,
                   more_locations=keys.more_locations if with_root else {})
