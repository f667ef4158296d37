"""Read a Blender armature as a TargetRig, and build one from a motion."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix

from ...core.errors import MocapError
from ...core.motion import Motion
from ...retargeting.take_armature import motion_rig
from ...rigs.rig import TargetRig


def read_rig(armature: bpy.types.Object) -> TargetRig:
    """An armature object's rest pose as plain arrays; nothing in the scene changes.

    The object's transform is that of its last evaluation; it includes parents and constraints of the object.
    """
    if armature is None or armature.type != "ARMATURE":
        raise MocapError(f"{getattr(armature, 'name', armature)}: not an armature; choose an armature object")
    bones = armature.data.bones  # parents come before their children
    if not bones:
        raise MocapError(f"{armature.name}: the armature has no bones; choose another one")
    index = {bone.name: number for number, bone in enumerate(bones)}
    posed = [armature.pose.bones[name] for name in index]
    return TargetRig(
        name=armature.name, bone_names=tuple(index),
        parents=np.array([index[bone.parent.name] if bone.parent else -1 for bone in bones]),
        rest=matrices_of(bones, "matrix_local"), lengths=_all(bones, "length", float),
        connected=_all(bones, "use_connect", bool), inherit_rotation=_all(bones, "use_inherit_rotation", bool),
        local_location=_all(bones, "use_local_location", bool),
        inherit_scale=tuple(bone.inherit_scale for bone in bones), deform=_all(bones, "use_deform", bool),
        rotation_modes=tuple(bone.rotation_mode for bone in posed),
        world_from_armature=np.array(armature.matrix_world, dtype=float),
        constraints={bone.name: tuple(c.name for c in bone.constraints if c.enabled and c.influence > 0)
                     for bone in posed if any(c.enabled and c.influence > 0 for c in bone.constraints)})


def matrices_of(bones: bpy.types.bpy_prop_collection, attribute: str) -> np.ndarray:
    """(B, 4, 4) matrices of a collection of bones. attribute: their name in Blender."""
    # Blender stores matrices column by column.
    return _all(bones, attribute, np.float32, 16).astype(float).reshape(-1, 4, 4).swapaxes(1, 2)


def _all(bones, attribute: str, kind, size: int = 1) -> np.ndarray:
    values = np.empty(size * len(bones), np.float32 if kind is float else kind)
    bones.foreach_get(attribute, values)
    return values.astype(kind)


def build_armature(motion: Motion, name: str) -> bpy.types.Object:
    """A new armature object with one bone per joint, at rest in the T-pose, in the scene's collection.

    Bone j reaches from joint parents[j] to joint j and has the motion's bone length. Its keys are
    `retargeting.take_armature.motion_keys`.
    """
    rig = motion_rig(motion)
    armature = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    bpy.context.scene.collection.objects.link(armature)
    _edit(armature, rig)
    for bone in armature.pose.bones:
        bone.rotation_mode = "QUATERNION"
    return armature


def _edit(armature, rig: TargetRig) -> None:
    """Create the rig's bones in edit mode, then make the previous object active again."""
    view_layer = bpy.context.view_layer
    before = view_layer.objects.active
    if before is not None and before.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        made = []
        for number, bone_name in enumerate(rig.bone_names):
            bone = armature.data.edit_bones.new(bone_name)
            bone.length = rig.lengths[number]
            bone.matrix = Matrix(rig.rest[number].tolist())
            bone.length = rig.lengths[number]
            if rig.parents[number] >= 0:
                bone.parent = made[rig.parents[number]]
            made.append(bone)
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")
        view_layer.objects.active = before
