"""Builds small rigs with the faults that rigs from the field have, as .blend files."""

from __future__ import annotations

import bpy
import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.core.take_from_joints import take_from_positions
from tests.support.blender_scenes import empty_file

LENGTHS = {"hip": 0.1, "knee": 0.42, "ankle": 0.41, "toe": 0.2, "spine": 0.25, "thorax": 0.25, "neck": 0.13,
           "nose": 0.1, "head": 0.15, "shoulder": 0.17, "elbow": 0.28, "wrist": 0.25, "knuckle": 0.09, "pelvis": 0.0}
BONES = {"Hips": (None, (0, 0, .95), (0, 0, 1.05)), "Spine": ("Hips", (0, 0, 1.05), (0, 0, 1.2)),
         "Spine1": ("Spine", (0, 0, 1.2), (0, 0, 1.35)), "Spine2": ("Spine1", (0, 0, 1.35), (0, 0, 1.46)),
         "Neck": ("Spine2", (0, 0, 1.46), (0, -.01, 1.56)), "Head": ("Neck", (0, -.01, 1.56), (0, -.01, 1.75))}
for _side, _x in (("Left", 1), ("Right", -1)):
    BONES |= {
        f"{_side}Shoulder": ("Spine2", (.03 * _x, 0, 1.42), (.16 * _x, 0, 1.42)),
        f"{_side}Arm": (f"{_side}Shoulder", (.16 * _x, 0, 1.42), (.44 * _x, .005, 1.42)),
        f"{_side}ForeArm": (f"{_side}Arm", (.44 * _x, .005, 1.42), (.70 * _x, 0, 1.42)),
        f"{_side}Hand": (f"{_side}ForeArm", (.70 * _x, 0, 1.42), (.80 * _x, 0, 1.42)),
        f"{_side}UpLeg": ("Hips", (.09 * _x, 0, .92), (.09 * _x, -.01, .5)),
        f"{_side}Leg": (f"{_side}UpLeg", (.09 * _x, -.01, .5), (.09 * _x, .01, .09)),
        f"{_side}Foot": (f"{_side}Leg", (.09 * _x, .01, .09), (.09 * _x, -.12, .02)),
        f"{_side}ToeBase": (f"{_side}Foot", (.09 * _x, -.12, .02), (.09 * _x, -.2, .02))}


def person(names=lambda name: name) -> bpy.types.Object:
    """Build a standing person of 20 bones in an empty file. names: Mixamo's name of a bone -> its name."""
    empty_file()
    armature = bpy.data.objects.new("Armature", bpy.data.armatures.new("Armature"))
    bpy.context.scene.collection.objects.link(armature)
    with editing(armature) as bones:
        for name, (parent, head, tail) in BONES.items():
            bone = bones.new(names(name))
            bone.head, bone.tail, bone.roll = head, tail, 0.0
            bone.parent = bones[names(parent)] if parent else None
    return armature


class editing:
    """Edit mode of an armature; gives its edit bones."""

    def __init__(self, armature):
        self.armature = armature

    def __enter__(self):
        bpy.context.view_layer.objects.active = self.armature
        bpy.ops.object.mode_set(mode="EDIT")
        return self.armature.data.edit_bones

    def __exit__(self, *_):
        bpy.ops.object.mode_set(mode="OBJECT")


def save(path):
    """Save the open file; returns the path."""
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    return path


def walking_take(frames: int = 24):
    """Make a take of a person who steps in place, with swinging arms and feet that tilt."""
    directions = np.repeat(rest_directions()[None], frames, axis=0)
    swing = 0.5 * np.sin(np.linspace(0, 2 * np.pi, frames))
    for side, way in (("left", 1.0), ("right", -1.0)):
        for joint, angle in (("knee", way * swing), ("ankle", way * swing - 0.3), ("toe", 0.4 * way * swing),
                             ("elbow", swing), ("wrist", swing), ("knuckle", swing)):
            index = MOCAP22.index(f"{side}_{joint}")
            x, y, z = directions[:, index].T
            turned = (np.cos(angle) * y - np.sin(angle) * z, np.sin(angle) * y + np.cos(angle) * z)
            if joint in ("elbow", "wrist", "knuckle"):  # the arms hang
                directions[:, index] = np.stack([0.2 * np.sign(x), np.sin(angle), -np.cos(angle)], 1)
                directions[:, index] /= np.linalg.norm(directions[:, index], axis=1, keepdims=True)
            else:
                directions[:, index] = np.stack([x, *turned], 1)
    lengths = np.array([LENGTHS[name.rpartition("_")[2]] for name in MOCAP22.joint_names])
    positions = MOCAP22.joint_positions(lengths, directions, np.zeros((frames, 3)))
    positions[..., 2] -= positions[..., 2].min(axis=1, keepdims=True)
    return take_from_positions(positions, 30.0)
