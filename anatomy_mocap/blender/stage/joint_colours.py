"""The look of a take's armature: its sides in colours, in front of everything."""

from __future__ import annotations

import bpy

_PALETTES = {"left": "THEME04", "right": "THEME01"}
"""Side -> Blender's palette: blue and red. What is in the middle is yellow."""
_MIDDLE = "THEME09"


def colour_joints(armature: bpy.types.Object) -> None:
    """Show an armature's bones as solid ones, the left side blue, the right side red, the middle yellow."""
    armature.data.display_type = "OCTAHEDRAL"
    armature.show_in_front = True
    for bone in armature.data.bones:
        bone.color.palette = _PALETTES.get(bone.name.partition("_")[0], _MIDDLE)
