"""Each metric on a case with a known result, and its invariances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.skeleton import MOCAP22
from training.measure import metrics


def poses(frames: int = 8, seed: int = 0) -> np.ndarray:
    """Return random joints (T, J, 3)."""
    return np.random.default_rng(seed).normal(0, 0.4, (frames, len(MOCAP22), 3))


def test_mpjpe_is_the_mean_distance_after_taking_out_the_root():
    true = poses()
    found = true.copy()
    found[:, 5] += (0.03, 0.0, 0.04)
    assert metrics.mpjpe(found, true) == pytest.approx(0.05 / len(MOCAP22))
    assert metrics.mpjpe(true + (1, 2, 3), true) == pytest.approx(0)
    assert metrics.mpjpe(true * 1.1, true) > 0.02


@given(st.floats(0.3, 3.0), st.integers(0, 99))
def test_alignments(scale, seed):
    true = poses(seed=seed)
    turn = Rotation.random(random_state=seed).as_matrix()
    assert metrics.n_mpjpe(true * scale, true) == pytest.approx(0, abs=1e-12)
    assert metrics.p_mpjpe(scale * true @ turn.T + (1, 2, 3), true) == pytest.approx(0, abs=1e-9)
    noisy = true + np.random.default_rng(seed).normal(0, 0.05, true.shape)
    assert metrics.p_mpjpe(noisy, true) <= metrics.mpjpe(noisy, true) * 1.2
    mirrored = true * (-1, 1, 1)
    assert metrics.p_mpjpe(mirrored, true) > 0.05  # a mirror image is no alignment


def test_velocity_and_acceleration():
    true = poses(20)
    assert metrics.mpjve(true + poses(1), true) == pytest.approx(0, abs=1e-12)
    found = true.copy()
    found[:, 3] += np.arange(20)[:, None] * (0.01, 0, 0)
    assert metrics.mpjve(found, true) == pytest.approx(0.01 / len(MOCAP22))
    assert metrics.acceleration_error(found, true, 25.0) == pytest.approx(0, abs=1e-9)
    found[:, 3, 0] += 0.5 * 2.0 * (np.arange(20) / 25.0) ** 2
    assert metrics.acceleration_error(found, true, 25.0) == pytest.approx(2.0 / len(MOCAP22), rel=1e-6)
    assert metrics.mpjve(true[:1], true[:1]) == 0


def test_jitter_is_the_third_derivative():
    times = np.arange(30) / 50.0
    cubic = np.zeros((30, 2, 3))
    cubic[..., 0] = times[:, None] ** 3
    assert metrics.jitter(cubic, 50.0) == pytest.approx(6.0)
    assert metrics.jitter(cubic[:3], 50.0) == 0


def test_pck_and_auc():
    true = np.zeros((4, 5, 3))
    found = true.copy()
    found[:, 1, 0], found[:, 2, 0], found[:, 3, 0] = 0.149, 0.151, 0.051
    assert metrics.pck(found, true) == pytest.approx(4 / 5)
    assert metrics.pck(found, true, joints=(1, 2)) == pytest.approx(1 / 2)
    # thresholds 0, 5 .. 150 mm: 51 mm counts from 55 on, 20 of 31
    assert metrics.auc(found, true, joints=(3,)) == pytest.approx(20 / 31)


def test_bones():
    lengths = np.concatenate([[0.0], np.random.default_rng(0).uniform(0.1, 0.5, len(MOCAP22) - 1)])
    directions = poses(12)
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    positions = MOCAP22.joint_positions(lengths, directions, np.zeros(3))
    assert metrics.bone_length_std(positions, MOCAP22).max() < 1e-12
    positions[::2, MOCAP22.index("head")] += 0.1
    spread = metrics.bone_length_std(positions, MOCAP22)
    assert spread[MOCAP22.index("head")] > 0.01 and spread[MOCAP22.index("nose")] < 1e-12
    assert metrics.bone_length_error(lengths + 0.02, lengths) == pytest.approx(0.02)
    even = (lengths + lengths[MOCAP22.mirror]) / 2
    assert np.abs(metrics.symmetry_error(even, MOCAP22)).max() == 0
    assert metrics.symmetry_error(lengths, MOCAP22)[1] == pytest.approx(lengths[1] - lengths[MOCAP22.mirror[1]])


def test_crouch_counts_only_straight_knees():
    def leg(degrees):
        bend = np.radians(degrees)
        knee, zero = np.zeros((len(bend), 3)), np.zeros_like(bend)
        knee[:, 2] = -0.4
        return np.stack([np.zeros_like(knee), knee,
                         knee + 0.4 * np.stack([zero, np.sin(bend), -np.cos(bend)], axis=-1)], axis=1)

    true, found = leg([0.0, 10.0, 60.0]), leg([8.0, 16.0, 0.0])
    assert metrics.crouch(found, true, [(0, 1, 2)]) == pytest.approx(np.radians(7))
    assert metrics.crouch(true, true, [(0, 1, 2)]) == pytest.approx(0, abs=1e-9)
    assert np.isnan(metrics.crouch(found[2:], true[2:], [(0, 1, 2)]))


def test_foot_slide_counts_only_where_the_true_foot_rests():
    true = np.zeros((11, 1, 3))
    true[6:, 0, 0] = np.arange(5) * 0.05
    found = true + np.arange(11)[:, None, None] * (0.002, 0, 0)
    found[7:] += 1.0
    assert metrics.foot_slide(found, true, 0) == pytest.approx(0.002)
    assert np.isnan(metrics.foot_slide(found[6:], true[6:], 0))


def test_root_path_error():
    true = np.cumsum(np.random.default_rng(0).normal(0, 0.1, (50, 3)), axis=0)
    turn = Rotation.random(random_state=1).as_matrix()
    assert metrics.root_path_error(true @ turn.T + 3, true) == pytest.approx(0, abs=1e-9)
    assert metrics.root_path_error(true * 1.1, true) > 0.1


def test_mean_angle():
    a = np.array([[1.0, 0, 0], [0, 1, 0]])
    b = np.array([[1.0, 0, 0], [1, 0, 0]])
    assert metrics.mean_angle(a, b) == pytest.approx(np.pi / 4)
