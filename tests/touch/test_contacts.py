"""Contacts of heels, toes, hands, knees, seat and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.soles import PARTS, body_points
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.touch.contacts import find_contacts, from_array, resampled
from tests.support import moving_bodies as bodies

FPS = 50.0


def on_floor(positions):
    return positions - body_points(positions)[..., 2].min() * np.array([0.0, 0.0, 1.0])


def motion_of(positions):
    return solve(take_from_positions(positions, FPS))


def test_a_lying_body_touches_with_seat_and_back():
    standing = on_floor(bodies.t_pose(100))
    lying = on_floor(standing @ Rotation.from_euler("x", -90, degrees=True).as_matrix().T)
    found, upright = find_contacts(motion_of(lying)), find_contacts(motion_of(standing))
    assert found.seat.min() > 0.3 and found.back.min() > 0.3
    assert not upright.seat.any() and not upright.back.any() and not upright.hands.any() and not upright.knees.any()
    assert upright.feet.all() and upright.heels.min() > 0.5 and upright.toes.min() > 0.5


def test_a_raised_heel_is_free():
    tiptoe = on_floor(bodies.t_pose(100))
    for side in ("left", "right"):
        tiptoe[:, MOCAP22.index(f"{side}_toe")] = tiptoe[:, MOCAP22.index(f"{side}_ankle")] + (0.0, -0.04, -0.19)
    found = find_contacts(motion_of(on_floor(tiptoe)))
    assert found.feet.all() and found.toes.min() > 0.5 and not found.heels.any()


@given(st.integers(1, 30), st.integers(0, 2**31 - 1))
def test_array_and_back(frames, seed):
    firmness = np.random.default_rng(seed).random((frames, len(PARTS)))
    found = from_array(firmness)
    assert len(found) == frames and np.array_equal(found.array, firmness)
    assert np.array_equal(found[: frames // 2].array, firmness[: frames // 2])
    assert np.array_equal(resampled(found, np.arange(frames)).array, firmness)
    assert np.array_equal(found.feet, np.column_stack([firmness[:, :2].max(1), firmness[:, 2:4].max(1)]) > 0)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_very_short_motions(frames):
    assert find_contacts(motion_of(on_floor(bodies.t_pose(frames)))).array.shape == (frames, len(PARTS))
