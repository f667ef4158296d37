"""Two-bone inverse kinematics of legs."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.animation.limb_ik import LEG_JOINTS, move_ends
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.skeleton import MOCAP22, SIDES
from anatomy_mocap.core.soles import foot_points
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.maths.rotations import angle_between
from tests.support import moving_bodies as bodies

ANKLES = [bodies.index(f"{side}_ankle") for side in SIDES]
LEGS = [bodies.index(f"{side}_{part}") for side in SIDES for part in ("knee", "ankle")]


def move_feet(motion, offsets):
    """The motion with each ankle moved by `offsets`, (T, 2, 3) metres."""
    return move_ends(motion, offsets, LEG_JOINTS, motion.joint_positions())


def walking(fps=30.0):
    return solve(take_from_positions(bodies.walk(2.0, fps)[0], fps))


def test_soles_of_a_standing_body_are_on_the_floor():
    positions, stands = bodies.walk(2.0, 30.0)
    heights = foot_points(positions)[..., 2]
    assert np.abs(heights[stands]).max() < 1e-9 and heights[~stands].max() > 0.1


def test_no_move_changes_nothing():
    motion = walking()
    found = move_feet(motion, np.zeros((len(motion), 2, 3)))
    assert angle_between(found.rotations, motion.rotations).max() < 1e-6


@settings(max_examples=20)
@given(st.integers(0, 999))
def test_feet_go_where_they_are_sent_and_nothing_else_moves(seed):
    motion, rng = walking(), np.random.default_rng(seed)
    motion = replace(motion, root_positions=motion.root_positions - (0, 0, 0.1))
    offsets = rng.uniform(-0.08, 0.08, (len(motion), 2, 3)) + (0, 0, 0.1)
    found = move_feet(motion, offsets)
    before, after = motion.joint_positions(), found.joint_positions()
    assert np.abs(after[:, ANKLES] - before[:, ANKLES] - offsets).max() < 0.003
    others = [j for j in range(22) if j not in LEGS]
    assert np.array_equal(found.rotations[:, others], motion.rotations[:, others])
    bones = after[:, 1:] - after[:, np.array(MOCAP22.parents[1:])]
    assert np.abs(np.linalg.norm(bones, axis=-1) - motion.bone_lengths[1:]).max() < 1e-9
    # Knees stay in front of the line from hip to ankle.
    for side in SIDES:
        hip, knee, ankle = (after[:, bodies.index(f"{side}_{part}")] for part in ("hip", "knee", "ankle"))
        middle = (hip + ankle) / 2
        assert (knee - middle)[:, 1].max() < 0.02


def test_out_of_reach_a_leg_stretches_and_no_more():
    motion = walking()
    found = move_feet(motion, np.full((len(motion), 2, 3), (0, 0, -0.5)))
    positions = found.joint_positions()
    assert np.isfinite(found.rotations).all()
    for side in SIDES:
        hip, knee, ankle = (bodies.index(f"{side}_{part}") for part in ("hip", "knee", "ankle"))
        reach = np.linalg.norm(positions[:, ankle] - positions[:, hip], axis=-1)
        full = motion.bone_lengths[[knee, ankle]].sum()
        assert (reach <= full + 1e-9).all() and (reach > 0.99 * full).all()


@pytest.mark.parametrize("wobble", [0.002, 0.02])
def test_an_almost_straight_leg_bends_without_jumping(wobble):
    """A straight leg with a noisy bending plane becomes shorter slowly: the knee moves forwards in small steps."""
    frames, rng = 60, np.random.default_rng(0)
    positions = bodies.t_pose(frames)
    positions[:, bodies.index("left_knee")] += rng.normal(scale=wobble, size=(frames, 3))
    motion = solve(take_from_positions(positions, 30.0))
    offsets = np.zeros((frames, 2, 3))
    offsets[:, 0, 2] = np.linspace(0.0, 0.1, frames)
    found = move_feet(motion, offsets).joint_positions()[:, bodies.index("left_knee")]
    noise = np.abs(np.diff(motion.joint_positions()[:, bodies.index("left_knee")], axis=0)).max()
    assert np.abs(np.diff(found[5:], axis=0)).max() < 3 * noise + 0.02
    assert found[-1, 1] < -0.1
