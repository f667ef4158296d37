"""The fit of a body's proportions to its keypoints."""

from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.core.bone_lengths import body_height
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.body_fit import fit_body
from anatomy_mocap.fitting.detector_bias import PART_OF, PARTS, average_places
from anatomy_mocap.fitting.seen_body import SeenBody
from anatomy_mocap.fitting.tuning import TUNING
from tests.support.waving_person import BODY, BONE_LENGTHS, CAMERA, LENGTHS, clip, perturbed


def part(name):
    return [MOCAP22.index(f"{side}_{name}") for side in ("left", "right")]


def body(**factors):
    """Return the waving person's body with some parts longer or shorter."""
    lengths = BONE_LENGTHS.copy()
    for name, factor in factors.items():
        lengths[part(name)] *= factor
    return lengths


def against_size(lengths):
    """Divide lengths by the body's size, which one camera cannot determine."""
    weights = BONE_LENGTHS / np.linalg.norm(BONE_LENGTHS)
    return lengths / (lengths @ weights)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_wrong_proportions_are_found_out(noise):
    truth, _, keypoints = clip(400)
    wrong = replace(perturbed(truth, noise), bone_lengths=body(elbow=1.1, knee=0.92))
    found = against_size(drain(fit_body(wrong, keypoints, CAMERA)).lengths)
    for name in ("elbow", "knee"):
        true = against_size(truth.bone_lengths)[part(name)]
        before, after = np.abs(against_size(wrong.bone_lengths)[part(name)] - true), np.abs(found[part(name)] - true)
        assert (after < 0.5 * before).all()


def test_right_proportions_stay_and_so_does_the_size():
    truth, _, keypoints = clip(200)
    np.testing.assert_allclose(drain(fit_body(truth, keypoints, CAMERA)).lengths, truth.bone_lengths, rtol=2e-3)
    larger = replace(truth, bone_lengths=1.3 * truth.bone_lengths)
    np.testing.assert_allclose(drain(fit_body(larger, keypoints, CAMERA)).lengths, larger.bone_lengths, rtol=5e-3)


def test_the_height_stays():
    truth, _, keypoints = clip(100)
    wrong = replace(truth, bone_lengths=body(knee=1.1, elbow=0.9))
    found = drain(fit_body(wrong, keypoints, CAMERA)).lengths
    assert np.abs(found - wrong.bone_lengths).max() > 0.005
    assert body_height(found) == pytest.approx(body_height(wrong.bone_lengths), abs=1e-9)


def test_both_sides_stay_alike_and_parts_that_are_not_seen_go_with_the_size():
    truth, _, keypoints = clip(60)
    found = drain(fit_body(replace(truth, bone_lengths=body(wrist=1.2)), keypoints, CAMERA)).lengths
    np.testing.assert_allclose(found, found[MOCAP22.mirror])
    assert found[0] == 0
    for name in ("toe", "knuckle"):
        np.testing.assert_allclose(found[part(name)], LENGTHS[name], rtol=0.03)


def test_a_limb_that_points_at_the_camera_tells_nothing():
    truth, root, keypoints = clip(100)
    arms = [MOCAP22.index(f"{side}_{name}") for side in ("left", "right") for name in ("elbow", "wrist", "knuckle")]
    directions = truth.directions.copy()
    directions[:, arms] = (0.0, 0.0, -1.0)
    keypoints.xy[:] = CAMERA.project(BODY.keypoints(root, directions))
    wrong = replace(truth, directions=directions, bone_lengths=body(wrist=1.1))
    found = drain(fit_body(wrong, keypoints, CAMERA)).lengths
    assert (np.abs(found[part("wrist")] / wrong.bone_lengths[part("wrist")] - 1) < 0.03).all()


@pytest.mark.parametrize("frames", [1, 2, 7])
def test_short_clips_and_clips_without_keypoints(frames):
    truth, _, keypoints = clip(frames)
    wrong = replace(truth, bone_lengths=body(elbow=1.1))
    assert np.isfinite(drain(fit_body(wrong, keypoints, CAMERA)).lengths).all()
    blind = replace(keypoints, xy=np.full_like(keypoints.xy, np.nan), score=np.zeros_like(keypoints.score))
    np.testing.assert_allclose(drain(fit_body(wrong, blind, CAMERA)).lengths, wrong.bone_lengths, rtol=1e-6)


def test_a_long_clip_is_looked_at_here_and_there():
    truth, _, keypoints = clip(400)
    wrong = replace(truth, bone_lengths=body(elbow=1.1))
    whole = drain(fit_body(wrong, keypoints, CAMERA)).lengths
    few = replace(TUNING, body_frames=40)
    np.testing.assert_allclose(drain(fit_body(wrong, keypoints, CAMERA, few)).lengths, whole, rtol=0.02)


def test_who_walks_about_for_minutes_keeps_the_lengths():
    """In long clips the sampled frames are far apart. Treated as neighbours, they would shrink the path to a point."""
    truth, _, keypoints = clip(400)
    frames = np.arange(6000)
    turn = 2 * np.pi * frames / (6 * keypoints.fps)
    root = np.array([0.0, 0.0, 5.0]) + 1.5 * np.stack([np.cos(turn), 0 * turn, np.sin(turn)], axis=-1)
    directions = truth.directions[frames % 400]
    long = replace(truth, directions=directions, up=truth.up[frames % 400], confidence=truth.confidence[frames % 400])
    seen = replace(keypoints, xy=CAMERA.project(BODY.keypoints(root, directions)), times=frames / keypoints.fps,
                   score=np.full((len(frames), len(CANONICAL)), 0.9), exact=False)
    np.testing.assert_allclose(drain(fit_body(long, seen, CAMERA)).lengths, BONE_LENGTHS, rtol=0.02, atol=2e-3)


def test_a_keypoint_that_jumps_now_and_then_changes_no_length():
    truth, _, keypoints = clip(280)
    unsure = replace(keypoints, score=np.full_like(keypoints.score, 0.97), exact=False)
    jumping = replace(unsure, xy=unsure.xy.copy())
    jumping.xy[::40, CANONICAL.keypoint_names.index("left_wrist")] += 1000
    lifted = perturbed(truth, 0.1)
    found, expected = (drain(fit_body(lifted, one, CAMERA)).lengths for one in (jumping, unsure))
    np.testing.assert_allclose(found, expected, atol=0.001)


@pytest.mark.parametrize("part", ["hip", "shoulder", "knee"])
def test_where_the_detector_sees_a_joint_is_found_out(part):
    places, moved = BODY.places.copy(), PARTS.index(part) == PART_OF
    places[moved] += (0.0, -0.02, 0.0)
    truth, _, keypoints = clip(400, body=SeenBody(BONE_LENGTHS, places))
    found = drain(fit_body(perturbed(truth, 0.1), keypoints, CAMERA))
    assert (np.abs(found.places - places)[moved, 1] < 0.01).all()
    limbs = [MOCAP22.index(name) for name in ("left_hip", "left_knee", "left_ankle", "left_elbow", "left_wrist")]
    assert (np.abs(found.lengths - BONE_LENGTHS)[limbs] < 0.01).all()


def test_a_clip_in_which_nothing_is_seen_has_the_average_places():
    truth, _, keypoints = clip(5)
    found = drain(fit_body(truth, replace(keypoints, score=np.zeros_like(keypoints.score)), CAMERA))
    np.testing.assert_allclose(found.places, average_places(body_height(BONE_LENGTHS)), atol=1e-9)
