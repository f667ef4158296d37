"""The fit of the root path to the keypoints, and the levelling of the world."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.soles import body_points, foot_points
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.fitting.floor_plane import find_world, level, mean_direction
from anatomy_mocap.fitting.root_fit import JOINTS, POINTS, fit_root
from anatomy_mocap.maths.rotations import about, apply, unit
from benchmarks.noise import noisy_take
from tests.support import moving_bodies as bodies
from tests.support import waving_person as waving


def fit(take, **changes):
    return drain(fit_root(take.bone_lengths, take.directions, replace(take.keypoints, **changes),
                          take.camera))


def walking(seconds=3.0, fps=30.0, yaw=0.5):
    return take_from_positions(bodies.turned(bodies.walk(seconds, fps)[0], yaw), fps)


def test_17_joints_have_keypoints_of_their_name():
    assert len(JOINTS) == len(POINTS) == 17
    assert all(MOCAP22.joint_names[j] == CANONICAL.keypoint_names[k] for j, k in zip(JOINTS, POINTS, strict=True))


@settings(max_examples=15)
@given(st.integers(0, 99))
def test_without_smoothing_the_path_is_exact(seed):
    take = take_from_positions(bodies.random_poses(12, seed), 30.0)
    found = drain(fit_root(take.bone_lengths, take.directions, take.keypoints, take.camera, smoothing=0))
    assert np.abs(found - take.root_positions).max() < 1e-6


@pytest.mark.parametrize("fps", [5.0, 30.0, 120.0])
@pytest.mark.parametrize("seconds", [0.05, 1.0])
def test_a_steady_path_is_exact_whatever_the_smoothing(fps, seconds):
    frames = max(int(seconds * fps), 1)
    path = np.linspace((0, 0, 0), (0.5, 3.0, 0.1), frames)[:, None]
    take = take_from_positions(bodies.t_pose(frames) + path, fps)
    assert np.abs(fit(take) - take.root_positions).max() < 1e-5


def test_keypoints_beside_the_joints_do_not_move_the_path():
    """Shoulders are seen high, and hips in front of the joints: the path is exact only with these offsets."""
    truth, root, keypoints = waving.clip()
    body = waving.BODY
    told, untold = (drain(fit_root(body.lengths, truth.directions, keypoints, waving.CAMERA, smoothing=0,
                                   places=places)) for places in (body.places, None))
    assert np.abs(told - root).max() < 1e-6
    assert np.abs(untold - root).max() > 0.01


def test_a_walk_is_followed_closely():
    take = walking()
    error = np.abs(fit(take) - take.root_positions).max(axis=0)
    assert error[:2].max() < 0.005 and error[2] < 0.02


def test_the_principal_point_and_the_focal_length_count():
    positions = bodies.random_poses(5, 3)
    camera = Camera(1000, 1400, 700.0, 350.0, 800.0)
    take = take_from_positions(positions, 30.0, camera=camera)
    assert np.abs(fit(take) - take.root_positions).max() < 0.01


def test_noise_of_the_keypoints_does_not_bring_the_person_nearer():
    """Linear least squares alone would be biased, since its matrix contains the noisy rays."""
    take, rng = walking(8.0), np.random.default_rng(0)
    xy = take.keypoints.xy + rng.normal(scale=6.0, size=take.keypoints.xy.shape)
    error = fit(take, xy=xy) - take.root_positions
    assert abs(error[:, 2].mean()) < 0.05
    assert np.sqrt((error[:, :2] ** 2).mean()) < 0.02
    jolts = np.diff(fit(take, xy=xy), 2, axis=0) * take.fps**2
    assert np.sqrt((jolts**2).mean(axis=0)).max() < 3.0


def test_outliers_and_low_scores_hardly_count():
    take, rng = walking(), np.random.default_rng(1)
    xy, score = take.keypoints.xy.copy(), take.keypoints.score.copy()
    wrong = (rng.uniform(size=score.shape) < 0.1) & (score > 0)
    xy[wrong] += rng.uniform(-400, 400, (wrong.sum(), 2))
    assert np.abs(fit(take, xy=xy) - fit(take)).max() < 0.05
    score[wrong] = 1e-6
    assert np.abs(fit(take, xy=xy, score=score) - fit(take)).max() < 0.01


def test_gaps_are_bridged_and_missing_values_do_not_matter():
    take = walking(4.0)
    xy, score = take.keypoints.xy.copy(), take.keypoints.score.copy()
    gap = slice(50, 70)
    xy[gap], score[gap] = np.nan, 0.0
    found = fit(take, xy=xy, score=score)
    assert np.isfinite(found).all()
    assert np.abs(found - take.root_positions)[gap].max() < 0.15
    assert np.abs(found - take.root_positions)[:40].max() < 0.03


@pytest.mark.parametrize("yaw", [0.0, np.pi / 2])
@pytest.mark.parametrize("seen", [("left_wrist",), ("left_ankle", "left_toe", "right_ankle", "right_toe"),
                                  ("nose", "left_shoulder", "right_shoulder")])
def test_a_few_keypoints_do_not_make_the_path_run_off_in_depth(seen, yaw):
    """A walk towards the camera or across it has few keypoints for 4 seconds, and a wrong constant pose meanwhile."""
    take, gap = walking(8.0, yaw=yaw), slice(60, 180)
    directions, score = take.directions.copy(), take.keypoints.score.copy()
    directions[gap] = directions[gap.start]
    score[gap, [k for k, name in enumerate(CANONICAL.keypoint_names) if name not in seen]] = 0
    found = drain(fit_root(take.bone_lengths, directions, replace(take.keypoints, score=score),
                           take.camera))
    error = np.abs(found - take.root_positions)
    assert error[:, 2].max() < 0.6 and error[:, :2].max() < 0.5
    before = drain(fit_root(take.bone_lengths, directions, take.keypoints, take.camera))
    assert np.abs(found - before)[:30].max() < 0.02


def test_a_clip_that_never_shows_much_keeps_its_depth():
    """Only head, shoulders and arms are visible, as behind a desk. Relative to the rest of the clip this is enough."""
    take = walking(4.0)
    score = take.keypoints.score.copy()
    score[:, [k for k, name in enumerate(CANONICAL.keypoint_names) if name.endswith(("hip", "knee", "ankle", "toe"))]] \
        = 0
    assert np.abs(fit(take, score=score) - take.root_positions)[:, 2].max() < 0.1


def test_a_person_who_left_does_not_run_on_for_ever():
    take = walking(6.0, yaw=np.pi / 2)
    score = take.keypoints.score.copy()
    score[60:] = 0
    found = fit(take, score=score)
    assert np.linalg.norm(found[-1] - found[59]) < 1.5
    assert np.abs(np.diff(found[-20:], axis=0)).max() * take.fps < 0.1


@pytest.mark.parametrize(("frames", "fps", "smoothing"), [(90, 30.0, 1000.0), (4800, 240.0, 20.0)])
def test_a_path_that_rounding_leaves_open_stays_near(frames, fps, smoothing):
    """Strong smoothing or long gaps make the system singular to working precision."""
    take = take_from_positions(bodies.t_pose(frames), fps)
    score = take.keypoints.score.copy()
    score[10:-10] = 0
    found = drain(fit_root(take.bone_lengths, take.directions, replace(take.keypoints, score=score),
                           take.camera, smoothing=smoothing))
    assert np.abs(found - take.root_positions).max() < 0.1


def test_no_keypoints_at_all_still_gives_numbers_in_front():
    take = walking(0.5)
    found = fit(take, score=np.zeros_like(take.keypoints.score))
    points = MOCAP22.joint_positions(take.bone_lengths, take.directions, found)
    assert np.isfinite(found).all() and (points[..., 2] > 0.1).all()


@settings(max_examples=15)
@given(st.integers(0, 999))
def test_everybody_is_in_front_of_the_camera(seed):
    """The keypoints match no body."""
    rng = np.random.default_rng(seed)
    take = take_from_positions(bodies.random_poses(6, seed), 30.0)
    found = fit(take, xy=rng.uniform(-2000, 2000, take.keypoints.xy.shape))
    points = MOCAP22.joint_positions(take.bone_lengths, take.directions, found)
    assert np.isfinite(found).all() and (points[..., 2] > 0.1).all()


@pytest.mark.parametrize("tilt", [0.0, -0.4, 1.2])
@pytest.mark.parametrize("roll", [0.0, 0.3])
def test_level_stands_the_world_upright_on_its_floor(tilt, roll):
    """With a pitched and rolled camera the walk is upright, on the floor, and starts above the origin."""
    positions = bodies.walk(4.0, 30.0)[0] + (1.0, 2.0, 0.7)
    turn = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]) @ np.eye(3)
    camera = positions @ turn.T
    for axis, angle in (((1.0, 0, 0), tilt), ((0, 0, 1.0), roll)):
        camera = apply(about(axis, angle), camera)
        turn = np.stack([apply(about(axis, angle), column) for column in turn.T], axis=-1)
    up = np.tile(turn @ (0, 0, 1.0), (len(camera), 1))
    found = level(camera, up, 30.0)
    assert np.allclose(found[:3, :3] @ found[:3, :3].T, np.eye(3)) and np.linalg.det(found[:3, :3]) > 0
    world = camera @ found[:3, :3].T + found[:3, 3]
    assert np.abs(world[0, 0, :2]).max() < 1e-9
    assert np.degrees(np.arccos(found[2, :3] @ up[0])) < 0.2
    assert np.abs(world[..., 2] - (positions[..., 2] - 0.7)).max() < 0.02


def test_level_takes_a_tilted_up_back_to_the_floor_that_was_walked_on():
    positions = bodies.walk(6.0, 30.0)[0]
    camera = positions @ np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]).T
    for angle in (-0.06, 0.06):
        off = np.array([0, -np.cos(angle), np.sin(angle)])
        found = level(camera, np.tile(off, (len(camera), 1)), 30.0)
        assert np.degrees(np.arccos(-found[2, 1])) < 0.5 * np.degrees(0.06)


def test_far_away_the_floor_has_less_of_a_say():
    """A long lens has larger errors of depth, and so of the feet's positions."""
    near = bodies.walk(6.0, 30.0)[0] @ np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]).T
    up = np.array([0, -np.cos(0.06), np.sin(0.06)])
    tilts = [np.arccos(-level(near + (0, 0, away), np.tile(up, (len(near), 1)), 30.0)[2, 1])
             for away in (0.0, 5.0, 40.0)]
    assert tilts[0] == pytest.approx(tilts[1], abs=1e-6)
    assert tilts[2] > 1.5 * tilts[1]


