"""The fit of a lifted clip to its keypoints."""

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting import pose_fit as module
from anatomy_mocap.fitting.detector_bias import PART_OF, PARTS
from anatomy_mocap.fitting.lifter_corrections import steady_depth
from anatomy_mocap.fitting.pose_fit import Pose, mirror_to_side, refine, solve_pose
from anatomy_mocap.fitting.reprojection import Turns, keypoint_weights, linearise, rays_of
from anatomy_mocap.fitting.seen_body import SeenBody
from anatomy_mocap.fitting.tuning import TUNING, Trust
from tests.support.waving_person import BODY, BONE_LENGTHS, CAMERA, clip, perturbed


def reprojection(directions, root, keypoints):
    return np.linalg.norm(CAMERA.project(BODY.keypoints(root, directions)) - keypoints.xy, axis=-1).mean()


def test_the_truth_stays():
    truth, root, keypoints = clip()
    directions, found = drain(refine(truth, BODY, root, keypoints, CAMERA))
    np.testing.assert_allclose(directions, truth.directions, atol=1e-6)
    np.testing.assert_allclose(found, root, atol=1e-6)


def test_errors_shrink_and_the_picture_is_met():
    truth, root, keypoints = clip()
    wrong = perturbed(truth, 0.15)
    loose = replace(TUNING, pose_trust=Trust(directions=6.0))
    directions, found = drain(refine(wrong, BODY, root, keypoints, CAMERA, loose))

    def angle(guess):
        return np.degrees(np.arccos(np.clip((guess[:, 1:] * truth.directions[:, 1:]).sum(-1), -1, 1))).mean()

    assert angle(directions) < 0.8 * angle(wrong.directions)
    assert reprojection(directions, found, keypoints) < 0.3 * reprojection(wrong.directions, root, keypoints)
    np.testing.assert_allclose(np.linalg.norm(directions[:, 1:], axis=-1), 1, atol=1e-9)
    assert not directions[:, 0].any()


def test_an_outlier_does_not_drag_the_arm_away():
    truth, root, keypoints = clip()
    wrist = CANONICAL.keypoint_names.index("left_wrist")
    keypoints.xy[10, wrist] += 400
    directions, _ = drain(refine(truth, BODY, root, keypoints, CAMERA))
    bone = MOCAP22.index("left_wrist")
    off = np.degrees(np.arccos(np.clip(directions[10, bone] @ truth.directions[10, bone], -1, 1)))
    assert off < 8


def test_a_doubted_limb_that_is_far_off_finds_its_keypoints():
    """The lifter, with low confidence, lets a leg hang that is raised towards the camera. With the usual weight, the
    fit would reject the leg's keypoints as outliers before the leg reached them."""
    truth, root, _ = clip(12)
    leg = [MOCAP22.index(f"right_{part}") for part in ("knee", "ankle", "toe")]
    raised, hanging = truth.directions.copy(), truth.directions.copy()
    raised[:, leg[0]] = (0.05, 0.35, -np.sqrt(1 - 0.05**2 - 0.35**2))
    raised[:, leg[1]] = hanging[:, leg[1]] = (0.0, 0.96, 0.28)
    hanging[:, leg[0]] = (0.05, 0.98, -np.sqrt(1 - 0.05**2 - 0.98**2))
    xy = CAMERA.project(BODY.keypoints(root, raised))
    keypoints = replace(clip(12)[2], xy=xy, score=np.full(xy.shape[:2], 0.8), exact=False)
    confidence = np.full_like(truth.confidence, 0.95)
    confidence[:, leg] = 0.1
    found, _ = drain(refine(replace(truth, directions=hanging, confidence=confidence), BODY, root, keypoints, CAMERA))
    off = np.degrees(np.arccos(np.clip((found * raised).sum(-1), -1, 1)))
    assert off[:, leg[0]].max() < 10


