"""Synthetic poses stay within the ranges of the joints and differ from the recorded poses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from tests.support.small_motion_set import moving
from training.measure.metrics import flexion
from training.mocap.dataset import directions_of
from training.mocap.joint_range_motion import KNEE, RAISED, Range, freestyled, wandering
from training.mocap.mix_poses import hinged, trunk_axes

J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}
SIDES = (("left", 1), ("right", -1))


def standing(rows: int, frames: int = 60) -> np.ndarray:
    """Return standing figures (B, T, J, 3) that face -Y."""
    return np.repeat(rest_directions()[None, None], frames, axis=1).repeat(rows, axis=0)


def moved(rows: int) -> np.ndarray:
    return directions_of(np.stack([moving(60, seed) for seed in range(rows)])).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(st.floats(-180, 170), st.floats(1, 180), st.integers(0, 1000))
def test_an_angle_wanders_within_its_range(low, wide, seed):
    found = np.degrees(wandering(np.random.default_rng(seed), 30, 50, Range(low, low + wide)))
    assert low - 1e-6 <= found.min() and found.max() <= low + wide + 1e-6
    assert np.ptp(found) > wide / 3 and (np.ptp(found, axis=1) > 0).all()
    assert np.abs(np.diff(found, axis=1)).max() < wide / 2  # it does not jump


def test_a_power_draws_an_angle_to_what_is_usual():
    evenly, usual = (wandering(np.random.default_rng(0), 300, 20, Range(0, 150, power)) for power in (1, 2))
    assert np.median(usual) < np.median(evenly) * 0.7


def test_freestyle_is_a_body_and_keeps_what_it_does_not_take():
    directions = moved(60)
    found, chosen = freestyled(np.random.default_rng(0), directions, 0.4)
    assert found.dtype == directions.dtype and 10 < chosen.sum() < 40
    np.testing.assert_array_equal(found[~chosen], directions[~chosen])
    np.testing.assert_allclose(np.linalg.norm(found[:, :, 1:], axis=-1), 1, atol=1e-5)
    hips = [J["left_hip"], J["right_hip"]]
    np.testing.assert_array_equal(found[:, :, hips], directions[:, :, hips])
    legs = np.abs(found - directions)[chosen][:, :, J["left_knee"]].max(axis=(1, 2)) > 0.05
    assert 0.3 < legs.mean() < 0.95  # some keep their leg
    again, _ = freestyled(np.random.default_rng(0), directions, 0.4)
    np.testing.assert_array_equal(found, again)


def test_knees_bend_backward_and_elbows_no_further_than_they_go():
    found, _ = freestyled(np.random.default_rng(0), standing(200), 1.0, 1.0)
    for side, _ in SIDES:
        thigh, shank, foot = (found[..., J[f"{side}_{part}"], :] for part in ("knee", "ankle", "toe"))
        bend = flexion(thigh, shank)
        assert np.degrees(bend.max()) <= KNEE.high + 0.1
        # the toes point to the side that the knee bulges to, out of the bent leg
        bent = bend > 0.5
        front = np.cross(np.cross(thigh, shank), shank)
        assert ((front * foot).sum(-1)[bent] < 0).mean() > 0.98
        upper, lower = (found[..., J[f"{side}_{part}"], :] for part in ("elbow", "wrist"))
        assert np.degrees(flexion(upper, lower).max()) < 148.1


@pytest.mark.parametrize(("side", "sign"), SIDES)
def test_a_thigh_rises_forward_further_than_backward_and_outward_further_than_inward(side, sign):
    found, _ = freestyled(np.random.default_rng(1), standing(400, 20), 1.0, 1.0)
    thigh = found[..., J[f"{side}_knee"], :]
    assert np.quantile(-thigh[..., 1], 0.95) > 0.9 and np.quantile(thigh[..., 1], 0.999) < 0.6  # forward is -Y
    assert np.quantile(thigh[..., 0] * sign, 0.97) > 0.6 and np.quantile(thigh[..., 0] * sign, 0.01) > -0.75


@pytest.mark.parametrize(("side", "sign"), SIDES)
def test_an_arm_hangs_rises_and_bends_as_arms_do(side, sign):
    found, _ = freestyled(np.random.default_rng(2), standing(400, 20), 1.0, 1.0)
    chest = trunk_axes(found.astype(float))
    upper, lower = ((chest @ found[..., J[f"{side}_{part}"], :, None])[..., 0] for part in ("elbow", "wrist"))
    raised = np.degrees(np.arccos(np.clip(-upper[..., 2], -1, 1)))
    assert raised.max() <= RAISED.high + 0.1 and np.quantile(raised, 0.1) < 40 < 140 < np.quantile(raised, 0.9)
    # rows of the chest's axes: left, backward, up
    behind_across = (upper[..., 1] > 0.75) | ((upper[..., 0] * sign < -0.9) & (upper[..., 1] > 0))
    assert behind_across.mean() < 0.01
    hanging = raised < 25
    bend = lower - (lower * upper).sum(-1, keepdims=True) * upper
    assert (bend[hanging][:, 1] < 0.05).mean() > 0.95  # a hanging arm's elbow bends forward, inward or outward


def test_freestyle_turns_with_the_body():
    turn = Rotation.from_euler("xyz", (100, 20, 40), degrees=True).as_matrix()
    directions = standing(20).astype(float)
    upright, lying = (freestyled(np.random.default_rng(4), part, 1.0, 1.0)[0]
                      for part in (directions, directions @ turn.T))
    np.testing.assert_allclose(upright @ turn.T, lying, atol=1e-4)


def test_hinges_bend_more_or_less_but_not_the_wrong_way():
    directions = moved(80)
    found = hinged(np.random.default_rng(0), directions)
    assert found.dtype == directions.dtype
    np.testing.assert_allclose(np.linalg.norm(found[:, :, 1:], axis=-1), 1, atol=1e-5)
    for side, _ in SIDES:
        for root, part, end in (("elbow", "wrist", "knuckle"), ("knee", "ankle", "toe")):
            upper, lower, last = (J[f"{side}_{name}"] for name in (root, part, end))
            np.testing.assert_array_equal(found[:, :, upper], directions[:, :, upper])
            before, after = (flexion(d[:, :, upper], d[:, :, lower]) for d in (directions, found))
            change = np.degrees(after - before)
            bent = before > np.radians(30)
            if bent.any():
                assert 2 < change[bent].std() < 15
            assert (np.abs(change[before < np.radians(12)]) < 1e-3).all()
            plane = np.cross(directions[:, :, upper], directions[:, :, lower])
            now = np.cross(found[:, :, upper], found[:, :, lower])
            assert ((plane * now).sum(-1) > -1e-6).all()  # to the same side
            np.testing.assert_allclose((found[:, :, lower] * found[:, :, last]).sum(-1),
                                       (directions[:, :, lower] * directions[:, :, last]).sum(-1), atol=1e-5)
