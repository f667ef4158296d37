"""Foot contacts: standing feet are found, and grounding holds them on the floor."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_mocap.animation.ground import ground
from anatomy_mocap.animation.smoothing import smooth
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.soles import foot_points
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.maths.rotations import angle_between
from anatomy_mocap.touch.contacts import find_contacts, from_array
from benchmarks.noise import noisy_take
from tests.support import moving_bodies as bodies

FEET = [bodies.index(f"{side}_{part}") for side in ("left", "right") for part in ("ankle", "toe")]


def motion_of(positions, fps=30.0, lifted=False):
    take = take_from_positions(positions, fps)
    return solve(replace(take, origin="lifted") if lifted else take)


def slide(motion, stands) -> float:
    """Return the mean horizontal speed of truly standing heels and toes in metres a second."""
    points = foot_points(motion.joint_positions())[..., :2]
    both = stands[1:] & stands[:-1]
    return float((np.linalg.norm(np.diff(points, axis=0), axis=-1) * motion.fps)[both].mean())


def acceleration(motion):
    return np.linalg.norm(np.diff(motion.joint_positions(), 2, axis=0), axis=-1) * motion.fps**2


def drifting(positions, fps, size=0.05):
    """Add a slow sway and rise to the path, like the errors of a root fitted by reprojection."""
    t = np.arange(len(positions)) / fps
    sway = size * np.stack([np.sin(2.1 * t), np.sin(2.9 * t + 1), 0.5 * np.sin(1.7 * t + 2)], axis=-1)
    return positions + sway[:, None]


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0, 120.0])
def test_steps_are_found(fps):
    positions, stands = bodies.walk(5.0, fps)
    found = find_contacts(motion_of(positions, fps)).feet
    assert found.shape == stands.shape and found.dtype == bool
    assert (found == stands).mean() > 0.9
    assert found[stands].mean() > 0.97


def swaying(positions, fps, direction, size=0.08):
    """Add a sway along `direction` to the path from the third second, faster than the speed limit of contacts."""
    t = np.maximum(np.arange(len(positions)) / fps - 3.0, 0.0)
    return positions + (size * np.sin(2.2 * np.pi * t))[:, None, None] * np.asarray(direction, dtype=float)


def test_what_sways_along_the_line_of_sight_stands_and_what_sways_across_moves():
    standing = np.repeat(bodies.t_pose(1), 150, axis=0) - (0, 0, 0.06)
    along, across = (motion_of(swaying(standing, 30.0, way), lifted=True) for way in ((0, 1, 0), (1, 0, 0)))
    assert abs(along.eye[0]) < abs(along.eye[1]) / 5  # it is seen from in front
    assert find_contacts(along).feet.all()
    for other in (across, replace(along, eye=None)):
        assert find_contacts(other).feet[:80].all() and find_contacts(other).feet[100:].mean() < 0.6


def test_what_is_known_has_no_line_of_sight():
    assert motion_of(bodies.t_pose(3)).eye is None and motion_of(bodies.t_pose(3), lifted=True).eye is not None


@pytest.mark.parametrize("heading", [0.0, 90.0, 180.0])
def test_steps_towards_the_camera_are_found_as_those_across(heading):
    positions, stands = bodies.walk(5.0, 30.0)
    positions = positions @ Rotation.from_euler("z", heading, degrees=True).as_matrix().T
    found = find_contacts(motion_of(positions, lifted=True)).feet
    assert (found == stands).mean() > 0.9 and found[~stands].mean() < 0.2


def test_feet_in_the_air_do_not_stand():
    positions, flying = bodies.jump(60.0)
    found = find_contacts(motion_of(positions, 60.0)).feet
    high = positions[:, bodies.index("left_ankle"), 2] > 0.15
    assert not found[high].any()
    assert found[~flying].mean() > 0.95


def test_standing_still_is_standing():
    assert find_contacts(motion_of(bodies.t_pose(1) - (0, 0, 0.06))).feet.shape == (1, 2)
    assert find_contacts(motion_of(bodies.t_pose(40) - (0, 0, 0.06))).feet.all()


def test_strength_0_and_no_contact_change_nothing():
    motion = motion_of(drifting(*walk30()))
    contacts = find_contacts(motion)
    assert ground(motion, contacts, 0.0) is motion
    assert ground(motion, from_array(0 * contacts.array)) is motion


def walk30():
    return bodies.walk(5.0, 30.0)[0], 30.0


def test_a_clean_walk_is_left_almost_as_it_is():
    motion = motion_of(walk30()[0])
    found = ground(motion, find_contacts(motion))
    assert np.linalg.norm(found.joint_positions() - motion.joint_positions(), axis=-1).mean() < 0.02


@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_drift_is_taken_from_the_feet(fps):
    positions, stands = bodies.walk(5.0, fps)
    motion = motion_of(drifting(positions, fps), fps)
    found = ground(motion, find_contacts(motion))
    assert slide(found, stands) < 0.35 * slide(motion, stands)
    before, after = (np.abs(foot_points(m.joint_positions())[..., 2].min(-1)[stands]).mean() for m in (motion, found))
    assert after < 0.35 * before
    assert foot_points(found.joint_positions())[..., 2].min() > -0.01
    # Nearer to the truth, not only steadier.
    errors = [np.linalg.norm(np.diff(m.joint_positions() - positions, axis=0), axis=-1).mean() for m in (motion, found)]
    assert errors[1] < errors[0]
    assert acceleration(found).max() < 1.3 * acceleration(motion).max() + 5


def test_strength_is_a_share_of_the_correction():
    positions, stands = bodies.walk(5.0, 30.0)
    motion = motion_of(drifting(positions, 30.0))
    contacts = find_contacts(motion)
    slides = [slide(ground(motion, contacts, strength), stands) for strength in (0.0, 0.5, 1.0)]
    assert slides[0] > slides[1] > slides[2]


def test_lengths_and_signs_hold():
    motion = motion_of(drifting(*walk30()))
    found = ground(motion, find_contacts(motion))
    positions = found.joint_positions()
    bones = positions[:, 1:] - positions[:, np.array(MOCAP22.parents[1:])]
    assert np.abs(np.linalg.norm(bones, axis=-1) - motion.bone_lengths[1:]).max() < 1e-9
    assert ((found.rotations[1:] * found.rotations[:-1]).sum(-1) > 0).all()
    upper = [j for j, name in enumerate(MOCAP22.joint_names) if not name.endswith(("knee", "ankle"))]
    assert angle_between(found.rotations[:, upper], motion.rotations[:, upper]).max() < 1e-9


def test_a_jump_keeps_its_flight():
    positions, flying = bodies.jump(60.0)
    motion = motion_of(drifting(positions, 60.0, 0.03), 60.0)
    found = ground(motion, find_contacts(motion))
    top = int(np.argmax(positions[:, 0, 2]))
    height = foot_points(found.joint_positions())[..., 2][top].min()
    assert height == pytest.approx(foot_points(positions)[..., 2][top].min(), abs=0.04)
    fall = np.diff(found.root_positions[flying, 2], 2)[3:-3] * 60.0**2
    assert fall.mean() == pytest.approx(-9.81, abs=1.0)


def test_a_stand_on_a_box_stays_on_the_box():
    """The box is 0.5 m high, more than an error of the floor."""
    positions, _ = bodies.walk(4.0, 30.0)
    motion = motion_of(positions + (0, 0, 0.5))
    contacts = find_contacts(motion)
    found = ground(motion, contacts)
    assert contacts.feet.mean() > 0.4
    assert np.abs(found.root_positions[:, 2] - motion.root_positions[:, 2]).max() < 0.03


def test_a_body_that_sank_comes_up_without_a_jolt():
    """A path with a hole of half a metre, as from a wrong depth under a tilted camera."""
    positions, stands = bodies.walk(6.0, 30.0)
    hole = 0.5 * np.exp(-((np.arange(len(positions)) / 30.0 - 3.0) / 0.5) ** 2)
    motion = motion_of(positions - hole[:, None, None] * (0, 0, 1.0))
    found = ground(motion, find_contacts(motion))
    assert foot_points(found.joint_positions())[..., 2].min() > -0.01
    assert np.abs(found.root_positions[:, 2] - positions[:, 0, 2]).max() < 0.15
    assert acceleration(found).max() < 1.3 * acceleration(motion).max() + 5


def test_time_runs_both_ways():
    motion = motion_of(drifting(*walk30()))
    back = replace(motion, rotations=motion.rotations[::-1], root_positions=motion.root_positions[::-1])
    contacts = find_contacts(motion)
    assert (find_contacts(back).feet[::-1] == contacts.feet).mean() > 0.99
    found, reversed_ = ground(motion, contacts), ground(back, contacts[::-1])
    # The corrections are relative: a whole clip may come out shifted level.
    difference = reversed_.joint_positions()[::-1] - found.joint_positions()
    assert np.abs(difference - difference.mean(axis=(0, 1))).max() < 0.01


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_very_short_clips(frames):
    motion = motion_of(bodies.t_pose(frames) - (0, 0, 0.02))
    found = ground(motion, find_contacts(motion))
    assert np.isfinite(found.rotations).all() and len(found) == frames


def test_noisy_mocap_slides_less_and_comes_nearer_to_the_truth(cmu_clips):
    rng = np.random.default_rng(0)
    slides, errors, jolts = [], [], []
    for positions in cmu_clips.values():
        take = take_from_positions(positions, 50.0)
        rough = smooth(solve(noisy_take(take, rng)), 0.1)
        found = ground(rough, find_contacts(rough))
        points = foot_points(positions)
        still = np.linalg.norm(np.gradient(points, axis=0), axis=-1) * 50 < 0.2
        steps = [np.gradient(foot_points(m.joint_positions())[..., :2], axis=0) for m in (rough, found)]
        slides.append([np.linalg.norm(step, axis=-1)[still].mean() for step in steps])
        off = [np.diff(m.joint_positions() - positions, axis=0)[:, FEET] for m in (rough, found)]
        errors.append([np.linalg.norm(step, axis=-1).mean() for step in off])
        jolts.append([acceleration(m).max() for m in (rough, found)])
    slides, errors, jolts = (np.mean(rows, axis=0) for rows in (slides, errors, jolts))
    assert slides[1] < 0.55 * slides[0]
    assert errors[1] < 0.9 * errors[0]
    assert jolts[1] < 1.5 * jolts[0]


def test_the_root_moves_along_the_line_of_sight_only():
    """A foot that slips sideways is corrected by the leg: the picture measures the body's place well."""
    positions, _ = bodies.walk(5.0, 30.0)
    positions = positions @ Rotation.from_euler("z", 90, degrees=True).as_matrix().T
    motion = motion_of(drifting(positions, 30.0), lifted=True)
    above = motion.eye * (1, 1, 0) + (0, 0, 1000.0)
    for eye, gives_along in ((motion.eye, True), (above, False), (None, True)):
        seen = replace(motion, eye=eye)
        moved = ground(seen, find_contacts(seen)).root_positions - motion.root_positions
        sight = motion.root_positions[:, :2] - motion.eye[:2]
        sight /= np.linalg.norm(sight, axis=-1, keepdims=True)
        aside, along = np.abs(np.cross(sight, moved[:, :2])), np.abs((moved[:, :2] * sight).sum(-1))
        assert (along.max() > 0.01) == gives_along
        assert (aside.max() > 0.01) == (eye is None)
