"""Joint limits: nothing changes inside, nothing is beyond the margin, small changes stay small, bones keep lengths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.animation.joint_limits import ease, held_back, limit_joints
from anatomy_mocap.core.motion import Motion
from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.maths.rotations import about, angle_between, apply, inverse, multiply

index = MOCAP22.index
FLEX = {"left_wrist": ("left_elbow", (0, 0, -1), 145), "right_wrist": ("right_elbow", (0, 0, 1), 145),
        "left_ankle": ("left_knee", (1, 0, 0), 150), "right_ankle": ("right_knee", (1, 0, 0), 150)}


def still(frames=30) -> Motion:
    lengths = np.full(22, 0.2)
    lengths[0] = 0.0
    rotations = np.zeros((frames, 22, 4))
    rotations[..., 0] = 1.0
    return Motion(rotations, np.zeros((frames, 3)), lengths, 30.0)


def bent(bone: str, degrees: np.ndarray) -> Motion:
    upper, axis, _ = FLEX[bone]
    motion = still(len(degrees))
    moved = motion.rotations.copy()
    turn = about(np.broadcast_to(np.array(axis, float), (len(degrees), 3)), np.radians(degrees))
    for below in {"wrist": ("wrist", "knuckle"), "ankle": ("ankle", "toe")}[bone.partition("_")[2]]:
        moved[:, index(f"{bone.partition('_')[0]}_{below}")] = turn
    return replace(motion, rotations=moved)


def bend_of(motion: Motion, bone: str) -> np.ndarray:
    upper, axis, _ = FLEX[bone]
    rest = rest_directions()[index(bone)]
    way = apply(multiply(inverse(motion.rotations[:, index(upper)]), motion.rotations[:, index(bone)]), rest)
    return np.degrees(np.arctan2(way @ np.cross(axis, rest), way @ rest))


@pytest.mark.parametrize("bone", FLEX)
def test_a_hinge_within_its_range_is_the_same_motion_and_beyond_it_is_held(bone):
    high = FLEX[bone][2]
    inside = bent(bone, np.linspace(-5, high - 0.1, 30))
    assert limit_joints(inside)[0] is inside
    beyond = np.concatenate([np.linspace(-90, -5, 30), np.linspace(high, 195, 30)])
    found = bend_of(limit_joints(bent(bone, beyond))[0], bone)
    assert found.min() >= -15.0 and found.max() <= high + 10.0
    assert (np.diff(found[:30]) >= -1e-6).all() and (np.diff(found[30:]) >= -1e-6).all(), "order is kept"


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 9999))
def test_any_pose_is_brought_within_the_margins_in_one_go(seed):
    rng = np.random.default_rng(seed)
    motion = still(8)
    wild = rng.normal(size=motion.rotations.shape)
    motion = replace(motion, rotations=wild / np.linalg.norm(wild, axis=-1, keepdims=True))
    once = limit_joints(motion)[0]
    again, rest = limit_joints(once)[0], rest_directions()
    for bone, upper, centre, most in (
            ("thorax", "pelvis", (0, -0.21, 0.98), 75), ("head", "thorax", (0, 0.41, 0.91), 77),
            ("left_elbow", "thorax", (0.83, -0.39, -0.39), 135), ("right_knee", "pelvis", (-0.3, -0.56, -0.77), 103),
            ("left_knuckle", "left_wrist", (1, 0, 0), 90), ("right_toe", "right_ankle", (-0.2, -0.97, -0.14), 70)):
        way = apply(multiply(inverse(once.rotations[:, index(upper)]), once.rotations[:, index(bone)]),
                    rest[index(bone)])
        off = np.degrees(np.arccos(np.clip(way @ np.array(centre) / np.linalg.norm(centre), -1, 1)))
        assert off.max() <= most + 1e-6, bone
    assert np.degrees(angle_between(once.rotations, again.rotations)).max() < 75, "what is held moves little again"
    joints = once.joint_positions()
    lengths = np.linalg.norm(joints[:, 1:] - joints[:, list(MOCAP22.parents[1:])], axis=-1)
    assert np.abs(lengths - once.bone_lengths[1:]).max() < 1e-9
    assert np.array_equal(once.root_positions, motion.root_positions)


@given(st.floats(-400, 400), st.floats(-400, 400))
def test_the_ease_is_smooth_monotonic_and_bounded(first, second):
    limits = (-5.0, 150.0, 10.0)
    a, b = ease(np.array([first]), limits)[0], ease(np.array([second]), limits)[0]
    assert -15.0 <= a <= 160.0
    assert abs(a - b) <= abs(first - second) + 1e-9 and (a - b) * (first - second) >= 0
    assert a == first or not -5.0 < first < 150.0


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 9999), bone=st.sampled_from(sorted(FLEX)))
def test_a_small_turn_changes_the_result_little(seed, bone):
    rng = np.random.default_rng(seed)
    start = rng.uniform(-80, 200)
    found = limit_joints(bent(bone, start + np.linspace(0, 1, 50)))[0]
    steps = angle_between(found.rotations[1:], found.rotations[:-1])
    assert np.degrees(steps).max() < 0.1


def test_what_hangs_on_a_bone_turns_along():
    motion = bent("left_ankle", np.full(20, -60.0))
    found, held = limit_joints(motion)
    for pose in (motion, found):
        relative = multiply(inverse(pose.rotations[:, index("left_ankle")]), pose.rotations[:, index("left_toe")])
        assert angle_between(relative, relative * 0 + [1, 0, 0, 0]).max() < 1e-6
    assert [(each.joint, each.frames, each.first, each.last) for each in held] == [("left knee", 20, 0, 19)]
    assert held_back(held)[0].startswith("joints were held within their range: left knee in 20 frames (between 1 and")
    assert held_back([]) == []
