"""Fixtures and settings for every test."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

# No deadline: the first call of a numpy or scipy routine is slow on a busy machine. Derandomised: runs are repeatable.
settings.register_profile("project", deadline=None, max_examples=50, derandomize=True,
                          suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
settings.load_profile("project")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of shared data beside the checkout. Skip the test if it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no shared data beside the checkout ({folder.name}/ not found)")
    return folder


@pytest.fixture(scope="session")
def cmu_clips(shared_data) -> dict[str, np.ndarray]:
    """Return five validation clips of walking, sitting, running, jumping: name -> (T, 22, 3) metres, Z up, 50 fps."""
    from benchmarks.cmu import VALIDATION, load

    wanted = [name for name in VALIDATION if name in ("09_03", "09_12", "86_09", "69_70", "131_03")]
    return {name: load(shared_data, name) for name in wanted}
