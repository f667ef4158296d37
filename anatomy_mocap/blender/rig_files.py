"""Characters from and to files: .blend, .fbx, .glb, .gltf, .vrm, .bvh."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import bpy

from ..core.errors import MocapError

_ADD_ONS = {".fbx": "io_scene_fbx", ".glb": "io_scene_gltf2", ".gltf": "io_scene_gltf2", ".vrm": "io_scene_gltf2",
            ".bvh": "io_anim_bvh"}
_GLTF_BONE_SHAPES = "glTF_not_exported"
"""The collection in which Blender's glTF importer keeps a ball that it shows in place of bones."""


def load_rig(path, armature_name: str | None = None):
    """Bring a character's file into the current file; returns its armature object, linked to the scene.

    path: a rig file. armature_name: which armature, where the file holds several.
    Everything that came with it (meshes, materials, images, its own actions) stays; on failure nothing stays.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix != ".blend" and suffix not in _ADD_ONS:
        raise MocapError(f"{path}: {suffix or 'no'} ending is no rig file; use .blend, {', '.join(_ADD_ONS)}")
    if not path.is_file():
        raise MocapError(f"{path}: no such file; give the character's file")
    with _all_or_nothing():
        objects = _append(path) if suffix == ".blend" else _import(path, suffix)
        armature = _choose(path, objects, armature_name)
        if armature.name not in bpy.context.scene.objects:
            _link_character(armature, objects)
        _drop_bone_shapes(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.context.view_layer.update()
    return armature


def save_result(path, armature) -> Path:
    """Write the character with the action that it plays now: .blend (the whole file), .fbx, .glb or .bvh.

    Written beside and renamed, so an interrupted run leaves nothing half-made.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    writers = {".blend": _write_blend, ".fbx": _write_fbx, ".glb": _write_gltf, ".bvh": _write_bvh}
    if suffix not in writers:
        raise MocapError(f"{path}: {suffix or 'no'} ending can't be written; use {', '.join(writers)}")
    _require_add_on(path, suffix)
    partial = path.with_name(f".{path.stem}.part{suffix}")
    try:
        with _quiet() as said:
            writers[suffix](str(partial.resolve()), armature)
        if not partial.is_file():
            raise MocapError(f"{path}: Blender's exporter wrote nothing ({_last_line(said)})")
        os.replace(partial, path)
    except (OSError, RuntimeError) as error:
        raise MocapError(f"{path}: can't be written ({_last_line(error)}); choose another folder or format") from error
    finally:
        partial.unlink(missing_ok=True)
    return path


def character_of(armature) -> list:
    """The armature object and the objects that move with it: its children, and meshes that it deforms."""
    found = [armature, *armature.children_recursive]
    for item in bpy.data.objects:
        deformed = any(mod.type == "ARMATURE" and mod.object == armature for mod in item.modifiers)
        if item not in found and deformed:
            found.append(item)
    return found


@contextlib.contextmanager
def _all_or_nothing() -> Iterator[None]:
    """On failure remove every data-block that was not there before."""
    before = _everything()
    try:
        yield
    except BaseException:
        bpy.data.batch_remove(_everything() - before)
        raise


def _everything() -> set:
    collections = (getattr(bpy.data, name) for name in dir(bpy.data))
    return {item for kind in collections if isinstance(kind, bpy.types.bpy_prop_collection)
            for item in kind if isinstance(item, bpy.types.ID) and not isinstance(item, _KEPT)}


_KEPT = (bpy.types.Screen, bpy.types.WindowManager, bpy.types.WorkSpace)


def _append(path: Path) -> list:
    try:
        with _quiet(), bpy.data.libraries.load(str(path.resolve()), link=False) as (source, target):
            target.objects = list(source.objects)
    except (OSError, RuntimeError) as error:
        raise MocapError(f"{path}: Blender can't read it ({_last_line(error)}); save it again, with this version of "
                         "Blender or an older one") from error
    return [item for item in target.objects if item is not None]


