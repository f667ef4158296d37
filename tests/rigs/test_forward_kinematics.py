"""Forward kinematics in simple cases; tests/blender/rigs/test_armature.py compares it with Blender itself."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.maths.rotations import about
from anatomy_mocap.rigs.forward_kinematics import pose_matrices
from anatomy_mocap.rigs.rig import make_rig
from tests.support.made_rigs import Plan, make

STILL = np.array([1.0, 0, 0, 0])
QUARTER = about((1.0, 0, 0), np.pi / 2)


def chain(**flags):
    """Return two bones along Y; the second starts at the end of the first."""
    rest = np.tile(np.eye(4), (2, 1, 1))
    rest[1, 1, 3] = 1.0
    return make_rig("chain", ("a", "b"), (-1, 0), rest, (1.0, 1.0), **flags)


@given(st.integers(0, 10**6))
def test_no_rotation_is_the_rest_pose(seed):
    rig = make(Plan(seed=seed, flags=True, straight=False)).rig
    still = np.tile(STILL, (2, len(rig), 1))
    assert np.allclose(pose_matrices(rig, still), rig.rest)


def test_children_follow():
    pose = pose_matrices(chain(), np.array([[QUARTER, STILL]]))[0]
    assert np.allclose(pose[1, :3, 3], (0, 0, 1)) and np.allclose(pose[1, :3, 1], (0, 0, 1))


def test_a_bone_without_inherited_rotation_moves_along_but_does_not_turn():
    pose = pose_matrices(chain(inherit_rotation=(True, False)), np.array([[QUARTER, STILL]]))[0]
    assert np.allclose(pose[1, :3, 3], (0, 0, 1)) and np.allclose(pose[1, :3, :3], np.eye(3))


def test_locations():
    turns, moves = np.array([[QUARTER, STILL]]), np.array([[(0, 0, 0), (0.5, 0, 1.0)]])
    assert np.allclose(pose_matrices(chain(), turns, moves)[0, 1, :3, 3], (0.5, -1, 1))
    assert np.allclose(pose_matrices(chain(connected=(False, True)), turns, moves)[0, 1, :3, 3], (0, 0, 1))
    moved_root = pose_matrices(chain(connected=(True, True)), turns, moves[:, ::-1])
    assert np.allclose(moved_root[0, 0, :3, 3], (0.5, 0, 1)), "a root can't be connected to anything"


def test_quaternions_need_not_be_normalised():
    rig = chain()
    assert np.allclose(pose_matrices(rig, np.array([[3 * QUARTER, STILL]])), pose_matrices(rig, [[QUARTER, STILL]]))
