"""The repair converts trunks of other skeletons to CMU's definition and leaves CMU's own unchanged."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.skeleton import MOCAP22
from tests.support.small_motion_set import with_model_head
from training.mocap.dataset import load_mocap
from training.mocap.head_and_hand_repair import ModelHead, size_of
from training.mocap.trunk_repair import USUAL, as_usual, trunk_of

J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}


def as_cmu_has_it(frames=12):
    """Return a standing person whose trunk is USUAL."""
    # A head in line with its neck could begin anywhere on that line.
    nod = Rotation.from_euler("x", 20, degrees=True).as_matrix()
    clip = with_model_head(np.broadcast_to(nod, (frames, 3, 3)))
    size, axis = size_of(clip), np.array([0.0, 0.0, 1.0])
    clip[:, J["thorax"]] = clip[:, J["pelvis"]] + 0.45 * size * axis
    clip[:, J["spine"]] = clip[:, [J["pelvis"], J["thorax"]]].mean(axis=1) + USUAL.spine * size
    for side, sign in (("left", 1), ("right", -1)):
        clip[:, J[f"{side}_shoulder"]] = clip[:, J["thorax"]] + size * USUAL.half * np.array(
            [sign, 0, np.tan(np.radians(USUAL.climb))])
    return replace(ModelHead.of(clip), begin=clip[:, J["thorax"]] + USUAL.head * size).put_on(clip)


def with_thorax_at_the_neck(clip, size):
    """Convert to another skeleton: thorax 0.16 higher, spine half of that and 0.03 forward, head 0.1 forward."""
    other, head = clip.copy(), ModelHead.of(clip)
    other[:, J["thorax"]] += (0, 0, 0.16 * size)
    other[:, J["spine"]] += (0, -0.03 * size, 0.08 * size)
    return replace(head, begin=head.begin + (0, -0.1 * size, 0)).put_on(other)


def test_cmus_own_skeletons_are_left_alone():
    clips = [as_cmu_has_it()]
    found = trunk_of(clips)
    assert found.climb == pytest.approx(USUAL.climb) and found.half == pytest.approx(USUAL.half)
    np.testing.assert_allclose((found.spine, found.head), (USUAL.spine, USUAL.head), atol=1e-9)
    assert as_usual(clips) is clips


def test_a_thorax_at_the_foot_of_the_neck_goes_down_and_the_head_back():
    right = as_cmu_has_it()
    other = with_thorax_at_the_neck(right, size_of(right))
    kept = other.copy()
    mended = np.concatenate(as_usual([other[:5], other[5:]]))
    np.testing.assert_allclose(mended, right, atol=1e-9)
    np.testing.assert_array_equal(other, kept)


def test_frames_that_bend_move_with_their_trunk_and_do_not_count():
    """The shift is constant in the trunk's axes, for lying and for standing people."""
    right = as_cmu_has_it()
    turn = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # on the back
    other = with_thorax_at_the_neck(right, size_of(right))
    mended = as_usual([other, other @ turn.T])
    np.testing.assert_allclose(mended[0], right, atol=1e-9)
    np.testing.assert_allclose(mended[1], right @ turn.T, atol=1e-9)


def test_a_skeleton_that_never_stands_upright_is_left_alone():
    turn = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    right = as_cmu_has_it()
    lying = [with_thorax_at_the_neck(right, size_of(right)) @ turn.T]
    assert as_usual(lying) is lying


def test_all_skeletons_of_the_motion_set_have_the_same_trunk(shared_data):
    mocap = load_mocap(shared_data / "mocap" / "cmu17.npz")
    clips = [mocap.positions[start:start + count].astype(float)
             for start, count in zip(mocap.start, mocap.frames, strict=True)]
    neo = np.array([name.startswith(("85_03", "85_04", "85_12", "85_14", "135_01")) for name in mocap.names])
    for foreign in (neo, mocap.loose_shoulders):
        found = trunk_of([clip for clip, chosen in zip(clips, foreign, strict=True) if chosen])
        assert abs(found.climb - USUAL.climb) < 2.5
        np.testing.assert_allclose((found.spine, found.head), (USUAL.spine, USUAL.head), atol=0.02)
