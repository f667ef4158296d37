"""Real motion for the core's tests, where it is at hand."""

import numpy as np
import pytest

from benchmarks.cmu import VALIDATION, load


@pytest.fixture(scope="session")
def cmu_clips(shared_data) -> dict[str, np.ndarray]:
    """Clip name -> (T, 22, 3) metres, Z up, 50 fps: five validation clips of walking, sitting, running and jumping."""
    wanted = [name for name in VALIDATION if name in ("09_03", "09_12", "86_09", "69_70", "131_03")]
    return {name: load(shared_data, name) for name in wanted}