def test_level_leaves_an_up_that_nothing_speaks_against():
    """On the spot the feet give no evidence of the floor's tilt."""
    positions = bodies.t_pose(30)
    camera = positions @ np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]).T
    up = np.array([0.05, -1.0, 0.05])
    found = level(camera, np.tile(up, (30, 1)), 30.0)
    assert np.degrees(np.arccos(found[2, :3] @ unit(up))) < 2.5
    assert np.abs(level(camera[:1], up[None])[2, :3] - unit(up)).max() < 0.05


def test_level_where_no_foot_stands():
    """One foot is still in the air and the low one slides: no foot stands, so the up direction stays."""
    positions = np.repeat(bodies.t_pose(1), 30, axis=0)
    for joint in (MOCAP22.index("left_ankle"), MOCAP22.index("left_toe")):
        positions[:, joint] += np.linspace((0, 0, -0.1), (0.3, 0, -0.1), 30)
    camera = positions @ np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]).T
    up = unit(np.array([0.05, -1.0, 0.05]))
    found = level(camera, np.tile(up, (30, 1)), 30.0)
    np.testing.assert_allclose(found[2, :3], up, atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.sampled_from([0.0, 0.01, 0.3]))
def test_level_finds_a_world_whatever_the_joints_do(seed, frames, spread):
    rng = np.random.default_rng(seed)
    camera = bodies.t_pose(frames) + rng.normal(0, spread, (frames, len(MOCAP22), 3))
    found = level(camera, unit(rng.normal(0, 1, (frames, 3))), 30.0)
    assert np.allclose(found[:3, :3] @ found[:3, :3].T, np.eye(3)) and np.isfinite(found).all()


