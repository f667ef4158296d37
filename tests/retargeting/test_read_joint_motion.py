"""Sources read from their joint positions: directions are exact, arbitrary end points are ignored."""

from __future__ import annotations

import numpy as np
import pytest

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.maths.rotations import angle_between
from anatomy_mocap.retargeting.read_joint_motion import read_joint_motion
from anatomy_mocap.retargeting.take_armature import motion_keys, motion_rig
from anatomy_mocap.rigs.forward_kinematics import pose_matrices
from tests.support import moving_bodies as bodies

FPS = 30.0
MOTION = solve(take_from_positions(bodies.walk(2.0, FPS)[0], FPS))
PARTS = {"hips": ("pelvis",), "spine_chain": ("spine", "thorax"), "neck": ("neck",), "head": ("head",),
         **{f"{side}_{part}": (f"{side}_{joint}",) for side in ("left", "right")
            for part, joint in (("upper_arm", "elbow"), ("lower_arm", "wrist"), ("hand", "knuckle"),
                                ("upper_leg", "knee"), ("lower_leg", "ankle"), ("foot", "toe"))}}
LIMBS = [f"{side}_{joint}" for side in ("left", "right") for joint in ("knee", "ankle", "toe", "elbow", "wrist")]


def posed():
    """Build the motion's own armature and return (rig, world matrices (T, B, 4, 4))."""
    rig, keys = motion_rig(MOTION), motion_keys(MOTION)
    places = np.zeros((len(MOTION), len(rig), 3))
    places[:, 0] = keys.root_locations
    return rig, pose_matrices(rig, keys.rotations, places)


@pytest.fixture(scope="module")
def seen():
    rig, world = posed()
    return read_joint_motion(rig, PARTS, world, FPS, 1.5)


def test_limbs_point_as_they_do_and_the_body_is_where_it_is(seen):
    index = [bodies.index(joint) for joint in LIMBS]
    assert np.abs(seen.directions[:, index] - MOTION.directions[:, index]).max() < 1e-5
    assert np.abs(seen.root_positions - MOTION.root_positions).max() < 1e-6
    assert (seen.fps, seen.start_time) == (FPS, 1.5)


def test_the_head_goes_with_its_bone_and_looks_ahead(seen):
    index = bodies.index("head")
    assert np.degrees(angle_between(seen.rotations[:, index], MOTION.rotations[:, index])).max() < 15
    assert (seen.directions[:, bodies.index("nose"), 1] < -0.8).all(), "the walk goes towards -Y"


def test_end_points_that_lead_off_are_ignored(seen):
    """The matrices of head, hands and feet are turned by 90 degrees in place, so their axes lie across."""
    rig, world = posed()
    for name in ("head", "left_knuckle", "right_knuckle"):
        bone = rig.index(name)
        world[:, bone, :3, :3] = world[:, bone, :3, :3] @ np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1.0]])
    again = read_joint_motion(rig, PARTS, world, FPS)
    for name in ("head", "left_knuckle"):
        index = bodies.index(name)
        angles = np.degrees(np.arccos(np.clip((again.directions[:, index] * seen.directions[:, index]).sum(-1), -1, 1)))
        assert angles.max() < 25, "as the body goes on, on the whole"


def test_a_body_without_hands_feet_neck_and_head_will_do():
    rig, world = posed()
    few = {part: names for part, names in PARTS.items() if not part.endswith(("hand", "foot", "neck", "head"))}
    found = read_joint_motion(rig, few, world, FPS)
    index = [bodies.index(joint) for joint in LIMBS if "toe" not in joint]
    assert np.isfinite(found.rotations).all()
    assert np.abs(found.directions[:, index] - MOTION.directions[:, index]).max() < 1e-5


def test_a_bone_without_length_is_named_with_its_rig():
    """For example, the hips are also mapped to a thigh, so both start at one point."""
    rig, world = posed()
    world[:, rig.index("left_wrist"), :3, 3] = world[:, rig.index("left_elbow"), :3, 3]
    with pytest.raises(MocapError, match=f"^{rig.name}: the bone to left_elbow has no length"):
        read_joint_motion(rig, PARTS, world, FPS)
