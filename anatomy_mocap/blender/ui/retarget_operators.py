"""Operators that turn a take into keys: on a character, or on an armature with the person's own proportions."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy_extras.io_utils import ExportHelper

from ...core.errors import MocapError
from ...settings import OF_TAKES, KeySettings
from ..stage.collections import is_of_any
from . import jobs
from .bone_rows import rig_and_map, show_map, show_nothing
from .retarget_runs import reading, retarget_recording, retarget_take
from .settings_properties import settings_of
from .takes import active_take, has_take

if TYPE_CHECKING:
    from collections.abc import Generator

    from ...core.progress import Progress
    from ..perform import Performed


class ANATOMY_MOCAP_OT_retarget(bpy.types.Operator):
    """Key the armature with the active take, or with the motion of another armature"""

    bl_idname = "anatomy_mocap.retarget"
    bl_label = "Retarget"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.window_manager.anatomy_mocap.reading:
            cls.poll_message_set("Another motion is being read or reduced to sparse keys")
            return False
        from_take = context.scene.anatomy_mocap.motion_from == "TAKE"
        return (has_take if from_take else _has_source)(cls, context) and _has_armature(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do everything at once; in a window, another armature is read and sparse keys are found step by step."""
        from ...core.progress import drain

        started, scene = time.perf_counter(), context.scene
        settings = scene.anatomy_mocap
        _take_active(context)
        from_take = settings.motion_from == "TAKE"
        try:
            if jobs.has_window() and (settings.density == "SPARSE" or not from_take):
                name = settings.take().name if from_take else settings.source_armature.name
                jobs.add(jobs.Job(name, "reading", _steps(settings), scene.session_uid,
                                  lambda scene, done: _ended(scene, done, started), _show, _names(settings)))
                return {"FINISHED"}
            told = _result(scene, drain(_steps(settings)), started)
        except Exception as error:
            return jobs.give_up(self, error, _names(settings))
        *warnings, line = told
        for warning in warnings:
            self.report({"WARNING"}, warning)
        self.report({"INFO"}, line)
        return {"FINISHED"}


def _steps(settings: bpy.types.PropertyGroup) -> "Generator[Progress, None, Performed]":
    """Read the motion and key the character with it."""
    if settings.motion_from == "TAKE":
        return (yield from retarget_take(settings))
    recording = yield from reading(settings)
    return (yield from retarget_recording(settings, recording))


