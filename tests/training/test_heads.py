"""Heads that face backwards are turned round; all others are left alone."""

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.training.heads import facing_forward

NOSE = MOCAP22.index("nose")


def standing(frames=10):
    directions = np.repeat(rest_directions()[None], frames, axis=0)
    return MOCAP22.joint_positions(np.full(len(MOCAP22), 0.2), directions, np.zeros((frames, 3)))


def test_a_head_that_faces_forward_is_left_alone():
    clip = standing()
    assert facing_forward(clip) is clip


def test_a_glance_over_the_shoulder_is_left_alone():
    clip = standing()
    clip[:6, NOSE, 1] *= -1
    assert facing_forward(clip) is clip


def test_a_backward_head_is_turned_about_its_own_axis():
    clip, wrong = standing(), standing()
    wrong[:, NOSE, 1] *= -1
    wrong[:, NOSE, 2] += 0.03  # a nose above the neck stays above it
    turned = facing_forward(wrong)
    np.testing.assert_allclose(turned[:, NOSE], clip[:, NOSE] + (0, 0, 0.03), atol=1e-12)
    others = [j for j in range(len(MOCAP22)) if j != NOSE]
    np.testing.assert_array_equal(turned[:, others], clip[:, others])
    assert wrong[0, NOSE, 1] > 0  # the input is not written to
