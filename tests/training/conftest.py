"""Tests of training run where torch is installed (it is no part of the product)."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # figure.py
collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in ("torch", "onnx")) else ["test_*.py"]


@pytest.fixture(scope="module")
def batch():
    """Six chunks of two videos."""
    from figure import mocap_set

    from anatomy_mocap.training.synth2d import SynthSettings, make_batch

    return make_batch(np.random.default_rng(0), mocap_set(), 2, SynthSettings(frames=99))
