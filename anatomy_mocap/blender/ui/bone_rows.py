"""The bone map as rows of the panel, which show the bones that were found and take the user's corrections."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from . import preferences
from .properties import CHAIN_MARK

if TYPE_CHECKING:
    from ...bone_maps.bone_map import BoneMap
    from ...rigs.rig import TargetRig

SEPARATOR = f" {CHAIN_MARK} "
"""Between the bones of a chain (spine, neck), from the hips upwards."""


def rig_and_map(settings: bpy.types.PropertyGroup, anew: bool = False) -> tuple[TargetRig, BoneMap]:
    """(TargetRig, BoneMap) of the chosen armature.

    The map is the first of these that exists: the rows that the user changed, the user's file, the map that the user
    made earlier for a rig with these bones, the map found. Changed rows are remembered for rigs with these bones.
    anew: forget that memory, and find the bones.
    """
    from ...bone_maps import user_maps as store
    from ...bone_maps.bone_map import BoneMap
    from ..retarget_onto import bone_map_for
    from ..rigs.armature import read_rig

    rig, folder = read_rig(settings.armature), preferences.maps_folder()
    if settings.map_edited:
        rows = [row for row in settings.bones if row.named() and not row.finger]
        fingers = {row.name: row.named() for row in settings.bones if row.named() and row.finger}
        if not any(row.finger for row in settings.bones):  # rows of a file of an earlier version
            fingers = None
        changed = BoneMap("changed by hand", {row.name: row.named() for row in rows},
                          {name: row.score for row in rows for name in row.named()}, fingers=fingers)
        if complete(changed, rig):
            store.remember(folder, changed, rig)
        return rig, changed
    if settings.map_file:
        return rig, bone_map_for(rig, Path(bpy.path.abspath(settings.map_file)))
    if anew:
        store.forget(folder, rig)
    return rig, store.recall(folder, rig) or bone_map_for(rig, None)


def complete(bone_map: BoneMap, rig: TargetRig) -> bool:
    """Whether the rig has all bones of the map, and the map all parts that animation needs."""
    from ...bone_maps.bone_map import REQUIRED

    named = {name for names in bone_map.bones.values() for name in names}
    named |= {name for names in (bone_map.fingers or {}).values() for name in names}
    return named <= set(rig.bone_names) and all(bone_map.bones.get(part) for part in REQUIRED)


def show_map(settings: bpy.types.PropertyGroup, bone_map: BoneMap) -> None:
    """Fill the rows, one for each part of the body and each finger, and the summary.

    Rows that the user changed stay as they are.
    """
    from ...bone_maps.bone_map import FINGER_PARTS, PARTS

    if settings.map_edited:
        settings.map_state = "GOOD"
        return
    settings.forget_map()
    for part in PARTS:
        names = bone_map.bones.get(part, ())
        row = settings.bones.add()
        row.name, row.bones = part, SEPARATOR.join(names)
        row.doubtful = any(name in bone_map.doubtful for name in names)
        row.score = min((bone_map.scores.get(name, 1.0) for name in names), default=1.0)
    fingers = bone_map.fingers or {}
    _finger_rows(settings, FINGER_PARTS, fingers)
    settings.active_bone = next((index for index, row in enumerate(settings.bones) if row.doubtful), 0)
    settings.map_edited = False  # filling the rows has set it
    settings.map_state = "GOOD"
    settings.map_summary = f"{bone_map.convention}: {len(PARTS) - len(bone_map.missing)} parts found"
    if bone_map.missing:
        settings.map_summary += f", without {', '.join(part.replace('_', ' ') for part in bone_map.missing)}"
    settings.map_summary += f", {len(fingers)} fingers" if fingers else ""
    settings.map_warnings = "\n".join(bone_map.warnings)


def _finger_rows(settings, parts, fingers) -> None:
    """One row for each finger; fingers: finger -> bone names."""
    for part in parts:
        row = settings.bones.add()
        row.name, row.finger, row.bones = part, True, SEPARATOR.join(fingers.get(part, ()))
        row.doubtful, row.score = False, 1.0


def show_nothing(settings: bpy.types.PropertyGroup, why: str) -> None:
    """Empty rows for the user to fill, and the reason why no body was found."""
    from ...bone_maps.bone_map import FINGER_PARTS, PARTS

    settings.forget_map()
    for part in PARTS:
        settings.bones.add().name = part
    _finger_rows(settings, FINGER_PARTS, {})
    settings.map_edited = False  # filling the rows has set it
    settings.map_state, settings.map_summary = "BAD", why
