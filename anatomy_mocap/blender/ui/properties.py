"""What the user sets in the panel; kept in the scene, so that a .blend remembers it."""

import math
from pathlib import Path

import bpy

from ...core.camera import DEFAULT_FOV
from ...core.keypoint_layouts import LAYOUTS
from ...settings import GROUNDING, SMOOTHING
from .retarget_properties import RetargetOptions

_LAYOUT_ITEMS = [("AUTO", "Recognise", "Find out from the file")] + [
    (name, name, f"{len(layout)} keypoints") for name, layout in LAYOUTS.items()]


CHAIN_MARK = ">"
"""Between the bones of a chain (spine, neck) in a field of the panel."""


class MocapTake(bpy.types.PropertyGroup):
    """A take in the list: where it is, and what is told about it."""

    path: bpy.props.StringProperty(name="File", description="The take's file", subtype="FILE_PATH")
    frames: bpy.props.IntProperty(name="Frames", description="How many frames it has")
    fps: bpy.props.FloatProperty(name="Frame Rate", description="Frames per second")
    low_confidence: bpy.props.IntProperty(
        name="Low Confidence", description="Frames in which the person was not seen well; worth a look")
    low_ranges: bpy.props.StringProperty(name="Which", description="The frames in which the person was not seen well")
    height: bpy.props.FloatProperty(name="Height", description="The person's standing height", subtype="DISTANCE")
    seconds: bpy.props.FloatProperty(name="Capture Time", description="Seconds that the capture took")
    warnings: bpy.props.StringProperty(name="Warnings", description="What the capture had to assume or leave out")


class MocapBone(bpy.types.PropertyGroup):
    """One part of the body and the bones it goes to; `name` is the part."""

    bones: bpy.props.StringProperty(
        name="Bones", update=lambda self, _context: self.changed(),
        description="The bone for this part of the body; of a chain all bones, from the hips upwards, as a > b > c")
    doubtful: bpy.props.BoolProperty(name="Doubtful", description="Found with little certainty; worth a look")
    score: bpy.props.FloatProperty(
        name="Score", default=1.0, min=0.0, max=1.0, subtype="FACTOR",
        description="Of 100 bones found with so much certainty, how many are right")

    def changed(self) -> None:
        """The map is the user's own now, and this part of it sure."""
        self.doubtful, self.score = False, 1.0
        self.id_data.anatomy_mocap.map_edited = True

    def named(self) -> tuple[str, ...]:
        """The names of its bones, from the hips upwards."""
        return tuple(name for name in map(str.strip, self.bones.split(CHAIN_MARK)) if name)

    def shown(self) -> str:
        """The part's name for people."""
        return self.name.replace("_", " ").title()

    def brief(self) -> str:
        """The same for a narrow column, the side at the end."""
        side, _, part = self.shown().partition(" ")
        return f"{part} {side[0]}" if side in ("Left", "Right") else self.shown()


