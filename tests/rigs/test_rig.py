"""TargetRig: values derived from a rig's arrays."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.maths.rotations import rotation
from anatomy_mocap.rigs.rig import from_matrix, make_rig
from tests.support.made_rigs import Plan, make, placed


def fork():
    """Make root > a > (b > c, d); each bone is one unit above its parent."""
    rest = np.tile(np.eye(4), (5, 1, 1))
    rest[:, 2, 3] = range(5)
    return make_rig("fork", ("root", "a", "b", "c", "d"), (-1, 0, 1, 2, 1), rest, np.arange(1.0, 6.0))


def test_families():
    rig = fork()
    assert rig.children == ((1,), (2, 4), (3,), (), ())
    assert rig.lineage(3) == [3, 2, 1, 0]
    assert rig.subtree(1) == [1, 2, 3, 4] and rig.subtree(4) == [4]
    assert rig.common_ancestor([3, 4]) == 1 and rig.common_ancestor([2, 3]) == 2
    assert make_rig("two", ("x", "y"), (-1, -1), np.tile(np.eye(4), (2, 1, 1)), (1, 1)).common_ancestor([0, 1]) == -1


def test_tails_lie_along_y():
    assert np.allclose(fork().tails, [(0, height + 1, height) for height in range(5)])


def test_in_world():
    rig = make(Plan(world=placed(Rotation.from_rotvec([0, 0, np.pi / 2]), 2.0, (1, 0, 0)))).rig
    assert np.allclose(rig.in_world(np.array([[1.0, 0, 3]])), [[1, 2, 6]])


def test_unknown_bones_and_wrong_orders_are_refused():
    with pytest.raises(MocapError, match="fork: no bone 'e'"):
        fork().index("e")
    with pytest.raises(MocapError, match="parents must come before"):
        make_rig("bad", ("a", "b"), (1, -1), np.tile(np.eye(4), (2, 1, 1)), (1, 1))


def test_from_matrix():
    turns = Rotation.random(20, random_state=1)
    assert np.allclose(rotation(from_matrix(turns.as_matrix())).as_matrix(), turns.as_matrix())
    assert from_matrix(np.eye(3)).shape == (4,) and from_matrix(np.tile(np.eye(3), (2, 5, 1, 1))).shape == (2, 5, 4)
