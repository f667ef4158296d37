"""Builds Blender armatures for the tests: from core rigs and from MPFB's JSON definitions."""

from __future__ import annotations

import json

import bpy
import numpy as np
from mathutils import Matrix

from anatomy_mocap.rigs.rig import TargetRig


def armature_of(rig: TargetRig, location_flags=None):
    """Build an armature object with the bones, flags and object matrix of a core rig."""
    armature, bones = _begin(rig.name)
    made = []
    for number, name in enumerate(rig.bone_names):
        bone = bones.new(name)
        bone.length = rig.lengths[number]
        bone.matrix = Matrix(rig.rest[number].tolist())
        bone.length = rig.lengths[number]
        parent = rig.parents[number]
        if parent >= 0:
            bone.parent = made[parent]
        bone.use_connect = bool(rig.connected[number])
        bone.use_inherit_rotation = bool(rig.inherit_rotation[number])
        bone.use_local_location = bool(rig.local_location[number])
        bone.inherit_scale = rig.inherit_scale[number]
        made.append(bone)
    bpy.ops.object.mode_set(mode="OBJECT")
    armature.matrix_world = Matrix(rig.world_from_armature.tolist())
    bpy.context.view_layer.update()
    return armature


def mpfb_armature(path):
    """Build the armature of one of MPFB's rig definitions (`rig.*.json`) at its default positions."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content = content.get("bones", content)
    armature, bones = _begin(path.stem)
    for name, entry in content.items():
        bone = bones.new(name)
        bone.head, bone.tail = entry["head"]["default_position"], entry["tail"]["default_position"]
        bone.roll = entry["roll"]
    for name, entry in content.items():
        if entry["parent"]:
            bones[name].parent = bones[entry["parent"]]
        bones[name].use_connect = entry["use_connect"]
        bones[name].use_inherit_rotation = entry["use_inherit_rotation"]
        bones[name].use_local_location = entry["use_local_location"]
        bones[name].inherit_scale = entry["inherit_scale"]
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.context.view_layer.update()
    return armature


def _begin(name: str):
    armature = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    return armature, armature.data.edit_bones


def heads(armature, names) -> np.ndarray:
    """Return the world positions (B, 3) of the evaluated bones' heads."""
    world = np.array(armature.matrix_world)
    points = np.array([armature.pose.bones[name].head for name in names])
    return points @ world[:3, :3].T + world[:3, 3]