class MocapSettings(RetargetOptions, bpy.types.PropertyGroup):
    """Everything the panel shows."""

    source: bpy.props.StringProperty(
        name="Source", subtype="FILE_PATH", options={"PATH_SUPPORTS_BLEND_RELATIVE"},
        description="A video, a folder of pictures, or 2D keypoints of another program (a file or its folder)")
    layout: bpy.props.EnumProperty(
        name="Keypoint Layout", items=_LAYOUT_ITEMS, default="AUTO",
        description="Order of the keypoints in a keypoint file, where the file does not tell")
    exact: bpy.props.BoolProperty(
        name="Exact Keypoints", default=False,
        description="The points of a keypoint file are exact: projected markers, or set by hand; not a detector's")
    person: bpy.props.EnumProperty(
        name="Person", default="LARGEST", description="Whom to follow where several people are seen",
        items=[("LARGEST", "Largest", "The person who fills most of the picture"),
               ("NUMBER", "By Number", "The person of this number; 0 is the largest")])
    person_number: bpy.props.IntProperty(
        name="Number", min=0, default=0, description="Number of the person; 0 is the largest")
    lens: bpy.props.EnumProperty(
        name="Lens", default="ASSUMED", description="What is known of the camera",
        items=[("ASSUMED", "Not Known", "A phone's usual field of view is assumed"),
               ("FOV", "Field of View", "The angle over the picture's longer side"),
               ("FOCAL", "Focal Length", "In pixels, as camera calibration gives it")])
    fov: bpy.props.FloatProperty(
        name="Field of View", subtype="ANGLE", default=float(DEFAULT_FOV), min=math.radians(1), max=math.radians(179),
        description="Angle over the picture's longer side")
    focal: bpy.props.FloatProperty(
        name="Focal Length", default=1500.0, min=1.0, description="Focal length in pixels")
    use_height: bpy.props.BoolProperty(
        name="Known Height", default=False, description="Give the person's height instead of letting it be judged")
    height: bpy.props.FloatProperty(
        name="Height", subtype="DISTANCE", default=1.75, min=0.31, max=2.99,
        description="Standing height of the person")
    use_fps: bpy.props.BoolProperty(
        name="Set Frame Rate", default=False, description="Use another frame rate than the source's own")
    fps: bpy.props.FloatProperty(
        name="Frame Rate", default=30.0, min=1.0, max=999.0, description="Frames per second of the take")

    takes: bpy.props.CollectionProperty(type=MocapTake, name="Takes", description="Captured and loaded takes")
    active_take: bpy.props.IntProperty(name="Active Take", description="The take that is used", default=0, min=0)

    armature: bpy.props.PointerProperty(
        type=bpy.types.Object, name="Armature", description="The character that shall move as the person does",
        poll=lambda _self, item: item.type == "ARMATURE", update=lambda self, _context: self.forget_map())
    map_file: bpy.props.StringProperty(
        name="Map File", subtype="FILE_PATH", options={"PATH_SUPPORTS_BLEND_RELATIVE"},
        description="A saved bone map; empty to find the bones automatically",
        update=lambda self, _context: self.forget_map())
    bones: bpy.props.CollectionProperty(type=MocapBone, name="Bone Map", description="Which bones stand for what")
    active_bone: bpy.props.IntProperty(name="Active Part", description="The part of the body that is selected")
    review_only: bpy.props.BoolProperty(
        name="Only to Review", default=False, description="List only the bones that were found with little certainty")
    map_state: bpy.props.EnumProperty(
        name="Map", default="NONE", description="Whether the bones were looked for",
        items=[("NONE", "Not Checked", "The bones are looked for when needed"),
               ("GOOD", "Found", "The bones were found"), ("BAD", "Not Usable", "Too few bones were found")])
    map_edited: bpy.props.BoolProperty(name="Changed", description="The bone map was changed by hand")
    map_summary: bpy.props.StringProperty(name="Summary", description="What was found on the armature")
    map_warnings: bpy.props.StringProperty(name="Map Warnings", description="What is worth a look")

    smoothing: bpy.props.FloatProperty(
        name="Smoothing", default=SMOOTHING, min=0.0, soft_max=1.0, max=10.0, precision=2, step=1, unit="TIME_ABSOLUTE",
        description="Smooth the motion over this many seconds; 0 keeps it as it was captured")
    ground: bpy.props.FloatProperty(
        name="Foot Lock", default=GROUNDING, min=0.0, max=1.0, subtype="FACTOR",
        description="How firmly feet that stand are held in place and on the floor")

    def forget_map(self) -> None:
        """What was found belongs to another armature or map."""
        self.bones.clear()
        self.map_state, self.map_summary, self.map_warnings, self.map_edited = "NONE", "", "", False

    def row(self) -> MocapBone | None:
        """The part of the body that is chosen in the bone map."""
        return self.bones[self.active_bone] if 0 <= self.active_bone < len(self.bones) else None

    def take(self) -> MocapTake | None:
        """The active take's entry."""
        return self.takes[self.active_take] if 0 <= self.active_take < len(self.takes) else None

    def source_path(self) -> Path:
        """The source as an absolute path."""
        return Path(bpy.path.abspath(self.source))


class MocapProgress(bpy.types.PropertyGroup):
    """A running capture, as the panel draws it; never saved."""

    running: bpy.props.BoolProperty(name="Running", description="A capture is running", options={"SKIP_SAVE"})
    reading: bpy.props.BoolProperty(
        name="Reading", description="An armature's motion is being read", options={"SKIP_SAVE"})
    cancel: bpy.props.BoolProperty(name="Cancel", description="The capture shall stop", options={"SKIP_SAVE"})
    fraction: bpy.props.FloatProperty(
        name="Progress", description="How far it is", min=0.0, max=1.0, subtype="FACTOR", options={"SKIP_SAVE"})
    text: bpy.props.StringProperty(name="Stage", description="What is being done", options={"SKIP_SAVE"})
