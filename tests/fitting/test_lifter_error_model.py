"""The covariances of the lifter's direction errors."""

import numpy as np
import pytest

from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.lifter_error_model import doubt, turn_covariance, view_axes
from anatomy_mocap.fitting.reprojection import Turns, direction_covariance
from anatomy_mocap.fitting.tuning import Trust
from anatomy_mocap.maths.rotations import unit
from tests.support.lifter_errors import NAMES, drawn
from tests.support.waving_person import clip


def test_it_is_the_covariance_of_directions_turned_by_the_tables():
    truth, root, _ = clip(1)
    wider = np.linspace(0.5, 2.0, len(NAMES))[None]
    turns = Turns(truth.directions)
    covariance = turn_covariance(root, turns.axes, wider)[0]
    turn = drawn(np.random.default_rng(3), 40_000) * wider[0, :, None] @ view_axes(root)[0]
    off = np.cross(turn, truth.directions[0, 1:])
    samples = np.einsum("bad,nbd->nba", turns.axes[0], off).reshape(len(off), -1)
    spread = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(samples.T @ samples / len(samples) / np.outer(spread, spread),
                               covariance / np.outer(spread, spread), atol=0.03)


def test_it_can_be_inverted_and_knows_both_sides_alike():
    truth, root, _ = clip(4)
    axes = Turns(truth.directions).axes
    covariance = direction_covariance(truth, root, axes, Trust())
    np.testing.assert_allclose(covariance, covariance.swapaxes(1, 2), atol=1e-15)
    assert np.linalg.cond(covariance).max() < 1e4
    mirror, sign = np.array(MOCAP22.mirror), np.array([-1.0, 1.0, 1.0])
    mirrored = (truth.directions * sign)[:, mirror]
    other = turn_covariance(root * sign, Turns(mirrored).axes, doubt(truth.confidence[:, 1:], 2.0))
    # Which axes the turns have is free; how far each bone is off is not.
    found = [np.trace(one.reshape(4, len(NAMES), 2, len(NAMES), 2), axis1=2, axis2=4)[:, np.arange(21), np.arange(21)]
             for one in (turn_covariance(root, axes, doubt(truth.confidence[:, 1:], 2.0)), other)]
    np.testing.assert_allclose(found[1], found[0][:, mirror[1:] - 1], rtol=1e-9)


def test_directions_are_believed_more_across_the_line_of_sight_than_along_it():
    """For an arm held sideways, a turn towards the camera costs less than a turn within the picture."""
    directions = np.zeros((1, len(MOCAP22), 3))
    directions[0, 1:] = (1.0, 0.0, 0.0)
    axes = np.zeros((1, len(NAMES), 2, 3))
    axes[..., 0, :], axes[..., 1, :] = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
    spread = np.sqrt(np.diag(turn_covariance(np.array([[0.0, 0.0, 4.0]]), axes, np.ones((1, len(NAMES))))[0]))
    in_picture, in_depth = spread.reshape(-1, 2)[NAMES.index("left_elbow")]
    assert in_depth > 1.5 * in_picture


def test_a_doubted_direction_is_off_farther():
    assert doubt(np.array(0.5), 2.0) == pytest.approx(3.0)
    assert doubt(np.array(0.2), 2.0) > doubt(np.array(0.9), 2.0) > 1
    assert np.isfinite(doubt(np.array([0.0, 1.0]), 2.0)).all()


def test_the_axes_of_the_view_turn_with_the_line_of_sight():
    root = np.array([[0.0, 0.0, 4.0], [2.0, -1.0, 3.0], [0.0, 1.0, 0.0]])
    axes = view_axes(root)
    np.testing.assert_allclose(axes[0], np.eye(3), atol=1e-12)
    np.testing.assert_allclose(axes @ axes.swapaxes(1, 2), np.tile(np.eye(3), (3, 1, 1)), atol=1e-12)
    np.testing.assert_allclose(axes[:, 2], unit(root), atol=1e-12)
    assert (np.linalg.det(axes) > 0).all()
