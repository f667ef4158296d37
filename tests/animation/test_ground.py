"""Ground: straight legs stay straight, nothing stays in the floor, hidden feet do not lift the body, hands stay."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.animation.ground import ground
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.motion import Motion
from anatomy_mocap.core.soles import body_points
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.touch.contacts import find_contacts
from tests.support import moving_bodies as bodies

FPS = 25.0
SOLE = np.array([0, 0, 0.06])
"""How far the soles of the T-pose are above the floor, metres."""


def standing(frames=100):
    return np.repeat(bodies.t_pose(1), frames, axis=0) - SOLE


def motion_of(positions) -> Motion:
    return solve(take_from_positions(positions, FPS))


def grounded(motion: Motion) -> Motion:
    return ground(motion, find_contacts(motion))


def bends(motion: Motion) -> np.ndarray:
    """(T, 2) degrees by which the knees bend."""
    positions = motion.joint_positions()
    found = []
    for side in ("left", "right"):
        hip, knee, ankle = (positions[:, bodies.index(f"{side}_{part}")] for part in ("hip", "knee", "ankle"))
        thigh, shin = knee - hip, ankle - knee
        cosine = (thigh * shin).sum(-1) / np.linalg.norm(thigh, axis=-1) / np.linalg.norm(shin, axis=-1)
        found.append(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    return np.stack(found, axis=1)


def swaying(size, seconds=1.5):
    """(100, 3) metres: a slow error of the root, up and down."""
    t = np.arange(100) / FPS
    return np.outer(size * np.sin(2 * np.pi * t / seconds), (0, 0, 1.0))


@settings(max_examples=15, deadline=None)
@given(st.floats(0.005, 0.05), st.floats(1.0, 4.0))
def test_straight_standing_legs_stay_straight(size, seconds):
    motion = motion_of(standing() + swaying(size, seconds)[:, None])
    found = grounded(motion)
    assert (bends(found) - bends(motion)).mean() < 2.0
    feet = found.joint_positions()[:, [bodies.index("left_ankle"), bodies.index("right_ankle")], 2]
    assert np.ptp(feet) < 0.5 * 2 * size


@settings(max_examples=15, deadline=None)
@example(118.0, 0.0)  # head down, the feet far above the floor
@given(st.floats(60, 120), st.floats(0.0, 0.4))
def test_a_lying_body_lies_on_the_floor(tilt, depth):
    turned = standing() @ Rotation.from_euler("x", -tilt, degrees=True).as_matrix().T
    motion = motion_of(turned - (0, 0, body_points(turned)[..., 2].min() + depth))
    found = grounded(motion)
    lowest = body_points(found.joint_positions())[..., 2].min(axis=1)
    assert lowest.min() > -0.01
    assert np.median(lowest) < 0.05
    assert np.abs(np.diff(found.root_positions, 2, axis=0)).max() < 0.01  # without pops


def squatting(left, right):
    """(100, 22, 3): a body that squats, its thighs and shins bent by these degrees."""
    positions = standing()
    for side, bend in (("left", left), ("right", right)):
        hip, knee, *foot = (bodies.index(f"{side}_{part}") for part in ("hip", "knee", "ankle", "toe"))
        thigh, shin = (Rotation.from_euler("x", way * bend, degrees=True) for way in (1, -1))
        bent = positions[0, hip] + thigh.apply(positions[0, knee] - positions[0, hip])
        positions[:, foot] = bent + shin.apply(positions[0, foot] - positions[0, knee])
        positions[:, knee] = bent
    return positions


def test_a_foot_that_seems_to_be_in_the_floor_does_not_lift_a_squatting_body():
    positions = squatting(70, 50)
    soles = [positions[0, bodies.index(f"{side}_ankle"), 2] for side in ("left", "right")]
    drop = soles[0] - soles[1]
    assert drop > 0.1
    motion = motion_of(positions + (0, 0, standing()[0, bodies.index("left_ankle"), 2] - soles[0]))
    found = grounded(motion)
    assert (found.root_positions - motion.root_positions)[:, 2].max() < 0.5 * drop
    assert body_points(found.joint_positions())[..., 2].min() > -0.02


def test_hands_that_rest_on_the_floor_stay():
    positions = standing() @ Rotation.from_euler("x", 90, degrees=True).as_matrix().T
    for side in ("left", "right"):
        shoulder = positions[:, bodies.index(f"{side}_shoulder")]
        for part in ("elbow", "wrist", "knuckle"):
            joint = bodies.index(f"{side}_{part}")
            reach = np.linalg.norm(positions[:, joint] - shoulder, axis=-1)
            positions[:, joint] = shoulder - np.outer(reach, (0, 0, 1.0))
    wrists = [bodies.index("left_wrist"), bodies.index("right_wrist")]
    positions -= (0, 0, positions[0, wrists, 2].min() - 0.03)
    t = np.arange(len(positions)) / FPS
    positions += np.outer(0.02 * np.sin(2 * np.pi * t / 2.0), (1.0, 0, 0))[:, None]
    motion = motion_of(positions)
    before, after = (np.abs(np.diff(m.joint_positions()[:, wrists, 0], axis=0)).mean()
                     for m in (motion, grounded(motion)))
    assert after < 0.5 * before


def test_grounding_again_changes_little():
    positions, _ = bodies.walk(4.0, FPS)
    once = grounded(motion_of(positions + np.resize(swaying(0.03), (len(positions), 3))[:, None]))
    again = grounded(once)
    moved = np.linalg.norm(again.joint_positions() - once.joint_positions(), axis=-1)
    assert moved.mean() < 0.01


def test_strength_is_a_share_of_the_rise_of_a_body_in_the_floor():
    turned = standing() @ Rotation.from_euler("x", -90, degrees=True).as_matrix().T
    motion = motion_of(turned - (0, 0, 0.2))
    contacts = find_contacts(motion)
    some, whole = ((ground(motion, contacts, strength).root_positions - motion.root_positions)[:, 2].mean()
                   for strength in (0.3, 1.0))
    assert whole > 0.1
    assert some == pytest.approx(0.3 * whole, rel=0.05)