class ANATOMY_MOCAP_OT_build_armature(bpy.types.Operator):
    """Build an armature with the person's own proportions, keyed with the active take"""

    bl_idname = "anatomy_mocap.build_armature"
    bl_label = "Build Armature From Take"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_take(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..retarget_onto import build_take_armature

        settings = context.scene.anatomy_mocap
        try:
            entry, take = active_take(settings)
            built = build_take_armature(take, entry.name, settings_of(settings, OF_TAKES),
                                        settings_of(settings, KeySettings(), parts=None))
        except Exception as error:
            return jobs.give_up(self, error, settings.take().path)
        self.report({"INFO"}, f"{built.name}: {len(take)} frames")
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_find_bones(bpy.types.Operator):
    """Find the bone of each part of the body; changes made by hand are lost"""

    bl_idname = "anatomy_mocap.find_bones"
    bl_label = "Find Bones"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return _has_armature(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.anatomy_mocap
        _take_active(context)
        settings.forget_map()
        try:
            _, bone_map = rig_and_map(settings, anew=True)
        except Exception as error:
            if isinstance(error, MocapError):
                show_nothing(settings, str(error))
            return jobs.give_up(self, error, settings.armature.name)
        show_map(settings, bone_map)
        self.report({"INFO"}, settings.map_summary)
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_save_map(bpy.types.Operator, ExportHelper):
    """Save the bone map as JSON, to correct it by hand or to use it for similar characters"""

    bl_idname = "anatomy_mocap.save_map"
    bl_label = "Save Bone Map"

    filename_ext = ".json"
    filter_glob: bpy.props.StringProperty(
        name="Filter", description="Pattern of the files that are listed", default="*.json", options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return _has_armature(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = Path(bpy.path.abspath(self.filepath))
        _take_active(context)
        try:
            _, bone_map = rig_and_map(context.scene.anatomy_mocap)
            bone_map.save(path)
        except Exception as error:
            return jobs.give_up(self, error, path)
        self.report({"INFO"}, f"{path.name}: saved")
        return {"FINISHED"}


def _names(settings) -> str:
    """What a retarget reads and what it changes."""
    motion = settings.take().path if settings.motion_from == "TAKE" else settings.source_armature.name
    return f"{motion} onto {settings.armature.name}"


def _show(shown, progress) -> None:
    verb = "Reading" if progress.unit == "frames" else progress.stage.capitalize()
    shown.fraction, shown.text = progress.fraction, f"{verb}: {progress.done} of {progress.total} {progress.unit}"


def _ended(scene, done, started: float) -> list[str]:
    """`_result` of a job, which kept the playhead where the user had it."""
    settings = scene.anatomy_mocap
    if done.first and settings.set_timing and settings.motion_from == "TAKE":
        scene.frame_set(scene.frame_start)
    return _result(scene, done, started)


def _result(scene, done, started: float) -> list[str]:
    """Select the character at its first result; returns warnings and one line about the result."""
    armature = scene.anatomy_mocap.armature
    if done.first:
        _select(bpy.context, armature)
    warnings = [*done.warnings, *_hindrances(scene.anatomy_mocap)]
    scene.anatomy_mocap.result_warnings = "\n".join(warnings)
    return [*warnings,
            f"{done.action.name}: {len(done.frames)} frames on {armature.name} in "
            f"{time.perf_counter() - started:.1f} s"]


def _select(context, armature) -> None:
    """Select the armature alone and make it active, where that disturbs no mode in which the user works."""
    if context.mode != "OBJECT" or armature.name not in context.view_layer.objects or not armature.visible_get():
        return
    for item in context.selected_objects:
        item.select_set(False)
    armature.select_set(True)
    context.view_layer.objects.active = armature


def _has_source(cls, context) -> bool:
    settings = context.scene.anatomy_mocap
    if settings.source_armature is None:
        cls.poll_message_set("Choose the animated armature first")
        return False
    if settings.source_armature.name not in context.scene.objects:
        cls.poll_message_set("The animated armature is not in this scene; choose another one")
        return False
    if settings.source_armature == settings.armature:
        cls.poll_message_set("Source and character are the same armature; choose two armatures")
        return False
    return True


def _has_armature(cls, context) -> bool:
    armature = context.scene.anatomy_mocap.armature or _active_armature(context)
    if armature is None:
        cls.poll_message_set("Choose an armature first, or select one")
        return False
    if armature.name not in context.scene.objects:
        cls.poll_message_set("The armature is not in this scene; choose another one")
        return False
    return True


def _take_active(context) -> None:
    """Choose the active armature as the character where none is chosen."""
    settings = context.scene.anatomy_mocap
    if settings.armature is None:
        settings.armature = _active_armature(context)


def _active_armature(context) -> bpy.types.Object | None:
    """The active object, if it can be the character: an armature that is neither a take's nor the motion's source."""
    active, settings = context.view_layer.objects.active, context.scene.anatomy_mocap
    usable = active is not None and active.type == "ARMATURE" and not is_of_any(active)
    return active if usable and active != settings.source_armature else None


def _hindrances(settings) -> list[str]:
    """Warnings about settings that hide the new keys of the armature."""
    armature, found = settings.armature, []
    if armature.data.pose_position == "REST":
        found.append(f"{armature.name} is shown in its rest position; set it to Pose Position to see it move")
    tracks = armature.animation_data.nla_tracks
    if settings.destination != "NLA" and any(track.strips and not track.mute for track in tracks):
        found.append(f"{armature.name} has NLA tracks that also move it; mute them to see the take alone")
    return found


CLASSES = (ANATOMY_MOCAP_OT_retarget, ANATOMY_MOCAP_OT_build_armature, ANATOMY_MOCAP_OT_find_bones,
           ANATOMY_MOCAP_OT_save_map)
