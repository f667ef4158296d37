"""Check of a bone map against the rig's hierarchy and rest pose; the spine is completed from the hierarchy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..core.skeleton import SIDES
from ..rigs.rig import TargetRig
from ..rigs.sides import SWAPPED, other_side, sides_swapped
from .bone_name import is_helper
from .tuning import TUNING

_LIMBS = (("upper_leg", "lower_leg", "foot", "toes"), ("shoulder", "upper_arm", "lower_arm", "hand"))


class CheckedMap(NamedTuple):
    """A map after the check. bones: part -> bone names. scores: bone name -> 0..1. warnings: for the user."""

    bones: dict[str, tuple[str, ...]]
    scores: dict[str, float]
    warnings: list[str]


def check_structure(rig: TargetRig, found: dict[str, tuple[str, ...]], scores: dict[str, float],
                    controls: bool = False) -> CheckedMap:
    """Check a map's limbs, complete its spine and neck, and exchange the sides of a mirrored rig.

    found: part -> bone names, all required parts among them. scores: bone name -> 0..1. controls: whether the bones are
    FK controls; between these there are only mechanism bones, so the spine is not completed.
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
        warnings.append(SWAPPED)
        bones = {other_side(part): names for part, names in bones.items()}
    used = {name for names in bones.values() for name in names}
    return CheckedMap(bones, {name: score for name, score in scores.items() if name in used}, warnings)


def limbs_in_order(rig: TargetRig, found: dict[str, tuple[str, ...]]) -> bool:
    """Whether most limb bones are below the bone before them in the hierarchy; shuffled names are not."""
    order = links = 0
    for side in SIDES:
        for limb in (("upper_leg", "lower_leg", "foot"), ("upper_arm", "lower_arm", "hand")):
            names = [found[f"{side}_{part}"][0] for part in limb if found.get(f"{side}_{part}")]
            for above, below in zip(names, names[1:], strict=False):
                links += 1
                order += rig.index(above) in rig.lineage(rig.index(below))[1:]
    return order >= TUNING.in_order * links


def joints_in_order(rig: TargetRig, found: dict[str, tuple[str, ...]]) -> bool:
    """Whether every lower arm and leg is below its upper one, and no limb's bones are below another limb's."""
    limbs = [[rig.index(found[f"{side}_{half}_{limb}"][0]) for half in ("upper", "lower")]
             for side in SIDES for limb in ("arm", "leg")]
    above = [set(rig.lineage(lower)) for _, lower in limbs]
    return all((upper in line) == (own == place) for own, (upper, _) in enumerate(limbs)
               for place, line in enumerate(above))


def _check_limb(rig: TargetRig, bones: dict, scores: dict, warnings: list, parts: list[str]) -> None:
    """Check that each bone of a limb is below the one before; the arm need not be below the collar bone.

    A hand, foot or toe elsewhere is dropped unless it touches its limb, and that is said; other bones become doubtful.
    """
    above = None
    for part in [part for part in parts if part in bones]:
        name = bones[part][0]
        if above is not None and rig.index(above) not in rig.lineage(rig.index(name))[1:]:
            if (part.endswith(("hand", "foot")) and _touches(rig, above, name)) \
                    or (part.endswith("toes") and _on_foot(rig, bones, above, name)):
                scores[name], above = min(scores[name], TUNING.score_by_place), name
                continue
            if part.endswith(("hand", "foot", "toes")):
                warnings.append(f"{part} ({name}): it hangs elsewhere than the limb and does not touch it, so it is "
                                "left out; map it by hand if it is the limb's end")
                del bones[part]
                continue
            scores |= {each: min(scores[each], TUNING.score_misplaced) for each in (name, above)}
            warnings.append(f"{part} ({name}) is not below {above} in the hierarchy; check both")
        if not part.endswith("shoulder"):
            above = name


def _touches(rig: TargetRig, above: str, name: str) -> bool:
    """Whether a hand or foot on another parent lies at the end of its limb: at the tail, or straight on at a length."""
    lower, bone = rig.index(above), rig.index(name)
    if np.linalg.norm(rig.tails[lower] - rig.heads[bone]) < TUNING.touches * rig.lengths[lower]:
        return True
    if rig.parents[lower] < 0:
        return False
    upper, reach = rig.heads[lower] - rig.heads[rig.parents[lower]], rig.heads[bone] - rig.heads[lower]
    size, length = float(np.linalg.norm(upper)), float(np.linalg.norm(reach))
    low, high = TUNING.limb_goes_on
    return low * size < length < high * size and float(upper @ reach) > 0.8 * size * length


def _on_foot(rig: TargetRig, bones: dict, foot: str, toes: str) -> bool:
    """Whether toes on another parent lie at the tail of the foot, or within a foot's length of the ankle."""
    ankle, ball = rig.heads[rig.index(foot)], rig.heads[rig.index(toes)]
    if np.linalg.norm(rig.tails[rig.index(foot)] - ball) < TUNING.touches * rig.lengths[rig.index(foot)]:
        return True
    knee = next((rig.heads[rig.index(bones[f"{side}_lower_leg"][0])] for side in SIDES
                 if bones.get(f"{side}_foot") == (foot,)), None)
    low, high = TUNING.foot_length
    return knee is not None and low < np.linalg.norm(ball - ankle) / max(np.linalg.norm(ankle - knee), 1e-12) < high


def _without_leg_carriers(rig: TargetRig, bones: dict) -> None:
    """Drop spine controls that move the legs too; the spine is the part above them."""
    carry = {name for side in SIDES for name in map(rig.bone_names.__getitem__,
                                                    rig.lineage(rig.index(bones[f"{side}_upper_leg"][0])))}
    bones["spine_chain"] = tuple(name for name in bones.get("spine_chain", ()) if name not in carry)


def _complete_spine(rig: TargetRig, bones: dict, scores: dict, warnings: list) -> None:
    """Replace spine and neck by the bones between hips and head in the hierarchy."""
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
    # A parent of the arms is spine unless it is as high as they are: 3ds Max puts collar bones on the neck.
    first_neck = next((place for place, bone in enumerate(path) if bone in necks and (
        place > held or (shoulders - rig.heads[bone]) @ torso < 0.1 * torso @ torso)), None)
    if first_neck is None:
        first_neck = path.index(chest) + 1 if chest in path else len(path)
    for part, chain in (("spine_chain", path[:first_neck]), ("neck", path[first_neck:])):
        names = tuple(name for name in (rig.bone_names[bone] for bone in chain)
                      if name in scores or not is_helper(name))
        lost = [name for name in bones.get(part, ()) if rig.index(name) not in path]
        if lost:
            warnings.append(f"{', '.join(lost)}: not between hips and head, so not used")
        for name in names:
            scores.setdefault(name, TUNING.score_by_place)
        bones[part] = names