def test_frames_without_keypoints_come_back_as_they_were():
    truth, root, keypoints = clip(5)
    keypoints.score[2] = 0
    keypoints.xy[2] = np.nan
    directions, found = drain(refine(truth, BODY, root, keypoints, CAMERA))
    np.testing.assert_allclose(directions[2], truth.directions[2], atol=1e-9)
    np.testing.assert_allclose(found[2], root[2], atol=1e-9)
    assert np.isfinite(directions).all()


def test_a_bone_of_an_unseen_frame_keeps_its_side():
    """Bones of low confidence keep their most frequent side of the camera; unseen frames keep their directions."""
    truth, root, keypoints = clip(30)
    keypoints.score[:] = 0.9
    keypoints.score[14:16] = 0
    arm = MOCAP22.index("left_elbow")
    truth.directions[:, arm] = (0.0, 0.6, -0.8)
    truth.directions[14:16, arm] = (0.0, 0.6, 0.8)
    truth.confidence[14:16] = 0
    directions, _ = drain(refine(truth, BODY, root, keypoints, CAMERA))
    np.testing.assert_allclose(directions[14:16], truth.directions[14:16], atol=1e-9)


def test_chunks_change_nothing(monkeypatch):
    truth, root, keypoints = clip(30)
    wrong = perturbed(truth, 0.1)
    whole = drain(refine(wrong, BODY, root, keypoints, CAMERA))
    monkeypatch.setattr(module, "CHUNK", 7)
    for one, other in zip(whole, drain(refine(wrong, BODY, root, keypoints, CAMERA)), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


def test_a_persons_own_places_of_the_keypoints_are_followed():
    """The detector sees this person's hips low. With the person's own offsets the truth stays, with average ones not.
    """
    places = BODY.places.copy()
    places[PARTS.index("hip") == PART_OF] += (0.0, -0.03, 0.0)
    own = SeenBody(BONE_LENGTHS, places)
    truth, root, keypoints = clip(body=own)
    found = [drain(refine(truth, body, root, keypoints, CAMERA))[0] for body in (own, BODY)]
    np.testing.assert_allclose(found[0], truth.directions, atol=1e-6)
    assert np.abs(found[1] - truth.directions).max() > 0.02


def test_the_slopes_are_those_of_the_errors():
    """The derivatives ignore the rotation of offset points about limbs and trunk: 1 cm on average, 12 cm at most."""
    truth, root, keypoints = clip(5)
    turns = Turns(truth.directions)
    here = linearise(BODY, root, truth.directions, rays_of(keypoints, CAMERA), turns)
    for index in range(0, here.by_turns.shape[2], 5):
        step = np.zeros((5, here.by_turns.shape[2]))
        step[:, index] = 1e-5
        moved = turns.apply(truth.directions, step.reshape(5, -1, 2))
        there = linearise(BODY, root, moved, rays_of(keypoints, CAMERA), turns).errors
        off = (there - here.errors) / 1e-5 - here.by_turns[..., index]
        assert np.abs(off).max() < 0.12 and np.abs(off).mean() < 0.01


def test_what_the_lifter_doubts_follows_the_picture_more():
    truth, root, keypoints = clip()
    wrong = perturbed(truth, 0.3)
    sure, doubted = (drain(refine(replace(wrong, confidence=np.full_like(wrong.confidence, confidence)), BODY, root,
                                  keypoints, CAMERA))[0] for confidence in (0.95, 0.2))
    prior = MOCAP22.joint_positions(BONE_LENGTHS, wrong.directions, root)
    moved = [np.linalg.norm(MOCAP22.joint_positions(BONE_LENGTHS, one, root) - prior, axis=-1).mean()
             for one in (sure, doubted)]
    assert moved[1] > 1.2 * moved[0]


def test_what_one_bone_tells_moves_those_that_err_with_it():
    """In a head turned about the vertical, nose and head top have a common error. With independent errors, the fit
    would not turn the head back."""
    truth, root, keypoints = clip()
    bones = [MOCAP22.index(name) for name in ("nose", "head")]
    turned = truth.directions.copy()
    turn = Rotation.from_rotvec([0.0, 0.25, 0.0]).as_matrix()
    turned[:, bones] = turned[:, bones] @ turn.T
    found, _ = drain(refine(replace(truth, directions=turned), BODY, root, keypoints, CAMERA))

    def angle(one):
        return np.degrees(np.arccos(np.clip((one[:, bones] * truth.directions[:, bones]).sum(-1), -1, 1))).mean(axis=0)

    assert (angle(found) < 0.5 * angle(turned)).all()


def test_an_unsure_keypoint_is_followed_less():
    truth, _, keypoints = clip(2)
    seen = replace(keypoints, exact=False)
    sure, unsure, lost = (keypoint_weights(replace(seen, score=np.full_like(keypoints.score, score)), Trust())
                          for score in (0.95, 0.6, 0.0))
    assert (unsure < 0.1 * sure).all() and not lost.any()


def test_exact_keypoints_are_met_more_closely():
    truth, root, keypoints = clip()
    wrong = perturbed(truth, 0.05)
    left = [reprojection(*drain(refine(wrong, BODY, root, one, CAMERA)), one)
            for one in (keypoints, replace(keypoints, exact=False))]
    assert left[0] < 0.8 * left[1]


def test_bones_on_the_wrong_side_are_mirrored_in_depth():
    directions, root = np.zeros((1, 5, 3)), np.array([[0.0, 0.0, 4.0]])
    directions[0, 1:] = [(0.6, 0.0, 0.8), (0.6, 0.0, 0.8), (0.6, 0.0, -0.8), (np.sqrt(0.9975), 0.0, 0.05)]
    found = mirror_to_side(directions, root, np.array([[0.0, -0.1, 0.1, 0.1, -0.1]]))
    expected = directions.copy()
    expected[0, 1], expected[0, 3] = (0.6, 0.0, -0.8), (0.6, 0.0, 0.8)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_detectors_points_do_not_tell_on_which_side_a_bone_lies_and_exact_ones_do():
    truth, root, keypoints = clip(30)
    bone = MOCAP22.index("left_wrist")
    directions = truth.directions.copy()
    directions[:, bone] = (0.6, 0.0, 0.8)
    keypoints.xy[:] = CAMERA.project(BODY.keypoints(root, directions))
    directions[:, bone] = (0.6, 0.0, -0.8)
    wrong = replace(truth, directions=directions, confidence=np.full_like(truth.confidence, 0.05))
    start = directions.copy()
    start[:, bone] = (0.6, 0.0, 0.8)
    seen = replace(keypoints, score=0.9 * keypoints.score, exact=False)
    sides = steady_depth(directions, root, wrong.confidence, 25.0)
    found = [solve_pose(wrong, BODY, root, Pose(start, root), seen, CAMERA, Trust(), 4, along).directions[:, bone]
             for along in (None, sides)]
    assert (found[0][:, 2] > 0.3).all() and (found[1][:, 2] < -0.3).all()


def test_a_doubted_bone_keeps_the_side_it_has_most_of_the_time():
    truth, root, keypoints = clip(50)
    bone = MOCAP22.index("right_knee")
    directions, confidence = truth.directions.copy(), np.ones_like(truth.confidence)
    directions[:, bone] = (0.0, 0.98, -0.2)
    directions[20:23, bone, 2] = 0.1
    along = steady_depth(directions, np.tile([0.0, 0.0, 4.0], (50, 1)), confidence, 25.0)
    assert (along[20:23, bone] > 0).all()
    along = steady_depth(directions, np.tile([0.0, 0.0, 4.0], (50, 1)), 0.05 * confidence, 25.0)
    assert (along[:, bone] < 0).all()
