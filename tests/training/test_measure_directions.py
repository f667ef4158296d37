"""Measuring how the lifter's directions are off."""

import numpy as np
import pytest

from anatomy_mocap.core.direction_errors import OWN, TOGETHER
from anatomy_mocap.core.rotations import unit
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.training.measure_directions import Seen, own_variances, shared_variances

NAMES = MOCAP22.joint_names[1:]


def test_the_tables_are_found_again_in_errors_made_by_them():
    rng, count = np.random.default_rng(5), 5000
    directions = unit(rng.normal(size=(count, len(NAMES), 3)))
    turn = np.zeros_like(directions)
    for bone, name in enumerate(NAMES):
        sight, across = OWN[name.rpartition("_")[2]]
        turn[:, bone] += rng.normal(size=(count, 3)) * np.radians([across, across, sight])
    for joints, degrees in TOGETHER:
        bones = [NAMES.index(joint) for joint in joints]
        turn[:, bones] += (rng.normal(size=(count, 3)) * np.radians(degrees))[:, None]
    seen = Seen(directions, np.cross(turn, directions), np.ones((count, len(NAMES))))
    together = shared_variances(seen)
    np.testing.assert_allclose(np.degrees(np.sqrt(together)), [degrees for _, degrees in TOGETHER], atol=0.6)
    own = np.degrees(np.sqrt(own_variances(seen, together)))
    for bone, name in enumerate(NAMES):
        sight, across = OWN[name.rpartition("_")[2]]
        assert own[bone, 1] == pytest.approx(across, abs=0.5)  # depth: only rotations across the sight change it
        assert min(sight, across) - 0.5 < own[bone, 0] < max(sight, across) + 0.5
