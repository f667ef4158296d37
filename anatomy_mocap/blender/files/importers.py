"""Helpers for reading and writing character files: Blender's add-ons, the objects of a character, quiet operators."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import bpy

from ...core.errors import MocapError

ADD_ONS = {".fbx": "io_scene_fbx", ".glb": "io_scene_gltf2", ".gltf": "io_scene_gltf2", ".vrm": "io_scene_gltf2",
           ".bvh": "io_anim_bvh"}
"""Blender's own add-on that reads each kind of file."""


def require_add_on(path: Path, suffix: str) -> None:
    """MocapError when Blender's add-on for this kind of file is turned off."""
    add_on = ADD_ONS.get(suffix)
    if add_on and add_on not in bpy.context.preferences.addons:
        raise MocapError(f"{path}: Blender's add-on {add_on} for {suffix} files is off; turn it on in Preferences > "
                         "Add-ons")


def character_of(armature: bpy.types.Object) -> list:
    """The armature object and the objects that move with it: its children, and the meshes that it deforms."""
    found = [armature, *armature.children_recursive]
    for item in bpy.data.objects:
        deformed = any(mod.type == "ARMATURE" and mod.object == armature for mod in item.modifiers)
        if deformed and item not in found:
            found.append(item)
    return found


_KEPT = (bpy.types.Screen, bpy.types.WindowManager, bpy.types.WorkSpace)


def everything() -> set:
    """All data-blocks of the open file, but those of windows."""
    collections = (getattr(bpy.data, name) for name in dir(bpy.data))
    return {item for kind in collections if isinstance(kind, bpy.types.bpy_prop_collection)
            for item in kind if isinstance(item, bpy.types.ID) and not isinstance(item, _KEPT)}


@contextlib.contextmanager
def quiet() -> Iterator[io.StringIO]:
    """Collect the output of importers and exporters, so that it does not mix with ours; yields it."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        yield output


def last_line(output: object) -> str:
    """The line of an error, or of an importer's output, that states the cause."""
    text = output.getvalue() if isinstance(output, io.StringIO) else str(output)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["no reason given"])[-1].rstrip(".")
