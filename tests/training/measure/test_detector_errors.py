"""Measures a detector's errors on synthetic detections with known errors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.detector_points import detector_points
from tests.support.small_motion_set import moving
from training.measure import detector_errors as de
from training.measure.measure_detector import measured
from training.rendered_people import filming

HEIGHT = 1.75
NAMES = CANONICAL.keypoint_names


def clip(seed: int, offset, noise=None, yaw: float = 0.0, frames: int = 120) -> de.SeenClip:
    """Return a person whose keypoints have the error `offset` (3,) plus noise (T, K, 2), both in % of the height."""
    joints = moving(frames, seed)
    world = filming.place(filming.View(yaw, 10, 0, 50, 640, 480), joints)
    joints = filming.to_camera(joints, world)
    points = detector_points(joints[None], np.broadcast_to(np.array(offset) * HEIGHT / 100, (1, len(NAMES), 3)))[0]
    rays = points[..., :2] / points[..., 2:]
    if noise is not None:
        rays = rays + noise * HEIGHT / 100 / points[..., 2:]
    return de.SeenClip(joints, rays, np.full(rays.shape[:2], 0.9), HEIGHT)


def test_a_known_bias_is_found_and_taken_out():
    clips = [clip(seed, (0.5, -1.2, 2.0), yaw=70 * seed) for seed in range(5)]
    biases = de.fit_biases(clips)
    np.testing.assert_allclose(biases.offset, np.broadcast_to((0.5, -1.2, 2.0), biases.offset.shape), atol=1e-4)
    assert biases.between.max() < 1e-3
    errors = de.errors_of(clips[0], biases)
    assert errors.length.max() < 1e-3


def test_biases_survive_wild_points_and_missing_ones():
    rng = np.random.default_rng(0)
    clips = []
    for seed in range(5):
        noise = np.where(rng.random((120, len(NAMES), 1)) < 0.1, 25.0, 0.0) * rng.standard_normal((120, len(NAMES), 2))
        one = clip(seed, (1.0, 0.0, -1.0), noise, yaw=70 * seed)
        score = np.where(rng.random(one.score.shape) < 0.2, 0.0, one.score)
        clips.append(de.SeenClip(one.joints, np.where(score[..., None] > 0, one.rays, 9.9), score, HEIGHT))
    offset = de.fit_biases(clips).offset
    np.testing.assert_allclose(offset, np.broadcast_to((1.0, 0.0, -1.0), offset.shape), atol=0.2)


def test_what_other_clothes_change_is_found_beside_all_other_errors():
    rng = np.random.default_rng(3)
    noise = [0.5 * rng.standard_normal((120, len(NAMES), 2)) for _ in range(5)]
    plain = [clip(seed, (0.5, -1.2, 2.0), noise[seed], yaw=70 * seed) for seed in range(5)]
    loose = [clip(seed, (0.9, -2.2, 2.0), noise[seed], yaw=70 * seed) for seed in range(5)]
    found = de.fit_differences(plain, loose)
    np.testing.assert_allclose(found.offset, np.broadcast_to((0.4, -1.0, 0.0), found.offset.shape), atol=0.03)
    assert found.between.max() < 0.1


def test_people_who_differ_are_seen_to_differ():
    rng = np.random.default_rng(1)
    clips = [clip(seed % 4, rng.normal(0, (1.0, 0.3, 1.0)), yaw=40 * seed, frames=40) for seed in range(40)]
    between = de.fit_biases(clips).between[de.PARTS.index("shoulder")]
    np.testing.assert_allclose(between, (1.0, 0.3, 1.0), rtol=0.45)


@pytest.mark.parametrize(("sigmas", "band"), [((0.0, 1.0), "fast"), ((20.0, 200.0), "slow"), ((2.5, 6.0), "middle")])
def test_time_is_told_apart(sigmas, band):
    rng = np.random.default_rng(2)
    noise = rng.standard_normal((400, len(NAMES), 2))
    fine, coarse = (gaussian_filter1d(noise, sigma, axis=0) if sigma else noise for sigma in sigmas)
    noise = fine - coarse
    noise -= noise.mean(axis=0)
    noise *= 0.8 / noise.std()
    one = clip(0, (0, 0, 0), noise + 1.5, frames=400)
    none = de.Biases(np.zeros((len(de.PARTS), 3)), np.zeros((len(de.PARTS), 3)))
    errors = [de.errors_of(one, none)]
    found = de.time_parts(errors, de.keypoints_of("knee"))
    # The residual is taken at the point's own depth, the noise was put there: equal but for the turn of the axes.
    assert found["constant"] == pytest.approx(1.5, rel=0.15)
    rest = {name: found[name] for name in ("slow", "middle", "fast")}
    assert max(rest, key=rest.get) == band
    assert 0.5 < np.sqrt(sum(value**2 for value in rest.values())) < 0.95  # the bands overlap
    after = de.correlation(errors, de.keypoints_of("knee"))
    assert (after[0] < 0.2) == (band == "fast") and (after[3] > 0.6) == (band == "slow")


def test_scores_are_ranked():
    score = np.array([0.1, 0.2, 0.3, 0.4])
    assert de.ranking(score, np.array([False, False, True, True])) == 1
    assert de.ranking(score, np.array([True, True, False, False])) == 0
    assert de.ranking(np.full(4, 0.5), np.array([True, False, True, False])) == 0.5
    assert np.isnan(de.ranking(score, np.ones(4, bool)))


def test_swaps_are_counted_where_they_can_be_told():
    one = clip(0, (0, 0, 0), frames=40)
    assert de.swap_share(one)[0] == 0 < de.swap_share(one)[1]
    rays = one.rays.copy()
    rays[:10] = rays[:10][:, CANONICAL.flip]
    wrong, total = de.swap_share(de.SeenClip(one.joints, rays, one.score, HEIGHT))
    assert wrong / total == pytest.approx(0.25, abs=0.05)


def test_angles_of_view_and_tilt():
    for yaw, low, high in ((0, 0, 30), (90, 60, 120), (180, 150, 180)):
        assert low <= np.median(clip(0, (0, 0, 0), yaw=yaw, frames=20).angle) <= high
    upright = clip(0, (0, 0, 0), frames=20)
    assert np.median(upright.tilt) < 20
    turned = upright.joints * (-1, -1, 1)
    assert np.median(de.SeenClip(turned, upright.rays, upright.score, HEIGHT).tilt) > 160


def test_a_set_is_measured_as_a_whole():
    clips = [clip(seed, (0.5, 0.5, 0.5), yaw=70 * seed, frames=30) for seed in range(3)]
    found = measured("made up", clips)
    assert len(found.errors) == 3 and found.errors[0].residual.shape == (30, len(NAMES), 2)
    true = np.broadcast_to(clips[0].joints[:, :1], (30, len(NAMES), 3))
    raw = de.errors_of(clips[0], found.biases, true).raw
    pelvis = MOCAP22.index("pelvis")
    hip = NAMES.index("left_hip")
    expected = np.linalg.norm(clips[0].joints[:, MOCAP22.index("left_hip")] - clips[0].joints[:, pelvis], axis=-1)
    assert (raw[:, hip] < 100 * expected / HEIGHT + 3).all() and raw[:, hip].max() > 1
