"""Loose parts: limbs on roots of their own, which need a location of their own for the body to stay in one piece."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..core.errors import MocapError
from ..core.skeleton import SIDES
from .rig import TargetRig

Bones = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class LoosePart:
    """bone: index of the bone that is moved. anchor: index of the mapped bone to which it stays attached as at rest."""

    bone: int
    anchor: int


class _Link(NamedTuple):
    """bone, anchor: indices of a mapped bone and of the one before it. within_limb: whether both are of one limb."""

    bone: int
    anchor: int
    within_limb: bool


def find_body_root(rig: TargetRig, bones: Bones) -> int:
    """Index of the bone that moves the body: the hips, or the common ancestor of hips, legs, arms and head.

    Parts on another root than that of the hips are ignored. bones: part -> bone indices.
    """
    hips = bones["hips"][0]
    carried = [bones[f"{side}_upper_{limb}"][0] for side in SIDES for limb in ("leg", "arm")]
    carried += [bones[part][-1] for part in ("spine_chain", "head") if bones.get(part)]
    root = rig.lineage(hips)[-1]
    return rig.common_ancestor([hips, *(bone for bone in carried if rig.lineage(bone)[-1] == root)])


def loose_parts(rig: TargetRig, bones: Bones, body_root: int) -> tuple[LoosePart, ...]:
    """The parts that are no descendants of the body_root, and ends of limbs that are no descendants of their limb.

    Parts on one root with one anchor (both legs on the hips, say) move together, by their common ancestor.
    bones: part -> bone indices. body_root: see `find_body_root`.
    """
    mapped = {bone for indices in bones.values() for bone in indices}
    single, roots = [], {}
    for bone, anchor, within_limb in _body(bones):
        line = rig.lineage(bone)
        if anchor in line or (body_root in line and not within_limb):
            continue
        if body_root in line or mapped & set(line[1:]):
            if within_limb:
                single.append(LoosePart(bone, anchor))
        else:
            roots.setdefault(line[-1], []).append(LoosePart(bone, anchor))
    for parts in roots.values():
        above = rig.common_ancestor([part.bone for part in parts])
        together = len({part.anchor for part in parts}) == 1 and body_root not in rig.subtree(above)
        single += [LoosePart(above, parts[0].anchor)] if together and above >= 0 else parts
    return tuple(single)


def _body(bones: Bones) -> list[_Link]:
    """Every mapped bone but the hips, with the bone before it."""
    trunk = [*bones["hips"][:1], *bones.get("spine_chain", ()), *bones.get("neck", ()), *bones.get("head", ())[:1]]
    found = [_Link(bone, before, False) for before, bone in zip(trunk[:-1], trunk[1:], strict=True)]
    chest = (bones.get("spine_chain") or bones["hips"])[-1]
    for side in SIDES:
        for start, parts in ((chest, ("shoulder", "upper_arm", "lower_arm", "hand")),
                             (bones["hips"][0], ("upper_leg", "lower_leg", "foot", "toes"))):
            before = start
            for part in parts:
                if bones.get(f"{side}_{part}"):
                    bone = bones[f"{side}_{part}"][0]
                    found.append(_Link(bone, before, part not in ("shoulder", "upper_arm", "upper_leg")))
                    before = bone
    return found


def movable(rig: TargetRig, part: LoosePart, keyed: Collection[int]) -> int:
    """Index of the bone whose location moves a loose part: its own, or the next ancestor that is not connected.

    keyed: bones with keys of their own. Raises MocapError if the part is connected to one of these.
    """
    for bone in rig.lineage(part.bone):
        if rig.parents[bone] < 0 or not rig.connected[bone]:
            return bone
        if rig.parents[bone] in keyed:
            break
    names = rig.bone_names
    raise MocapError(f"{rig.name}: {names[part.bone]!r} has to hold to {names[part.anchor]!r} but is connected to "
                     f"{names[rig.parents[bone]]!r}; disconnect it, or parent it where it belongs")
