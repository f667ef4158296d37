"""Lean: bodies on hands and knees come to lie level, standing ones are left alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.animation.lean import level_resting
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.touch.contacts import Contacts, find_contacts
from tests.support import moving_bodies as bodies

FPS = 25.0


def all_fours(frames=60):
    """A body on hands and feet: bent over, its arms straight down."""
    positions = np.repeat(bodies.t_pose(1), frames, axis=0) @ Rotation.from_euler("x", 90, degrees=True).as_matrix().T
    for side in ("left", "right"):
        shoulder = positions[:, bodies.index(f"{side}_shoulder")].copy()
        for part in ("elbow", "wrist", "knuckle"):
            joint = bodies.index(f"{side}_{part}")
            reach = np.linalg.norm(positions[:, joint] - shoulder, axis=-1)
            positions[:, joint] = shoulder - np.outer(reach, (0, 0, 1.0))
        knee, ankle, toe = (bodies.index(f"{side}_{part}") for part in ("knee", "ankle", "toe"))
        foot = positions[:, toe] - positions[:, ankle]
        shin = np.linalg.norm(positions[:, ankle] - positions[:, knee], axis=-1)
        positions[:, ankle] = positions[:, knee] - np.outer(shin, (0, 0, 1.0))
        positions[:, toe] = positions[:, ankle] + foot
    return positions - (0, 0, positions[..., 2].min())


def resting(frames, hands, knees=0.0, feet=1.0):
    pair, one = np.ones((frames, 2)), np.zeros(frames)
    return Contacts(feet * pair, feet * pair, hands * pair, knees * pair, one, one)


@settings(max_examples=15, deadline=None)
@given(st.floats(-8, 8))
def test_a_body_on_all_fours_is_turned_level(tilt):
    level = all_fours()
    turned = level @ Rotation.from_euler("x", tilt, degrees=True).as_matrix().T
    contacts = resting(len(level), 1.0)
    expected = level_resting(solve(take_from_positions(level, FPS)), contacts)
    found = level_resting(solve(take_from_positions(turned, FPS)), contacts)
    before, after = (np.degrees((Rotation.from_quat(one.rotations[30, 0], scalar_first=True)
                                 * Rotation.from_quat(expected.rotations[30, 0], scalar_first=True).inv()).magnitude())
                     for one in (solve(take_from_positions(turned, FPS)), found))
    assert after < 0.5 * before + 1.0


def test_lengths_and_pose_are_unchanged():
    positions = all_fours() @ Rotation.from_euler("x", 6, degrees=True).as_matrix().T
    motion = solve(take_from_positions(positions, FPS))
    found = level_resting(motion, resting(len(positions), 1.0))
    apart = [np.linalg.norm(one[:, :, None] - one[:, None], axis=-1)
             for one in (motion.joint_positions(), found.joint_positions())]
    assert apart[1] == pytest.approx(apart[0], abs=1e-6)


def test_a_walk_is_left_alone():
    motion = solve(take_from_positions(bodies.walk(3.0, FPS)[0], FPS))
    assert level_resting(motion, find_contacts(motion)) is motion


def test_one_frame_is_left_alone():
    motion = solve(take_from_positions(all_fours(1), FPS))
    assert level_resting(motion, resting(1, 1.0)) is motion
