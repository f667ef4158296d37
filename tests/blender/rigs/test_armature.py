"""Reads and builds armatures, and compares the product's forward kinematics with Blender's."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np
import pytest
from mathutils import Matrix
from scipy.spatial.transform import Rotation

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.blender.rigs.armature import build_armature, read_rig
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.retargeting.take_armature import motion_keys, motion_rig
from anatomy_mocap.rigs.forward_kinematics import pose_matrices
from tests.support import moving_bodies as bodies
from tests.support.blender_armatures import armature_of, mpfb_armature
from tests.support.blender_scenes import empty_file, make_armature, write_keys
from tests.support.made_rigs import Plan, make, placed

SCALE_MODES = ("FULL", "FIX_SHEAR", "ALIGNED", "AVERAGE", "NONE", "NONE_LEGACY")


@pytest.fixture(autouse=True)
def _empty():
    empty_file()


def odd_rig(seed: int):
    """Make a procedural rig with random flags. Bones that start at their parent's tail are connected."""
    random = np.random.default_rng(seed)
    world = placed(Rotation.random(random_state=seed), 1.7, (1, 2, 3))
    rig = make(Plan(seed=seed, flags=True, halves=True, arm_drop=40, elbow=20, world=world)).rig
    at_tail = [parent >= 0 and np.allclose(rig.heads[bone], rig.tails[parent], atol=1e-6)
               for bone, parent in enumerate(rig.parents)]
    count = len(rig)
    return replace(rig, connected=np.array(at_tail) & (random.random(count) < 0.7),
                   local_location=random.random(count) < 0.6,
                   inherit_scale=tuple(random.choice(SCALE_MODES, count)))


@pytest.mark.parametrize("seed", range(4))
def test_rigs_are_read_as_they_are(seed):
    rig = odd_rig(seed)
    found = read_rig(armature_of(rig))
    order = [found.index(name) for name in rig.bone_names]
    assert (found.parents < np.arange(len(found))).all()
    assert [found.bone_names[p] if p >= 0 else "" for p in found.parents[order]] \
        == [rig.bone_names[p] if p >= 0 else "" for p in rig.parents]
    assert np.allclose(found.rest[order], rig.rest, atol=3e-5)
    assert np.allclose(found.lengths[order], rig.lengths, atol=1e-5)
    for flags in ("connected", "inherit_rotation", "local_location"):
        assert (getattr(found, flags)[order] == getattr(rig, flags)).all()
    assert np.allclose(found.world_from_armature, rig.world_from_armature, atol=1e-6)
    assert found.name == rig.name and set(found.rotation_modes) == {"QUATERNION"} and found.deform.all()


@pytest.mark.parametrize("seed", range(6))
def test_forward_kinematics_are_blenders(seed):
    """Random rotations and locations on every bone, with all combinations of flags."""
    armature = armature_of(odd_rig(seed))
    rig = read_rig(armature)
    random = np.random.default_rng(seed)
    turns = random.normal(size=(1, len(rig), 4))
    turns /= np.linalg.norm(turns, axis=-1, keepdims=True)
    moves = random.normal(scale=0.3, size=(1, len(rig), 3))
    for bone, turn, move in zip(rig.bone_names, turns[0], moves[0], strict=True):
        armature.pose.bones[bone].rotation_quaternion, armature.pose.bones[bone].location = turn, move
    bpy.context.view_layer.update()
    wanted = np.array([armature.pose.bones[name].matrix for name in rig.bone_names])
    assert np.abs(pose_matrices(rig, turns, moves)[0] - wanted).max() < 2e-5


def test_mpfb_rigs_too(shared_data):
    armature = mpfb_armature(shared_data / "rigs" / "mpfb2" / "rig.default.json")
    rig = read_rig(armature)
    random = np.random.default_rng(0)
    turns = random.normal(size=(1, len(rig), 4)) + (3, 0, 0, 0)
    turns /= np.linalg.norm(turns, axis=-1, keepdims=True)
    for bone, turn in zip(rig.bone_names, turns[0], strict=True):
        armature.pose.bones[bone].rotation_mode = "QUATERNION"
        armature.pose.bones[bone].rotation_quaternion = turn
    bpy.context.view_layer.update()
    wanted = np.array([armature.pose.bones[name].matrix for name in rig.bone_names])
    assert np.abs(pose_matrices(rig, turns)[0] - wanted).max() < 2e-5


