"""Control rigs with the bone and switch names of Auto-Rig Pro and CloudRig, built by the tests."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.blender.keys.keyframes import key_frames
from anatomy_mocap.blender.perform import perform
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.settings import KeySettings
from tests.support import control_rigs
from tests.support import moving_bodies as bodies
from tests.support.blender_scenes import curves_of, empty_file, values_of

POSES = take_from_positions(bodies.random_poses(20, seed=5, spread=0.9), 25.0)
FRAMES = (1, 8, 17)
TURNS = {"upper_arm": ("lower_arm", "elbow"), "lower_arm": ("hand", "wrist"), "upper_leg": ("lower_leg", "knee"),
         "lower_leg": ("foot", "ankle")}
FORMS = {
    "auto_rig_pro": {"owner": "bones", "fk_is": 1.0, "called": "ik_fk_switch", "controls": "auto_rig_pro_control",
                     "deforming": "auto_rig_pro", "ik": {"hand": "c_hand_ik.{}", "foot": "c_foot_ik.{}"}},
    "cloudrig": {"owner": "Properties_IKFK", "fk_is": 0.0, "called": "ik_{}_{}", "controls": "cloudrig_control",
                 "deforming": "cloudrig_deform", "ik": {"hand": "IK-MSTR-Hand.{}", "foot": "IK-MSTR-Foot.{}"}},
}


@pytest.fixture(params=FORMS)
def rig(request):
    """Build a rig and return (armature, controls, deform bones, names of the switches to key)."""
    form = FORMS[request.param]
    empty_file()
    bpy.context.scene.render.fps = 25
    armature, _, made = control_rigs.home_made(form["owner"], form["fk_is"], called=form["called"])
    controls, deforming = control_rigs.called_as(armature, made.bones, form["controls"], form["deforming"], form["ik"])
    paths = {f'pose.bones["{form["owner"]}"]["{form["called"].format(side, limb)}"]'
             for side in ("left", "right") for limb in ("arm", "leg")}
    if form["owner"] == "bones":
        paths = {f'pose.bones["{pattern.format(letter)}"]["{form["called"]}"]'
                 for pattern in form["ik"].values() for letter in "lr"}
    return armature, controls, deforming, paths, form


def test_controls_are_mapped_and_switched(rig):
    armature, controls, deforming, paths, form = rig
    data = read_rig(armature)
    found = match(data)
    assert found.convention == form["controls"] and found.bones == controls and not found.doubtful
    assert match(data, form["deforming"]).bones == deforming
    motion = solve(POSES)
    done = perform(armature, data, found, motion, key_frames(POSES.times, bpy.context.scene), "dance",
                   KeySettings())
    assert not done.warnings
    keyed = {path for path, _ in curves_of(armature) if path.endswith('"]') and "[\"ik" in path}
    assert keyed == paths
    for path in paths:
        assert np.allclose(values_of(curves_of(armature)[path, 0])[1], form["fk_is"])
    starts = {(deforming[f"{side}_{part}"][0], deforming[f"{side}_{end}"][0]): f"{side}_{joint}"
              for side in ("left", "right") for part, (end, joint) in TURNS.items()}
    assert max(control_rigs.direction_errors(armature, starts, motion, FRAMES).values()) < 0.01


def test_limbs_that_hang_on_two_bones_by_weights_are_hung_on_the_nearer():
    """Like CloudRig's hinge: a property at 0.5 drives the weights of an Armature constraint to chest and root."""
    empty_file()
    bpy.context.scene.render.fps = 25
    armature, bone_map, made = control_rigs.home_made("object", 1.0, hinge="ARMATURE")
    motion = solve(POSES)
    done = perform(armature, read_rig(armature), bone_map, motion, key_frames(POSES.times, bpy.context.scene), "dance",
                   KeySettings())
    assert not done.warnings
    for side in ("left", "right"):
        assert values_of(curves_of(armature)[f'["hinge {side}"]', 0])[1] == pytest.approx([0.0])
    starts = {(made.bones[f"{side}_{part}"][0], made.bones[f"{side}_{end}"][0]): f"{side}_{joint}"
              for side in ("left", "right") for part, (end, joint) in TURNS.items()}
    assert max(control_rigs.direction_errors(armature, starts, motion, FRAMES).values()) < 0.01
