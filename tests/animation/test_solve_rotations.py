"""The rotations that are solved from bone directions: axes, hinges and continuity."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.animation.solve_rotations import solve, solve_rotations
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.maths.rotations import about, angle_between, apply, multiply, rotation
from tests.support import moving_bodies as bodies

IDENTITY = np.array([1.0, 0, 0, 0])


def rotations_of(positions, fps=30.0):
    return solve(take_from_positions(positions, fps)).rotations


def posed(frames=1, fps=30.0, **directions):
    """Solve the rotations of a T-pose in which some bones have other directions, each (3,) or (frames, 3)."""
    pose = np.tile(rest_directions(), (frames, 1, 1))
    for name, direction in directions.items():
        pose[:, bodies.index(name)] = bodies.unit(np.broadcast_to(np.asarray(direction, float), (frames, 3)))
    return solve_rotations(bodies.LENGTHS, pose, fps)


def degrees(first, second):
    return np.degrees(angle_between(first, second))


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_the_rest_pose_is_the_identity(frames):
    motion = solve(take_from_positions(bodies.t_pose(frames), 30.0))
    assert angle_between(motion.rotations, IDENTITY).max() < 1e-9
    assert np.allclose(motion.root_positions, (0, 0, 0.9)) and motion.fps == 30.0


@settings(max_examples=15)
@given(st.integers(0, 99), st.floats(0.1, 2.0))
def test_every_bone_points_as_in_the_take(seed, spread):
    positions = bodies.random_poses(20, seed, spread)
    take = take_from_positions(positions, 30.0, start_time=1.5)
    motion = solve(take)
    world = take.directions @ take.world_from_camera[:3, :3].T
    assert np.abs(motion.directions - world).max() < 1e-9
    assert np.allclose(np.linalg.norm(motion.rotations, axis=-1), 1)
    assert np.allclose(np.linalg.det(rotation(motion.rotations.reshape(-1, 4)).as_matrix()), 1)
    assert ((motion.rotations[1:] * motion.rotations[:-1]).sum(-1) >= 0).all()
    assert np.abs(motion.joint_positions() - positions).max() < 1e-9
    assert motion.start_time == 1.5


@settings(max_examples=15)
@given(st.integers(0, 99), st.floats(-3.1, 3.1))
def test_turning_the_world_turns_the_bones(seed, yaw):
    positions = bodies.random_poses(15, seed)
    found = rotations_of(bodies.turned(positions, yaw))
    assert angle_between(found, multiply(about((0, 0, 1.0), yaw), rotations_of(positions))).max() < 1e-6


@settings(max_examples=15)
@given(st.integers(0, 99))
def test_a_mirrored_body_is_solved_as_in_a_mirror(seed):
    positions = bodies.random_poses(15, seed)
    mirrored = rotations_of(positions)[:, MOCAP22.mirror] * (1, 1, -1, -1)
    assert angle_between(rotations_of(bodies.mirrored(positions)), mirrored).max() < 1e-6


@settings(max_examples=15)
@given(st.integers(0, 99))
def test_time_runs_both_ways(seed):
    positions = bodies.random_poses(15, seed)
    assert angle_between(rotations_of(positions[::-1])[::-1], rotations_of(positions)).max() < 1e-6


def test_the_hip_line_turns_the_pelvis():
    """Pelvis: X lies along the line through both hips, whatever the single hip bones do."""
    found = posed(left_hip=(1, 0.3, 0.2), right_hip=(-1, -0.3, -0.2))
    assert np.allclose(apply(found[0, 0], (1.0, 0, 0)), bodies.unit(np.array([1, 0.3, 0.2])))


def test_the_spine_takes_half_of_the_shoulders_turn():
    quarter = {"left_shoulder": (1, -1, 0), "right_shoulder": (-1, 1, 0)}
    found = posed(**quarter)[0]
    assert degrees(found[bodies.index("thorax")], about((0, 0, 1.0), -np.pi / 4)) < 1e-6
    assert degrees(found[bodies.index("spine")], about((0, 0, 1.0), -np.pi / 8)) < 1e-6
    assert degrees(found[0], IDENTITY) < 1e-6
    assert degrees(found[bodies.index("neck")], about((0, 0, 1.0), -np.pi / 8)) < 1e-6


def test_the_head_looks_where_the_nose_is():
    found = posed(nose=(1, -1, 0))[0]
    assert degrees(found[bodies.index("head")], about((0, 0, 1.0), np.pi / 4)) < 1e-6


@pytest.mark.parametrize(("side", "sign"), [("left", 1.0), ("right", -1.0)])
def test_elbows_turn_the_upper_arm(side, sign):
    """In a T-pose with a raised forearm the elbow's axis, Z at rest, turns to the front-to-back line."""
    found = posed(**{f"{side}_wrist": (0, 0, 1.0), f"{side}_knuckle": (0, 0, 1.0)})[0]
    axis = apply(found[bodies.index(f"{side}_elbow")], (0, 0, -sign))
    assert np.allclose(axis, np.cross((sign, 0, 0), (0, 0, 1.0)), atol=1e-2)
    # The forearm bends about that axis alone, by 90 degrees.
    bend = multiply(found[bodies.index(f"{side}_wrist")], found[bodies.index(f"{side}_elbow")] * (1, -1, -1, -1))
    assert degrees(bend, about(axis, np.pi / 2)) < 0.1
    assert degrees(found[bodies.index(f"{side}_knuckle")], found[bodies.index(f"{side}_wrist")]) < 1e-6


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("outward", [0.0, 0.5])
def test_bent_knees_turn_the_thigh(side, outward):
    """With the thigh forward and the shank down, the knee's axis is perpendicular to both, also for a turned leg."""
    sign = 1.0 if side == "left" else -1.0
    thigh = bodies.unit(np.array([sign * outward, -1.0, 0]))
    found = posed(**{f"{side}_knee": thigh, f"{side}_ankle": (0, 0, -1)})[0]
    axis = apply(found[bodies.index(f"{side}_knee")], (1.0, 0, 0))
    assert np.degrees(np.arccos(axis @ np.cross(thigh, (0, 0, -1)))) < 1.0