def test_reading_takes_parents_and_constraints_along():
    armature = make_armature(("hips", "spine", "head"), ("QUATERNION", "XYZ", "AXIS_ANGLE"))
    holder = bpy.data.objects.new("holder", None)
    bpy.context.scene.collection.objects.link(holder)
    holder.matrix_world = Matrix.Translation((1, 2, 3)) @ Matrix.Scale(2.0, 4)
    armature.parent = holder
    off = armature.pose.bones["spine"].constraints.new("LIMIT_ROTATION")
    off.enabled = False
    armature.pose.bones["spine"].constraints.new("COPY_ROTATION").name = "follow"
    bpy.context.view_layer.update()
    rig = read_rig(armature)
    assert np.allclose(rig.world_from_armature, holder.matrix_world)
    assert rig.constraints == {"spine": ("follow",)}
    assert rig.rotation_modes == ("QUATERNION", "XYZ", "AXIS_ANGLE")


def test_a_pose_does_not_change_what_is_read_nor_reading_the_pose():
    armature = make_armature()
    before = read_rig(armature)
    armature.pose.bones["spine"].rotation_quaternion = (0.5, 0.5, 0.5, 0.5)
    bpy.context.view_layer.update()
    assert np.array_equal(read_rig(armature).rest, before.rest)
    assert tuple(armature.pose.bones["spine"].rotation_quaternion) == (0.5, 0.5, 0.5, 0.5)


def test_what_is_no_armature_is_refused():
    with pytest.raises(MocapError, match="not an armature"):
        read_rig(bpy.data.objects.new("cube", bpy.data.meshes.new("cube")))
    with pytest.raises(MocapError, match="not an armature"):
        read_rig(None)
    with pytest.raises(MocapError, match="no bones"):
        read_rig(bpy.data.objects.new("bare", bpy.data.armatures.new("bare")))


@pytest.fixture(scope="module")
def dance():
    take = take_from_positions(bodies.random_poses(25, seed=1, spread=0.9), 25.0)
    return take, solve(take)


def test_a_takes_own_armature_is_exact(dance):
    """Every evaluated joint is at the take's position, and every bone keeps its length in all frames."""
    take, motion = dance
    bpy.context.scene.render.fps = 25
    armature = build_armature(motion, "Performer")
    write_keys(armature, motion_keys(motion), take, "dance")
    names = MOCAP22.joint_names
    joints = motion.joint_positions()
    for frame in range(len(motion)):
        bpy.context.scene.frame_set(frame + 1)
        bones = [armature.pose.bones[name] for name in names]
        tails = np.array([bone.tail for bone in bones])
        assert np.abs(tails[1:] - joints[frame, 1:]).max() < 1e-5
        assert np.abs(np.array(bones[0].head) - joints[frame, 0]).max() < 1e-5
        lengths = np.array([(bone.tail - bone.head).length for bone in bones])
        assert np.abs(lengths[1:] - motion.bone_lengths[1:]).max() < 2e-6


def test_a_built_armature_rests_in_a_t_pose_on_the_floor(dance):
    rig = read_rig(build_armature(dance[1], "Performer"))
    wanted = motion_rig(dance[1])
    assert rig.bone_names[0] == "pelvis" and set(rig.bone_names) == set(wanted.bone_names)
    order = [rig.index(name) for name in wanted.bone_names]
    assert np.allclose(rig.rest[order], wanted.rest, atol=1e-5) and abs(rig.tails[:, 2].min()) < 1e-5


def test_building_leaves_the_scene_as_it_was(dance):
    other = make_armature()
    bpy.ops.object.mode_set(mode="POSE")
    selected = [item.name for item in bpy.context.selected_objects]
    built = build_armature(dance[1], "Performer")
    assert bpy.context.view_layer.objects.active == other
    assert built.name in bpy.context.scene.objects
    assert [item.name for item in bpy.context.selected_objects] == selected
