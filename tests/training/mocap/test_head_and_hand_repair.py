"""The repair of motion sets turns heads that look aside or back on average, straightens impossible hands, and leaves
all others unchanged."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.skeleton import MOCAP22
from tests.support.small_motion_set import standing, with_model_head
from training.mocap.dataset import load_mocap
from training.mocap.head_and_hand_repair import hands_along, head_on
from training.mocap.mix_poses import trunk_axes

HEAD = [MOCAP22.index(name) for name in ("neck", "head", "nose")]


def looking_about(frames=40):
    """Return rotations (T, 3, 3) of a head that looks around, straight ahead on average."""
    half = Rotation.from_rotvec(np.random.default_rng(0).normal(0, 0.4, (frames // 2, 3)))
    return Rotation.concatenate([half, half.inv()]).as_matrix()


@pytest.mark.parametrize("angle", [0, 40, 70])
def test_a_head_held_as_heads_can_be_is_left_alone(angle):
    recording = [with_model_head(Rotation.from_euler("z", angle, degrees=True).as_matrix() @ looking_about())]
    assert head_on(recording) is recording


@pytest.mark.parametrize("wrong", [(0, 0, 180), (0, 0, 90), (-30, 112, 135), (5, -175, 30)])
def test_a_head_whose_rotation_is_counted_from_elsewhere_looks_ahead_again(wrong):
    """The recorded rotation is multiplied by a wrong constant, which is the same in all clips of the recording."""
    right = with_model_head(looking_about())
    turned = with_model_head(looking_about() @ Rotation.from_rotvec(wrong, degrees=True).as_matrix())
    kept = turned.copy()
    mended = np.concatenate(head_on([turned[:25], turned[25:]]))
    np.testing.assert_allclose(mended, right, atol=1e-9)
    np.testing.assert_array_equal(turned, kept)  # the input is not written to


def test_a_head_straight_above_the_trunk_stays_there():
    """The start of such a head is undetermined. A rounding error must not move it by metres (recording 94_08)."""
    wrong = Rotation.from_rotvec((-30, 112, 135), degrees=True).as_matrix()
    looking = looking_about()
    looking[8] = Rotation.from_euler("x", np.arctan2(0.05, 0.12)).as_matrix() @ wrong.T  # as recorded: up to the skull
    right = with_model_head(looking)
    turned = with_model_head(looking @ wrong).astype(np.float32)
    for nudge in np.random.default_rng(1).normal(0, 3e-7, (20, 3)):
        turned[8, HEAD[0]] += nudge.astype(np.float32)
        mended = head_on([turned.astype(float)])[0]
        assert np.abs(mended - right)[:, HEAD].max() < 0.1


def test_heads_of_the_motion_set_look_ahead_in_the_mean_of_every_clip(shared_data):
    mocap = load_mocap(shared_data / "mocap" / "cmu17.npz")
    behind = []
    for name, start, count in zip(mocap.names, mocap.start, mocap.frames, strict=True):
        clip = mocap.positions[start:start + count].astype(float)
        nose = (clip[:, HEAD[2]] - clip[:, HEAD[0]])[:, None]
        forward = -trunk_axes(clip - clip[:, list(MOCAP22.parents)])[:, 1]
        if count > 40 and (nose[:, 0] * forward).sum(-1).mean() < 0:
            behind.append(name)
    assert not behind


def test_necks_of_the_motion_set_are_as_long_as_necks_are(shared_data):
    mocap = load_mocap(shared_data / "mocap" / "cmu17.npz")
    neck = mocap.positions[:, MOCAP22.index("neck")] - mocap.positions[:, MOCAP22.index("thorax")]
    length = np.linalg.norm(neck, axis=-1)
    assert length.min() > 0.05 and length.max() < 0.3


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