def test_up_comes_from_the_upright_frames():
    """A person who lies down tilts the lifter's up; the frames in which they walk decide."""
    walk = bodies.walk(4.0, 30.0)[0] @ np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]).T
    lying = np.repeat(bodies.t_pose(1), 3 * len(walk), axis=0)[..., [0, 2, 1]]  # along the line of sight
    off = unit(np.array([0.0, -1.0, 0.35]))
    up = np.concatenate([np.tile((0, -1.0, 0), (len(walk), 1)), np.tile(off, (len(lying), 1))])
    found = find_world(np.concatenate([walk, lying]), up, 30.0)
    assert np.degrees(np.arccos(-found.from_camera[2, 1])) < 3
    alone = find_world(lying, np.tile(off, (len(lying), 1)), 30.0)
    assert alone.confidence < 0.5 < find_world(walk, up[:len(walk)], 30.0).confidence


def test_a_lying_body_lies_on_the_floor():
    """No part of a body on its back is below the floor, and its feet, in the air, do not define it."""
    body = bodies.t_pose(60)[..., [0, 2, 1]] * (1.0, 1.0, -1.0)  # on its back, world axes
    body = body + (0, 0, 1.0 - body[..., 2].min())
    camera = body @ np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]).T
    found = find_world(camera, np.tile((0, -1.0, 0), (60, 1)), 30.0).from_camera
    lowest = body_points(camera @ found[:3, :3].T + found[:3, 3])[..., 2].min(axis=1)
    assert abs(np.median(lowest)) < 0.03


