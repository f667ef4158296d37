"""Operators that show: the video behind a take's motion, and the frames of it that deserve a look."""

from pathlib import Path

import bpy
import numpy as np
from bpy_extras.io_utils import ImportHelper

from ...scene_frames import scene_frames
from . import jobs
from .takes import active_take, has_take


class ANATOMY_MOCAP_OT_show_video(bpy.types.Operator, ImportHelper):
    """Look through the camera that filmed the active take, with the video behind the motion"""

    bl_idname = "anatomy_mocap.show_video"
    bl_label = "Show Video"
    bl_options = {"REGISTER", "UNDO"}

    filter_movie: bpy.props.BoolProperty(
        name="Filter Videos", description="List videos", default=True, options={"HIDDEN"})
    filter_image: bpy.props.BoolProperty(
        name="Filter Pictures", description="List pictures", default=True, options={"HIDDEN"})
    filter_folder: bpy.props.BoolProperty(
        name="Filter Folders", description="List folders", default=True, options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_take(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for the video only where the one that was captured is not to be found."""
        video = _video(context)
        if video is None:
            return ImportHelper.invoke(self, context, event)
        self.filepath = str(video)
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..stage.video_camera import show_video

        settings, scene = context.scene.anatomy_mocap, context.scene
        video = Path(bpy.path.abspath(self.filepath)) if self.filepath else _video(context)
        try:
            entry, take = active_take(settings)
            if video is None:
                self.report({"ERROR"}, f"{entry.name}: its video is not known; choose it")
                return {"CANCELLED"}
            camera = show_video(take, entry.name, video, scene, _first_frame(scene, entry))
        except Exception as error:
            return jobs.give_up(self, error, video or settings.take().path)
        entry.video = str(video)
        scene.camera = camera
        if context.space_data is not None and context.space_data.type == "VIEW_3D":
            context.space_data.region_3d.view_perspective = "CAMERA"
        self.report({"INFO"}, f"{camera.name}: {video.name} behind the motion")
        return {"FINISHED"}


class ANATOMY_MOCAP_OT_next_doubt(bpy.types.Operator):
    """Go to the next stretch in which the pose of the active take is uncertain"""

    bl_idname = "anatomy_mocap.next_doubt"
    bl_label = "Next Doubtful Stretch"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_take(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _go(self, context, 1)


class ANATOMY_MOCAP_OT_previous_doubt(bpy.types.Operator):
    """Go to the previous stretch in which the pose of the active take is uncertain"""

    bl_idname = "anatomy_mocap.previous_doubt"
    bl_label = "Previous Doubtful Stretch"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_take(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _go(self, context, -1)


def _go(operator, context, way: int) -> set[str]:
    """Set the playhead to the start of the stretch before or after it; from the last one on to the first."""
    scene, entry = context.scene, context.scene.anatomy_mocap.take()
    stretches = entry.doubtful_stretches()
    if not stretches:
        operator.report({"INFO"}, f"{entry.name}: no frame of low confidence")
        return {"CANCELLED"}
    now, starts = scene.frame_current, [first for first, _ in stretches]
    later = [number for number, start in enumerate(starts) if (start > now if way > 0 else start < now)]
    number = (later[0] if way > 0 else later[-1]) if later else (0 if way > 0 else len(starts) - 1)
    scene.frame_set(starts[number])
    first, last = stretches[number]
    operator.report({"INFO"}, f"Doubtful stretch {number + 1} of {len(starts)}: frames {first}-{last}")
    return {"FINISHED"}


def _first_frame(scene, entry) -> float:
    """The scene frame of the video's first picture."""
    fps, settings = scene.render.fps / scene.render.fps_base, scene.anatomy_mocap
    start = settings.start_frame if settings.use_start else None
    return float(scene_frames(np.array([entry.start]), fps, start)[0] - entry.start * fps)


def _video(context) -> Path | None:
    """The active take's video, if it is still there."""
    entry = context.scene.anatomy_mocap.take()
    path = Path(bpy.path.abspath(entry.video)) if entry.video else None
    return path if path is not None and path.is_file() else None


CLASSES = (ANATOMY_MOCAP_OT_show_video, ANATOMY_MOCAP_OT_next_doubt, ANATOMY_MOCAP_OT_previous_doubt)
