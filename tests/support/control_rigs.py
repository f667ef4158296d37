"""Builds control rigs for the tests: Rigify's, and a procedural one whose switches have any name and direction."""

from __future__ import annotations

import importlib

import bpy
import numpy as np

from anatomy_mocap.bone_maps.bone_map import BoneMap
from anatomy_mocap.bone_maps.conventions.registry import CONVENTIONS
from anatomy_mocap.core.skeleton import MOCAP22
from tests.support import made_rigs as zoo
from tests.support.blender_armatures import armature_of

LIMBS = {"arm": ("upper_arm", "lower_arm", "hand"), "leg": ("upper_leg", "lower_leg", "foot")}


def save_rigify(path, metarig: str = "basic_human") -> None:
    """Generate one of Rigify's humans and save the file. metarig: "basic_human", or "human" with fingers and face."""
    importlib.import_module("addon_utils").enable("rigify", default_set=True)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=False)
    getattr(bpy.ops.object, f"armature_{metarig}_metarig_add")()
    bpy.ops.pose.rigify_generate()
    bpy.data.objects.remove(bpy.data.objects["metarig"])
    bpy.ops.wm.save_as_mainfile(filepath=str(path), check_existing=False)


def open_rig(path, name: str = "rig"):
    """Open a saved rig's file and return its armature."""
    bpy.ops.wm.open_mainfile(filepath=str(path), load_ui=False, use_scripts=False)
    bpy.context.view_layer.update()
    return bpy.data.objects[name]


def home_made(owner: str, fk_is: float, limits: tuple[float, float] = (0.0, 1.0), called="switch {} {}",
              hinge: str = "COPY_ROTATION"):
    """Build a rig whose deform bones copy FK or IK controls, and return (armature, map of its FK controls, Made).

    owner: place of the switches: "object", "bones" (the IK control of each hand and foot), or the name of one bone.
    fk_is: value of a switch for FK. limits: limits of the property. called: its name, with {} for side and limb.
    hinge: kind of constraint with which the upper arms follow the chest or the root: "COPY_ROTATION", or "ARMATURE"
    with driven weights.
    """
    made = zoo.make(zoo.Plan(arm_drop=30.0, seed=3, elbow=20.0, knee=15.0))
    armature = armature_of(made.rig)
    _add_controls(armature, made.bones)
    if owner not in ("object", "bones"):
        _add_bone(armature, owner)
    for side in ("left", "right"):
        for limb, parts in LIMBS.items():
            names = [made.bones[f"{side}_{part}"][0] for part in parts]
            holder = armature.pose.bones.get(f"IK-{names[-1]}" if owner == "bones" else owner, armature)
            switch = called.format(side, limb)
            holder[switch] = limits[0] + limits[1] - fk_is  # starts with IK, like most rigs
            holder.id_properties_ui(switch).update(min=limits[0], max=limits[1], soft_min=limits[0],
                                                   soft_max=limits[1])
            path = f'["{switch}"]' if holder == armature else f'pose.bones["{holder.name}"]["{switch}"]'
            for name in names:
                _follow(armature, name, f"FK-{name}")
                _follow(armature, name, f"IK-{name}", path, fk_is, limits)
    for part, names in made.bones.items():
        if part.partition("_")[2] not in (*LIMBS["arm"], *LIMBS["leg"]):
            for name in names:
                _follow(armature, name, f"FK-{name}")
    _hinges(armature, made.bones, hinge)
    bones = {part: tuple(f"FK-{name}" for name in names) for part, names in made.bones.items()}
    bpy.context.view_layer.update()
    return armature, BoneMap("manual", bones), made


def _add_controls(armature, bones) -> None:
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    edit = armature.data.edit_bones
    named = [name for names in bones.values() for name in names]
    for kind in ("FK", "IK"):
        for name in named:
            copy = edit.new(f"{kind}-{name}")
            copy.head, copy.tail, copy.roll = edit[name].head, edit[name].tail, edit[name].roll
            copy.use_deform = False
        for name in named:
            above = edit[name].parent
            while above and above.name not in named:
                above = above.parent
            if above:
                edit[f"{kind}-{name}"].parent = edit[f"{'FK' if kind == 'FK' else 'IK'}-{above.name}"]
    for side in ("left", "right"):
        arm = edit[f"FK-{bones[f'{side}_upper_arm'][0]}"]
        hinge = edit.new(f"MCH-{side}")
        hinge.head, hinge.tail, hinge.roll, hinge.use_deform = arm.head, arm.tail, arm.roll, False
        hinge.parent, arm.parent = arm.parent, hinge
    bpy.ops.object.mode_set(mode="OBJECT")


def _add_bone(armature, name: str) -> None:
    bpy.ops.object.mode_set(mode="EDIT")
    bone = armature.data.edit_bones.new(name)
    bone.head, bone.tail, bone.use_deform = (1, 0, 0), (1, 0, 0.1), False
    bpy.ops.object.mode_set(mode="OBJECT")


