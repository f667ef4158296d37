"""A posed rig as a source: its own motion returns to it, and a remodelled twin moves exactly as it does."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.retargeting.read_rig_motion import read_rig_motion
from anatomy_mocap.retargeting.retarget import retarget
from anatomy_mocap.rigs.forward_kinematics import pose_matrices
from anatomy_mocap.settings import RetargetSettings
from tests.retargeting.test_retarget import LIMBS, degrees_between, limb_errors, posed
from tests.support import moving_bodies as bodies
from tests.support.made_rigs import SIDES, Made, Plan, make, placed
from tests.support.remodelled_rigs import random_pose, remodelled, rotation_errors

MIRRORS = (np.diag([1.0, 1, 1]), np.diag([-1.0, 1, 1]), np.diag([1.0, -1, 1]), np.diag([-1.0, -1, -1]))
unit = st.floats(-1, 1)
seeds = st.integers(0, 10**6)
rotations = st.builds(lambda vector: Rotation.from_rotvec(np.array(vector) * np.pi), st.tuples(unit, unit, unit))
worlds = st.builds(lambda turn, size, x, y, z, mirror: placed(turn, 10.0**size, (x, y, z))
                   @ np.block([[mirror, np.zeros((3, 1))], [np.zeros((1, 3)), np.ones((1, 1))]]),
                   rotations, st.floats(-2, 2), unit, unit, unit, st.sampled_from(MIRRORS))
plans = st.builds(
    Plan, arm_drop=st.floats(0, 80), arm_forward=st.floats(-20, 20), elbow=st.sampled_from([0.0, 2.0, 25.0]),
    leg_spread=st.floats(0, 20), knee=st.sampled_from([0.0, 2.0, 15.0]), spine=st.integers(1, 6),
    neck=st.integers(0, 3), clavicles=st.booleans(), toes=st.booleans(), hands=st.booleans(), seed=seeds,
    flags=st.booleans(), halves=st.booleans(), legs_on_root=st.booleans())


def turned(*degrees_about):
    """Compose rotations about fixed axes in order: ("z", 30), ("y", 20) ..."""
    product = Rotation.identity()
    for axis, degrees in degrees_about:
        product = Rotation.from_euler(axis, degrees, degrees=True) * product
    return product


def perform(made: Made, target, pose, **settings):
    """Retarget the source's motion onto `target`, a rig with the same bones; returns world matrices (T, B, 4, 4)."""
    bones = SimpleNamespace(bones=made.bones)
    motion, detail = read_rig_motion(made.rig, bones, pose, 30.0)
    return posed(replace(made, rig=target), retarget(motion, target, bones, RetargetSettings(**settings), detail))


def counterparts(made: Made, mirrored: bool) -> dict[str, str]:
    """Return source bone -> target bone of all mapped bones."""
    swap = {"left": "right", "right": "left"}
    found = {}
    for part, names in made.bones.items():
        side, _, rest = part.partition("_")
        other = f"{swap[side]}_{rest}" if mirrored and side in swap else part
        found |= dict(zip(names, made.bones[other], strict=True))
    return found


def test_shapes_and_poses_that_do_not_fit_are_refused():
    made = make(Plan())
    pose = random_pose(made.rig, made.bones, np.random.default_rng(0))
    bones = SimpleNamespace(bones=made.bones)
    with pytest.raises(MocapError, match="don't fit its"):
        read_rig_motion(made.rig, bones, pose[:, 1:], 30.0)
    with pytest.raises(MocapError, match="don't fit its"):
        read_rig_motion(made.rig, bones, pose[:0], 30.0)
    pose[3, 4, 1, 1] = np.nan
    with pytest.raises(MocapError, match="NaN"):
        read_rig_motion(made.rig, bones, pose, 30.0)


