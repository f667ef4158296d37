"""Keypoints2D: canonical keypoints, frame rates and gaps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import CANONICAL, LAYOUTS, keypoint_groups
from anatomy_mocap.core.keypoints import (
    Keypoints2D,
    as_exact,
    even_rate_steps,
    remove_invalid,
    to_canonical,
    usual_rate,
)
from anatomy_mocap.core.progress import drain


def to_even_rate(keypoints, fps=None):
    return drain(even_rate_steps(keypoints, fps))


def clip(times, layout="COCO17", fps=30.0, seed=0):
    times = np.asarray(times, float)
    rng = np.random.default_rng(seed)
    count = len(LAYOUTS[layout])
    return Keypoints2D(rng.uniform(0, 500, (len(times), count, 2)), rng.uniform(0.1, 1, (len(times), count)), layout,
                       fps, times, 640, 480)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_layouts_have_distinct_names_and_mirror_twice_to_themselves(layout):
    assert len(set(layout.keypoint_names)) == len(layout)
    assert (layout.flip[layout.flip] == np.arange(len(layout))).all()
    assert layout.flip[layout.keypoint_names.index("left_hip")] == layout.keypoint_names.index("right_hip")


def test_sizes():
    sizes = {"COCO17": 17, "COCO18": 18, "BODY25": 25, "HALPE26": 26, "MEDIAPIPE33": 33, "H36M17": 17, "COCO133": 133}
    assert {name: len(LAYOUTS[name]) for name in sizes} == sizes and len(CANONICAL) == 23


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_limbs_and_mirrors_alike(layout):
    groups = dict(zip(CANONICAL.keypoint_names, keypoint_groups(layout), strict=True))
    for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle"):
        assert len(groups[f"left_{part}"]) == len(groups[f"right_{part}"]) == 1
    flip = LAYOUTS[layout].flip
    for index, name in enumerate(CANONICAL.keypoint_names):
        other = CANONICAL.keypoint_names[CANONICAL.flip[index]]
        assert {int(flip[i]) for i in groups[name]} == set(groups[other])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_canonical_takes_names_means_and_lowest_scores(layout):
    source = clip([0, 0.1], layout)
    found = to_canonical(source)
    assert found.layout == CANONICAL.name and found.xy.shape == (2, 23, 2) and found.score.shape == (2, 23)
    names = list(LAYOUTS[layout].keypoint_names)
    for index, name in enumerate(CANONICAL.keypoint_names):
        if name in names:
            assert np.array_equal(found.xy[:, index], source.xy[:, names.index(name)])
            assert np.array_equal(found.score[:, index], source.score[:, names.index(name)])
    assert to_canonical(found) is found


def test_toes_and_knuckles_are_means_and_missing_ones_masked():
    source, names = clip([0], "BODY25"), list(LAYOUTS["BODY25"].keypoint_names)
    found = to_canonical(source)
    both = [names.index("left_big_toe"), names.index("left_small_toe")]
    toe = CANONICAL.keypoint_names.index("left_toe")
    assert np.allclose(found.xy[:, toe], source.xy[:, both].mean(axis=1))
    assert np.allclose(found.score[:, toe], source.score[:, both].min(axis=1))
    assert not found.score[:, CANONICAL.keypoint_names.index("left_knuckle")].any()
    assert not to_canonical(clip([0], "H36M17")).score[:, CANONICAL.keypoint_names.index("left_eye")].any()


def test_exact_keypoints_have_score_one_where_they_are():
    given = clip(np.arange(5) / 30)
    given.score[0, :3] = 0.0, 0.4, 1.0
    found = as_exact(given)
    assert found.exact and not given.exact and found.score[0, :3].tolist() == [0.0, 1.0, 1.0]
    assert np.array_equal(found.score > 0, given.score > 0) and np.array_equal(found.xy, given.xy)


@pytest.mark.parametrize(("part", "fps"), [(slice(2, 7), 30.0), (slice(1, None, 3), 10.0),
                                           (np.arange(12) % 2 == 1, 30.0), (np.array([4, 4, 0]), 30.0)])
def test_some_frames_of_a_clip(part, fps):
    given = as_exact(clip(np.arange(12) / 30))
    found = given[part]
    assert found.fps == fps and found.exact and found.layout == given.layout and len(found) == len(given.times[part])
    for name in ("xy", "score", "times"):
        assert np.array_equal(getattr(found, name), getattr(given, name)[part])


def test_remove_invalid_leaves_scores_in_range_and_finite_places():
    given = clip([0, 0.1])
    given.score[0, :5] = -1.0, 7.0, np.nan, np.inf, 0.5
    given.xy[1, 0, 1] = np.inf
    found = remove_invalid(given)
    assert found.score[0, :5].tolist() == [0, 1, 0, 1, 0.5] and found.score[1, 0] == 0
    assert np.isfinite(found.xy).all()
    assert np.array_equal(found.xy[1, 1:], given.xy[1, 1:]) and np.array_equal(found.score[1, 1:], given.score[1, 1:])


def test_an_even_clip_is_not_touched():
    source = clip(np.arange(20) / 30 + 0.004 * np.sin(np.arange(20)))
    found = to_even_rate(source)
    assert np.array_equal(found.xy, source.xy) and np.array_equal(found.score, source.score)
    assert np.allclose(np.diff(found.times), 1 / 30)


@given(st.floats(3, 120), st.integers(2, 40), st.integers(0, 99))
def test_straight_motion_survives_any_rate(rate, frames, seed):
    rng = np.random.default_rng(seed)
    source = clip(np.cumsum(rng.uniform(0.01, 0.1, frames)))
    start, speed = rng.uniform(0, 9, (17, 2)), rng.normal(size=(17, 2))
    source = replace(source, xy=start + speed * source.times[:, None, None])
    found = to_even_rate(source, rate)
    assert found.fps == pytest.approx(rate) and np.allclose(np.diff(found.times), 1 / rate)
    assert abs(found.times[-1] - source.times[-1]) <= 1 / rate
    inside = np.minimum(found.times, source.times[-1])
    # Within 1 % of an original frame that frame is taken as it is.
    slack = 0.011 * np.abs(speed).max() * np.diff(source.times).max()
    assert np.allclose(found.xy, start + speed * inside[:, None, None], atol=slack + 1e-9)


def test_nothing_is_invented_across_a_gap():
    source = clip(np.arange(6) / 10, fps=10.0)
    source.score[3, 4] = 0
    source.xy[3, 4] = np.nan
    found = to_even_rate(source, 20.0)
    missing = np.flatnonzero(found.score[:, 4] == 0)
    assert missing.tolist() == [5, 6, 7]
    assert np.isfinite(found.xy[found.score > 0]).all()


@pytest.mark.parametrize(("shift", "rate"), [(0.0, 30.0), (0.3, 30.0), (0.0, 10.0)])
def test_nobody_is_there_between_frames_that_lie_far_apart(shift, rate):
    """Two parts of one second at 30 frames per second, six seconds apart, with or without a common time grid."""
    times = np.concatenate([np.arange(30), np.arange(210, 240) + shift]) / 30
    source = clip(times)
    found = to_even_rate(source, rate)
    inside = (found.times > times[29] + 0.01) & (found.times < times[30] - 0.01)
    assert inside.sum() > 5 * rate and not found.score[inside].any()
    assert (found.score[~inside] > 0).all()
    assert found.times[-1] == pytest.approx(times[-1], abs=1 / rate)


@pytest.mark.parametrize("interval", [0.25, 2.0])
def test_a_slow_clip_has_no_gaps(interval):
    assert (to_even_rate(clip(np.arange(5) * interval), 30.0).score > 0).all()


def test_gaps_jitter_and_rounding_do_not_change_the_usual_rate():
    times = np.arange(600) / 30
    assert usual_rate(times) == pytest.approx(30)
    assert usual_rate(np.round(times, 3)) == pytest.approx(30, rel=1e-4)
    assert usual_rate(np.concatenate([times, times + 100])) == pytest.approx(30)
    assert usual_rate(np.delete(times, np.arange(5, 600, 20))) == pytest.approx(30)
    assert usual_rate(times + np.random.default_rng(0).uniform(-0.01, 0.01, 600)) == pytest.approx(30, rel=0.02)
    assert usual_rate([0.0, 0.1, 5.0]) == pytest.approx(10)


@pytest.mark.parametrize("fps", [0.0, -5.0, np.nan, np.inf])
def test_impossible_rates_are_refused(fps):
    with pytest.raises(MocapError, match="frame rate"):
        to_even_rate(clip([0, 0.1]), fps)


def test_one_frame_stays_one_frame():
    found = to_even_rate(clip([3.2]), 60.0)
    assert len(found) == 1 and found.times[0] == 3.2 and found.fps == 60.0
