"""Load characters from files: .blend, .fbx, .glb, .gltf, .vrm, .bvh."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import bpy

from ...core.errors import MocapError, require_file
from .bvh_check import check_bvh
from .gltf_check import read_gltf
from .importers import ADD_ONS, character_of, everything, last_line, quiet, require_add_on
from .vrm_file import write_as_glb

_GLTF_BONE_SHAPES = "glTF_not_exported"
"""The collection in which Blender's glTF importer keeps the balls that it shows in place of bones."""


def load_rig(path: str | Path, armature_name: str | None = None, its_timing: bool = False) -> bpy.types.Object:
    """Load a character's file into the open file; returns its armature object, linked to the scene.

    path: a rig file. armature_name: the armature, where the file has several. its_timing: give the scene the frame rate
    of the file, if its format has one.
    The file's meshes, materials, images and actions are kept; on failure everything is removed again.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix != ".blend" and suffix not in ADD_ONS:
        raise MocapError(f"{path}: {suffix or 'no'} ending is no rig file; use .blend, {', '.join(ADD_ONS)}")
    require_file(path, "give the character's file")
    with _all_or_nothing():
        objects = _append(path) if suffix == ".blend" else _import(path, suffix, its_timing)
        armature = choose_armature(path, objects, armature_name)
        if armature.name not in bpy.context.scene.objects:
            _link_character(armature, objects)
        _drop_bone_shapes(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.context.view_layer.update()
    return armature


@contextlib.contextmanager
def _all_or_nothing() -> Iterator[None]:
    """On failure remove every new data-block."""
    before = everything()
    try:
        yield
    except BaseException:
        bpy.data.batch_remove(everything() - before)
        raise


def _append(path: Path) -> list:
    try:
        with quiet(), bpy.data.libraries.load(str(path.resolve()), link=False) as (source, target):
            target.objects = list(source.objects)
    except (OSError, RuntimeError) as error:
        raise MocapError(f"{path}: Blender can't read it ({last_line(error)}); save it again, with this version of "
                         "Blender or an older one") from error
    return [item for item in target.objects if item is not None]


def _import(path: Path, suffix: str, its_timing: bool = False) -> list:
    require_add_on(path, suffix)
    if suffix in (".glb", ".gltf"):
        read_gltf(path)
    elif suffix == ".bvh":
        check_bvh(path)
    scene, before = bpy.context.scene, set(bpy.data.objects)
    timing = (scene.render.fps, scene.render.fps_base, scene.frame_start, scene.frame_end)
    try:
        with quiet() as output:
            _run_importer(path, suffix)
    except MocapError:
        raise
    except Exception as error:  # the importers are Python add-ons: a damaged file can raise any exception
        raise MocapError(f"{path}: Blender's {suffix} importer failed ({last_line(error)}); export the character "
                         "again") from error
    finally:
        if not its_timing:
            scene.render.fps, scene.render.fps_base, scene.frame_start, scene.frame_end = timing
    objects = [item for item in bpy.data.objects if item not in before]
    if not objects:
        raise MocapError(f"{path}: Blender's {suffix} importer found nothing in it ({last_line(output)}); export the "
                         "character again")
    return objects


def _run_importer(path: Path, suffix: str) -> None:
    if suffix == ".fbx":
        bpy.ops.import_scene.fbx(filepath=str(path))
    elif suffix == ".bvh":
        bpy.ops.import_anim.bvh(filepath=str(path), rotate_mode="QUATERNION", update_scene_fps=True)
    elif suffix == ".vrm":  # its content is glTF, but the importer checks the ending
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / f"{path.stem}.glb"
            write_as_glb(path, copy)
            bpy.ops.import_scene.gltf(filepath=str(copy), disable_bone_shape=True)
    else:
        bpy.ops.import_scene.gltf(filepath=str(path), disable_bone_shape=True)


def choose_armature(path: Path, objects: list, name: str | None) -> bpy.types.Object:
    """The armature called `name`, the only one, or the only one that deforms a mesh.

    MocapError lists the objects that were found instead.
    """
    armatures = {item.name: item for item in objects if item.type == "ARMATURE"}
    if not armatures:
        kinds = sorted({item.type.lower() for item in objects}) or ["no objects"]
        linked = "; of a linked character give the library's file, or make a library override and save" \
            if path.suffix.lower() == ".blend" else ""
        raise MocapError(f"{path}: no armature (found: {', '.join(kinds)}); give a rigged character{linked}")
    names = ", ".join(sorted(armatures))
    if name is None and len(armatures) > 1:
        used = {mod.object.name for item in objects for mod in item.modifiers
                if mod.type == "ARMATURE" and mod.object and mod.object.name in armatures}
        name = used.pop() if len(used) == 1 else None
    if name is None and len(armatures) > 1:
        raise MocapError(f"{path}: several armatures ({names}); choose one with --armature NAME")
    if name is not None and name not in armatures:
        raise MocapError(f"{path}: no armature named {name!r} (found: {names}); choose one of them")
    armature = armatures[name] if name else next(iter(armatures.values()))
    if not armature.data.bones:
        raise MocapError(f"{path}: the armature {armature.name} has no bones; give a rigged character")
    return armature


def _link_character(armature, objects: list) -> None:
    """Link the appended armature, its ancestors and its character; other objects (widgets) stay out of the scene."""
    top = armature
    while top.parent:
        top = top.parent
    wanted = [top, *top.children_recursive, *character_of(armature)]
    for item in objects:
        if item in wanted and item.name not in bpy.context.scene.objects:
            bpy.context.scene.collection.objects.link(item)


def _drop_bone_shapes(armature) -> None:
    shapes = bpy.data.collections.get(_GLTF_BONE_SHAPES)
    if shapes is None:
        return
    for bone in armature.pose.bones:
        if bone.custom_shape and bone.custom_shape.name in shapes.objects:
            bone.custom_shape = None
    bpy.data.batch_remove([*shapes.objects, shapes])
