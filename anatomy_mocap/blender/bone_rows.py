"""The bone map as rows of the panel: found ones shown, the user's corrections taken."""

from pathlib import Path

import bpy

SEPARATOR = " > "
"""Between the bones of a chain (spine, neck), from the hips upwards."""


def rig_and_map(settings):
    """(TargetRig, BoneMap) of the chosen armature: the user's rows or file, or what is found."""
    from ..bone_maps.bone_map import BoneMap
    from .armature import read_rig
    from .jobs import bone_map_for

    rig = read_rig(settings.armature)
    if settings.map_edited:
        rows = {row.name: tuple(name.strip() for name in row.bones.split(SEPARATOR.strip()) if name.strip())
                for row in settings.bones}
        return rig, BoneMap("changed by hand", {part: bones for part, bones in rows.items() if bones})
    return rig, bone_map_for(rig, Path(bpy.path.abspath(settings.map_file)) if settings.map_file else None)


def show_map(settings, bone_map) -> None:
    """Fill the rows, every part of the body one, and the summary; rows that the user changed stay as they are."""
    from ..bone_maps.bone_map import PARTS

    if settings.map_edited:
        settings.map_state = "GOOD"
        return
    settings.forget_map()
    for part in PARTS:
        names = bone_map.bones.get(part, ())
        row = settings.bones.add()
        row.name, row.bones = part, SEPARATOR.join(names)
        row.doubtful = any(name in bone_map.doubtful for name in names)
    settings.map_edited = False  # filling the rows counts as a change of theirs
    settings.map_state = "GOOD"
    settings.map_summary = f"{bone_map.convention}: {len(PARTS) - len(bone_map.missing)} parts found"
    if bone_map.missing:
        settings.map_summary += f", without {', '.join(part.replace('_', ' ') for part in bone_map.missing)}"
    settings.map_warnings = "\n".join(bone_map.warnings)
