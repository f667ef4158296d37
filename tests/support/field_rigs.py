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
        for joint, angle in (("knee", way * swing), ("ankle", way * swing + 0.3), ("toe", 0.4 * way * swing),
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


def rig_with_hidden_switches(fk_end: float = 1.0) -> bpy.types.Object:
    """Build a control rig in the way of Auto-Rig Pro: deform bone <- mechanism bone <- FK control.

    fk_end: the end of the property ik_fk_switch at which the deform bones follow the FK controls; it is at the other.
    """
    names = {"Hips": "c_root_master.x", "Spine": "c_spine_01.x", "Spine1": "c_spine_02.x", "Spine2": "c_spine_03.x",
             "Neck": "c_neck.x", "Head": "c_head.x"}
    limb_names = {"Shoulder": "c_shoulder", "Arm": "c_arm_fk", "ForeArm": "c_forearm_fk", "Hand": "c_hand_fk",
                  "UpLeg": "c_thigh_fk", "Leg": "c_leg_fk", "Foot": "c_foot_fk", "ToeBase": "c_toes_fk"}
    names |= {side + part: f"{name}.{side[0].lower()}" for side in ("Left", "Right")
              for part, name in limb_names.items()}
    limbs = [(parts, f"{top}.{side}", f"c_{parts[2]}_ik.{side}", side) for side in "lr"
             for parts, top in ((("arm", "forearm", "hand"), "c_shoulder"), (("thigh", "leg", "foot"), ""))]
    armature = person(lambda name: names[name])
    with editing(armature) as bones:
        def copy(source, name, parent):
            bone = bones.new(name)
            bone.head, bone.tail, bone.roll = bones[source].head, bones[source].tail, bones[source].roll
            bone.parent = bones.get(parent)
            return name

        for parts, top, owner, side in limbs:
            copy(f"c_{parts[2]}_fk.{side}", owner, "")
            above = dict.fromkeys(("fk", "ik", ""), top if top in bones else "c_root_master.x")
            for part in parts:
                for kind in above:
                    above[kind] = copy(f"c_{part}_fk.{side}", f"{part}_{kind}.{side}" if kind else f"{part}.{side}",
                                       above[kind])
        for bone in bones:
            bone.use_deform = "_fk" not in bone.name and "_ik" not in bone.name
    for parts, _, owner, side in limbs:
        _hidden_switch(armature, parts, owner, side, fk_end)
    return armature


def _hidden_switch(armature, parts, owner, side, fk_end) -> None:
    bones = armature.pose.bones
    bones[owner]["ik_fk_switch"] = 1.0 - fk_end
    bones[owner].id_properties_ui("ik_fk_switch").update(min=0.0, max=1.0, soft_min=0.0, soft_max=1.0)
    chain = bones[f"{parts[1]}_ik.{side}"].constraints.new("IK")
    chain.target, chain.subtarget, chain.chain_count = armature, owner, 2
    for part in parts:
        for bone, target in ((f"{part}_fk", f"c_{part}_fk"), (part, f"{part}_ik"), (part, f"{part}_fk")):
            each = bones[f"{bone}.{side}"].constraints.new("COPY_TRANSFORMS")
            each.target, each.subtarget = armature, f"{target}.{side}"
        driver = each.driver_add("influence").driver
        driver.type = "SCRIPTED" if fk_end == 0 else "AVERAGE"
        variable = driver.variables.new()
        variable.name = "v"
        driver.expression = "1 - v"
        variable.targets[0].id = armature
        variable.targets[0].data_path = f'pose.bones["{owner}"]["ik_fk_switch"]'
