"""The properties of the panel. They belong to the scene, so that a .blend file keeps them."""

import json
from dataclasses import replace
from pathlib import Path

import bpy

from ...core.keypoint_layouts import LAYOUTS
from ...scene_frames import frame_stretches, frames_text
from ...settings import OF_ARMATURES, OF_TAKES, CaptureSettings, Choice, KeySettings, RetargetSettings
from .settings_properties import show, with_properties

_LAYOUTS = {"layout": [Choice(name, name, f"{len(layout)} keypoints") for name, layout in LAYOUTS.items()]}
_LAST_FRAME = 1048574
"""Blender's last frame."""


CHAIN_MARK = ">"
"""Between the bones of a chain (spine, neck) in a field of the panel."""


class MocapTake(bpy.types.PropertyGroup):
    """A take in the list: its file and facts about it."""

    path: bpy.props.StringProperty(name="File", description="The take's file", subtype="FILE_PATH")
    video: bpy.props.StringProperty(
        name="Video", subtype="FILE_PATH", options={"PATH_SUPPORTS_BLEND_RELATIVE"},
        description="The video or the pictures that the take was captured from")
    frames: bpy.props.IntProperty(name="Frames", description="Number of frames of the take")
    fps: bpy.props.FloatProperty(name="Frame Rate", description="Frames per second")
    low_confidence: bpy.props.IntProperty(
        name="Low Confidence", description="Number of frames in which the pose is uncertain")
    low_ranges: bpy.props.StringProperty(
        name="Uncertain Frames", description="Numbers of these frames in earlier versions, which counted from 0")
    low_spans: bpy.props.StringProperty(
        name="Uncertain Times", description="Stretches in which the pose is uncertain: seconds from the source's start")
    start: bpy.props.FloatProperty(name="Start", description="Time of the first frame from the source's start")
    height: bpy.props.FloatProperty(name="Height", description="The person's standing height", subtype="DISTANCE")
    seconds: bpy.props.FloatProperty(name="Capture Time", description="Seconds that the capture took")
    warnings: bpy.props.StringProperty(name="Warnings", description="Assumptions and omissions of the capture")
    settings: bpy.props.StringProperty(
        name="Settings", description="Clean-up settings that the take's file carries, as JSON")

    def doubtful_frames(self) -> str:
        """The scene frames of uncertain poses as the scene's rate and the panel's Start now place them."""
        return frames_text(self.doubtful_stretches())

    def doubtful_stretches(self) -> list[tuple[int, int]]:
        """First and last scene frame of each stretch of uncertain poses."""
        scene = self.id_data
        spans = [tuple(map(float, span.split(":"))) for span in self.low_spans.split()]
        return frame_stretches(spans, self.start, scene.render.fps / scene.render.fps_base,
                               scene.anatomy_mocap.start_frame if scene.anatomy_mocap.use_start else None)


class MocapBone(bpy.types.PropertyGroup):
    """One part of the body and its bones; `name` is the part."""

    bones: bpy.props.StringProperty(
        name="Bones", update=lambda self, _context: self.changed(),
        description="The bone of this part of the body; for a chain, all bones from the hips upwards, as a > b > c")
    finger: bpy.props.BoolProperty(name="Finger", description="A finger, which is optional")
    doubtful: bpy.props.BoolProperty(name="Doubtful", description="The bone is uncertain and should be checked")
    score: bpy.props.FloatProperty(
        name="Score", default=1.0, min=0.0, max=1.0, subtype="FACTOR",
        description="Share of bones with this score that are right")

    def changed(self) -> None:
        """Mark the map as changed by hand, and this part as certain."""
        self.doubtful, self.score = False, 1.0
        self.id_data.anatomy_mocap.map_edited = True

    def named(self) -> tuple[str, ...]:
        """The names of its bones, from the hips upwards."""
        return tuple(name for name in map(str.strip, self.bones.split(CHAIN_MARK)) if name)

    def shown(self) -> str:
        """The name of the part in the panel."""
        return self.name.replace("_", " ").title()

    def brief(self) -> str:
        """The same for a narrow column, with the side at the end."""
        side, _, part = self.shown().partition(" ")
        return f"{part} {side[0]}" if side in ("Left", "Right") else self.shown()


