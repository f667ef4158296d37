"""Rare poses are drawn more often than they occur, with windows around them."""

import numpy as np

from tests.support.small_motion_set import mocap_set
from training.mocap.rare_poses import EVERY, RarePoses, alike, pose_features
from training.simulate.simulate_batch import SynthSettings, make_batch


def test_what_few_others_are_like_is_rare():
    crowd = np.random.default_rng(0).normal(0, 0.02, (400, 12)).astype(np.float32)
    alone = np.eye(12, dtype=np.float32)[:4] * 5
    count = alike(np.concatenate([crowd, alone]))
    np.testing.assert_array_equal(count[:400], 400)
    np.testing.assert_array_equal(count[400:], 1)


def test_poses_are_alike_whatever_way_they_face():
    positions = mocap_set().positions[:20]
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(pose_features(positions @ turn.T), pose_features(positions), atol=1e-3)


def test_a_rare_clip_is_drawn_more_often_than_its_share():
    mocap = mocap_set()
    first = slice(mocap.start[0], mocap.start[0] + mocap.frames[0])
    for clip in range(1, len(mocap)):  # all others do what one of them does
        rows = slice(mocap.start[clip], mocap.start[clip] + mocap.frames[clip])
        mocap.positions[rows] = mocap.positions[mocap.start[1]]
    mocap.positions[first] += np.random.default_rng(0).normal(0, 0.2, mocap.positions[first].shape)
    clip, frame = RarePoses(mocap).draw(np.random.default_rng(1), 2000)
    assert (clip == 0).mean() > 2 * mocap.frames[0] / mocap.frames.sum()
    assert ((frame >= 0) & (frame < mocap.frames[clip] + EVERY)).all()


def test_batches_with_rare_poses_are_whole():
    mocap = mocap_set()
    batch = make_batch(np.random.default_rng(1), mocap, 4, SynthSettings(), RarePoses(mocap))
    assert np.isfinite(batch.xy).all() and batch.valid.any(axis=1).all()
    np.testing.assert_allclose(np.linalg.norm(batch.directions[:, :, 1:], axis=-1), 1, atol=1e-4)
