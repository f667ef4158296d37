"""The probability that a joint is right, from 2D scores and the spread of the network's outputs."""

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.lifting.joint_confidence import KEY, chance, spread_of, weights_of
from anatomy_mocap.networks.model_files import models_folder
from anatomy_mocap.networks.onnx_session import open_session

J = len(MOCAP22)
WEIGHTS = np.tile([-1.0, 0.8, -1.0], (J, 1))


def test_two_equal_answers_have_no_spread():
    lengths, directions = np.ones(J), np.repeat(rest_directions()[None], 9, axis=0)
    assert spread_of(lengths, directions, directions).max() == 0


def test_a_bone_in_doubt_spreads_to_what_hangs_on_it():
    lengths, first = np.ones(J), np.repeat(rest_directions()[None], 40, axis=0)
    second = first.copy()
    elbow = MOCAP22.index("left_elbow")
    second[20, elbow] = (0, 0, 1)
    spread = spread_of(lengths, first, second)
    assert spread[20, elbow] > 0.2 and spread[20, MOCAP22.index("left_knuckle")] == pytest.approx(spread[20, elbow])
    assert spread[20, MOCAP22.index("left_shoulder")] == 0 and spread[:10].max() < 1e-3
    assert 0.05 < spread[22, elbow] < spread[20, elbow]  # doubt about one frame is doubt about its neighbours


def test_less_support_or_more_spread_is_less_confidence():
    support, spread = np.full((4, J), 0.9), np.full((4, J), 0.05)
    support[1] = 0.4
    spread[2] = 0.3
    support[3] = 0.0
    found = chance(support, spread, WEIGHTS)
    assert ((found >= 0) & (found <= 1)).all()
    assert (found[1:3, 1:] < found[0, 1:]).all() and (found[3] == 0).all()


def test_the_weights_are_those_of_the_file():
    with pytest.raises(MocapError, match="lifter.*fit-confidence"):
        weights_of({}, "lifter")
    with pytest.raises(MocapError, match="another skeleton"):
        weights_of({KEY: "[[1, 2, 3]]"}, "lifter")
    np.testing.assert_array_equal(weights_of({KEY: str(WEIGHTS.tolist())}, "lifter"), WEIGHTS)


@pytest.mark.skipif(not (models_folder() / "lifter.onnx").is_file(), reason="models/lifter.onnx is absent")
def test_the_shipped_lifter_is_less_sure_where_its_answers_differ():
    weights = weights_of(open_session("lifter", "cpu").metadata, "lifter")
    support = np.full((2, J), 0.9)
    found = chance(support, np.stack([np.full(J, 0.02), np.full(J, 0.2)]), weights)
    limbs = [MOCAP22.index(f"{side}_{part}") for side in ("left", "right") for part in ("wrist", "ankle", "elbow")]
    assert (found[1, limbs] < found[0, limbs] - 0.1).all()