@with_properties(CaptureSettings, without=("device",), choices=_LAYOUTS)
@with_properties(OF_TAKES)
@with_properties(OF_ARMATURES, prefix="source_")
@with_properties(RetargetSettings)
@with_properties(KeySettings)
class MocapSettings(bpy.types.PropertyGroup):
    """All settings of the panel, and the state of its lists."""

    source: bpy.props.StringProperty(
        name="Source", subtype="FILE_PATH", options={"PATH_SUPPORTS_BLEND_RELATIVE"},
        description="A video, a folder of pictures, or 2D keypoints of another program (a file or its folder)")
    takes: bpy.props.CollectionProperty(type=MocapTake, name="Takes", description="Captured and loaded takes")
    active_take: bpy.props.IntProperty(
        name="Active Take", description="Index of the take in use", default=0, min=0,
        update=lambda self, _context: self.show_settings())

    motion_from: bpy.props.EnumProperty(
        name="Motion From", default="TAKE", description="Source of the motion",
        items=[("TAKE", "Take", "The active take"),
               ("ARMATURE", "Armature", "Another armature of this scene, such as an imported BVH or FBX")])
    source_armature: bpy.props.PointerProperty(
        type=bpy.types.Object, name="Source", description="The animated armature whose motion is used",
        poll=lambda _self, item: item.type == "ARMATURE")
    source_map_file: bpy.props.StringProperty(
        name="Source Map", subtype="FILE_PATH", options={"PATH_SUPPORTS_BLEND_RELATIVE"},
        description="A saved bone map of the source; leave empty to find its bones automatically")
    use_source_range: bpy.props.BoolProperty(
        name="Set Range", default=False,
        description="Give the frames to read instead of using those of the source's action")
    source_start: bpy.props.IntProperty(
        name="First Frame", default=1, min=-_LAST_FRAME, max=_LAST_FRAME,
        description="The first scene frame that is read")
    source_end: bpy.props.IntProperty(
        name="Last Frame", default=250, min=-_LAST_FRAME, max=_LAST_FRAME,
        description="The last scene frame that is read")
    armature: bpy.props.PointerProperty(
        type=bpy.types.Object, name="Armature", description="The character that receives the motion",
        poll=lambda _self, item: item.type == "ARMATURE", update=lambda self, _context: self.forget_map())
    map_file: bpy.props.StringProperty(
        name="Map File", subtype="FILE_PATH", options={"PATH_SUPPORTS_BLEND_RELATIVE"},
        description="A saved bone map; leave empty to find the bones automatically",
        update=lambda self, _context: self.forget_map())
    bones: bpy.props.CollectionProperty(
        type=MocapBone, name="Bone Map", description="The bones of each part of the body")
    active_bone: bpy.props.IntProperty(name="Active Part", description="Index of the selected part of the body")
    review_only: bpy.props.BoolProperty(
        name="Only to Review", default=False, description="List only the bones that should be checked")
    show_fingers: bpy.props.BoolProperty(
        name="Fingers", default=False, description="List the bones of the fingers too; they are optional")
    map_state: bpy.props.EnumProperty(
        name="Map", default="NONE", description="Result of the search for the bones",
        items=[("NONE", "Not Checked", "The bones are found when they are needed"),
               ("GOOD", "Found", "The bones were found"), ("BAD", "Not Usable", "Too few bones were found")])
    map_edited: bpy.props.BoolProperty(name="Changed", description="The bone map was changed by hand")
    map_summary: bpy.props.StringProperty(name="Summary", description="Summary of the bones that were found")
    map_warnings: bpy.props.StringProperty(name="Map Warnings", description="Warnings about the bone map")
    result_warnings: bpy.props.StringProperty(
        name="Result Warnings", description="Warnings about the last result on this armature", options={"SKIP_SAVE"})

    def forget_map(self) -> None:
        """Drop the bones that were found, because another armature or map is chosen."""
        self.bones.clear()
        self.map_state, self.map_summary, self.map_warnings, self.map_edited = "NONE", "", "", False
        self.result_warnings = ""

    def row(self) -> MocapBone | None:
        """The selected row of the bone map."""
        return self.bones[self.active_bone] if 0 <= self.active_bone < len(self.bones) else None

    def take(self) -> MocapTake | None:
        """The active take's entry."""
        return self.takes[self.active_take] if 0 <= self.active_take < len(self.takes) else None

    def show_settings(self) -> None:
        """Show the clean-up settings that the active take carries; those of other takes stay as they are."""
        entry = self.take()
        if entry and entry.settings:
            show(self, replace(OF_TAKES, **json.loads(entry.settings)))

    def source_path(self) -> Path:
        """The source as an absolute path."""
        return Path(bpy.path.abspath(self.source))


class MocapProgress(bpy.types.PropertyGroup):
    """The state of a running capture, for the panel; it is not saved."""

    running: bpy.props.BoolProperty(name="Running", description="A capture is running", options={"SKIP_SAVE"})
    reading: bpy.props.BoolProperty(
        name="Reading", description="The motion of an armature is being read", options={"SKIP_SAVE"})
    waiting: bpy.props.IntProperty(name="Waiting", description="Number of jobs that wait", options={"SKIP_SAVE"})
    message: bpy.props.StringProperty(
        name="Message", description="Result or error of the last job, and its warnings", options={"SKIP_SAVE"})
    failed: bpy.props.BoolProperty(name="Failed", description="The last job has failed", options={"SKIP_SAVE"})
    fraction: bpy.props.FloatProperty(
        name="Progress", description="Fraction of the current stage",
        min=0.0, max=1.0, subtype="FACTOR", options={"SKIP_SAVE"})
    text: bpy.props.StringProperty(name="Stage", description="Name of the current stage", options={"SKIP_SAVE"})
