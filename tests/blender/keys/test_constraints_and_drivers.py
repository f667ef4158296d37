"""Constraints and drivers on keyed bones: reported, switched off within the action, or baked."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.blender.files.rig_files import load_rig
from anatomy_mocap.blender.keys.keyframes import key_frames
from anatomy_mocap.blender.perform import perform
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.settings import KeySettings
from tests.support import control_rigs
from tests.support import moving_bodies as bodies
from tests.support.blender_scenes import curves_of, empty_file

FPS = 25.0
TAKE = take_from_positions(bodies.random_poses(20, seed=5, spread=0.9), FPS)
LIMBS = {("upperarm_l", "lowerarm_l"): "left_elbow", ("lowerarm_l", "hand_l"): "left_wrist",
         ("thigh_r", "calf_r"): "right_knee", ("calf_r", "foot_r"): "right_ankle"}
FRAMES = (1, 7, 20)


@pytest.fixture
def man(root):
    empty_file()
    bpy.context.scene.render.fps = int(FPS)
    return load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")


def dance(armature, constraints="KEEP", way="NEW"):
    rig, motion = read_rig(armature), solve(TAKE)
    done = perform(armature, rig, match(rig), motion, key_frames(TAKE.times, bpy.context.scene), "dance",
                   KeySettings(constraints=constraints, destination=way))
    return motion, done


def limit(armature, bone="lowerarm_l"):
    """Add a constraint that nearly prevents a bone's rotation."""
    made = armature.pose.bones[bone].constraints.new("LIMIT_ROTATION")
    made.use_limit_x = made.use_limit_y = made.use_limit_z = True
    made.min_x = made.min_y = made.min_z = -0.05
    made.max_x = made.max_y = made.max_z = 0.05
    made.owner_space, made.name = "LOCAL", "stiff elbow"
    return made


def copy_of_a_prop(armature, bone="calf_r"):
    """Add a constraint that turns a bone towards an object beside it."""
    prop = bpy.data.objects.new("prop", None)
    bpy.context.scene.collection.objects.link(prop)
    prop.rotation_euler = (0.4, 0.2, 0.1)
    made = armature.pose.bones[bone].constraints.new("COPY_ROTATION")
    made.target, made.mix_mode, made.influence = prop, "AFTER", 0.6
    bpy.context.view_layer.update()
    return made


def matrices(armature, names, frames=FRAMES) -> np.ndarray:
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found.append(np.array([np.array(armature.pose.bones[name].matrix) for name in names]))
    return np.array(found)


def test_constraints_that_fight_the_keys_are_named_and_left_alone(man):
    made = limit(man)
    motion, done = dance(man)
    assert any("lowerarm_l" in text and "stiff elbow" in text for text in done.warnings)
    assert control_rigs.direction_errors(man, LIMBS, motion, FRAMES)["lowerarm_l"] > 5
    assert made.influence == 1 and not made.mute
    assert not any("constraints" in path for path, _ in curves_of(man))


@pytest.mark.parametrize("kind", [limit, copy_of_a_prop])
def test_switched_off_in_the_action_the_motion_is_exact(man, kind):
    made = kind(man)
    before = len(man.pose.bones["lowerarm_l"].constraints), made.name
    motion, done = dance(man, "OFF")
    assert max(control_rigs.direction_errors(man, LIMBS, motion, FRAMES).values()) < 0.02
    [path] = [path for path, _ in curves_of(man) if "constraints" in path]
    assert path.endswith(f'constraints["{made.name}"].influence')
    assert (len(man.pose.bones["lowerarm_l"].constraints), made.name) == before and not made.mute


def test_an_influence_that_a_driver_sets_is_muted_instead(man):
    made = limit(man)
    man["stiff"] = 1.0
    control_rigs.drive(made, "influence", man, '["stiff"]', "var * 1.0")
    bpy.context.view_layer.update()
    motion, _ = dance(man, "OFF")
    assert any(path.endswith("].mute") for path, _ in curves_of(man))
    assert max(control_rigs.direction_errors(man, LIMBS, motion, FRAMES).values()) < 0.02


@pytest.mark.parametrize("kind", [limit, copy_of_a_prop])
@pytest.mark.parametrize("way", ["NEW", "INTO", "NLA"])
def test_baking_shows_what_the_constraints_showed_without_them(man, kind, way):
    names = [bone.name for bone in man.pose.bones]
    made = kind(man)
    dance(man)
    wanted, frame = matrices(man, names), bpy.context.scene.frame_current
    if way == "NLA":
        man.animation_data.action = None
    _, done = dance(man, "BAKE", way)
    assert bpy.context.scene.frame_current == frame
    assert np.abs(matrices(man, names) - wanted).max() < 2e-4
    assert made.influence == 0.0, "it is off while the action plays"
    next(bone for bone in man.pose.bones if made.name in bone.constraints).constraints.remove(made)
    assert np.abs(matrices(man, names) - wanted).max() < 2e-4, "the keys alone show it"


def test_a_bone_that_its_constraint_carries_off_is_baked_with_its_place(man):
    target = bpy.data.objects.new("hook", None)
    bpy.context.scene.collection.objects.link(target)
    target.location = (1.0, -0.5, 1.5)
    made = man.pose.bones["hand_l"].constraints.new("COPY_LOCATION")
    made.target = target
    bpy.context.view_layer.update()
    dance(man, "BAKE")
    assert ('pose.bones["hand_l"].location', 0) in curves_of(man)
    for frame in FRAMES:
        bpy.context.scene.frame_set(frame)
        hand = man.matrix_world @ man.pose.bones["hand_l"].head
        assert np.allclose(hand, target.location, atol=1e-4)


def test_drivers_on_keyed_bones_are_named(man):
    bone = man.pose.bones["upperarm_l"]
    bone.rotation_mode = "XYZ"
    man["wave"] = 0.3
    curve = bone.driver_add("rotation_euler", 0)
    variable = curve.driver.variables.new()
    variable.name, variable.targets[0].id, variable.targets[0].data_path = "var", man, '["wave"]'
    curve.driver.expression = "var"
    bpy.context.view_layer.update()
    _, done = dance(man)
    assert any("drivers set these bones" in text and "upperarm_l" in text for text in done.warnings)


def test_baked_motion_can_have_sparse_keys(man):
    target = bpy.data.objects.new("hook", None)
    bpy.context.scene.collection.objects.link(target)
    target.location = (1.0, -0.5, 1.5)
    man.pose.bones["hand_l"].constraints.new("COPY_LOCATION").target = target
    bpy.context.view_layer.update()
    rig = read_rig(man)
    done = perform(man, rig, match(rig), solve(TAKE), key_frames(TAKE.times, bpy.context.scene), "dance",
                   KeySettings("NEW", constraints="BAKE", density="SPARSE"))
    for frame in done.frames:
        bpy.context.scene.frame_set(int(frame))
        hand = man.matrix_world @ man.pose.bones["hand_l"].head
        assert np.linalg.norm(np.array(hand) - target.location) < 0.0055
