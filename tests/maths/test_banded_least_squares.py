"""Banded least squares over time."""

import numpy as np
import pytest

from anatomy_mocap.maths.banded_least_squares import add_bands, penalty_bands, penalty_strength, smooth_fit


def dense(bands):
    matrix = np.zeros((bands.shape[1],) * 2)
    for offset in range(min(bands.shape)):
        line = bands[len(bands) - 1 - offset, offset:]
        matrix += np.diag(line, offset) + (np.diag(line, -offset) if offset else 0)
    return matrix


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("frames", [1, 2, 3, 4, 9])
def test_bands_are_those_of_the_differences(order, frames):
    rng = np.random.default_rng(0)
    steps = max(frames - order, 0)
    weights = rng.uniform(size=steps)
    difference = np.diff(np.eye(frames), n=order, axis=0) if steps else np.zeros((0, frames))
    assert np.allclose(dense(penalty_bands(frames, order, weights)), difference.T @ np.diag(weights) @ difference)


def test_smooth_fit_solves_the_normal_equations():
    rng = np.random.default_rng(1)
    targets, weights = rng.normal(size=(12, 2)), rng.uniform(size=12)
    penalty = add_bands(penalty_bands(12, 1, 0.3), penalty_bands(12, 2, 2.0))
    expected = np.linalg.solve(np.diag(weights) + dense(penalty), weights[:, None] * targets)
    assert np.allclose(smooth_fit(targets, weights, penalty), expected)


def test_gaps_are_bridged_straight_and_no_evidence_is_zero():
    targets, weights = np.array([[0.0], [9], [9], [9], [4]]), np.array([1.0, 0, 0, 0, 1])
    assert np.allclose(smooth_fit(targets, weights, penalty_bands(5, 2, 1.0)).ravel(), [0, 1, 2, 3, 4], atol=1e-4)
    assert np.allclose(smooth_fit(targets, np.zeros(5), penalty_bands(5, 2)), 0)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("fps", [24.0, 60.0, 240.0])
def test_strength_halves_the_wave_it_names(order, fps):
    seconds, t = 0.2, np.arange(2000) / fps
    wave = np.cos(np.pi * t / seconds)[:, None]
    found = smooth_fit(wave, np.ones(2000), penalty_bands(2000, order, penalty_strength(seconds, fps, order)))
    middle = slice(800, 1200)
    assert found[middle].std() / wave[middle].std() == pytest.approx(0.5, abs=0.01)
