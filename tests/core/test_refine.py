"""Fitting a lifted clip to its keypoints."""

from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.core import refine as module
from anatomy_mocap.core import reprojection as reprojection_module
from anatomy_mocap.core.keypoints import CANONICAL
from anatomy_mocap.core.refine import RefineSettings, refine
from anatomy_mocap.core.skeleton import MOCAP22
from tests.core.waving import BONE_LENGTHS, CAMERA, clip, perturbed


@pytest.fixture
def joints_seen_where_they_are(monkeypatch):
    monkeypatch.setattr(reprojection_module, "_SHIFTED", ())


def reprojection(directions, root, keypoints):
    joints = MOCAP22.joint_positions(BONE_LENGTHS, directions, root)
    names = [name for name in CANONICAL.keypoint_names if name in MOCAP22.joint_names]
    seen = [CANONICAL.keypoint_names.index(name) for name in names]
    found = CAMERA.project(joints[:, [MOCAP22.index(name) for name in names]])
    return np.linalg.norm(found - keypoints.xy[:, seen], axis=-1).mean()


def test_the_truth_stays(joints_seen_where_they_are):
    truth, root, keypoints = clip()
    directions, found = refine(truth, root, keypoints, CAMERA)
    np.testing.assert_allclose(directions, truth.directions, atol=1e-6)
    np.testing.assert_allclose(found, root, atol=1e-6)


def test_errors_shrink_and_the_picture_is_met(joints_seen_where_they_are):
    truth, root, keypoints = clip()
    wrong = perturbed(truth, 0.15)
    directions, found = refine(wrong, root, keypoints, CAMERA, RefineSettings(direction=(0.25, 0.25)))

    def angle(guess):
        return np.degrees(np.arccos(np.clip((guess[:, 1:] * truth.directions[:, 1:]).sum(-1), -1, 1))).mean()

    assert angle(directions) < 0.8 * angle(wrong.directions)
    assert reprojection(directions, found, keypoints) < 0.3 * reprojection(wrong.directions, root, keypoints)
    np.testing.assert_allclose(np.linalg.norm(directions[:, 1:], axis=-1), 1, atol=1e-9)
    assert not directions[:, 0].any()


def test_an_outlier_does_not_drag_the_arm_away(joints_seen_where_they_are):
    truth, root, keypoints = clip()
    wrist = CANONICAL.keypoint_names.index("left_wrist")
    keypoints.xy[10, wrist] += 400
    directions, _ = refine(truth, root, keypoints, CAMERA)
    bone = MOCAP22.index("left_wrist")
    off = np.degrees(np.arccos(np.clip(directions[10, bone] @ truth.directions[10, bone], -1, 1)))
    assert off < 8


def test_frames_without_keypoints_come_back_as_they_were():
    truth, root, keypoints = clip(5)
    keypoints.score[2] = 0
    keypoints.xy[2] = np.nan
    directions, found = refine(truth, root, keypoints, CAMERA)
    np.testing.assert_allclose(directions[2], truth.directions[2], atol=1e-9)
    np.testing.assert_allclose(found[2], root[2], atol=1e-9)
    assert np.isfinite(directions).all()


def test_chunks_change_nothing(monkeypatch):
    truth, root, keypoints = clip(30)
    wrong = perturbed(truth, 0.1)
    whole = refine(wrong, root, keypoints, CAMERA)
    monkeypatch.setattr(module, "CHUNK", 7)
    for one, other in zip(whole, refine(wrong, root, keypoints, CAMERA), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


def test_the_detectors_points_beside_the_joints_are_known():
    """Keypoints moved as the detector moves them, with the truth as prior: the pose must not follow the offsets."""
    truth, root, keypoints = clip()
    problem = module._Problem(truth, RefineSettings()).body
    now = np.concatenate([root[:, None], truth.directions[:, 1:]], axis=1)
    joints = MOCAP22.joint_positions(BONE_LENGTHS, truth.directions, root)[:, problem.joints] + problem.beside(now)
    keypoints.xy[:, problem.points] = CAMERA.project(joints)
    directions, _ = refine(truth, root, keypoints, CAMERA)
    np.testing.assert_allclose(directions, truth.directions, atol=1e-3)


def test_what_the_lifter_doubts_follows_the_picture_more(joints_seen_where_they_are):
    truth, root, keypoints = clip()
    wrong = perturbed(truth, 0.3)
    sure = refine(replace(wrong, confidence=np.full_like(wrong.confidence, 0.95)), root, keypoints, CAMERA)[0]
    doubted = refine(replace(wrong, confidence=np.full_like(wrong.confidence, 0.2)), root, keypoints, CAMERA)[0]
    prior = MOCAP22.joint_positions(BONE_LENGTHS, wrong.directions, root)
    moved = [np.linalg.norm(MOCAP22.joint_positions(BONE_LENGTHS, one, root) - prior, axis=-1).mean()
             for one in (sure, doubted)]
    assert moved[1] > 1.2 * moved[0]


def test_it_is_believed_more_across_the_line_of_sight_than_along_it():
    truth, root, _ = clip(3)
    trust = module._Problem(truth, RefineSettings()).trust(root, truth.confidence)[:, 1:]
    sight = root / np.linalg.norm(root, axis=-1, keepdims=True)
    along = (trust @ sight[:, None, :, None])[..., 0]
    across = np.cross(sight, [0.0, 1.0, 0.0])
    factor = (RefineSettings().direction[1] / RefineSettings().direction[0]) ** 2
    np.testing.assert_allclose((trust @ across[:, None, :, None])[..., 0],
                               factor * np.linalg.norm(along, axis=-1, keepdims=True) * across[:, None], atol=1e-9)


def test_exact_keypoints_are_met_more_closely(joints_seen_where_they_are):
    truth, root, keypoints = clip()
    wrong = perturbed(truth, 0.15)
    left = [reprojection(*refine(wrong, root, one, CAMERA), one)
            for one in (keypoints, replace(keypoints, score=0.98 * keypoints.score))]
    assert left[0] < 0.8 * left[1]
