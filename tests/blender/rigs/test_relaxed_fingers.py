"""Relaxed fingers on characters' files in real Blender."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np
import pytest

from anatomy_mocap.blender.file_jobs import empty_scene
from anatomy_mocap.blender.files.rig_files import load_rig
from anatomy_mocap.blender.retarget_onto import Target, retarget_onto, source_of_take
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.hands.finger_rest import read_hands
from anatomy_mocap.settings import KeySettings, RetargetSettings
from tests.hands.test_finger_angles import hand_points, with_fingers
from tests.support.field_rigs import walking_take

RIGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "rigs"
FILES = ("unreal/human-male.glb", "rigify/human-skeleton.glb", "quaternius/Casual.glb", "vrm/basic_armature.vrm",
         "mixamo/animations-mixamo-default.glb", "gdquest_mannequin/mannequiny-0.3.0.glb")


def performed(file, keys=None, **placing):
    """Put a walk on a character; returns its armature, rig, map and action."""
    if not (RIGS / file).exists():
        pytest.skip("the shared rigs are not here")
    empty_scene()
    armature = load_rig(RIGS / file)
    rig = read_rig(armature)
    bone_map = match(rig)
    done = retarget_onto(armature, source_of_take(walking_take(6), "walk"),
                         Target(rig, bone_map, RetargetSettings(**placing), keys or KeySettings("NEW")))
    return armature, rig, bone_map, done.action


def curves_of(action, names):
    """The F-curves of some bones."""
    bags = [bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags]
    return [curve for bag in bags for curve in bag.fcurves if any(f'"{name}"' in curve.data_path for name in names)]


def turned(bone):
    """(3, 3) rotation of a pose bone from its rest pose, armature space."""
    return np.array(bone.matrix.to_3x3().normalized()) @ np.array(bone.bone.matrix_local.to_3x3()).T


@pytest.mark.parametrize("file", FILES)
def test_fingers_are_curled_into_the_palm_with_one_key(file):
    """On the evaluated character every finger's last bone points out of the palm, and its curves have one key."""
    armature, rig, bone_map, action = performed(file)
    hands = read_hands(rig, bone_map.bones, bone_map.fingers)
    assert len(hands) == 2
    names = {name for chain in bone_map.fingers.values() for name in chain}
    curves = curves_of(action, names)
    assert len(curves) >= 3 * len(names)
    assert {len(curve.keyframe_points) for curve in curves} == {1}
    bpy.context.scene.frame_set(3)
    for side, hand in hands.items():
        bone = armature.pose.bones[bone_map.bones[f"{side}_hand"][0]]
        out = turned(bone) @ hand.axes[2]
        for finger, chain in hand.fingers.items():
            last = armature.pose.bones[rig.bone_names[chain[-1]]]
            way = turned(last) @ (hand.directions[finger][-1] @ hand.axes)
            angle = np.degrees(np.arcsin(np.clip(out @ way, -1, 1)))
            if finger != "thumb":
                assert 45 < angle <= 90, (side, finger, angle)


def test_switched_off_fingers_stay_unkeyed_and_chosen_parts_alone_are_keyed():
    armature, _, bone_map, action = performed(FILES[0], relaxed_fingers=False)
    names = {name for chain in bone_map.fingers.values() for name in chain}
    assert not curves_of(action, names)
    armature, _, bone_map, action = performed(FILES[0], KeySettings("NEW", parts=frozenset({"LEFT_ARM"})))
    assert curves_of(action, bone_map.fingers["left_index"]) and not curves_of(action, bone_map.fingers["right_index"])


@pytest.mark.parametrize("density", ["DENSE", "SPARSE"])
def test_captured_fingers_move_and_sparse_keys_are_fewer(density):
    """Fingers that close within the take are closed on the evaluated character, with dense keys and with few."""
    angles, sure = np.zeros((30, 4, 4)), 0.95
    angles[..., 1:] = np.linspace(0.0, 1.0, 30)[:, None, None]
    take = with_fingers(angles[0], sure)
    points = [[hand_points(each, side, n) for side in ("left", "right")] for n, each in enumerate(angles)]
    take = replace(take, finger_points=np.array(points))
    empty_scene()
    if not (RIGS / FILES[0]).exists():
        pytest.skip("the shared rigs are not here")
    armature = load_rig(RIGS / FILES[0])
    rig = read_rig(armature)
    bone_map = match(rig)
    done = retarget_onto(armature, source_of_take(take, "grip"),
                         Target(rig, bone_map, RetargetSettings(), KeySettings("NEW", density=density)))
    bone = armature.pose.bones[bone_map.fingers["left_index"][1]]
    keys = {len(curve.keyframe_points) for curve in curves_of(done.action, [bone.name])}
    assert keys == {30} if density == "DENSE" else max(keys) < 15
    bends = []
    for frame in (1, 15, 30):
        bpy.context.scene.frame_set(frame)
        above = bone.parent.matrix.to_3x3().normalized().inverted() @ bone.matrix.to_3x3().normalized()
        rest = bone.parent.bone.matrix_local.to_3x3().inverted() @ bone.bone.matrix_local.to_3x3()
        bends.append(np.degrees((rest.inverted() @ above).to_quaternion().angle))
    assert bends == pytest.approx([0.0, 28.0, 57.0], abs=5.0)


def test_the_user_s_own_finger_keys_stay():
    """An update replaces the add-on's own keys only."""
    armature, rig, bone_map, action = performed(FILES[0], KeySettings("UPDATE"))
    bone = armature.pose.bones[bone_map.fingers["left_index"][0]]
    bone.rotation_quaternion = (0.8, 0.6, 0, 0)
    bone.keyframe_insert("rotation_quaternion", frame=4)
    retarget_onto(armature, source_of_take(walking_take(6), "walk"),
                  Target(rig, bone_map, RetargetSettings(), KeySettings("UPDATE")))
    first = curves_of(armature.animation_data.action, [bone.name])[0]
    assert first.evaluate(4) == pytest.approx(0.8, abs=1e-5)
