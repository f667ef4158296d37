"""Captured fingers on rigs whose fingers are controls, and on CMU's: what the skin follows is measured."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np
import pytest

from anatomy_mocap.blender.file_jobs import empty_scene
from anatomy_mocap.blender.retarget_onto import Target, retarget_onto, source_of_take
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.settings import KeySettings, RetargetSettings
from tests.hands.test_finger_angles import hand_points, with_fingers
from tests.support import control_rigs
from tests.support.blender_armatures import mpfb_armature

FRAMES = 20
FINGERS = ("index", "middle", "ring", "pinky")


@pytest.fixture(scope="module")
def rigify_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("fingers") / "rig.blend"
    control_rigs.save_rigify(path, "human")
    return path


def gripping_take():
    """Both hands close from straight fingers to 50 degrees at each joint."""
    angles = np.zeros((FRAMES, 4, 4))
    angles[..., 1:] = np.radians(np.linspace(0.0, 50.0, FRAMES))[:, None, None]
    take = with_fingers(angles[0], 0.95, FRAMES)
    points = [[hand_points(each, side, n) for side in ("left", "right")] for n, each in enumerate(angles)]
    return replace(take, finger_points=np.array(points))


def bend_between(armature, above: str, below: str) -> float:
    """Degrees between the directions of two evaluated bones, each along its own Y axis."""
    ways = [np.array(armature.pose.bones[name].matrix.to_3x3().normalized())[:, 1] for name in (above, below)]
    return float(np.degrees(np.arccos(np.clip(ways[0] @ ways[1], -1, 1))))


def grip(armature):
    """Key the gripping take; returns the map and what was done."""
    bpy.context.scene.render.fps = 30
    rig = read_rig(armature)
    bone_map = match(rig)
    done = retarget_onto(armature, source_of_take(gripping_take(), "grip"),
                         Target(rig, bone_map, RetargetSettings(), KeySettings("NEW")))
    return bone_map, done


def test_rigify_s_finger_controls_are_keyed_and_its_deform_bones_follow(rigify_file):
    """The single finger controls have the keys; the masters stay, and the bones that carry the skin are bent."""
    armature = control_rigs.open_rig(rigify_file)
    bone_map, done = grip(armature)
    assert not done.warnings
    assert {f"{side}_{finger}" for side in ("left", "right") for finger in (*FINGERS, "thumb")} <= set(bone_map.fingers)
    assert bone_map.fingers["left_index"] == ("f_index.01.L", "f_index.02.L", "f_index.03.L")
    keyed = {curve.data_path.split('"')[1] for layer in done.action.layers for strip in layer.strips
             for bag in strip.channelbags for curve in bag.fcurves if '"' in curve.data_path}
    assert set(bone_map.fingers["left_index"]) | set(bone_map.fingers["right_pinky"]) <= keyed
    assert not any(name.endswith(("_master.L", "_master.R")) for name in keyed)
    for frame, wanted in ((1, 0.0), (FRAMES, 50.0)):
        bpy.context.scene.frame_set(frame)
        for finger in FINGERS:
            for side in "LR":
                bones = [f"DEF-f_{finger}.0{joint}.{side}" for joint in (1, 2, 3)]
                for joint, pair in enumerate(zip(bones, bones[1:], strict=False)):
                    bend = bend_between(armature, *pair)
                    assert bend == pytest.approx(wanted, abs=6.0), (finger, side, joint, frame)


def test_a_cmu_rig_s_fingers_bend_as_captured(shared_data):
    """MakeHuman's cmu_mb has fingers that no table of CMU names; they are found by names and form."""
    empty_scene()
    armature = mpfb_armature(shared_data / "rigs" / "mpfb2" / "rig.cmu_mb.json")
    bone_map, done = grip(armature)
    assert bone_map.fingers
    bpy.context.scene.frame_set(FRAMES)
    for part, names in bone_map.fingers.items():
        if "thumb" in part:
            continue
        for above, below in zip(names, names[1:], strict=False):
            # A finger of two bones puts half of the last joint's bend into its end.
            wanted = 75.0 if len(names) == 2 else 50.0
            assert bend_between(armature, above, below) == pytest.approx(wanted, abs=4.0), (part, above)
