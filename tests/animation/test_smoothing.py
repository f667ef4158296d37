"""The smoothing of motions: no delay, less noise, preserved accents."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.animation.smoothing import smooth
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.maths.rotations import about, angle_between, continuous, multiply, unit
from anatomy_mocap.maths.smooth_series import smooth_lively, smooth_series
from tests.support import moving_bodies as bodies


def motion_of(frames=120, fps=30.0, seed=0):
    return solve(take_from_positions(bodies.random_poses(frames, seed), fps))


def noisy(motion, angle, seed=0):
    rng = np.random.default_rng(seed)
    axes = unit(rng.normal(size=(*motion.rotations.shape[:2], 3)))
    jolts = about(axes, rng.normal(scale=angle, size=axes.shape[:2]))
    return replace(motion, rotations=continuous(multiply(motion.rotations, jolts)),
                   root_positions=motion.root_positions + rng.normal(scale=angle / 4, size=(len(motion), 3)))


def test_zero_is_the_motion_itself():
    motion = motion_of(20)
    assert smooth(motion, 0.0) is motion


@pytest.mark.parametrize("seconds", [-0.1, np.nan, np.inf])
def test_impossible_strengths_are_refused(seconds):
    with pytest.raises(MocapError, match="smoothing"):
        smooth(motion_of(5), seconds)


@pytest.mark.parametrize("frames", [1, 2, 3, 4])
def test_very_short_clips(frames):
    motion = motion_of(frames)
    found = smooth(motion, 0.5)
    assert len(found) == frames and np.isfinite(found.rotations).all()
    assert angle_between(found.rotations, motion.rotations).max() < 0.2


@settings(max_examples=15)
@given(st.floats(0.01, 2.0), st.integers(0, 9))
def test_rotations_stay_rotations_and_lengths_lengths(seconds, seed):
    found = smooth(noisy(motion_of(40, seed=seed), 0.2, seed), seconds)
    assert np.allclose(np.linalg.norm(found.rotations, axis=-1), 1)
    assert ((found.rotations[1:] * found.rotations[:-1]).sum(-1) > 0).all()
    positions = found.joint_positions()
    bones = positions[:, 1:] - positions[:, np.array(MOCAP22.parents[1:])]
    assert np.abs(np.linalg.norm(bones, axis=-1) - found.bone_lengths[1:]).max() < 1e-12


def test_noise_falls_and_the_motion_stays():
    motion = motion_of(200, fps=30.0)
    rough = noisy(motion, 0.1)
    found = smooth(rough, 0.15)
    before, after = (angle_between(m.rotations, motion.rotations).mean() for m in (rough, found))
    assert after < 0.6 * before
    jitter = [np.abs(np.diff(m.joint_positions(), 3, axis=0)).mean() for m in (rough, found)]
    assert jitter[1] < 0.05 * jitter[0]


def test_no_delay():
    """A symmetric event stays symmetric, since the filter is the same forwards and backwards in time."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(50, 3))
    assert np.allclose(smooth_series(values[::-1], 0.2, 30.0)[::-1], smooth_series(values, 0.2, 30.0))
    pulse = np.exp(-((np.arange(61) - 30) / 4.0) ** 2)
    assert smooth_series(pulse, 0.2, 30.0).argmax() == 30
    values = values[:, None]
    assert np.allclose(smooth_lively(values[::-1], 0.2, 30.0)[::-1], smooth_lively(values, 0.2, 30.0))


def test_an_accent_in_noise_keeps_its_height_while_the_calm_loses_its_noise():
    """Compare the product's filter with one constant strength, on a quick move (0.2 s) in white noise."""
    t = np.arange(300) / 30.0
    accent = np.exp(-((t - 5.0) / 0.1) ** 2)
    rough = (accent + np.random.default_rng(3).normal(scale=0.02, size=300))[:, None, None]
    lively, plain = smooth_lively(rough, 0.2, 30.0)[:, 0, 0], smooth_series(rough, 0.2, 30.0)[:, 0, 0]
    assert lively.max() > 0.85 > plain.max()
    assert lively[:120].std() < plain[:120].std()


def test_ends_are_not_pulled():
    """Straight lines stay unchanged up to the ends, and a constant rotation nearly so."""
    line = np.linspace(3, 9, 40)[:, None] * (1.0, -2.0)
    assert np.abs(smooth_series(line, 1.0, 30.0) - line).max() < 1e-4
    motion = motion_of(1)
    turn = about((0, 0, 1.0), np.linspace(0, 3, 60))[:, None]
    motion = replace(motion, rotations=multiply(turn, np.repeat(motion.rotations, 60, 0)),
                     root_positions=np.linspace((0, 0, 1), (3, 0, 1), 60))
    found = smooth(motion, 0.1)
    assert np.degrees(angle_between(found.rotations, motion.rotations).max()) < 0.5


@pytest.mark.parametrize("fps", [25.0, 50.0, 120.0])
def test_same_strength_at_any_frame_rate(fps):
    def wave(rate):
        t = np.arange(int(8 * rate)) / rate
        return t, smooth_series(np.sin(2 * np.pi * t) + 0.3 * np.sin(2 * np.pi * 3.1 * t), 0.2, rate)

    t, found = wave(fps)
    reference_t, reference = wave(200.0)
    difference = np.abs(found - np.interp(t, reference_t, reference))
    assert difference[int(0.3 * fps):int(7.5 * fps)].max() < 0.01
    assert difference[:int(7.5 * fps)].max() < 0.15


def test_signs_of_the_input_do_not_matter():
    motion = motion_of(30)
    flipped = motion.rotations * np.where(np.arange(30) % 2, -1.0, 1.0)[:, None, None]
    found, expected = smooth(replace(motion, rotations=flipped), 0.2), smooth(motion, 0.2)
    assert angle_between(found.rotations, expected.rotations).max() < 1e-9
