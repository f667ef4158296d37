"""Measuring how the lifter's directions are off."""

import numpy as np
import pytest
from figure import mocap_set

from anatomy_mocap.core.direction_errors import OWN, TOGETHER
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.rotations import unit
from anatomy_mocap.training.measure_directions import Seen, observed, own_variances, shared_variances
from tests.core.wrong_turns import NAMES, drawn


def test_the_tables_are_found_again_in_errors_made_by_them():
    rng, count = np.random.default_rng(5), 5000
    directions = unit(rng.normal(size=(count, len(NAMES), 3)))
    seen = Seen(directions, np.cross(drawn(rng, count), directions))
    together = shared_variances(seen)
    np.testing.assert_allclose(np.degrees(np.sqrt(together)), [degrees for _, degrees in TOGETHER], atol=0.6)
    own = np.degrees(np.sqrt(own_variances(seen, together)))
    for bone, name in enumerate(NAMES):
        sight, across = OWN[name.rpartition("_")[2]]
        assert own[bone, 1] == pytest.approx(across, abs=0.5)  # depth: only rotations across the sight change it
        assert min(sight, across) - 0.5 < own[bone, 0] < max(sight, across) + 0.5


def test_what_the_lifter_is_off_is_seen_in_the_views_axes():
    seen = observed(mocap_set(), 2, noisy=False)
    np.testing.assert_allclose(np.linalg.norm(seen.directions, axis=-1), 1, atol=1e-6)
    assert np.abs((seen.errors * seen.directions).sum(axis=-1)).max() < 1e-6
    assert 0.003 < np.sqrt((seen.errors**2).sum(axis=-1).mean()) < 0.3


def test_a_set_without_such_clips_is_refused():
    with pytest.raises(MocapError, match="250 to 1500 frames"):
        observed(mocap_set(frames=100), 2, noisy=False)
