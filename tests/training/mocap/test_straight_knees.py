"""Knees are straightened only for people whose knees are never straight in the recordings."""

import numpy as np
import pytest

from anatomy_mocap.core.skeleton import MOCAP22
from tests.support.small_motion_set import rest_body
from training.measure.metrics import flexion
from training.mocap.dataset import directions_of
from training.mocap.straight_knees import MOST, STRAIGHT, STRETCHED, straightened, stretched

HIP, KNEE, ANKLE, TOE = (MOCAP22.index(f"left_{part}") for part in ("hip", "knee", "ankle", "toe"))


def legs(bends: np.ndarray) -> np.ndarray:
    """Return bodies (F, J, 3) whose left knee is bent by `bends` radians, with the thigh forward and the shank back."""
    positions, lengths = rest_body(len(bends))
    zero = np.zeros_like(bends)
    thigh = np.stack([zero, -np.sin(bends / 2), -np.cos(bends / 2)], axis=-1) * lengths[KNEE]
    shank = np.stack([zero, np.sin(bends / 2), -np.cos(bends / 2)], axis=-1) * lengths[ANKLE]
    foot = positions[:, TOE] - positions[:, ANKLE]
    positions[:, KNEE] = positions[:, HIP] + thigh
    positions[:, ANKLE] = positions[:, KNEE] + shank
    positions[:, TOE] = positions[:, ANKLE] + foot
    return positions


def bend_of(positions: np.ndarray) -> np.ndarray:
    """Return the bend of the left knee in radians."""
    return flexion(positions[:, KNEE] - positions[:, HIP], positions[:, ANKLE] - positions[:, KNEE])


def test_an_offset_is_taken_out():
    bends = np.radians(np.linspace(20, 130, 400))
    before = legs(bends)
    after = straightened(before, "left")
    found = bend_of(after)
    assert np.quantile(found, 0.05) == pytest.approx(STRAIGHT, abs=np.radians(1.0))
    bent = found > 1e-9  # the straightest become straight, to rounding
    assert bent.mean() > 0.98 and bent[bent.argmax():].all()
    assert (np.diff(found[bent]) > 0).all() and (found <= bends + 1e-9).all()
    assert bends[-1] - found[-1] < 0.35 * (bends[0] - found[0])  # deep bends keep most of theirs


def test_what_is_kept():
    before = legs(np.radians(np.linspace(15, 90, 200)))
    after = straightened(before, "left")
    for a, b in ((HIP, KNEE), (KNEE, ANKLE), (ANKLE, TOE)):
        np.testing.assert_allclose(np.linalg.norm(after[:, b] - after[:, a], axis=-1),
                                   np.linalg.norm(before[:, b] - before[:, a], axis=-1))
    leg, was = after[:, ANKLE] - after[:, HIP], before[:, ANKLE] - before[:, HIP]
    assert flexion(leg, was).max() < np.radians(1.0)
    others = [j for j in range(len(MOCAP22)) if j not in (KNEE, ANKLE, TOE)]
    np.testing.assert_array_equal(after[:, others], before[:, others])


def test_who_straightens_the_knee_is_left_alone():
    before = legs(np.radians(np.concatenate([np.full(30, 1.0), np.linspace(2, 100, 200)])))
    np.testing.assert_allclose(straightened(before, "left"), before, atol=1e-9)


def test_who_always_crouches_goes_on_crouching():
    bends = np.radians(np.linspace(60, 100, 100))
    found = bend_of(straightened(legs(bends), "left"))
    assert (bends - found).max() < MOST and found.min() > np.radians(30)


def test_some_people_stretch_their_legs():
    bends = np.radians(np.linspace(0, 120, 60))
    before = np.repeat(directions_of(legs(bends))[None], 300, axis=0)
    after = stretched(np.random.default_rng(0), before, share=0.5)
    less = flexion(before[:, :, KNEE], before[:, :, ANKLE]) - flexion(after[:, :, KNEE], after[:, :, ANKLE])
    touched = less.max(axis=1) > 1e-6
    assert 0.4 < touched.mean() < 0.6 and np.array_equal(after[~touched], before[~touched])
    assert less.min() > -1e-6 and 0.9 * STRETCHED < less.max() <= STRETCHED + 1e-6
    assert (less[:, -1] < 0.35 * less.max(axis=1) + 1e-6).all()  # deep bends keep most of theirs
    np.testing.assert_allclose(np.linalg.norm(after[:, :, 1:], axis=-1), 1, atol=1e-6)
    others = [j for j in range(1, len(MOCAP22)) if not MOCAP22.joint_names[j].endswith(("knee", "ankle"))]
    np.testing.assert_array_equal(after[:, :, others], before[:, :, others])
