"""The measurement of the lifter's direction errors."""

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.fitting.lifter_error_model import OWN, TOGETHER
from anatomy_mocap.maths.rotations import unit
from tests.support.lifter_errors import NAMES, drawn
from tests.support.small_motion_set import mocap_set
from training.measure import measure_directions
from training.measure.measure_directions import Seen, observed, own_variances, shared_variances


@pytest.mark.parametrize("left_out", [0.0, 0.3])
def test_the_tables_are_found_again_in_errors_made_by_them(left_out):
    """Omitted directions must not count as errors of zero."""
    rng, count = np.random.default_rng(5), 5000
    directions = unit(rng.normal(size=(count, len(NAMES), 3)))
    errors = np.cross(drawn(rng, count), directions)
    errors[rng.random(errors.shape[:2]) < left_out] = np.nan
    seen = Seen(directions, errors)
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
    assert np.nanmax(np.abs((seen.errors * seen.directions).sum(axis=-1))) < 1e-6
    assert 0.003 < np.sqrt(np.nanmean((seen.errors**2).sum(axis=-1))) < 0.3


def test_directions_that_are_wrong_are_left_out(monkeypatch):
    kept = [observed(mocap_set(), 5, noisy=False).kept]
    monkeypatch.setattr(measure_directions, "LARGEST", 0.1)
    few = observed(mocap_set(), 5, noisy=False)
    kept.append(few.kept)
    assert kept[0].mean() > 0.95 and 0.2 < kept[1].mean() < 0.95 and few.clips == 3  # all that there are


def test_a_set_without_such_clips_is_refused():
    with pytest.raises(MocapError, match="250 to 1500 frames"):
        observed(mocap_set(frames=100), 2, noisy=False)
