"""Body parts from words in bone names ("forearm", "Oberschenkel"), for rigs that no table fits."""

from __future__ import annotations

from ...core.skeleton import SIDES
from ...rigs.rig import TargetRig
from ..bone_map import CHAINS
from ..bone_name import part_of, side_of
from ..stub_bones import is_stub


def by_words(rig: TargetRig, found: dict) -> dict[str, tuple[str, ...]]:
    """Part -> bones by words, of names that no table has used; of several bones the highest in the hierarchy.

    found: part -> bones by a table. A bone that the table calls a collar bone, but that must be the upper arm, is
    returned as the upper arm.
    """
    taken = {name for names in found.values() for name in names}
    candidates: dict[str, list[str]] = {}
    for name in rig.bone_names:
        part, side = part_of(name), side_of(name)
        if name in taken or not part:
            continue
        if part in ("hips", "upper_leg") and "hip" in name.lower():
            part = "upper_leg" if side and "pelvis" not in name.lower() else "hips"
        sided = part not in ("hips", "spine_chain", "neck", "head")
        if bool(side) == sided:
            candidates.setdefault(f"{side}_{part}" if sided else part, []).append(name)
    for part, names in candidates.items():
        if part.startswith(SIDES):
            _drop_stubs(rig, names)
    for side in SIDES:
        _resolve_limb(rig, candidates, side, "leg", found)
        _resolve_limb(rig, candidates, side, "arm", found)
        _resolve_foot(rig, candidates, side, found)
        for end, lower in (("hand", "lower_arm"), ("foot", "lower_leg")):
            above = [*found.get(f"{side}_{lower}", ()), *candidates.get(f"{side}_{lower}", [])][:1]
            for name in above:  # an end of the limb comes before bones of its name elsewhere
                candidates.get(f"{side}_{end}", []).sort(key=lambda each, name=name: not _is_below(rig, each, name))
    return {part: tuple(names) if part in CHAINS else tuple(names[:1])
            for part, names in candidates.items() if names}


def _drop_stubs(rig: TargetRig, names: list[str]) -> None:
    """Drop a part's highest bones that only lead to the next one of them ("hip_l" above "thigh_l")."""
    while len(names) > 1 and _is_below(rig, names[1], names[0]) and is_stub(rig, *map(rig.index, names[:2])):
        names.pop(0)


def _resolve_limb(rig: TargetRig, candidates: dict[str, list[str]], side: str, limb: str, found: dict) -> None:
    """Rename "leg" to the thigh, or "shoulder" to the upper arm, if no other bone is one."""
    upper, lower = f"{side}_upper_{limb}", f"{side}_lower_{limb}"
    if upper in found or candidates.get(upper):
        return
    above, collar = candidates.get(lower, []), f"{side}_shoulder"
    if len(above) > 1 and _is_below(rig, above[1], above[0]):
        candidates[upper] = [above.pop(0)]
    elif limb == "arm" and candidates.get(collar):
        line = sorted({*found.get(collar, ()), *candidates[collar]}, key=lambda name: len(rig.lineage(rig.index(name))))
        if len(line) > 1 and not _is_below(rig, line[-1], line[0]):
            line = candidates[collar]
        candidates[upper], candidates[collar] = [line[-1]], line[:-1]


def _resolve_foot(rig: TargetRig, candidates: dict[str, list[str]], side: str, found: dict) -> None:
    """If an ankle has a foot below it and no bone is named toes, the foot is the part that bends at the ball."""
    toes, feet = f"{side}_toes", [*found.get(f"{side}_foot", ()), *candidates.get(f"{side}_foot", [])]
    if toes not in found and not candidates.get(toes) and len(feet) == 2 and _is_below(rig, feet[1], feet[0]):
        candidates[toes] = [feet[1]]


def _is_below(rig: TargetRig, name: str, above: str) -> bool:
    """Whether the bone `name` is a descendant of the bone `above`."""
    return rig.index(above) in rig.lineage(rig.index(name))[1:]
