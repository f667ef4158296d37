"""Left and right: whether a rig's sides are the body's, by evidence of its form."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.skeleton import SIDES
from ..maths.rotations import unit
from .foot_form import heelless_end
from .rig import TargetRig
from .tuning import TUNING

SWAPPED = "left and right are swapped: the armature is mirrored, or its bones are named the other way round"
"""The warning for a rig whose sides are exchanged."""


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

    The direction of the toes is compared with the front that hip line and up axis give. Bones behind the ankle may be
    heels: they need the elbows and knees, or a mirrored object, to confirm them. Without feet, the elbows and knees of
    a mirrored object decide, or the mirror itself; any other rig is taken as named.
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
        # Toes that the map knows decide. Other bones behind the ankle may be heels: something must confirm them.
        known = any(bones.get(f"{side}_toes") for side in SIDES)
        return known or mirrored or _bends(at, front) < -TUNING.bends_ahead * np.linalg.norm(up)
    # Without evidence against it, a mirrored object has swapped sides.
    return bool(mirrored and _bends(at, front) < TUNING.bends_ahead * np.linalg.norm(up))


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
