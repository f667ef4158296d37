"""Operators that turn a take into keys: on a character, or on an armature with the person's own proportions."""

import time
from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper

from ...core.errors import MocapError
from ...settings import OF_TAKES, KeySettings
from .bone_rows import rig_and_map, show_map, show_nothing
from .retarget_runs import reading, retarget_recording, retarget_take
from .settings_properties import settings_of
from .takes import active_take

_TICK, _SLICE = 0.05, 0.04
"""Seconds between two steps of a reading in a window, and the longest time of a step. Chosen: a cancel takes 0.1 s."""


class ANATOMY_MOCAP_OT_retarget(bpy.types.Operator):
    """Key the armature with the active take, or with the motion of another armature. Esc cancels"""

    bl_idname = "anatomy_mocap.retarget"
    bl_label = "Retarget"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.window_manager.anatomy_mocap.reading:
            cls.poll_message_set("The motion of an armature is being read")
            return False
        from_take = context.scene.anatomy_mocap.motion_from == "TAKE"
        return (_has_take if from_take else _has_source)(cls, context) and _has_armature(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do everything at once; in a window, `invoke` reads another armature step by step."""
        from ...core.progress import drain

        self._started = time.perf_counter()
        settings = context.scene.anatomy_mocap
        try:
            if settings.motion_from == "TAKE":
                return self._report(context, retarget_take(settings))
            return self._report(context, retarget_recording(settings, drain(reading(settings))))
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        settings = context.scene.anatomy_mocap
        if settings.motion_from == "TAKE" or in_background(context):
            return self.execute(context)
        self._started = time.perf_counter()
        try:
            self._steps = reading(settings)
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        context.window_manager.anatomy_mocap.reading = True
        self._timer = context.window_manager.event_timer_add(_TICK, window=context.window)
        context.window_manager.modal_handler_add(self)
        context.window_manager.progress_begin(0, 1)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type == "ESC":
            self.cancel(context)
            self.report({"INFO"}, "Retargeting cancelled; nothing was changed")
            return {"CANCELLED"}
        if event.type != "TIMER":
            return {"RUNNING_MODAL"}
        try:
            until = time.perf_counter() + _SLICE
            while time.perf_counter() < until:
                context.window_manager.progress_update(next(self._steps).fraction)
            return {"RUNNING_MODAL"}
        except StopIteration as end:
            self._leave(context)
            return self._finish(context, end.value)
        except MocapError as error:
            self._leave(context)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Stop the reading. Blender calls this itself when another file is opened meanwhile."""
        self._steps.close()
        self._leave(context)

    def _finish(self, context, recording):
        try:
            return self._report(context, retarget_recording(context.scene.anatomy_mocap, recording))
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}

    def _leave(self, context):
        context.window_manager.event_timer_remove(self._timer)
        context.window_manager.progress_end()
        context.window_manager.anatomy_mocap.reading = False

    def _report(self, context, done):
        if done.first:
            _select(context, context.scene.anatomy_mocap.armature)
        for warning in [*done.warnings, *_hindrances(context.scene.anatomy_mocap)]:
            self.report({"WARNING"}, warning)
        self.report({"INFO"}, f"{done.action.name}: {len(done.frames)} frames on "
                              f"{context.scene.anatomy_mocap.armature.name} in "
                              f"{time.perf_counter() - self._started:.1f} s")
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_build_armature(bpy.types.Operator):
    """Build an armature with the person's own proportions, keyed with the active take"""

    bl_idname = "anatomy_mocap.build_armature"
    bl_label = "Build Armature From Take"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return _has_take(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..retarget_onto import build_take_armature

        settings = context.scene.anatomy_mocap
        try:
            entry, take = active_take(settings)
            built = build_take_armature(take, entry.name, settings_of(settings, OF_TAKES),
                                        settings_of(settings, KeySettings(), parts=None))
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
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
        settings.forget_map()
        try:
            _, bone_map = rig_and_map(settings, anew=True)
        except MocapError as error:
            show_nothing(settings, str(error))
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
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
        try:
            _, bone_map = rig_and_map(context.scene.anatomy_mocap)
            bone_map.save(path)
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{path.name}: saved")
        return {"FINISHED"}


def _select(context, armature) -> None:
    """Select the armature alone and make it active, where that disturbs no mode in which the user works."""
    if context.mode != "OBJECT" or armature.name not in context.view_layer.objects or not armature.visible_get():
        return
    for item in context.selected_objects:
        item.select_set(False)
    armature.select_set(True)
    context.view_layer.objects.active = armature


def in_background(context: bpy.types.Context) -> bool:
    """Whether there is no window whose events could drive a reading."""
    return bpy.app.background or context.window is None


def _has_take(cls, context) -> bool:
    if context.scene.anatomy_mocap.take() is None:
        cls.poll_message_set("Capture a video or load a take first")
        return False
    return True


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
    armature = context.scene.anatomy_mocap.armature
    if armature is None:
        cls.poll_message_set("Choose an armature first")
        return False
    if armature.name not in context.scene.objects:
        cls.poll_message_set("The armature is not in this scene; choose another one")
        return False
    return True


def _hindrances(settings) -> list[str]:
    """Warnings about settings that hide the new keys of the armature."""
    armature, found = settings.armature, []
    if armature.data.pose_position == "REST":
        found.append(f"{armature.name} is shown in its rest position; set it to Pose Position to see it move")
    tracks, action = armature.animation_data.nla_tracks, armature.animation_data.action
    if settings.destination == "NLA":
        if action:
            found.append(f"{armature.name} plays its action {action.name} over the new track; push it down or unlink "
                         "it to see the track")
    elif any(track.strips and not track.mute for track in tracks):
        found.append(f"{armature.name} has NLA tracks that also move it; mute them to see the take alone")
    return found


CLASSES = (ANATOMY_MOCAP_OT_retarget, ANATOMY_MOCAP_OT_build_armature, ANATOMY_MOCAP_OT_find_bones,
           ANATOMY_MOCAP_OT_save_map)
