"""Left and right: whether a rig's sides are the body's, by evidence of its form."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.skeleton import SIDES
from ..maths.rotations import unit
from .foot_form import heelless_end, names_toes
from .rig import TargetRig
from .tuning import TUNING

SWAPPED = "left and right are swapped: the armature is mirrored, or its bones are named the other way round"
"""The warning for a rig whose sides are exchanged."""


USUAL_FRONTS = ((np.array([0.0, 0, 1]), np.array([0.0, -1, 0])), (np.array([0.0, 1, 0]), np.array([0.0, 0, 1])))
"""(up, front) in armature space, by the custom of Blender and of glTF."""


def other_side(part: str) -> str:
    """The same part on the other side; a part of the middle is its own."""
    side, _, rest = part.partition("_")
    return {"left": f"right_{rest}", "right": f"left_{rest}"}.get(side, part)


def swap_warnings(rig: TargetRig, mapped: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The warning that the sides of a map are exchanged when it is read as a body; [] if they are not.

    mapped: part -> names of its bones.
    """
    bones = {part: tuple(map(rig.index, names)) for part, names in mapped.items() if names}
    return [SWAPPED] if sides_swapped(rig, bones) else []


def sides_swapped(rig: TargetRig, bones: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether the bones named left are on the body's right, as in an armature mirrored by its object's scale.

    The direction of the toes is compared with the front that hip line and up axis give. Bones behind the ankle that are
    not named toes may be heels: they need the elbows and knees, an unusual front or a mirrored object to confirm them.
    Without feet, the elbows and knees of a mirrored object decide, or the mirror itself; any other rig is taken as
    named.
    bones: part -> bone indices, upper arms and legs among them.
    """
    heads = rig.in_world(rig.heads)
    at = {part: heads[indices[0]] for part, indices in bones.items() if indices}
    across = at["left_upper_leg"] - at["right_upper_leg"]
    up = (at["left_upper_arm"] + at["right_upper_arm"] - at["left_upper_leg"] - at["right_upper_leg"]) / 2
    front = unit(np.cross(across, up))
    enough = TUNING.feet_ahead * np.linalg.norm(up)
    feet = sum(_foot_ahead(rig, bones, side, front) for side in SIDES if f"{side}_foot" in at)
    mirrored = np.linalg.det(rig.world_from_armature[:3, :3]) <= 0
    if feet > enough:
        return False
    if feet < -enough:
        # Toes decide that are named so. Other bones behind the ankle may be heels: something must confirm them.
        toes = [rig.bone_names[bones[f"{side}_toes"][0]] for side in SIDES if bones.get(f"{side}_toes")]
        known = any(map(names_toes, toes)) or (toes and not _faces_as_usual(rig, unit(up), front))
        return bool(known or mirrored or _bends(at, front) < -TUNING.bends_ahead * np.linalg.norm(up))
    # Without evidence against it, a mirrored object has swapped sides.
    return bool(mirrored and _bends(at, front) < TUNING.bends_ahead * np.linalg.norm(up))


def toes_behind(rig: TargetRig, bones: Mapping[str, tuple[int, ...]]) -> list[str]:
    """The parts of a map that are toes by their place alone, but lie behind the ankle of a body with its named sides.

    They are heels. bones: part -> bone indices, upper arms and legs among them.
    """
    if sides_swapped(rig, bones):
        return []
    heads = rig.in_world(rig.heads)
    legs, arms = ([heads[bones[f"{side}_upper_{limb}"][0]] for side in SIDES] for limb in ("leg", "arm"))
    front = np.cross(legs[0] - legs[1], np.mean(arms, axis=0) - np.mean(legs, axis=0))
    return [f"{side}_toes" for side in SIDES if bones.get(f"{side}_toes") and bones.get(f"{side}_foot")
            and not names_toes(rig.bone_names[bones[f"{side}_toes"][0]])
            and (heads[bones[f"{side}_toes"][0]] - heads[bones[f"{side}_foot"][0]]) @ front < 0]


def _faces_as_usual(rig: TargetRig, up: np.ndarray, front: np.ndarray) -> bool:
    """Whether the front, with the sides as named, is that of Blender's or glTF's custom in the armature's own axes."""
    linear = rig.world_from_armature[:3, :3]
    return any(unit(linear @ own_up) @ up > 0.9 and unit(linear @ own_front) @ front > 0.5
               for own_up, own_front in USUAL_FRONTS)


def _foot_ahead(rig: TargetRig, bones: Mapping[str, tuple[int, ...]], side: str, front: np.ndarray) -> float:
    """How far a foot's end is ahead of its ankle; 0 for one whose tail and whose bones point to opposite ways."""
    foot = bones[f"{side}_foot"][0]
    ankle, tail = rig.in_world(rig.heads[foot]), rig.in_world(rig.tails[foot])
    ahead, own = float(np.dot(heelless_end(rig, bones, side) - ankle, front)), float(np.dot(tail - ankle, front))
    unknown = not bones.get(f"{side}_toes")
    return 0.0 if unknown and ahead < 0 < own else ahead


def _bends(at: Mapping[str, np.ndarray], front: np.ndarray) -> float:
    """How far knees bend ahead and elbows back, world units; negative if they bend the other way."""
    bends = 0.0
    for side in SIDES:
        for limb, end, way in (("leg", "foot", 1.0), ("arm", "hand", -1.0)):
            if f"{side}_{end}" in at:
                middle = at[f"{side}_lower_{limb}"] - at[f"{side}_upper_{limb}"]
                line = unit(at[f"{side}_{end}"] - at[f"{side}_upper_{limb}"])
                bends += way * np.dot(middle - line * np.dot(middle, line), front)
    return bends
