"""The motion set and MakeHuman's bodies, and a crowd clip without Blender."""

import numpy as np
import pytest

from tests.support.crowds import crowd_of
from training.mocap.dataset import load_mocap
from training.rendered_people.motions import Motions


@pytest.fixture(scope="package")
def motions(shared_data):
    return Motions(load_mocap(shared_data / "mocap" / "cmu17.npz"))


@pytest.fixture
def crowd():
    """Two people of random joints, six frames."""
    rng = np.random.default_rng(0)
    return crowd_of(rng.normal(0, 0.3, (2, 6, 28, 3)) + np.array([0, 0, 1.0]))
