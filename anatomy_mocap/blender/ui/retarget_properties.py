"""What the user sets for retargeting: where the motion comes from, where keys go, what of a control rig is used."""

import math

import bpy

from ..keys.body_parts import PARTS

_ENDS = 1048574
"""Blender's last frame."""


class RetargetOptions:
    """The part of the panel's settings that has to do with retargeting."""

    motion_from: bpy.props.EnumProperty(
        name="Motion From", default="TAKE", description="Where the motion comes from",
        items=[("TAKE", "Take", "The active take"),
               ("ARMATURE", "Armature", "Another armature of this scene, such as an imported BVH or FBX")])
    source_armature: bpy.props.PointerProperty(
        type=bpy.types.Object, name="Source", description="The animated armature that is to be followed",
        poll=lambda _self, item: item.type == "ARMATURE")
    source_map_file: bpy.props.StringProperty(
        name="Source Map", subtype="FILE_PATH", options={"PATH_SUPPORTS_BLEND_RELATIVE"},
        description="A saved bone map of the source; empty to find its bones automatically")
    use_source_range: bpy.props.BoolProperty(
        name="Set Range", default=False, description="Give the frames to read, instead of those of the source's action")
    source_start: bpy.props.IntProperty(
        name="First Frame", default=1, min=-_ENDS, max=_ENDS, description="The first scene frame that is read")
    source_end: bpy.props.IntProperty(
        name="Last Frame", default=250, min=-_ENDS, max=_ENDS, description="The last scene frame that is read")

    destination: bpy.props.EnumProperty(
        name="Keys Into", default="NEW", description="Where the keys go",
        items=[("NEW", "New Action", "A new action; the one before stays in the file"),
               ("UPDATE", "Last Action", "Replace the keys of the action made before, if this add-on made it"),
               ("INTO", "Range of Action", "Only the frames of the motion, in the active action; its keys "
                "outside stay as they are"),
               ("NLA", "New NLA Track", "A new action on a new NLA track; the active action stays what it is")])
    use_start: bpy.props.BoolProperty(
        name="Set Start", default=False, description="Give the frame at which the motion begins")
    start_frame: bpy.props.FloatProperty(
        name="Start", default=1.0, min=-_ENDS, max=_ENDS, precision=1, step=100,
        description="The scene frame of the motion's first frame")
    blend: bpy.props.FloatProperty(
        name="Blend", default=0.0, min=0.0, soft_max=50.0, precision=1, step=100,
        description="Frames at both ends of the range over which the old motion goes over into the new one")
    parts: bpy.props.EnumProperty(
        name="Body Parts", options={"ENUM_FLAG"}, default=set(PARTS), description="Which parts of the body are keyed",
        items=[(part, label, text, 1 << number) for number, (part, (label, text)) in enumerate(PARTS.items())])

    limbs: bpy.props.EnumProperty(
        name="Play", default="FK", description="What moves the limbs of a control rig that has both",
        items=[("FK", "FK", "The FK controls play, and the switch is keyed to FK"),
               ("IK", "IK", "The IK controls play, and the switch is keyed to IK; FK is keyed too")])
    match_ik: bpy.props.BoolProperty(
        name="Match IK", default=False,
        description="Key the IK controls too, so that the pose stays when the IK/FK switch is thrown")
    constraints: bpy.props.EnumProperty(
        name="Constraints", default="KEEP", description="What becomes of constraints on the keyed bones",
        items=[("KEEP", "Keep", "Leave them; bones that they keep from following are named"),
               ("OFF", "Switch Off", "Key their influence to 0 in the action, so that the motion shows as it is"),
               ("BAKE", "Bake Through", "Evaluate them, key what they make of the motion, and key them off")])

    in_place: bpy.props.BoolProperty(
        name="In Place", default=False,
        description="Keep the character where it is; only its height above the floor changes")
    turn: bpy.props.FloatProperty(
        name="Turn", subtype="ANGLE", default=0.0, soft_min=-math.pi, soft_max=math.pi,
        description="Turn the whole performance about the vertical")
    use_scale: bpy.props.BoolProperty(
        name="Set Stride", default=False, description="Give the scale of the path instead of taking it from the legs")
    scale: bpy.props.FloatProperty(
        name="Stride", default=1.0, min=0.01, soft_max=10.0,
        description="The character's path through space, compared with the person's")
    hands: bpy.props.EnumProperty(
        name="Hands", default="directions", description="What the arms follow",
        items=[("directions", "Arm Directions", "Arms point as the person's; hands are where that brings them"),
               ("chest", "Reach From Chest", "Wrists are as far from the chest as the person's, by the length of the "
                "arms: hands that meet do meet"),
               ("space", "Place in Space", "Wrists are where the person's are, at the scale of the path")])
    feet: bpy.props.EnumProperty(
        name="Feet", default="directions", description="What the legs follow",
        items=[("directions", "Leg Directions", "Legs point as the person's"),
               ("space", "Place in Space", "Feet are where the person's are, at the scale of the path: none slides")])
    twist_bones: bpy.props.BoolProperty(
        name="Twist Bones", default=False,
        description="Key the twist bones of arms and legs too: each takes its share, so that skin does not wring")
    ground_on_root: bpy.props.BoolProperty(
        name="Ground on Root", default=False,
        description="Let the topmost bone above the hips take the way over the ground, as game engines want it")
    keep_posture: bpy.props.BoolProperty(
        name="Keep Posture", default=True,
        description="Keep the character's own carriage of spine, head and feet where the person stands at ease")
    set_timing: bpy.props.BoolProperty(
        name="Set Scene Timing", default=True,
        description="Give the scene the take's frame rate and range, so that it plays at the video's speed")