@given(plans, worlds, seeds)
def test_a_rigs_own_motion_comes_back_to_it(plan, world, seed):
    """Checked for rotation and position of every mapped bone in every frame, with all kinds of rest poses."""
    made = make(replace(plan, world=world, legs_on_root=False))
    pose = random_pose(made.rig, made.bones, np.random.default_rng(seed))
    found = perform(made, made.rig, pose)
    size = np.cbrt(abs(np.linalg.det(world[:3, :3])))
    for names in made.bones.values():
        for name in names:
            bone = made.rig.index(name)
            assert np.abs(found[:, bone] - pose[:, bone]).max() < 1e-6 * (1 + size), name


@given(plans, st.floats(-30, 60), st.floats(-8, 15), st.sampled_from(["roll", "any"]), worlds, seeds)
def test_a_twin_in_an_a_pose_turns_every_part_as_the_source_does(plan, drop, spread, axes, world, seed):
    """The twin has lowered arms, spread legs, new rolls and bone axes, and another placement, size or mirroring."""
    made, random = make(plan), np.random.default_rng(seed)
    turns = {}
    for side, sign in zip(SIDES, (1, -1), strict=True):
        turns[f"{side}_upper_arm"] = turned(("y", sign * drop))
        turns[f"{side}_upper_leg"] = turned(("y", -sign * spread))
        turns[f"{side}_foot"] = Rotation.identity()
    target = remodelled(made.rig, turns, random, axes if plan.hands and plan.toes else "roll", world)
    pose = random_pose(made.rig, made.bones, random)
    names = counterparts(made, np.linalg.det(world[:3, :3]) < 0)
    errors = rotation_errors(made.rig, pose, target, perform(made, target, pose), turns, names)
    assert max(error.max() for error in errors.values()) < 0.05, {n: e.max() for n, e in errors.items()}


@given(plans, st.floats(0, 70), st.floats(-30, 60), st.floats(-45, 45), st.floats(12, 80), st.floats(-10, 40),
       st.floats(-30, 30), st.floats(12, 60), worlds, seeds)
def test_a_twin_in_any_bent_rest_pose(plan, drop, forward, twist, elbow, lift, leg_twist, knee, world, seed):
    """Elbows and knees that are bent at rest give the twist of the limb."""
    straight = replace(plan, arm_drop=0, arm_forward=0, elbow=0, leg_spread=0, knee=0, hands=True)
    made, random = make(straight), np.random.default_rng(seed)
    turns = {}
    for side, sign in zip(SIDES, (1, -1), strict=True):
        arm = turned(("x", twist), ("z", -sign * forward), ("y", sign * drop))
        leg = turned(("z", sign * leg_twist), ("x", -lift))
        turns |= {f"{side}_upper_arm": arm, f"{side}_lower_arm": arm * turned(("z", -sign * elbow)),
                  f"{side}_upper_leg": leg, f"{side}_lower_leg": leg * turned(("x", knee)),
                  f"{side}_foot": Rotation.identity()}
    target = remodelled(made.rig, turns, random, "roll", world)
    pose = random_pose(made.rig, made.bones, random)
    names = counterparts(made, np.linalg.det(world[:3, :3]) < 0)
    errors = rotation_errors(made.rig, pose, target, perform(made, target, pose), turns, names)
    assert max(error.max() for error in errors.values()) < 0.05, {n: e.max() for n, e in errors.items()}


@given(plans, plans, seeds)
def test_limbs_of_another_body_point_as_the_source_does(plan, other, seed):
    """The skeletons differ in chain lengths and proportions, and either may lack parts."""
    source, target = make(plan), make(other)
    pose = random_pose(source.rig, source.bones, np.random.default_rng(seed))
    motion, detail = read_rig_motion(source.rig, SimpleNamespace(bones=source.bones), pose, 30.0)
    found = posed(target, retarget(motion, target.rig, SimpleNamespace(bones=target.bones), detail=detail))
    assert np.isfinite(found).all()
    limbs = [limb for limb in LIMBS if limb not in ("lower_arm",) or plan.hands]
    for limb, error in limb_errors(target, found, motion, limbs).items():
        assert error.max() < 0.01, limb


