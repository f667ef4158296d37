"""Operators of File > Import and of dropped files: videos and keypoint files are captured, takes are listed."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy_extras.io_utils import ImportHelper

from ...core.errors import MocapError
from ..ui import jobs

_VIDEOS = (".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mpg", ".mts")
_KEYPOINTS = (".json", ".csv", ".pkl", ".trc")


class ANATOMY_MOCAP_OT_import_video(bpy.types.Operator, ImportHelper):
    """Capture people from videos or from files of 2D keypoints; several files are captured one after the other"""

    bl_idname = "anatomy_mocap.import_video"
    bl_label = "Video Mocap"
    bl_options = {"REGISTER", "PRESET"}

    directory: bpy.props.StringProperty(
        name="Folder", description="Folder of the files", subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"})
    files: bpy.props.CollectionProperty(
        type=bpy.types.OperatorFileListElement, name="Files", description="Names of the files",
        options={"HIDDEN", "SKIP_SAVE"})
    filter_glob: bpy.props.StringProperty(
        name="Filter", description="Pattern of the files that are listed",
        default=";".join(f"*{suffix}" for suffix in (*_VIDEOS, *_KEYPOINTS)), options={"HIDDEN"})
    person: bpy.props.EnumProperty(
        name="Person", description="Person who is followed where several are visible", items=[
            ("LARGEST", "Largest", "The person who fills most of the picture"),
            ("ALL", "Everybody", "A take of each person, from left to right, in one world")])

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Dropped files are known: ask for the person alone; otherwise open the file browser."""
        self.person = "ALL" if context.scene.anatomy_mocap.person == "ALL" else "LARGEST"
        if self.directory and self.files:
            self.filepath = str(self._paths()[0])
            return self.invoke_popup(context, "Capture")
        return ImportHelper.invoke(self, context, event)

    def draw(self, context: bpy.types.Context) -> None:
        """Name the files, since a dropped one is seen nowhere else."""
        layout = self.layout
        layout.use_property_split = True
        for path in self._paths()[:6]:
            layout.label(text=path.name, icon="FILE_MOVIE", translate=False)
        layout.prop(self, "person", expand=True)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.anatomy_mocap
        paths = self._paths()
        try:
            if not paths:
                raise MocapError("no file is chosen; choose a video or a keypoint file")
            for path in paths:
                if not path.exists():
                    raise MocapError(f"{path}: no such file; choose a video or a keypoint file")
        except MocapError as error:
            return jobs.give_up(self, error, self.filepath)
        settings.person = self.person
        for path in paths:
            settings.source = str(path)
            if "FINISHED" not in bpy.ops.anatomy_mocap.capture():
                return {"CANCELLED"}
        return {"FINISHED"}

    def _paths(self) -> list[Path]:
        named = [Path(bpy.path.abspath(self.directory)) / item.name for item in self.files if item.name]
        return named or ([Path(bpy.path.abspath(self.filepath))] if self.filepath else [])


class ANATOMY_MOCAP_FH_video(bpy.types.FileHandler):
    """Videos and keypoint files that are dropped on the 3D view."""

    bl_idname = "ANATOMY_MOCAP_FH_video"
    bl_label = "Video Mocap"
    bl_import_operator = "anatomy_mocap.import_video"
    bl_file_extensions = ";".join((*_VIDEOS, *_KEYPOINTS))

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return context.area is not None and context.area.type == "VIEW_3D"


class ANATOMY_MOCAP_FH_take(bpy.types.FileHandler):
    """Takes that are dropped on the 3D view."""

    bl_idname = "ANATOMY_MOCAP_FH_take"
    bl_label = "Mocap Take"
    bl_import_operator = "anatomy_mocap.load_take"
    bl_file_extensions = ".npz"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return context.area is not None and context.area.type == "VIEW_3D"


CLASSES = (ANATOMY_MOCAP_OT_import_video, ANATOMY_MOCAP_FH_video, ANATOMY_MOCAP_FH_take)
