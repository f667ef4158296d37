"""Twist bones: found, keyed only on request, and rotated by their share of the twist alone."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.core.motion import Motion
from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.maths.rotations import about, multiply, swing_twist, twist_angle
from anatomy_mocap.retargeting.retarget import retarget
from anatomy_mocap.retargeting.twist_bones import find_twist_bones
from anatomy_mocap.rigs.rest_pose import read_rest_pose
from anatomy_mocap.rigs.rig import from_matrix
from anatomy_mocap.settings import RetargetSettings
from tests.retargeting.test_read_rig_motion import worlds
from tests.retargeting.test_retarget import DANCE, LIMBS, along, limb_errors, posed, run
from tests.support import moving_bodies as bodies
from tests.support.made_rigs import SIDES, Plan, make

FRAMES = 9


def wrung(joint: str, most: float) -> Motion:
    """A T-pose in which one bone and its descendants twist about the bone from -most to most degrees."""
    rotations = np.tile([1.0, 0, 0, 0], (FRAMES, len(MOCAP22), 1))
    number = MOCAP22.index(joint)
    turn = about(rest_directions()[number], np.radians(np.linspace(-most, most, FRAMES)))
    for bone in np.flatnonzero(MOCAP22.ancestors[:, number]):
        rotations[:, bone] = multiply(turn, rotations[:, bone])
    return Motion(rotations, np.full((FRAMES, 3), (0, 0, 0.9)), bodies.LENGTHS, 30.0)


def twist_of(made, world, bone: str, axis) -> np.ndarray:
    """Return a bone's twist (T,) in degrees about the world `axis` from its rest pose."""
    index = made.rig.index(bone)
    turn = world[:, index, :3, :3] @ made.rig.rest[index, :3, :3].T
    return np.degrees(twist_angle(from_matrix(turn), np.asarray(axis, float)))


@pytest.mark.parametrize("twists", ["", "beside", "inside"])
def test_by_default_none_is_keyed(twists):
    made = make(Plan(twists=twists))
    keys, _ = run(made, DANCE)
    assert not any("twist" in name for name in keys.bone_names)
    keys, _ = run(made, DANCE, twist_bones=True)
    assert sum("twist" in name for name in keys.bone_names) == (8 if twists else 0)
    assert dict(keys.helpers) == {name: name.removesuffix("_twist") for name in keys.bone_names if "twist" in name}


@given(st.sampled_from(["beside", "inside"]), st.integers(0, 10**6), worlds, st.booleans(), st.booleans())
def test_limbs_ends_and_directions_are_as_without(twists, seed, world, flags, straight):
    """With twist bones all joints keep their places, and hands and feet their rotations."""
    made = make(Plan(twists=twists, seed=seed, world=world, flags=flags, straight=straight, arm_drop=40, elbow=20))
    helpers = np.array([name.endswith("_twist") for name in made.rig.bone_names])
    made = replace(made, rig=replace(made.rig, inherit_rotation=made.rig.inherit_rotation | helpers))
    _, plain = run(made, DANCE)
    _, shared = run(made, DANCE, twist_bones=True)
    size = np.cbrt(abs(np.linalg.det(world[:3, :3])))
    assert np.abs(plain[..., :3, 3] - shared[..., :3, 3]).max() < 1e-6 * size
    ends = [made.rig.index(f"{side}_{part}") for side in SIDES for part in ("hand", "foot")]
    assert np.allclose(plain[:, ends], shared[:, ends], atol=1e-6 * size)


def test_a_forearms_twist_grows_towards_the_wrist():
    made = make(Plan(twists="beside"))
    _, world = run(made, wrung("left_knuckle", 80.0), twist_bones=True)
    angles = np.linspace(-80, 80, FRAMES)
    assert np.allclose(twist_of(made, world, "left_hand", (1, 0, 0)), angles, atol=1e-6)
    assert np.allclose(twist_of(made, world, "left_lower_arm_twist", (1, 0, 0)), 0.7 * angles, atol=1e-6)
    assert np.allclose(twist_of(made, world, "left_lower_arm", (1, 0, 0)), 0, atol=1e-6)
    assert np.allclose(twist_of(made, world, "right_lower_arm_twist", (1, 0, 0)), 0, atol=1e-6)