def _import(path: Path, suffix: str) -> list:
    _require_add_on(path, suffix)
    scene, before = bpy.context.scene, set(bpy.data.objects)
    timing = (scene.render.fps, scene.render.fps_base, scene.frame_start, scene.frame_end)
    try:
        with _quiet() as said:
            _run_importer(path, suffix)
    except Exception as error:  # the importers are add-ons in Python: a damaged file can raise anything
        raise MocapError(f"{path}: Blender's {suffix} importer failed ({_last_line(error)}); export the character "
                         "again") from error
    finally:
        scene.render.fps, scene.render.fps_base, scene.frame_start, scene.frame_end = timing
    objects = [item for item in bpy.data.objects if item not in before]
    if not objects:
        raise MocapError(f"{path}: Blender's {suffix} importer found nothing in it ({_last_line(said)})")
    return objects


def _run_importer(path: Path, suffix: str) -> None:
    if suffix == ".fbx":
        bpy.ops.import_scene.fbx(filepath=str(path))
    elif suffix == ".bvh":
        bpy.ops.import_anim.bvh(filepath=str(path), rotate_mode="QUATERNION")
    elif suffix == ".vrm":  # a .glb by another name; the importer goes by the name
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / f"{path.stem}.glb"
            shutil.copyfile(path, copy)
            bpy.ops.import_scene.gltf(filepath=str(copy), disable_bone_shape=True)
    else:
        bpy.ops.import_scene.gltf(filepath=str(path), disable_bone_shape=True)


def _choose(path: Path, objects: list, name: str | None):
    armatures = {item.name: item for item in objects if item.type == "ARMATURE"}
    if not armatures:
        kinds = sorted({item.type.lower() for item in objects}) or ["no objects"]
        raise MocapError(f"{path}: no armature (found: {', '.join(kinds)}); give a rigged character")
    names = ", ".join(armatures)
    if name is None and len(armatures) > 1:
        raise MocapError(f"{path}: several armatures ({names}); choose one with --armature NAME")
    if name is not None and name not in armatures:
        raise MocapError(f"{path}: no armature named {name!r} (found: {names})")
    return armatures[name] if name else next(iter(armatures.values()))


def _link_character(armature, objects: list) -> None:
    """Show the appended armature, what hangs on it and what it hangs on; the rest (widgets) stays out of the scene."""
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


def _require_add_on(path: Path, suffix: str) -> None:
    add_on = _ADD_ONS.get(suffix)
    if add_on and add_on not in bpy.context.preferences.addons:
        raise MocapError(f"{path}: Blender's add-on {add_on} for {suffix} files is off; turn it on in Preferences > "
                         "Add-ons")


def _select_only(objects: list) -> None:
    for item in bpy.context.view_layer.objects:
        item.select_set(False)
    for item in objects:
        if item.name in bpy.context.view_layer.objects:
            item.hide_set(False)
            item.select_set(True)


def _write_blend(file: str, armature) -> None:
    bpy.ops.file.pack_all()  # the character's textures travel with it
    bpy.ops.wm.save_as_mainfile(filepath=file, copy=True, check_existing=False, compress=True)


def _write_fbx(file: str, armature) -> None:
    _select_only(character_of(armature))
    bpy.ops.export_scene.fbx(
        filepath=file, check_existing=False, use_selection=True, object_types={"ARMATURE", "MESH", "EMPTY"},
        add_leaf_bones=False, bake_anim=True, bake_anim_use_nla_strips=False, bake_anim_use_all_actions=False,
        bake_anim_simplify_factor=0.0, path_mode="COPY", embed_textures=True)


def _write_gltf(file: str, armature) -> None:
    _select_only(character_of(armature))
    bpy.ops.export_scene.gltf(
        filepath=file, check_existing=False, use_selection=True, export_format="GLB",
        export_animation_mode="ACTIVE_ACTIONS", export_frame_range=True, export_anim_slide_to_zero=True,
        export_optimize_animation_size=False, export_current_frame=False)


def _write_bvh(file: str, armature) -> None:
    _select_only([armature])
    bpy.context.view_layer.objects.active = armature
    scene = bpy.context.scene
    bpy.ops.export_anim.bvh(filepath=file, check_existing=False, frame_start=scene.frame_start,
                            frame_end=scene.frame_end, root_transform_only=True)


@contextlib.contextmanager
def _quiet() -> Iterator[io.StringIO]:
    """Keep what importers and exporters print off the command line's output; yields it."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        yield said


def _last_line(said) -> str:
    """The telling line of an error or of an importer's chatter."""
    text = said.getvalue() if isinstance(said, io.StringIO) else str(said)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["no reason given"])[-1].rstrip(".")
