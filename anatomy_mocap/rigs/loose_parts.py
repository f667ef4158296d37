"""Parts of a body that do not hang on it: limbs on roots of their own, which have to be moved to hold it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.errors import MocapError
from ..core.skeleton import SIDES
from .rig import TargetRig

Bones = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class LoosePart:
    """bone: the one that is moved. anchor: the bone of the body, mapped, to which it holds as at rest."""

    bone: int
    anchor: int


def carrying_bone(rig: TargetRig, bones: Bones) -> int:
    """The bone that moves the body: the hips, or what lies above them where the legs do not hang on the hips.

    What hangs on another root than the hips is left out.
    """
    hips = bones["hips"][0]
    carried = [bones[f"{side}_upper_{limb}"][0] for side in SIDES for limb in ("leg", "arm")]
    carried += [bones[part][-1] for part in ("spine_chain", "head") if bones.get(part)]
    root = rig.lineage(hips)[-1]
    return rig.common_ancestor([hips, *(bone for bone in carried if rig.lineage(bone)[-1] == root)])


def loose_parts(rig: TargetRig, bones: Bones, carrier: int) -> tuple[LoosePart, ...]:
    """What the carrier does not carry, and ends of limbs that do not hang on their limb.

    Parts on one root that hold to one bone (both legs to the hips, say) move as one, by the bone above them.
    """
    mapped = {bone for indices in bones.values() for bone in indices}
    single, roots = [], {}
    for bone, anchor, within_limb in _body(bones):
        line = rig.lineage(bone)
        if anchor in line or (carrier in line and not within_limb):
            continue
        if carrier in line or mapped & set(line[1:]):
            if within_limb:
                single.append(LoosePart(bone, anchor))
        else:
            roots.setdefault(line[-1], []).append(LoosePart(bone, anchor))
    for parts in roots.values():
        above = rig.common_ancestor([part.bone for part in parts])
        together = len({part.anchor for part in parts}) == 1 and carrier not in rig.subtree(above)
        single += [LoosePart(above, parts[0].anchor)] if together and above >= 0 else parts
    return tuple(single)


def _body(bones: Bones) -> list[tuple[int, int, bool]]:
    """(bone, the bone of the body that comes before it, whether both are of one limb) of all mapped ones but hips."""
    trunk = [*bones["hips"][:1], *bones.get("spine_chain", ()), *bones.get("neck", ()), *bones.get("head", ())[:1]]
    found = [(bone, before, False) for before, bone in zip(trunk[:-1], trunk[1:], strict=True)]
    chest = (bones.get("spine_chain") or bones["hips"])[-1]
    for side in SIDES:
        for start, parts in ((chest, ("shoulder", "upper_arm", "lower_arm", "hand")),
                             (bones["hips"][0], ("upper_leg", "lower_leg", "foot", "toes"))):
            before = start
            for part in parts:
                if bones.get(f"{side}_{part}"):
                    bone = bones[f"{side}_{part}"][0]
                    found.append((bone, before, part not in ("shoulder", "upper_arm", "upper_leg")))
                    before = bone
    return found


def movable(rig: TargetRig, part: LoosePart, keyed) -> int:
    """The bone whose location moves a loose part: its own, or the next one above that is not connected to its parent.

    keyed: bones that move by themselves; MocapError where one of these would have to be moved along.
    """
    for bone in rig.lineage(part.bone):
        if rig.parents[bone] < 0 or not rig.connected[bone]:
            return bone
        if rig.parents[bone] in keyed:
            break
    names = rig.bone_names
    raise MocapError(f"{rig.name}: {names[part.bone]!r} has to hold to {names[part.anchor]!r} but is connected to "
                     f"{names[rig.parents[bone]]!r}; disconnect it, or parent it where it belongs")
