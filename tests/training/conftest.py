"""Tests of training run where torch is installed (it is no part of the product)."""

import importlib.util

import numpy as np
import pytest

collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in ("torch", "onnx")) else ["*test_*.py"]


@pytest.fixture(scope="module")
def batch():
    """Six chunks of two videos."""
    from tests.support.small_motion_set import mocap_set
    from training.simulate.simulate_batch import SynthSettings, make_batch

    return make_batch(np.random.default_rng(0), mocap_set(), 2, SynthSettings(frames=99))
