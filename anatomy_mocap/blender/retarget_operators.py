"""From a take to keys: on a character, or on an armature of the take's own."""

import contextlib
import time
from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper

from ..core.errors import MocapError
from .bone_rows import rig_and_map, show_map
from .takes import active_take


class ANATOMY_MOCAP_OT_retarget(bpy.types.Operator):
    """Key the armature with the active take; the armature's older actions are kept"""

    bl_idname = "anatomy_mocap.retarget"
    bl_label = "Retarget"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        return _has_take(cls, context) and _has_armature(cls, context)

    def execute(self, context):
        started = time.perf_counter()
        settings = context.scene.anatomy_mocap
        try:
            entry, take = active_take(settings)
            action, warnings = _retarget(context.scene, settings, take, entry.name)
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for warning in warnings:
            self.report({"WARNING"}, warning)
        self.report({"INFO"}, f"{action.name}: {len(take)} frames on {settings.armature.name} in "
                              f"{time.perf_counter() - started:.1f} s")
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_build_armature(bpy.types.Operator):
    """Make an armature with the person's own proportions, keyed with the active take"""

    bl_idname = "anatomy_mocap.build_armature"
    bl_label = "Build Armature From Take"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        return _has_take(cls, context)

    def execute(self, context):
        from .jobs import build_take_armature

        settings = context.scene.anatomy_mocap
        try:
            entry, take = active_take(settings)
            with _timing(context.scene, settings, take):
                built = build_take_armature(take, entry.name, settings.smoothing, settings.ground)
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{built.name}: {len(take)} frames")
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_find_bones(bpy.types.Operator):
    """Find out which bones stand for what; changes made by hand are dropped"""

    bl_idname = "anatomy_mocap.find_bones"
    bl_label = "Find Bones"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        return _has_armature(cls, context)

    def execute(self, context):
        settings = context.scene.anatomy_mocap
        settings.forget_map()
        try:
            _, bone_map = rig_and_map(settings)
        except MocapError as error:
            settings.map_state, settings.map_summary = "BAD", str(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        show_map(settings, bone_map)
        self.report({"INFO"}, settings.map_summary)
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_save_map(bpy.types.Operator, ExportHelper):
    """Save the bone map as JSON: to correct it by hand, or to use it for other characters of this kind"""

    bl_idname = "anatomy_mocap.save_map"
    bl_label = "Save Bone Map"

    filename_ext = ".json"
    filter_glob: bpy.props.StringProperty(
        name="Filter", description="Files that are shown", default="*.json", options={"HIDDEN"})

    @classmethod
    def poll(cls, context):
        return _has_armature(cls, context)

    def execute(self, context):
        path = Path(bpy.path.abspath(self.filepath))
        try:
            _, bone_map = rig_and_map(context.scene.anatomy_mocap)
            bone_map.save(path)
        except MocapError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{path.name}: saved")
        return {"FINISHED"}


def _has_take(cls, context) -> bool:
    if context.scene.anatomy_mocap.take() is None:
        cls.poll_message_set("Capture a video or load a take first")
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


def _retarget(scene, settings, take, name: str):
    """(the action, warnings): context is read before, the result written after; the work itself needs neither."""
    from ..core.retarget import retarget
    from ..pipeline import motion_of
    from .keyframes import require_editable, write_keys

    armature = settings.armature
    require_editable(armature)
    rig, bone_map = rig_and_map(settings)
    motion = motion_of(take, settings.smoothing, settings.ground)
    keys = retarget(motion, rig, bone_map, _retarget_settings(settings))
    with _timing(scene, settings, take):
        action = write_keys(armature, keys, take, name, update=settings.update_action)
    show_map(settings, bone_map)
    return action, [*bone_map.warnings, *_hindrances(armature)]


def _retarget_settings(settings):
    from ..core.retarget import RetargetSettings

    return RetargetSettings(scale=settings.scale if settings.use_scale else None, turn=settings.turn,
                            in_place=settings.in_place, keep_posture=settings.keep_posture)


@contextlib.contextmanager
def _timing(scene, settings, take):
    """Set the scene's timing, when asked, before keys are laid out by it; it is put back when that fails."""
    from .keyframes import set_scene_timing

    render = scene.render
    before = render.fps, render.fps_base, scene.frame_start, scene.frame_end, scene.frame_current
    if settings.set_timing:
        set_scene_timing(scene, take)
    try:
        yield
    except BaseException:
        render.fps, render.fps_base, scene.frame_start, scene.frame_end = before[:4]
        scene.frame_set(before[4])
        raise


def _hindrances(armature) -> list[str]:
    """What keeps the armature from showing its new action as it is."""
    found = []
    if armature.data.pose_position == "REST":
        found.append(f"{armature.name} is shown in its rest position; set it to Pose Position to see it move")
    tracks = armature.animation_data.nla_tracks
    if any(track.strips and not track.mute for track in tracks):
        found.append(f"{armature.name} has NLA tracks that also move it; mute them to see the take alone")
    return found


CLASSES = (ANATOMY_MOCAP_OT_retarget, ANATOMY_MOCAP_OT_build_armature, ANATOMY_MOCAP_OT_find_bones,
           ANATOMY_MOCAP_OT_save_map)
