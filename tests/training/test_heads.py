"""Heads that face backwards are turned round, impossible hands straightened; all others are left alone."""

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.training.heads import facing_forward, hands_along

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


def test_hands_that_no_wrist_allows_go_on_from_the_forearm():
    clip = standing()
    assert hands_along(clip) is clip
    wrong = clip.copy()
    for side in ("left", "right"):
        elbow, wrist, knuckle = (MOCAP22.index(f"{side}_{name}") for name in ("elbow", "wrist", "knuckle"))
        forearm = clip[:, wrist] - clip[:, elbow]
        wrong[:, knuckle] = clip[:, wrist] + 0.1 * np.cross(forearm, (0, 0.6, 0.8)) / 0.2
        np.testing.assert_allclose(np.linalg.norm(wrong[:, knuckle] - wrong[:, wrist], axis=-1), 0.1, rtol=0.5)
    mended = hands_along(wrong)
    for side in ("left", "right"):
        elbow, wrist, knuckle = (MOCAP22.index(f"{side}_{name}") for name in ("elbow", "wrist", "knuckle"))
        forearm, hand = mended[:, wrist] - mended[:, elbow], mended[:, knuckle] - mended[:, wrist]
        np.testing.assert_allclose(np.cross(forearm, hand), 0, atol=1e-9)
        np.testing.assert_allclose(np.linalg.norm(hand, axis=-1),
                                   np.linalg.norm(wrong[:, knuckle] - wrong[:, wrist], axis=-1))
    one = clip.copy()
    one[:, MOCAP22.index("left_knuckle")] = wrong[:, MOCAP22.index("left_knuckle")]
    assert hands_along(one) is one  # one bent hand is a hand that leans on something
