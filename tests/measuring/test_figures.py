"""Figures of motions whose slide, depth, jerk, pops and lengths are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.fitting.seen_body import SeenBody
from anatomy_mocap.measuring.floor_depth import body_depths, lowest_points
from anatomy_mocap.measuring.lengths import joint_lengths, length_deviation
from anatomy_mocap.measuring.pops import direction_pops, find_pops, root_pops, rotation_pops
from anatomy_mocap.measuring.slide import slide_steps, standing_points
from anatomy_mocap.measuring.smoothness import differences

FPS = 25.0
LENGTHS = SeenBody.average(1.75).lengths


def standing(frames: int = 40, height: float = 0.0) -> np.ndarray:
    """(T, 22, 3) a body in the rest pose whose lowest point is at `height`."""
    joints = np.repeat(MOCAP22.joint_positions(LENGTHS, rest_directions(), np.zeros(3))[None], frames, axis=0)
    joints[..., 2] += height - lowest_points(joints)[0]
    return joints


@given(speed=st.floats(0, 2), heading=st.floats(0, 6.3), fps=st.sampled_from((24.0, 30.0, 60.0, 120.0)),
       climb=st.floats(-1, 1))
def test_the_slide_is_the_horizontal_speed_at_25_frames_a_second(speed, heading, fps, climb):
    time = np.arange(30)[:, None] / fps
    path = time * speed * np.array([np.cos(heading), np.sin(heading), 0.0]) + time * [0.0, 0.0, climb]
    steps = slide_steps(path[:, None, None], np.ones((30, 1, 1), dtype=bool), fps)
    assert len(steps) == 29
    assert steps == pytest.approx(1000 * speed / 25, abs=1e-6)


def test_only_steps_between_two_standing_frames_slide():
    path = np.cumsum(np.arange(6.0))[:, None, None] * [1.0, 0.0, 0.0]
    stands = np.array([True, True, False, True, True, False])[:, None]
    assert slide_steps(path, stands, FPS) == pytest.approx([1000, 4000])


def test_the_lower_end_of_a_foot_in_contact_stands():
    points = np.zeros((2, 2, 2, 3))
    points[0, :, 0, 2] = 0.1  # on the toes
    found = standing_points(points, [[True, False], [True, True]])
    assert found.tolist() == [[[False, True], [False, False]], [[True, True], [True, True]]]


@given(depth=st.floats(0, 0.5))
def test_a_body_sunk_by_a_known_amount_is_that_deep(depth):
    assert body_depths(standing(3, -depth)) == pytest.approx(1000 * depth, abs=1e-6)
    assert body_depths(standing(3, depth)) == pytest.approx(0, abs=1e-6)


def test_a_lying_body_rests_on_its_trunk_not_on_its_joints():
    lying = standing(2) @ Rotation.from_euler("x", -90, degrees=True).as_matrix().T
    lying[..., 2] -= lying[:, [MOCAP22.index("thorax")], 2]  # the joints at the height of the floor
    assert 60 < body_depths(lying)[0] < 150


@given(amplitude=st.floats(0.01, 1), rate=st.floats(0.1, 2))
def test_acceleration_and_jerk_of_a_swing(amplitude, rate):
    time = np.arange(400) / 200.0
    path = amplitude * np.sin(2 * np.pi * rate * time)[:, None, None] * [1.0, 0.0, 0.0]
    for order in (2, 3):
        assert differences(path, 200.0, order).max() <= amplitude * (2 * np.pi * rate)**order * 1.001
    whole = differences(np.arange(10.0)[:, None, None] ** 3 * [0.0, 0.0, 1.0], 1.0, 3)
    assert whole == pytest.approx(6.0)


def swinging(frames: int, degrees: float, seconds: float, fps: float, bones: int = 3) -> np.ndarray:
    """(T, B, 3, 3) bones that swing smoothly, each in its own phase."""
    time = np.arange(frames)[:, None] / fps
    angles = degrees / 2 * np.sin(2 * np.pi * time / seconds + np.arange(bones))
    return np.stack([Rotation.from_euler("y", one[:, None], degrees=True).as_matrix() for one in angles.T], axis=1)


NAMES = ("thigh", "shank", "foot")


@given(degrees=st.floats(0, 150), seconds=st.floats(0.8, 5), fps=st.sampled_from((25.0, 30.0, 60.0)))
def test_smooth_motion_however_fast_has_no_pop(degrees, seconds, fps):
    turning = swinging(100, degrees, seconds, fps)
    assert rotation_pops(turning, NAMES, fps) == []
    assert direction_pops(turning @ np.array([0.0, 0.0, -1.0]), NAMES, fps) == []


@settings(max_examples=60)
@given(frame=st.integers(3, 96), bone=st.integers(0, 2), jump=st.floats(30, 120), degrees=st.floats(0, 60),
       seconds=st.floats(1.5, 5), back=st.booleans())
def test_a_jump_that_is_put_in_is_named(frame, bone, jump, degrees, seconds, back):
    turning = swinging(100, degrees, seconds, FPS)
    turned = turning.copy()
    turned[frame:, bone] = Rotation.from_euler("x", jump, degrees=True).as_matrix() @ turning[frame:, bone]
    found = rotation_pops(turned, NAMES, FPS)
    assert [(pop.frame, pop.bone) for pop in found] == [(frame, NAMES[bone])]
    assert found[0].size == pytest.approx(jump, abs=0.25 * jump)


def test_a_bone_that_jumps_for_one_frame_pops_there_and_back():
    turning = swinging(60, 40, 3.0, FPS)
    turning[30, 1] = Rotation.from_euler("x", 50, degrees=True).as_matrix() @ turning[30, 1]
    assert {pop.bone for pop in rotation_pops(turning, NAMES, FPS)} == {"shank"}
    assert {pop.frame for pop in rotation_pops(turning, NAMES, FPS)} <= {30, 31}


@given(frame=st.integers(3, 56), jump=st.floats(0.08, 1))
def test_a_jump_of_the_hips_is_named(frame, jump):
    path = np.arange(60)[:, None] / FPS * [1.2, 0.0, 0.0]
    path[frame:, 1] += jump
    assert [(pop.frame, pop.bone) for pop in root_pops(path, FPS)] == [(frame, "hips")]


def test_trembling_is_no_row_of_pops():
    steps = np.random.default_rng(0).normal(scale=6.0, size=(500, 4, 3))
    assert len(find_pops(steps, tuple("abcd"), 8.0, FPS)) < 10


@given(frames=st.integers(0, 3))
def test_clips_of_a_few_frames_have_no_pops_and_no_jerk(frames):
    assert direction_pops(standing(5)[:frames], MOCAP22.joint_names, FPS) == []
    assert root_pops(np.zeros((frames, 3)), FPS) == []
    assert differences(np.zeros((frames, 2, 3)), FPS, 3).size == 0


@given(stretch=st.floats(-0.3, 0.3))
def test_a_stretched_bone_deviates_by_its_share(stretch):
    joints = standing()
    knee, hip = (MOCAP22.index(f"left_{part}") for part in ("knee", "hip"))
    joints[5, knee] = joints[5, hip] + (1 + stretch) * (joints[5, knee] - joints[5, hip])
    found = length_deviation(joint_lengths(joints))
    assert found[knee - 1] == pytest.approx(100 * abs(stretch), abs=1e-6)
    assert np.delete(found, [knee - 1, MOCAP22.index("left_ankle") - 1]) == pytest.approx(0, abs=1e-9)