@given(plans, seeds)
def test_directions_of_the_motion_are_the_rigs(plan, seed):
    made = make(plan)
    pose = random_pose(made.rig, made.bones, np.random.default_rng(seed))
    motion, _ = read_rig_motion(made.rig, SimpleNamespace(bones=made.bones), pose, 24.0, 2.0)
    assert motion.fps == 24.0 and motion.start_time == 2.0
    assert np.allclose(np.linalg.norm(motion.rotations, axis=-1), 1)
    for error in limb_errors(made, pose, motion).values():
        assert error.max() < 1e-4
    heads = pose[:, [made.rig.index(f"{side}_upper_leg") for side in SIDES], :3, 3]
    assert np.allclose(motion.root_positions, heads.mean(axis=0), atol=1e-6)


def test_rotated_about_the_vertical_and_in_place():
    made = make(Plan(seed=4))
    pose = random_pose(made.rig, made.bones, np.random.default_rng(4))
    plain, quarter = perform(made, made.rig, pose), perform(made, made.rig, pose, turn=np.pi / 2)
    turn = Rotation.from_rotvec([0, 0, np.pi / 2]).as_matrix()
    assert np.allclose(quarter[:, 2:, :3, 3], plain[:, 2:, :3, 3] @ turn.T, atol=1e-6)
    held = perform(made, made.rig, pose, in_place=True)
    legs = [made.rig.index(f"{side}_upper_leg") for side in SIDES]
    assert np.ptp(held[:, legs].mean(axis=1)[:, :2, 3], axis=0).max() < 1e-6
    assert np.allclose(held[:, legs, 2, 3], plain[:, legs, 2, 3], atol=1e-9)


def test_a_scaled_source_and_bones_that_stretch():
    """The source's size is read from the source. Scaled bones of its pose are read as rotations."""
    made = make(Plan(seed=7))
    pose = random_pose(made.rig, made.bones, np.random.default_rng(7))
    large = replace(made, rig=replace(made.rig, world_from_armature=np.diag([100.0, 100, 100, 1])))
    big = pose.copy()
    big[..., :3, :] *= 100.0
    stretched = big.copy()
    stretched[:, :, :3, :3] *= 1.5
    bones = SimpleNamespace(bones=made.bones)
    wanted = perform(made, made.rig, pose)
    for each in (big, stretched):
        motion, detail = read_rig_motion(large.rig, bones, each, 30.0)
        found = posed(made, retarget(motion, made.rig, bones, detail=detail))
        assert degrees_between(found[..., :3, 0], wanted[..., :3, 0]).max() < 1e-3
    motion, detail = read_rig_motion(large.rig, bones, big, 30.0)
    assert np.allclose(posed(made, retarget(motion, made.rig, bones, detail=detail)), wanted, atol=1e-5)


def test_a_rigs_walk_keeps_its_feet_on_another_rigs_floor():
    """A source with other proportions walks on its own raised floor, and the target walks on its own."""
    from anatomy_mocap.animation.solve_rotations import solve
    from anatomy_mocap.core.take_from_joints import take_from_positions

    source, target = make(Plan(seed=11, world=placed(Rotation.identity(), 2.0, (3, 1, 0.7)))), make(Plan(seed=12))
    walk = solve(take_from_positions(bodies.walk(2.0)[0], 30.0))
    pose = posed(source, retarget(walk, source.rig, SimpleNamespace(bones=source.bones)))
    motion, detail = read_rig_motion(source.rig, SimpleNamespace(bones=source.bones), pose, 30.0)
    found = posed(target, retarget(motion, target.rig, SimpleNamespace(bones=target.bones), detail=detail))
    feet = [target.rig.index(f"{side}_foot") for side in SIDES]
    lowest = (found[:, feet, 2, 3] - target.rig.heads[feet, 2]).min(axis=1)
    assert lowest.min() > -0.02 and lowest.max() < 0.03


def test_pose_matrices_of_no_motion_is_rest():
    made = make(Plan(seed=1))
    still = np.tile([1.0, 0, 0, 0], (2, len(made.rig), 1))
    pose = made.rig.world_from_armature @ pose_matrices(made.rig, still)
    found = perform(made, made.rig, pose)
    assert np.allclose(found, pose, atol=1e-9)
