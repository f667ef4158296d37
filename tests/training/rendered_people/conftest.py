"""MakeHuman's bodies and the motion set, where they lie beside the checkout."""

import pytest

from training.mocap.dataset import load_mocap, split
from training.rendered_people.motions import Motions


@pytest.fixture(scope="module")
def folders(shared_data):
    bodies, rig = shared_data / "bodies", shared_data / "rigs" / "mpfb2" / "rig.mixamo.json"
    if not (bodies / "base.obj").is_file() or not rig.is_file():
        pytest.skip("no MakeHuman bodies beside the checkout (shared/data/bodies)")
    return bodies, rig


@pytest.fixture(scope="module")
def held_out(shared_data):
    return split(load_mocap(shared_data / "mocap" / "cmu17.npz"))


@pytest.fixture(scope="module")
def motions(held_out):
    return Motions(held_out[1])
