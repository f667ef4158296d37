"""Write the animated character to a file: .blend, .fbx, .glb, .bvh."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import bpy
import numpy as np

from ...core.errors import MocapError
from ...core.whole_file import temporary_beside
from .bvh_file import BvhClip, write_bvh
from .importers import character_of, last_line, quiet, require_add_on


def save_result(path: str | Path, armature: bpy.types.Object) -> Path:
    """Write the character with its active action, over the scene's frame range; returns the path.

    path: .blend (the whole file, textures packed), .fbx, .glb (textures inside) or .bvh (Y up, the scene's units).
    The file is written beside its place and then renamed, so that an interrupted run leaves no unfinished file.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    writers = {".blend": _write_blend, ".fbx": _write_fbx, ".glb": _write_gltf, ".bvh": _write_bvh}
    if suffix not in writers:
        raise MocapError(f"{path}: {suffix or 'no'} ending can't be written; use {', '.join(writers)}")
    if suffix != ".bvh":
        require_add_on(path, suffix)
    if not path.parent.is_dir():  # some exporters would create it
        raise MocapError(f"{path}: can't be written (no folder {path.parent}); create it first")
    try:
        with temporary_beside(path, suffix) as partial:
            partial.unlink()  # Blender would keep an existing .blend as a backup
            with quiet() as output:
                writers[suffix](str(partial.resolve()), armature)
            if not partial.is_file():
                raise MocapError(f"{path}: Blender's exporter wrote nothing ({last_line(output)}); check that the "
                                 "folder can be written")
            os.replace(partial, path)
    except (OSError, RuntimeError) as error:
        raise MocapError(f"{path}: can't be written ({last_line(error)}); choose another folder or format") from error
    return path


def missing_files(suffix: str) -> list[str]:
    """A warning that names the side files (textures, sounds, fonts, libraries) that the result lacks; else empty.

    suffix: the ending of the result. Call it after `save_result`.
    """
    if suffix == ".bvh":  # it has bones only
        return []
    kinds = ("images",) if suffix != ".blend" else ("images", "sounds", "fonts", "volumes", "movieclips",
                                                    "cache_files", "libraries")
    lost = {path for kind in kinds for item in getattr(bpy.data, kind) if (path := _lost_file(item))}
    if not lost:
        return []
    shown = ", ".join(sorted(lost)[:4]) + (f" and {len(lost) - 4} more" if len(lost) > 4 else "")
    return [f"these files of the character were not found, so the result lacks them: {shown}; put them back, or find "
            "them in Blender (File > External Data > Find Missing Files)"]


def _lost_file(item) -> str:
    """The path of a data-block's file, if the data-block needs one that can't be read; else empty."""
    path = item.filepath
    if not path or path == "<builtin>" or getattr(item, "packed_file", None):
        return ""
    if getattr(item, "source", "FILE") not in ("FILE", "SEQUENCE", "MOVIE", "TILED"):
        return ""
    full = Path(bpy.path.abspath(path, library=item.library if not isinstance(item, bpy.types.Library) else None))
    found = any(full.parent.glob(full.name.replace("<UDIM>", "*"))) if "<UDIM>" in path else os.access(full, os.R_OK)
    return "" if found else str(full)


def _write_blend(file: str, armature) -> None:
    with contextlib.suppress(RuntimeError):  # it packs what it finds; `missing_files` names the rest
        bpy.ops.file.pack_all()  # so that the file contains the character's textures
    bpy.ops.wm.save_as_mainfile(filepath=file, copy=True, check_existing=False, compress=True)


def _write_fbx(file: str, armature) -> None:
    _select_only(character_of(armature))
    scene = bpy.context.scene
    name, scene.name = scene.name, _action_name(armature)  # the exporter calls the animation after the scene
    try:
        bpy.ops.export_scene.fbx(
            filepath=file, check_existing=False, use_selection=True, object_types={"ARMATURE", "MESH", "EMPTY"},
            add_leaf_bones=False, bake_anim=True, bake_anim_use_nla_strips=False, bake_anim_use_all_actions=False,
            bake_anim_simplify_factor=0.0, path_mode="COPY", embed_textures=True)
    finally:
        scene.name = name


def _write_gltf(file: str, armature) -> None:
    _select_only(character_of(armature))
    bpy.ops.export_scene.gltf(
        filepath=file, check_existing=False, use_selection=True, export_format="GLB",
        export_animation_mode="ACTIVE_ACTIONS", export_nla_strips_merged_animation_name=_action_name(armature),
        export_frame_range=True, export_anim_slide_to_zero=True, export_optimize_animation_size=False,
        export_current_frame=False)


def _write_bvh(file: str, armature) -> None:
    scene = bpy.context.scene
    bones = list(armature.data.bones)  # parents come first
    names = [bone.name for bone in bones]
    world = np.array(armature.matrix_world)
    rest = world @ np.array([bone.matrix_local for bone in bones])
    tails = np.array([bone.tail_local for bone in bones]) @ world[:3, :3].T + world[:3, 3]
    current = scene.frame_current
    pose = np.empty((scene.frame_end - scene.frame_start + 1, len(bones), 4, 4))
    for index, frame in enumerate(range(scene.frame_start, scene.frame_end + 1)):
        scene.frame_set(frame)
        pose[index] = np.array(armature.matrix_world) @ np.array([armature.pose.bones[name].matrix for name in names])
    scene.frame_set(current)
    parents = [names.index(bone.parent.name) if bone.parent else -1 for bone in bones]
    write_bvh(Path(file), BvhClip(names, parents, rest, tails, pose, scene.render.fps_base / scene.render.fps))


def _action_name(armature) -> str:
    data = armature.animation_data
    return data.action.name if data and data.action else armature.name


def _select_only(objects: list) -> None:
    """Select the character for the exporters. Hidden objects can't be selected, so they are shown."""
    for item in bpy.context.view_layer.objects:
        item.select_set(False)
    for item in objects:
        if item.name in bpy.context.view_layer.objects:
            item.hide_viewport = False
            item.hide_set(False)
            item.select_set(True)
