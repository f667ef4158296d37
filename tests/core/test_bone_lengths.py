"""Measuring, mirroring and scaling bone lengths."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.core.bone_lengths import body_height, lengths_and_directions, scaled_to_height, symmetric
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22

J = len(MOCAP22)


def body(seed: int = 0, frames: int = 9):
    """Return random lengths, random directions and their joints."""
    rng = np.random.default_rng(seed)
    lengths = np.concatenate([[0.0], rng.uniform(0.05, 0.5, J - 1)])
    directions = rng.normal(size=(frames, J, 3))
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    directions[:, 0] = 0
    return lengths, directions, MOCAP22.joint_positions(lengths, directions, rng.normal(size=(frames, 3)))


@given(st.integers(0, 1000))
def test_taking_apart_what_was_put_together(seed):
    lengths, directions, positions = body(seed)
    found, found_directions = lengths_and_directions(positions)
    np.testing.assert_allclose(found, lengths, atol=1e-12)
    np.testing.assert_allclose(found_directions, directions, atol=1e-9)


def test_a_collapsed_bone_keeps_the_nearest_direction():
    lengths, directions, positions = body()
    toe = MOCAP22.index("left_toe")
    positions[3:5, toe] = positions[3:5, MOCAP22.index("left_ankle")]
    found, found_directions = lengths_and_directions(positions)
    np.testing.assert_allclose(found_directions[3, toe], directions[2, toe], atol=1e-9)
    np.testing.assert_allclose(found_directions[4, toe], directions[5, toe], atol=1e-9)
    np.testing.assert_allclose(found, lengths)


def test_long_clips_need_no_table_of_distances():
    _, _, positions = body(frames=3000)
    toe, ankle = MOCAP22.index("left_toe"), MOCAP22.index("left_ankle")
    positions[7, toe] = positions[7, ankle]
    tracemalloc.start()
    lengths_and_directions(positions)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * positions.nbytes


def test_unusable_positions_are_refused():
    _, _, positions = body()
    for bad, word in ((positions[:, :5], "22"), (positions[:0], "22"), (positions * np.nan, "NaN")):
        with pytest.raises(MocapError, match=word):
            lengths_and_directions(bad)
    positions[:, MOCAP22.index("head")] = positions[:, MOCAP22.index("neck")]
    with pytest.raises(MocapError, match="head"):
        lengths_and_directions(positions)


def test_symmetric_takes_the_mean_of_both_sides():
    lengths, _, _ = body()
    even = symmetric(lengths)
    left, right = MOCAP22.index("left_elbow"), MOCAP22.index("right_elbow")
    assert even[left] == even[right] == pytest.approx((lengths[left] + lengths[right]) / 2)
    spine = MOCAP22.index("spine")
    assert even[spine] == pytest.approx(lengths[spine])
    np.testing.assert_array_equal(symmetric(even), even)


@given(st.floats(0.5, 2.5), st.integers(0, 50))
def test_scaling_to_a_height(metres, seed):
    lengths, _, _ = body(seed)
    scaled = scaled_to_height(lengths, metres)
    assert body_height(scaled) == pytest.approx(metres)
    np.testing.assert_allclose(scaled[1:] / lengths[1:], scaled[1] / lengths[1])


def test_height_of_an_average_adult():
    shares = {"knee": 0.246, "ankle": 0.247, "spine": 0.143, "thorax": 0.143, "neck": 0.083, "head": 0.086}
    lengths = np.array([1.75 * shares.get(name.rpartition("_")[2], 0.1) for name in MOCAP22.joint_names])
    assert body_height(lengths) == pytest.approx(1.75, rel=0.02)


@pytest.mark.parametrize("metres", [0.0, -1.0, 12.0, float("nan")])
def test_impossible_heights_are_refused(metres):
    with pytest.raises(MocapError, match="height"):
        scaled_to_height(body()[0], metres)


def test_lengths_of_other_joints_have_no_height():
    with pytest.raises(MocapError, match="height"):
        body_height([0, 1])
