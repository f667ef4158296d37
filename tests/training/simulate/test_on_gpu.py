"""Compares the simulation in torch with the one in numpy: equal values without randomness, equal statistics with it. It
runs on any device, here on the CPU."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter1d

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting import detector_points
from anatomy_mocap.lifting.lifter_input import normalise_rays as normalise_by_numpy
from tests.support.small_motion_set import mocap_set
from training.mocap.dataset import LIFTER_FPS
from training.simulate import detector_noise as noise
from training.simulate import occlusion, virtual_camera
from training.simulate.anthropometry import draw_bodies
from training.simulate.device_random import Chance
from training.simulate.on_gpu import camera, crowd, detector, points, view
from training.simulate.on_gpu import time_series as in_time
from training.simulate.simulate_batch import SynthSettings, act, body_joints, make_batch, seen_by_detector

ANKLE = MOCAP22.index("left_ankle")


def tensors(*arrays):
    return [torch.from_numpy(np.asarray(array, dtype=np.float32)) for array in arrays]


@pytest.fixture(scope="module")
def people():
    """Return joints (B, T, J, 3) in the world, their bodies, and numpy's cameras."""
    rng = np.random.default_rng(0)
    acted = act(rng, mocap_set(), 30, SynthSettings(chunks=1, frames=99))
    joints = body_joints(acted.positions, acted.directions, acted.bodies.lengths)
    return joints, acted.bodies, virtual_camera.film(rng, joints[:, :, 0], acted.bodies.height)


@pytest.mark.parametrize("mode", ["reflect", "nearest", "wrap", "constant"])
def test_smooths_in_time_as_scipy_does(mode):
    x = np.random.default_rng(0).normal(size=(3, 50, 4)).astype(np.float32)
    found = in_time.smoothed(torch.from_numpy(x), 6.0, mode, 3.0).numpy()
    np.testing.assert_allclose(found, gaussian_filter1d(x, 6.0, axis=1, mode=mode, truncate=3.0), atol=1e-5)


def test_nearest_known_frame():
    known = torch.tensor([[False, True, False, False, False, True], [False] * 5 + [True], [True] * 6])
    assert in_time.nearest(known).tolist() == [[1, 1, 1, 1, 5, 5], [5] * 6, list(range(6))]


def test_runs_are_as_long_and_as_many_as_numpys():
    chance, shape = Chance(0), (400, 100, 8)
    ours = in_time.runs(chance.generator, shape, 0.01, 10).numpy()
    theirs = noise._runs(np.random.default_rng(0), *shape, 0.01, 10)
    assert ours.mean() == pytest.approx(theirs.mean(), rel=0.05)
    begun = [(mask[:, 1:] & ~mask[:, :-1]).sum() for mask in (ours, theirs)]
    assert begun[0] == pytest.approx(begun[1], rel=0.05)


def test_keypoints_and_what_hides_them(people):
    joints, bodies, filmed = people
    expected = detector_points.detector_points(joints, bodies.offsets)
    found = points.detector_points(*tensors(joints, bodies.offsets))
    np.testing.assert_allclose(found.numpy(), expected, atol=2e-4)
    in_view, body = filmed.see(expected), filmed.see(joints)
    covered = occlusion.hidden(in_view, body, bodies.height)
    assert 0.02 < covered.mean() < 0.9
    np.testing.assert_allclose(points.hidden(*tensors(in_view, body, bodies.height)).numpy(), covered, atol=2e-3)


def test_the_network_sees_the_same(people):
    rng = np.random.default_rng(1)
    rays = rng.normal(0.2, 0.3, (6, 80, len(CANONICAL), 2)).astype(np.float32)
    score = np.where(rng.random(rays.shape[:-1]) < 0.3, 0.0, rng.random(rays.shape[:-1])).astype(np.float32)
    score[0, :40] = 0.0
    score[1] = 0.0
    rays[score == 0] = 0.0
    expected, _, turn = normalise_by_numpy(rays, score, LIFTER_FPS)
    xy, found = view.normalise_rays(*tensors(rays, score), LIFTER_FPS)
    np.testing.assert_allclose(found.numpy(), turn, atol=1e-5)
    np.testing.assert_allclose(xy.numpy(), expected, atol=1e-4)


def test_cameras_stand_as_numpys_do():
    rng = np.random.default_rng(2)
    root = np.cumsum(rng.normal(0, 0.02, (3000, 40, 3)), axis=1).astype(np.float32)
    height = np.full(3000, 1.7, dtype=np.float32)
    theirs = virtual_camera.film(rng, root, height)
    ours = camera.film(Chance(0), *tensors(root, height))
    turn = ours.rotation.double()
    np.testing.assert_allclose((turn @ turn.mT).numpy(), np.broadcast_to(np.eye(3), turn.shape), atol=1e-5)
    assert bool((torch.linalg.det(turn) > 0).all())

    def quantiles(values):
        return np.quantile(np.asarray(values), (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98))

    for measure, off in ((lambda f: np.log(np.linalg.norm(np.asarray(f.centre) - root, axis=-1)), 0.08),
                         (lambda f: np.asarray(f.rotation)[..., 1, 2], 0.06),
                         (lambda f: np.asarray(f.rotation)[..., 0, 2], 0.03),
                         (lambda f: np.asarray(f.half), 0.03),
                         (lambda f: np.diff(np.asarray(f.rotation)[..., 0, 0], axis=1) * 100, 0.05)):
        np.testing.assert_allclose(quantiles(measure(ours)), quantiles(measure(theirs)), atol=off)


