"""Checks a bone map against how the rig hangs together and how it stands, and completes it from there."""

from __future__ import annotations

from ..core.skeleton import SIDES
from ..rigs.rest_pose import sides_swapped
from ..rigs.rig import TargetRig

_LIMBS = (("upper_leg", "lower_leg", "foot", "toes"), ("shoulder", "upper_arm", "lower_arm", "hand"))
_DOUBT = 0.4
"""Score of a bone that does not hang where its part should."""
_BY_PLACE = 0.97
"""Score of a bone that is known by its place in the rig alone."""


def checked(rig: TargetRig, found: dict[str, tuple[str, ...]],
            scores: dict[str, float],
            controls: bool = False) -> tuple[dict[str, tuple[str, ...]], dict[str, float], list[str]]:
    """The map's bones, scores and warnings after looking at the rig's structure and rest pose.

    found: part -> bone names, all required parts among them. scores: bone name -> 0..1. controls:
    whether these are FK controls, between which only mechanism hangs.
    """
    bones, scores, warnings = dict(found), dict(scores), []
    for side in SIDES:
        for limb in _LIMBS:
            _check_limb(rig, bones, scores, warnings, [f"{side}_{part}" for part in limb])
    if controls:
        _without_leg_carriers(rig, bones)
    else:
        _complete_spine(rig, bones, scores, warnings)
    indices = {part: tuple(map(rig.index, names)) for part, names in bones.items()}
    if sides_swapped(rig, indices):
        warnings.append("left and right are swapped: the armature is mirrored, or its bones are named the other way")
        bones = {_other_side(part): names for part, names in bones.items()}
    used = {name for names in bones.values() for name in names}
    return bones, {name: score for name, score in scores.items() if name in used}, warnings


def hangs_together(rig: TargetRig, found: dict[str, tuple[str, ...]]) -> bool:
    """Whether the limbs' bones that names tell mostly hang in order: shuffled names tell another body."""
    order = told = 0
    for side in SIDES:
        for limb in (("upper_leg", "lower_leg", "foot"), ("upper_arm", "lower_arm", "hand")):
            names = [found[f"{side}_{part}"][0] for part in limb if found.get(f"{side}_{part}")]
            for above, below in zip(names, names[1:], strict=False):
                told += 1
                order += rig.index(above) in rig.lineage(rig.index(below))[1:]
    return order >= 0.7 * told


def _other_side(part: str) -> str:
    side, _, rest = part.partition("_")
    return {"left": f"right_{rest}", "right": f"left_{rest}"}.get(side, part)


def _check_limb(rig: TargetRig, bones: dict, scores: dict, warnings: list, parts: list[str]) -> None:
    """Each bone of a limb must hang below the one before (collar bones need not carry the arm); else hand, foot and
    toes are left out, and longer bones are doubtful."""
    above = None
    for part in [part for part in parts if part in bones]:
        name = bones[part][0]
        if above is not None and rig.index(above) not in rig.lineage(rig.index(name))[1:]:
            if part.endswith(("hand", "foot", "toes")):
                del bones[part]
                continue
            scores |= {each: min(scores[each], _DOUBT) for each in (name, above)}
            warnings.append(f"{part} ({name}) does not hang below {above}; check both")
        if not part.endswith("shoulder"):
            above = name


def _without_leg_carriers(rig: TargetRig, bones: dict) -> None:
    """Controls of the spine's lower end swing the pelvis and the legs: the spine is what bends above them."""
    carry = {name for side in SIDES for name in map(rig.bone_names.__getitem__,
                                                    rig.lineage(rig.index(bones[f"{side}_upper_leg"][0])))}
    bones["spine_chain"] = tuple(name for name in bones.get("spine_chain", ()) if name not in carry)


def _complete_spine(rig: TargetRig, bones: dict, scores: dict, warnings: list) -> None:
    """Spine and neck become what really lies between the hips and the head."""
    arms = [rig.index(bones[f"{side}_upper_arm"][0]) for side in SIDES]
    legs = [rig.index(bones[f"{side}_upper_leg"][0]) for side in SIDES]
    hips = rig.index(bones["hips"][0])
    if "head" in bones:
        chest = rig.common_ancestor([*arms, rig.index(bones["head"][0])])
        top = rig.index(bones["head"][0])
    else:
        chest = top = rig.common_ancestor(arms)
    carrier = rig.common_ancestor([hips, chest, *legs]) if chest >= 0 else -1
    if carrier < 0:
        return
    path = rig.lineage(top)
    path = path[:path.index(carrier)][::-1]
    if hips in path:
        path = path[path.index(hips) + 1:]
    if "head" in bones:
        path = path[:-1]
    necks = [rig.index(name) for name in bones.get("neck", ())]
    shoulders = rig.heads[arms].mean(axis=0)
    torso = shoulders - rig.heads[legs].mean(axis=0)
    held = path.index(chest) if chest in path else -1
    # What carries the arms is spine unless it lies as high as they do: 3ds Max hangs collar bones on the neck.
    first_neck = next((place for place, bone in enumerate(path) if bone in necks and (
        place > held or (shoulders - rig.heads[bone]) @ torso < 0.1 * torso @ torso)), None)
    if first_neck is None:
        first_neck = path.index(chest) + 1 if chest in path else len(path)
    for part, chain in (("spine_chain", path[:first_neck]), ("neck", path[first_neck:])):
        names = tuple(rig.bone_names[bone] for bone in chain)
        lost = [name for name in bones.get(part, ()) if rig.index(name) not in path]
        if lost:
            warnings.append(f"{', '.join(lost)}: not on the way from hips to head, left alone")
        for name in names:
            scores.setdefault(name, _BY_PLACE)
        bones[part] = names
