"""The report on a take and on a played rig: the figures agree with what was put in, before and after clean-up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.fitting.seen_body import SeenBody
from anatomy_mocap.measuring.floor_depth import lowest_points
from anatomy_mocap.measuring.lengths import joint_lengths
from anatomy_mocap.measuring.report import Played, rig_report, take_report
from anatomy_mocap.measuring.reprojection import reprojection_errors

LENGTHS = SeenBody.average(1.75).lengths


def standing_take(frames: int = 50, drift: float = 0.0, sunk: float = 0.0):
    """A person who stands, drifts by `drift` m/s along X, and is `sunk` metres in the floor."""
    joints = np.repeat(MOCAP22.joint_positions(LENGTHS, rest_directions(), np.zeros(3))[None], frames, axis=0)
    joints += np.arange(frames)[:, None, None] / 25.0 * [drift, 0.0, 0.0]
    joints[..., 2] -= lowest_points(joints)[0] + sunk
    return take_from_positions(joints, 25.0)


@settings(max_examples=20, deadline=None)
@given(drift=st.floats(0.01, 0.15), sunk=st.floats(0.0, 0.04))
def test_drift_and_depth_are_measured_and_cleaned_up(drift, sunk):
    found = take_report(standing_take(drift=drift, sunk=sunk), 0.1, 1.0)
    assert found["captured"]["slide_mean_mm"] == pytest.approx(1000 * drift / 25, abs=0.06)
    assert found["captured"]["below_floor_worst_mm"] == pytest.approx(1000 * sunk, abs=0.06)
    assert found["captured"]["feet_in_contact_percent"] == 100
    assert found["cleaned_up"]["slide_mean_mm"] < found["captured"]["slide_mean_mm"]
    assert found["cleaned_up"]["below_floor_worst_mm"] <= found["captured"]["below_floor_worst_mm"] + 0.1
    assert found["cleaned_up"]["length_deviation_percent"] == 0
    assert found["pops_captured"] == found["pops_cleaned_up"] == []


def test_without_clean_up_both_stages_have_the_same_figures():
    found = take_report(standing_take(drift=0.05), 0.0, 0.0)
    same = ("slide_mean_mm", "below_floor_95_mm", "jerk_m_s3")
    assert {name: found["captured"][name] for name in same} == {name: found["cleaned_up"][name] for name in same}


def test_a_pop_is_named_by_scene_frame_and_bone():
    take = standing_take()
    directions = take.directions.copy()
    elbow = [MOCAP22.index(f"left_{part}") for part in ("elbow", "wrist", "knuckle")]
    directions[20:, elbow] = take.world_from_camera[:3, :3].T @ [0.0, 0.0, -1.0]
    found = take_report(replace(take, directions=directions, times=take.times + 2.0), 0.0, 0.0)
    assert {(pop["frame"], pop["bone"]) for pop in found["pops_captured"]} == {
        (1 + 50 + 20, f"left_{part}") for part in ("elbow", "wrist", "knuckle")}
    assert all(pop["degrees"] == pytest.approx(90, abs=0.1) for pop in found["pops_captured"])


@given(pixels=st.floats(0, 30))
@settings(max_examples=20, deadline=None)
def test_the_reprojection_error_is_the_offset_of_the_keypoints(pixels):
    take = standing_take(5)
    moved = replace(take, keypoints=replace(take.keypoints, xy=take.keypoints.xy + [pixels, 0.0]))
    height = 1.75 * take.camera.focal / take.root_positions[0, 2]
    assert reprojection_errors(moved) == pytest.approx(100 * pixels / height, rel=0.02, abs=1e-6)
    assert len(reprojection_errors(moved)) == (take.keypoints.score > 0).sum()


def test_stretches_of_low_confidence_are_doubtful():
    take = standing_take()
    confidence = np.ones_like(take.confidence)
    confidence[10:15] = 0.1
    assert take_report(replace(take, confidence=confidence), 0.1, 1.0)["doubtful_frames"] == "11-15"


def test_a_rig_without_contact_has_no_slide_and_its_meshes_decide_the_depth():
    take = standing_take(30)
    joints = take.joint_positions() + [0.0, 0.0, 0.5]
    motion = solve(take_from_positions(joints, 25.0))
    turns = np.tile(np.eye(3), (30, 1, 1, 1))
    played = Played(joints, motion, turns, ("hips",), joint_lengths(joints), MOCAP22.joint_names[1:],
                    np.arange(100, 130), np.full(30, -0.02))
    assert rig_report(played)["evaluated"]["below_floor_95_mm"] == pytest.approx(20)
    assert rig_report(replace(played, lowest=None))["evaluated"]["below_floor_95_mm"] == 0


def test_one_frame_is_enough():
    found = take_report(standing_take(1), 0.1, 1.0)
    assert found["captured"]["slide_mean_mm"] is None
    assert found["captured"]["jerk_m_s3"] == 0