def test_a_jump_does_not_lift_the_floor():
    positions, _ = bodies.jump()
    camera = positions @ np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]).T
    found = level(camera, np.tile((0, -1.0, 0), (len(camera), 1)), 30.0)
    heights = foot_points(camera @ found[:3, :3].T + found[:3, 3])[..., 2]
    assert abs(heights[:20].mean()) < 0.01


def test_mean_direction_ignores_a_few_wrong_frames():
    up = np.tile((0, -1.0, 0), (50, 1))
    up[:15] = (1.0, 0, 0)
    assert mean_direction(up) @ (0, -1, 0) > 0.99
    assert np.allclose(mean_direction(np.zeros((3, 3))), (0, -1, 0))
    assert np.isfinite(mean_direction(np.array([[1.0, 0, 0], [-1.0, 0, 0]]))).all()


def test_noisy_mocap_comes_out_on_its_floor(cmu_clips):
    rng = np.random.default_rng(0)
    for positions in cmu_clips.values():
        take = take_from_positions(positions, 50.0)
        found = noisy_take(take, rng)
        floor = np.percentile(foot_points(found.joint_positions())[..., 2].min(axis=(1, 2)), 20)
        assert abs(floor) < 0.08
        assert np.degrees(np.arccos(found.world_from_camera[2, :3] @ take.world_from_camera[2, :3])) < 6


def test_the_memory_of_a_long_clip_is_bounded():
    """What a part of the clip needs is freed before the next part; for an hour at once it was half a gigabyte."""
    truth, _, keypoints = waving.clip()
    index = np.resize(np.arange(len(keypoints)), 20_000)
    directions, long = truth.directions[index], replace(keypoints[index], times=np.arange(len(index)) / keypoints.fps)
    tracemalloc.start()
    try:
        path = drain(fit_root(waving.BODY.lengths, directions, long, waving.CAMERA, places=waving.BODY.places))
        used = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(path) == len(index)
    assert used < 3000 * len(index)
