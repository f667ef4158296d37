"""Converts keypoints to those of a person with average proportions."""

from dataclasses import replace

import numpy as np

from anatomy_mocap.core.bone_lengths import body_height
from anatomy_mocap.core.progress import drain
from anatomy_mocap.fitting.average_body_view import as_average_body
from anatomy_mocap.fitting.detector_bias import average_places
from anatomy_mocap.fitting.seen_body import SeenBody
from anatomy_mocap.fitting.tuning import TUNING
from tests.support.waving_person import BODY, BONE_LENGTHS, CAMERA, clip

HEIGHT = body_height(BONE_LENGTHS)


def test_a_usual_person_stays():
    usual = SeenBody.average(HEIGHT)
    truth, root, keypoints = clip(body=usual)
    moved = drain(as_average_body(keypoints, CAMERA, usual, truth.directions, root))
    np.testing.assert_allclose(moved.xy, keypoints.xy, atol=1e-9)


def test_exact_keypoints_become_the_usual_persons():
    truth, root, keypoints = clip()
    moved = drain(as_average_body(keypoints, CAMERA, BODY, truth.directions, root))
    expected = CAMERA.project(SeenBody.average(HEIGHT).keypoints(root, truth.directions))
    np.testing.assert_allclose(moved.xy, expected, atol=1e-6)


def test_a_detectors_keypoints_go_part_of_the_way_and_keep_their_errors():
    truth, root, keypoints = clip()
    off = np.random.default_rng(0).normal(size=keypoints.xy.shape)
    seen = replace(keypoints, xy=keypoints.xy + off, score=0.9 * keypoints.score, exact=False)
    moved = drain(as_average_body(seen, CAMERA, BODY, truth.directions, root))
    usual = CAMERA.project(SeenBody.average(HEIGHT).keypoints(root, truth.directions))
    np.testing.assert_allclose(moved.xy, seen.xy + TUNING.moved_share * (usual - keypoints.xy), atol=1e-6)


def test_what_is_not_seen_or_behind_the_camera_stays():
    truth, root, keypoints = clip()
    keypoints.score[3], keypoints.xy[3] = 0, np.nan
    behind = root.copy()
    behind[5, 2] = -1.0
    moved = drain(as_average_body(keypoints, CAMERA, BODY, truth.directions, behind))
    assert np.isnan(moved.xy[3]).all()
    np.testing.assert_array_equal(moved.xy[5], keypoints.xy[5])


def test_the_usual_body_has_the_height_asked_for():
    usual = SeenBody.average(1.6)
    assert abs(body_height(usual.lengths) - 1.6) < 1e-9
    np.testing.assert_allclose(usual.places, average_places(1.6))