@pytest.mark.parametrize("degrees_back", [10, 30, 60])
def test_a_knee_bent_the_wrong_way_does_not_turn_the_leg(degrees_back):
    """Such a bend is an error of the directions, not a reversed leg: the thigh keeps facing forwards."""
    angle = np.radians(degrees_back)
    shank = (0, -np.sin(angle), -np.cos(angle))
    found = posed(frames=9, left_ankle=shank)
    assert degrees(found[:, bodies.index("left_knee")], IDENTITY).max() < 10


def test_a_straight_leg_faces_where_its_foot_points():
    """It follows the foot by half, as measured on mocap (benchmarks/solve.py)."""
    angle = np.radians(40)
    found = posed(left_toe=(0.9 * np.sin(angle), -0.9 * np.cos(angle), -0.436))[0]
    turned = degrees(found[bodies.index("left_knee")], IDENTITY)
    assert 10 < turned < 30


def test_a_flat_foot_turned_out_stays_flat():
    angle = np.radians(30)
    found = posed(left_toe=(0.9 * np.sin(angle), -0.9 * np.cos(angle), -0.436))[0]
    assert degrees(found[bodies.index("left_toe")], about((0, 0, 1.0), angle)) < 1


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("limb", ["arm", "leg"])
def test_a_limb_passes_through_straight_without_a_jump(side, limb):
    """A limb stretches and bends again in another plane: no rotation step is much larger than the bones' own."""
    frames, fps = 120, 30.0
    t = np.linspace(0, 2 * np.pi, frames)
    bend, plane = 1.2 * np.abs(np.sin(t)), 0.5 * np.sin(t)
    sign = 1.0 if side == "left" else -1.0
    if limb == "arm":
        names, straight, ahead, aside = ("elbow", "wrist"), np.array([sign, 0, 0]), (0, -1.0, 0), (0, 0, 1.0)
    else:
        names, straight, ahead, aside = ("knee", "ankle"), np.array([0, 0, -1.0]), (0, 1.0, 0), (1.0, 0, 0)
    out = np.cos(plane)[:, None] * ahead + np.sin(plane)[:, None] * aside
    lower = np.cos(bend)[:, None] * straight + np.sin(bend)[:, None] * out
    found = posed(frames, fps, **{f"{side}_{names[0]}": straight, f"{side}_{names[1]}": lower})
    moved = np.degrees(np.arccos(np.clip((lower[1:] * lower[:-1]).sum(-1), -1, 1))).max()
    for name in names:
        rotations = found[:, bodies.index(f"{side}_{name}")]
        assert degrees(rotations[1:], rotations[:-1]).max() < 1.5 * moved + 3.0


def test_hinges_do_not_depend_on_the_frame_rate():
    slow, fast = (rotations_of(bodies.walk(3.0, fps)[0], fps) for fps in (25.0, 100.0))
    assert degrees(fast[::4][2:-2], slow[2:-2]).max() < 6


@pytest.mark.parametrize("pose", ["zero", "equal", "opposite", "folded"])
def test_degenerate_directions_give_numbers(pose):
    directions = np.tile(rest_directions(), (4, 1, 1))
    if pose == "zero":
        directions[:] = 0
    elif pose == "equal":
        directions[:] = (0, 0, 1.0)
    elif pose == "opposite":
        directions[1::2] *= -1
    else:
        for child in ("knee", "ankle", "elbow", "wrist"):
            for side in ("left", "right"):
                part = {"knee": "hip", "ankle": "knee", "elbow": "shoulder", "wrist": "elbow"}[child]
                directions[:, bodies.index(f"{side}_{child}")] = -directions[:, bodies.index(f"{side}_{part}")]
    found = solve_rotations(bodies.LENGTHS, directions, 30.0)
    assert np.isfinite(found).all() and np.allclose(np.linalg.norm(found, axis=-1), 1)
    if pose != "zero":
        rest = rest_directions()
        assert np.allclose(apply(found, rest)[:, 1:], directions[:, 1:], atol=1e-9)


def test_another_skeleton_is_refused_by_name():
    take = take_from_positions(bodies.t_pose(), 30.0)
    names = tuple("nase" if name == "nose" else name for name in take.joint_names)
    with pytest.raises(MocapError, match="nose"):
        solve(replace(take, joint_names=names))


def test_on_mocap_steps_are_near_the_bones_own(cmu_clips):
    """In the validation clips no rotation step exceeds its bone's step by 40 degrees."""
    for positions in cmu_clips.values():
        take = take_from_positions(positions, 50.0)
        motion = solve(take)
        world = take.directions @ take.world_from_camera[:3, :3].T
        step = degrees(motion.rotations[1:], motion.rotations[:-1])[:, 1:]
        own = np.degrees(np.arccos(np.clip((world[1:] * world[:-1]).sum(-1), -1, 1)))[:, 1:]
        assert (step - own).max() < 40
        assert np.percentile(step - own, 99) < 10