def called_as(armature, bones, controls: str, deforming: str, ik: dict[str, str]) -> tuple[dict, dict]:
    """Rename the bones after two tables and return (part -> controls, part -> deform bones).

    ik: part -> name of its IK control, with {} for the side.
    """
    tables = {table.name: table.bones for table in CONVENTIONS}
    found = []
    for table, pattern in ((controls, "FK-{}"), (deforming, "{}")):
        used: set[str] = set()
        named = {}
        for part, names in bones.items():
            free = [name for name in tables[table][part] if name not in used]
            named[part] = tuple(free[:len(names)])
            used |= set(named[part])
            for name, new in zip(names, named[part], strict=True):
                armature.data.bones[pattern.format(name)].name = new
        found.append(named)
    for part, pattern in ik.items():
        for side, letter in (("left", controls_side(controls)[0]), ("right", controls_side(controls)[1])):
            armature.data.bones[f"IK-{bones[f'{side}_{part}'][0]}"].name = pattern.format(letter)
    return found[0], found[1]


def controls_side(table: str) -> tuple[str, str]:
    """Return a table's words for left and right."""
    return importlib.import_module(f"anatomy_mocap.bone_maps.conventions.{table}").SIDES


def _follow(armature, name: str, target: str, path: str = "", fk_is: float = 0.0, limits=(0.0, 1.0)) -> None:
    copy = armature.pose.bones[name].constraints.new("COPY_TRANSFORMS")
    copy.target, copy.subtarget, copy.name = armature, target, f"to {target}"
    if path:
        span = limits[1] - limits[0]
        text = f"1 - (var - {limits[0]}) / {span}" if fk_is == limits[1] else f"(var - {limits[0]}) / {span}"
        drive(copy, "influence", armature, path, text)


def _hinges(armature, bones, kind: str) -> None:
    for side in ("left", "right"):
        above = armature.data.bones[f"MCH-{side}"].parent.name
        if kind == "ARMATURE":  # it takes the parent's place
            bpy.ops.object.mode_set(mode="EDIT")
            armature.data.edit_bones[f"MCH-{side}"].parent = None
            bpy.ops.object.mode_set(mode="OBJECT")
        hinge = armature.pose.bones[f"MCH-{side}"].constraints.new(kind)
        if kind == "ARMATURE":
            for name in (f"FK-{bones['hips'][0]}", above):
                each = hinge.targets.new()
                each.target, each.subtarget = armature, name
        else:
            hinge.target, hinge.subtarget = armature, f"FK-{bones['hips'][0]}"
            hinge.mix_mode, hinge.target_space, hinge.owner_space = "REPLACE", "WORLD", "WORLD"
        armature[f"hinge {side}"] = 0.5
        armature.id_properties_ui(f"hinge {side}").update(min=0.0, max=1.0, soft_min=0.0, soft_max=1.0)
        if kind == "ARMATURE":
            drive(hinge.targets[0], "weight", armature, f'["hinge {side}"]', "var")
            drive(hinge.targets[1], "weight", armature, f'["hinge {side}"]', "1 - var")
        else:
            drive(hinge, "influence", armature, f'["hinge {side}"]', "var")


def drive(owner, channel: str, armature, path: str, expression: str) -> None:
    """Drive a channel with a property of the armature."""
    driver = owner.driver_add(channel).driver
    driver.type, driver.expression = "SCRIPTED", expression
    variable = driver.variables.new()
    variable.name = "var"
    variable.targets[0].id, variable.targets[0].data_path = armature, path


def state_of(armature) -> dict:
    """Return all settings of an armature's pose that a user can change."""
    found = {"": {key: value for key, value in armature.items() if isinstance(value, int | float)}}
    for bone in armature.pose.bones:
        found[bone.name] = (tuple(bone.location), tuple(bone.rotation_quaternion), tuple(bone.rotation_euler),
                            tuple(bone.rotation_axis_angle), tuple(bone.scale), bone.rotation_mode,
                            {key: value for key, value in bone.items() if isinstance(value, int | float)},
                            tuple((each.name, each.mute, each.type) for each in bone.constraints))
    return found


def positions(armature, names, frames) -> np.ndarray:
    """Return the evaluated bones' heads (T, B, 3) in armature space at scene frames."""
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(int(frame))
        # Copy to numbers at once: Blender's vectors keep following their bones.
        found.append(np.array([armature.pose.bones[name].head for name in names]))
    return np.array(found)


def direction_errors(armature, starts: dict, motion, frames) -> dict[str, float]:
    """Return limb -> largest angle in degrees between the armature's evaluated direction and the motion's.

    starts: (bone at the limb's start, bone at its end) -> the motion's joint at its end.
    """
    worst: dict[str, float] = {}
    world = np.array(armature.matrix_world)[:3, :3]
    for frame in frames:
        bpy.context.scene.frame_set(int(frame))
        for (start, end), joint in starts.items():
            way = world @ np.array(armature.pose.bones[end].head - armature.pose.bones[start].head)
            wanted = motion.directions[int(frame) - 1, MOCAP22.index(joint)]
            angle = np.degrees(np.arctan2(np.linalg.norm(np.cross(way, wanted)), way @ wanted))
            worst[start] = max(worst.get(start, 0.0), float(angle))
    return worst
