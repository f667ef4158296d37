"""Load animated files as sources of motion: BVH, FBX, glTF, VRM, .blend."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...core.errors import MocapError
from ..rigs.played_action import bone_curve_counts, play_slot
from .importers import last_line, quiet
from .rig_files import choose_armature, load_rig

_GLTF_RATE = 30
"""Frame rate for files whose format stores times in seconds only. Chosen: usual for glTF."""


def load_source(path: str | Path, armature_name: str | None = None) -> bpy.types.Object:
    """Load an animated file into an empty file, at its own frame rate; returns its armature object.

    path: see `load_rig`; a .blend is opened with its scene, and without running its scripts.
    armature_name: the armature, where there are several. An armature without an action plays the file's longest one.
    """
    path = Path(path)
    if path.suffix.lower() == ".blend":
        armature = _open(path, armature_name)
    else:
        bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = _GLTF_RATE, 1.0
        armature = load_rig(path, armature_name, its_timing=True)
    _require_motion(path, armature)
    armature.hide_viewport = False
    armature.hide_set(False)
    bpy.context.view_layer.update()
    return armature


def _open(path: Path, armature_name: str | None):
    if not path.is_file():
        raise MocapError(f"{path}: no such file; give the animated file")
    try:
        with quiet():
            bpy.ops.wm.open_mainfile(filepath=str(path.resolve()), load_ui=False, use_scripts=False)
    except RuntimeError as error:
        raise MocapError(f"{path}: Blender can't read it ({last_line(error)}); save it again, with this version of "
                         "Blender or an older one") from error
    return choose_armature(path, list(bpy.context.scene.objects), armature_name)


def _require_motion(path: Path, armature) -> None:
    """Assign an action of the file to an armature that plays none; MocapError where the file has none."""
    data = armature.animation_data or armature.animation_data_create()
    moved = armature.constraints or any(bone.constraints for bone in armature.pose.bones)
    if data.action and bone_curve_counts(data.action, armature):
        play_slot(armature, data.action)
        return
    if data.action or any(not track.mute and track.strips for track in data.nla_tracks) or moved:
        return
    actions = [action for action in bpy.data.actions if action.frame_range[1] > action.frame_range[0]]
    if not actions:
        raise MocapError(f"{path}: its armature {armature.name} is not animated; give a file that has an action")
    own = [action for action in actions if bone_curve_counts(action, armature)] or actions
    play_slot(armature, max(own, key=lambda action: action.frame_range[1] - action.frame_range[0]))