def test_the_detector_errs_as_numpys_does(people):
    """Compares errors, scores and missing keypoints by keypoint, by occlusion and over time."""
    joints, _, _ = people
    joints = np.repeat(joints, 60, axis=0)
    rng, chance = np.random.default_rng(3), Chance(3)
    bodies = draw_bodies(rng, len(joints), shipped=0.5)
    filmed = virtual_camera.film(rng, joints[:, :, 0], bodies.height)
    exact = np.arange(len(joints)) % 4 == 0
    theirs = seen_by_detector(rng, filmed, joints, bodies, SynthSettings(), exact)
    alike = camera.Filmed(*tensors(filmed.rotation, filmed.centre, filmed.half))
    ours = [value.numpy() for value in detector.seen_by_detector(
        chance, alike, *tensors(joints, bodies.height, bodies.offsets), torch.from_numpy(bodies.shipped),
        torch.from_numpy(exact))]
    truth = filmed.see(detector_points.detector_points(joints, bodies.offsets))
    truth = truth[..., :2] / np.maximum(truth[..., 2:], 0.2)
    depth = np.maximum(filmed.see(joints)[:, :, 0, 2], 0.5)
    stats = []
    for rays, score in (theirs, ours):
        there, off = score > 0, np.linalg.norm(rays - truth, axis=-1) * (depth / bodies.height[:, None])[..., None]
        assert off[exact][there[exact]].max() < 2e-3  # single precision
        assert set(np.unique(score[exact])) <= {0.0, 1.0}
        some = there & bodies.shipped[:, None, None] & ~exact[:, None, None]
        both = some[:, 1:] & some[:, :-1]
        stats.append({
            "missing": [1 - there[rows].mean() for rows in (bodies.shipped & ~exact, ~bodies.shipped & ~exact, exact)],
            "median": [np.median(off[..., k][some[..., k]]) * 100 for k in range(len(CANONICAL))],
            "far": [np.quantile(off[some], q) * 100 for q in (0.9, 0.99)],
            "score": np.quantile(score[some], (0.05, 0.25, 0.5, 0.75, 0.95)),
            "told": np.corrcoef(np.log(off[some] + 1e-3), score[some])[0, 1],
            "step": np.median(np.abs(np.diff(off, axis=1))[both]) * 1000,
        })
    for name, allowed in (("missing", 0.03), ("median", 0.08), ("far", 1.3), ("score", 0.03), ("told", 0.03),
                          ("step", 0.1)):
        np.testing.assert_allclose(stats[1][name], stats[0][name], atol=allowed, err_msg=name)


def small_crowd(videos: int = 40, frames: int = 99, **settings) -> crowd.Crowd:
    rng, kept = np.random.default_rng(4), crowd.Crowd(videos)
    for _ in range(0, videos, 10):
        kept.add(crowd.Parcel.of(act(rng, mocap_set(), 10, SynthSettings(frames=frames, **settings))))
    return kept


def test_a_crowd_is_filmed_into_batches_like_numpys():
    ours = small_crowd(exact=0.25).film(Chance(0), 200)
    theirs = make_batch(np.random.default_rng(5), mocap_set(), 200, SynthSettings(frames=99, exact=0.25))
    for name in ("xy", "score", "directions", "up", "lengths", "valid", "bone_weight"):
        found, expected = np.asarray(getattr(ours, name)), getattr(theirs, name)
        assert found.shape == expected.shape and np.isfinite(found).all(), name
        assert found.dtype == expected.dtype, name
        assert found.mean() == pytest.approx(expected.mean(), abs=0.05), name
        assert found.std() == pytest.approx(expected.std(), rel=0.1), name
    np.testing.assert_allclose(np.linalg.norm(ours.directions.numpy()[:, :, 1:], axis=-1), 1, atol=1e-4)
    # What the network is asked for is what its input shows: in the picture, shanks point where they are said to.
    ankle, knee = (CANONICAL.keypoint_names.index(f"left_{name}") for name in ("ankle", "knee"))
    shown, told = (ours.xy[..., ankle, :] - ours.xy[..., knee, :]).numpy(), ours.directions[..., ANKLE, :2].numpy()
    length, across = np.linalg.norm(shown, axis=-1), np.linalg.norm(told, axis=-1)
    clear = (ours.score.numpy()[..., [ankle, knee]] == 1).all(-1) & ours.valid.numpy() & (across > 0.6) & (length > 0.2)
    cosine = (shown * told).sum(-1)[clear] / (length * across)[clear]
    assert clear.sum() > 1000 and np.quantile(cosine, 0.05) > 0.9


def test_a_crowd_keeps_the_newest():
    kept = small_crowd(20)
    before = kept.kept["path"].clone()
    rng = np.random.default_rng(9)
    kept.add(crowd.Parcel.of(act(rng, mocap_set(), 5, SynthSettings(frames=99))))
    changed = (kept.kept["path"] != before).flatten(1).any(1)
    assert changed[:5].all() and not changed[5:].any() and kept.filled == 20
