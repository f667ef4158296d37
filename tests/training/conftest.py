"""Fixtures of the tests of training. They need torch, which is not part of the product."""

import importlib.util

import numpy as np
import pytest

collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in ("torch", "onnx")) else ["*test_*.py"]


@pytest.fixture(scope="module")
def batch():
    """Make a batch of six chunks from two videos."""
    from tests.support.small_motion_set import mocap_set
    from training.simulate.simulate_batch import SynthSettings, make_batch

    return make_batch(np.random.default_rng(0), mocap_set(), 2, SynthSettings(frames=99))
