"""Keypoints that jump away, and frames without a person."""

from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.core.keypoints import as_exact
from anatomy_mocap.core.progress import drain
from anatomy_mocap.fitting.gaps_and_jumps import bridge_gaps, remove_jumps, well_seen_frames
from tests.support.waving_person import clip


def detected(frames=60, fps=25.0):
    """Return a detector's keypoints of a waving person at a frame rate."""
    truth, _, keypoints = clip(frames)
    return truth, replace(keypoints, score=np.full_like(keypoints.score, 0.9), fps=fps, times=np.arange(frames) / fps,
                          exact=False)


@pytest.mark.parametrize("frames", [[20], [0], [59], [30, 31]], ids=["once", "first", "last", "two in a row"])
@pytest.mark.parametrize("points", [[9], slice(None)], ids=["a wrist", "everything"])
def test_what_jumps_away_for_a_moment_is_left_out(frames, points):
    _, keypoints = detected()
    keypoints.xy[frames, points] += (700.0, -300.0)
    found, count = drain(remove_jumps(keypoints))
    expected = np.zeros(keypoints.score.shape, dtype=bool)
    expected[frames, points] = True
    np.testing.assert_array_equal(found.score == 0, expected)
    assert count == expected.sum()
    np.testing.assert_array_equal(found.xy, keypoints.xy)


@pytest.mark.parametrize("fps", [5.0, 25.0, 120.0])
def test_what_moves_stays(fps):
    """Waving and crossing the picture at 6 metres a second are no jumps."""
    _, keypoints = detected(fps=fps)
    keypoints.xy[:, :, 0] += 2000 * keypoints.times[:, None]
    assert drain(remove_jumps(keypoints))[1] == 0


def test_exact_keypoints_and_those_that_are_not_there_are_left():
    _, keypoints = detected()
    keypoints.xy[20] += 700
    exact = as_exact(keypoints)
    assert drain(remove_jumps(exact)) == (exact, 0)
    keypoints.xy[25:40] = np.nan
    keypoints.score[25:40] = 0
    found, count = drain(remove_jumps(keypoints))
    assert count == keypoints.xy.shape[1] and (found.score[21:25] > 0).all()
    nobody = replace(keypoints, score=np.zeros_like(keypoints.score))
    assert drain(remove_jumps(nobody))[1] == 0


def test_a_gap_is_passed_straight():
    truth, keypoints = detected()
    keypoints.score[20:29] = 0
    truth.up[29] = (0.0, -0.6, 0.8)
    found = bridge_gaps(truth, keypoints)
    seen = (keypoints.score > 0).any(axis=1)
    np.testing.assert_allclose(found.directions[seen], truth.directions[seen], atol=1e-12)
    middle = truth.directions[19] + truth.directions[29]
    np.testing.assert_allclose(found.directions[24, 1:],
                               (middle / np.linalg.norm(middle, axis=-1, keepdims=True).clip(1e-9))[1:], atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(found.directions[:, 1:], axis=-1), 1)
    assert not found.directions[:, 0].any()
    np.testing.assert_allclose(found.up[24], np.array([0.0, -1.6, 0.8]) / np.hypot(1.6, 0.8))
    keypoints.score[:5] = keypoints.score[50:] = 0
    found = bridge_gaps(truth, keypoints)
    np.testing.assert_allclose(found.directions[[0, 4, 50, 59]], truth.directions[[5, 5, 49, 49]], atol=1e-12)


def test_without_a_gap_and_without_anybody_it_comes_as_it_was():
    truth, keypoints = detected()
    assert bridge_gaps(truth, keypoints) is truth
    assert bridge_gaps(truth, replace(keypoints, score=np.zeros_like(keypoints.score))) is truth


def test_well_seen_frames():
    _, keypoints = detected(4)
    keypoints.score[1] = 0
    keypoints.score[2, 5:] = 0
    keypoints.score[3, 15:] = 0
    np.testing.assert_array_equal(well_seen_frames(keypoints), [True, False, False, True])
    assert well_seen_frames(replace(keypoints, score=np.zeros_like(keypoints.score))).all()
