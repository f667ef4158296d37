"""The skeleton: indices of bones and joints, and joint positions from lengths and directions."""

import numpy as np
import pytest

from anatomy_mocap.core.skeleton import MOCAP22, Skeleton, rest_directions


def test_the_22_joints_have_parents_before_children_and_both_sides():
    assert len(MOCAP22) == 22 and MOCAP22.parents[0] == -1
    assert all(0 <= parent < joint for joint, parent in enumerate(MOCAP22.parents) if joint)
    lefts = [name for name in MOCAP22.joint_names if name.startswith("left_")]
    assert len(lefts) == 8
    for name in lefts:
        mirror = MOCAP22.mirror[MOCAP22.index(name)]
        assert MOCAP22.joint_names[mirror] == name.replace("left", "right")
        parent = MOCAP22.parents[MOCAP22.index(name)]
        assert MOCAP22.mirror[parent] == MOCAP22.parents[mirror]
    assert (MOCAP22.mirror[MOCAP22.mirror] == np.arange(22)).all()


def test_bone_j_ends_at_joint_j():
    """Equation 1 equals the sum of bones from the root along the parents."""
    rng = np.random.default_rng(0)
    lengths, directions, root = rng.uniform(0.1, 1, 22), rng.normal(size=(4, 22, 3)), rng.normal(size=(4, 3))
    found = MOCAP22.joint_positions(lengths, directions, root)
    assert np.allclose(found[:, 0], root)
    for joint in range(1, 22):
        assert np.allclose(found[:, joint], found[:, MOCAP22.parents[joint]] + lengths[joint] * directions[:, joint])


def test_a_longer_thigh_moves_only_what_hangs_on_it():
    lengths = np.ones(22)
    before = MOCAP22.joint_positions(lengths, rest_directions(), np.zeros(3))
    lengths[MOCAP22.index("right_knee")] = 2.0
    moved = np.linalg.norm(MOCAP22.joint_positions(lengths, rest_directions(), np.zeros(3)) - before, axis=-1) > 0
    assert {MOCAP22.joint_names[j] for j in np.flatnonzero(moved)} == {"right_knee", "right_ankle", "right_toe"}


def test_rest_pose_is_a_t_pose_that_faces_minus_y():
    rest = rest_directions()
    assert np.allclose(np.linalg.norm(rest[1:], axis=1), 1) and not rest[0].any()
    assert np.allclose(rest[MOCAP22.mirror] * (-1, 1, 1), rest)
    assert rest[MOCAP22.index("left_wrist"), 0] == 1 and rest[MOCAP22.index("nose"), 1] == -1
    assert rest[MOCAP22.index("left_toe"), 1] < -0.8 and rest[MOCAP22.index("right_ankle"), 2] == -1


def test_unknown_joints_are_named():
    with pytest.raises(ValueError, match="tail"):
        Skeleton(("pelvis",), (-1,)).index("tail")