@pytest.mark.parametrize(("twists", "own", "helper"), [("beside", 1.0, 0.7), ("inside", 0.0, 1.0)])
def test_an_upper_arms_twist_grows_from_the_shoulder(twists, own, helper):
    made = make(Plan(twists=twists))
    _, world = run(made, wrung("left_elbow", 60.0), twist_bones=True)
    angles = np.linspace(-60, 60, FRAMES)
    # The collar bone's own carriage is where the twist begins.
    collar = twist_of(made, world, "left_shoulder", (1, 0, 0))
    assert np.ptp(collar) < 1e-6
    for name, share in (("left_upper_arm", own), ("left_upper_arm_twist", helper)):
        assert np.allclose(twist_of(made, world, name, (1, 0, 0)), collar + share * (angles - collar), atol=1e-6)
    assert np.allclose(twist_of(made, world, "left_lower_arm", (1, 0, 0)), angles, atol=1e-6)


def test_twists_do_not_jump():
    """Half a turn and more must continue without a jump."""
    made = make(Plan(twists="beside"))
    keys, _ = run(made, wrung("left_knuckle", 170.0), twist_bones=True)
    turns = keys.rotations[:, keys.bone_names.index("left_lower_arm_twist")]
    assert ((turns[1:] * turns[:-1]).sum(-1) > np.cos(np.radians(0.7 * 340 / 8 / 2 + 1))).all()


def test_with_hands_in_their_places_the_twist_is_of_the_final_pose():
    made = make(Plan(twists="beside", seed=3))
    motion = DANCE
    _, world = run(made, motion, twist_bones=True, hands="chest")
    for side in SIDES:
        limb, helper = (made.rig.index(f"{side}_lower_arm{end}") for end in ("", "_twist"))
        local = np.linalg.inv(world[:, limb, :3, :3]) @ world[:, helper, :3, :3] \
            @ made.rig.rest[helper, :3, :3].T @ made.rig.rest[limb, :3, :3]
        axis = made.rig.rest[limb, :3, :3].T @ bodies.unit(
            made.rig.heads[made.rig.index(f"{side}_hand")] - made.rig.heads[limb])
        swing, _ = swing_twist(from_matrix(local), axis)
        assert np.abs(swing[:, 1:]).max() < 1e-6


def test_bones_off_the_limb_named_otherwise_or_constrained_are_left_alone():
    made = make(Plan(twists="beside"))
    names = [name.replace("left_lower_arm_twist", "left_lower_arm_armour") for name in made.rig.bone_names]
    rest = made.rig.rest.copy()
    rest[made.rig.index("right_upper_arm_twist"), :3, 3] += (0, 0, 0.3)
    rig = replace(made.rig, bone_names=tuple(names), rest=rest,
                  constraints={"left_upper_leg_twist": ("Copy Rotation",)})
    found = {rig.bone_names[helper.bone] for helper in find_twist_bones(read_rest_pose(rig, made.bones))}
    assert len(found) == 5
    assert not found & {"left_lower_arm_armour", "right_upper_arm_twist", "left_upper_leg_twist"}


def test_directions_hold_with_twist_bones():
    made = make(Plan(twists="inside", seed=5))
    keys = retarget(DANCE, made.rig, SimpleNamespace(bones=made.bones), RetargetSettings(twist_bones=True))
    world = posed(made, keys)
    assert max(error.max() for error in limb_errors(made, world, DANCE, LIMBS).values()) < 0.01
    assert np.allclose(along(made, world, "left_upper_arm", "left_upper_arm_twist") * 2,
                       along(made, world, "left_upper_arm", "left_lower_arm"), atol=1e-9)
