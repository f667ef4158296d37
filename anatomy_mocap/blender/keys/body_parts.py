"""Which parts of the body are keyed (no bpy here)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ...core.errors import MocapError

if TYPE_CHECKING:  # the panels need the names of the parts alone
    from ...retargeting.retarget import BoneKeys

PARTS = {
    "ROOT": ("Path", "The body's way through space"),
    "HIPS": ("Hips", "The turn of the pelvis"),
    "SPINE": ("Spine", "Back and chest"),
    "HEAD": ("Head", "Neck and head"),
    "LEFT_ARM": ("Left Arm", "Collar bone, arm and hand of the left side"),
    "RIGHT_ARM": ("Right Arm", "Collar bone, arm and hand of the right side"),
    "LEFT_LEG": ("Left Leg", "Leg and foot of the left side"),
    "RIGHT_LEG": ("Right Leg", "Leg and foot of the right side"),
}
"""Part -> its label and what it is."""
GROUPS = {"upper": ("SPINE", "HEAD", "LEFT_ARM", "RIGHT_ARM"), "lower": ("ROOT", "HIPS", "LEFT_LEG", "RIGHT_LEG"),
          "arms": ("LEFT_ARM", "RIGHT_ARM"), "legs": ("LEFT_LEG", "RIGHT_LEG")}
"""Words of the command line for several parts at once."""
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


def parts_from_words(words: Iterable[str]) -> frozenset[str]:
    """Parts from words such as "upper", "left_arm" or "head"; MocapError names one that is none."""
    found: set[str] = set()
    for word in words:
        name = word.strip().upper().replace("-", "_")
        if name in PARTS:
            found.add(name)
        elif name.lower() in GROUPS:
            found |= set(GROUPS[name.lower()])
        else:
            raise MocapError(f"{word!r} is no part of the body; give some of "
                             f"{', '.join([*GROUPS, *(part.lower() for part in PARTS)])}")
    return frozenset(found)
