"""Hands and feet at the performer's places, and the travel over the ground on a root bone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.retargeting.hand_foot_targets import soft_reach
from anatomy_mocap.retargeting.hip_path import soles_of
from anatomy_mocap.retargeting.performer import read_performer
from anatomy_mocap.retargeting.rig_detail import RigDetail
from anatomy_mocap.settings import RetargetSettings
from tests.retargeting.test_read_rig_motion import worlds
from tests.retargeting.test_retarget import DANCE, UP, WALK, degrees_between, leg_length, run
from tests.support import moving_bodies as bodies
from tests.support.made_rigs import SIDES, Plan, make, placed

seeds = st.integers(0, 10**6)


def head(made, world, name) -> np.ndarray:
    return world[:, made.rig.index(name), :3, 3]


def links(made, world, side, kind) -> tuple[np.ndarray, np.ndarray]:
    end = {"arm": "hand", "leg": "foot"}[kind]
    joints = [head(made, world, f"{side}_{part}") for part in (f"upper_{kind}", f"lower_{kind}", end)]
    return joints[1] - joints[0], joints[2] - joints[1]


def clap():
    """Return a motion in which both wrists meet in front of the chest and separate again."""
    t = np.linspace(0, 1, 25)
    positions = bodies.t_pose(25)
    middle = positions[:, bodies.index("thorax")] + (0, -0.33, -0.1)
    for side, sign in (("left", 1), ("right", -1)):
        shoulder = positions[:, bodies.index(f"{side}_shoulder")]
        wrist = middle + np.stack([sign * 0.25 * np.abs(np.cos(np.pi * t)), 0 * t, 0 * t], -1)
        line = wrist - shoulder
        length = np.linalg.norm(line, axis=-1, keepdims=True)
        upper, lower = (bodies.LENGTHS[bodies.index(f"{side}_{joint}")] for joint in ("elbow", "wrist"))
        along = (upper**2 + length**2 - lower**2) / (2 * length)
        down = np.array([0, 0, -1.0]) - line / length * (line @ [0, 0, -1.0])[:, None] / length
        aside = np.sqrt(np.maximum(upper**2 - along**2, 0))
        positions[:, bodies.index(f"{side}_elbow")] = shoulder + line / length * along + bodies.unit(down) * aside
        positions[:, bodies.index(f"{side}_wrist")] = wrist
        positions[:, bodies.index(f"{side}_knuckle")] = wrist + (0, -0.09, 0)
    return solve(take_from_positions(positions, 25.0))


@given(seeds, st.floats(0, 60), worlds)
def test_hands_that_meet_do_meet(seed, drop, world):
    """With "chest", the wrists touch together with the performer's, for all widths of shoulders and lengths of arms."""
    made = make(Plan(seed=seed, arm_drop=drop, world=world))
    size = np.cbrt(abs(np.linalg.det(world[:3, :3])))
    motion = clap()
    theirs = motion.joint_positions()
    apart = np.linalg.norm(theirs[:, bodies.index("left_wrist")] - theirs[:, bodies.index("right_wrist")], axis=-1)
    _, matched = run(made, motion, hands="chest")
    found = np.linalg.norm(head(made, matched, "left_hand") - head(made, matched, "right_hand"), axis=-1) / size
    assert found[np.argmin(apart)] < 0.02 and found[np.argmax(apart)] > 0.2


@given(st.integers(0, 300), worlds, st.sampled_from(["chest", "space"]), st.sampled_from(["directions", "space"]))
def test_bones_keep_their_lengths_hands_their_rotation_and_elbows_their_side(seed, world, hands, feet):
    made = make(Plan(seed=seed, arm_drop=30, world=world))
    _, plain = run(made, DANCE)
    _, matched = run(made, DANCE, hands=hands, feet=feet)
    assert np.isfinite(matched).all()
    for side in SIDES:
        for kind, end in (("arm", "hand"), ("leg", "foot")):
            for before, after in zip(links(made, plain, side, kind), links(made, matched, side, kind), strict=True):
                assert np.allclose(np.linalg.norm(before, axis=-1), np.linalg.norm(after, axis=-1), rtol=1e-6)
            bone = made.rig.index(f"{side}_{end}")
            assert np.allclose(plain[:, bone, :3, :3], matched[:, bone, :3, :3], rtol=1e-6,
                               atol=1e-6 * np.abs(world[:3, :3]).max())


def test_the_same_body_hardly_changes():
    """On a character with the performer's proportions, hands and feet are already in place."""
    rig, world = twin()
    for settings in ({"hands": "space", "feet": "space"}, {"hands": "chest"}):
        _, matched = run(rig, WALK, **settings)
        ends = [rig.rig.index(f"{side}_{end}") for side in SIDES for end in ("hand", "foot")]
        assert np.abs(matched[:, ends, :3, 3] - world[:, ends, :3, 3]).max() < 0.02


def twin():
    """Return a rig with the walking body's proportions, and its walk from directions only."""
    made = make(Plan(arm_drop=0, seed=0))
    heads = made.rig.rest[:, :3, 3].copy()
    joints = bodies.t_pose()[0]
    joints[:, 2] -= joints[bodies.index("left_ankle"), 2] - 0.08
    at = {"upper_arm": "shoulder", "lower_arm": "elbow", "hand": "wrist", "middle_finger": "knuckle",
          "upper_leg": "hip", "lower_leg": "knee", "foot": "ankle", "toes": "toe"}
    for side in SIDES:
        for part, joint in at.items():
            heads[made.rig.index(f"{side}_{part}")] = joints[bodies.index(f"{side}_{joint}")]
    heads[made.rig.index("hips")] = joints[0]
    heads[made.rig.index("neck_1")] = joints[bodies.index("thorax")]
    for number, share in enumerate((0.2, 0.5, 0.8)):
        heads[made.rig.index(f"spine_{number + 1}")] = joints[0] * (1 - share) + joints[bodies.index("thorax")] * share
    rest = made.rig.rest.copy()
    rest[:, :3, 3] = heads
    made = replace(made, rig=replace(made.rig, rest=rest))
    return made, run(made, WALK)[1]


@given(seeds, st.floats(0.4, 2.5))
def test_standing_feet_do_not_slide(seed, size):
    """A standing foot keeps its place on the floor for any proportions of thigh and shin."""
    made = make(Plan(seed=seed, arm_drop=45, world=placed(UP, size)))
    _, stands = bodies.walk(3.0)
    _, world = run(made, WALK, feet="space")
    scale = leg_length(made) * size / sum(bodies.LENGTHS[[bodies.index("left_knee"), bodies.index("left_ankle")]])
    for column, side in enumerate(SIDES):
        ankle = head(made, world, f"{side}_foot")
        inner = np.convolve(stands[:, column], np.ones(9), "same") > 8.5
        speed = np.linalg.norm(np.gradient(ankle, axis=0), axis=-1) * WALK.fps
        assert np.percentile(speed[inner], 90) < 0.05 * scale
        over = ankle[:, 2] - size * made.rig.heads[made.rig.index(f"{side}_foot"), 2]
        assert np.abs(over[inner]).max() < 0.02 * scale


def test_no_pops_where_arms_straighten_or_are_too_short():
    """A hand that moves evenly past the reach of an arm: the elbow is never much faster than the hand."""
    made = make(Plan(seed=2))
    frames = 120
    push = np.linspace(-0.25, 0.35, frames)
    motion = solve(take_from_positions(bodies.t_pose(frames), 60.0))
    positions = motion.joint_positions()
    positions[:, bodies.index("left_wrist"), 0] += push
    _, world = run(made, motion, detail_at(motion, positions), hands="space")
    for part in ("lower_arm", "hand"):
        step = np.linalg.norm(np.diff(head(made, world, f"left_{part}"), axis=0), axis=-1)
        assert step.max() < 0.06
    upper, lower = links(made, world, "left", "arm")
    bend = degrees_between(upper, lower)
    assert bend.max() > 30 and np.diff(bend).max() < 12
    late = bend[push > 0.2]
    assert (np.diff(late) <= 1e-9).all(), "straighter and straighter"


def detail_at(motion, positions):
    """A detail of the motion with its joints at other places."""
    performer = read_performer(motion)
    still = np.tile([1.0, 0, 0, 0], (len(motion), 1))
    turns = dict.fromkeys(("hips", "head", "left_foot", "right_foot", "left_shoulder", "right_shoulder"), still)
    turns |= {"spine_chain": still[:, None], "neck": still[:, None]}
    flat = {side: (performer.flat[side].ankle, performer.flat[side].toe) for side in SIDES}
    soles = {side: soles_of(performer, side) for side in SIDES}
    return RigDetail(turns, np.array([1.0]), positions, flat, soles)


@given(st.floats(0.2, 2), st.floats(0.2, 2), st.floats(0.001, 0.1))
def test_soft_reach_is_smooth_and_within_reach(first, second, soft):
    wanted = np.linspace(0, 3 * (first + second), 2000)
    found = soft_reach(wanted, first, second, soft)
    assert (np.diff(found) >= 0).all() and found.max() <= first + second
    assert found.min() > abs(first - second)
    inside = (wanted < (1 - soft) * (first + second)) & (wanted > abs(first - second) * 1.01 + 1e-3)
    assert np.allclose(found[inside], wanted[inside])
    assert np.diff(found).max() <= np.diff(wanted).max() * 1.001


def test_the_root_bone_takes_the_way_over_the_ground():
    made = make(Plan(seed=5, world=placed(UP, 1.7, (2, 1, 0))))
    _, plain = run(made, WALK)
    keys, world = run(made, WALK, ground_on_root=True)
    assert keys.root_bone == "hips" and set(keys.more_locations) == {"root"}
    assert "root" not in keys.bone_names
    root, at_rest = head(made, world, "root"), made.rig.in_world(made.rig.heads[made.rig.index("root")])
    hips = head(made, plain, "hips")
    assert np.ptp(root[:, 2]) < 1e-9 and abs(root[0, 2] - at_rest[2]) < 1e-9
    centre = np.mean([head(made, plain, f"{side}_upper_leg") for side in SIDES], axis=0)
    rest_centre = np.mean([made.rig.in_world(made.rig.heads[made.rig.index(f"{side}_upper_leg")]) for side in SIDES],
                          axis=0)
    assert np.allclose((root - at_rest)[:, :2], (centre - rest_centre)[:, :2], atol=1e-9)
    others = [bone for bone in range(len(made.rig)) if made.rig.bone_names[bone] != "root"]
    assert np.allclose(world[:, others], plain[:, others], atol=1e-9)
    assert np.ptp(hips[:, 1]) > 1.0


@given(worlds, seeds)
def test_the_body_is_where_it_was_with_any_object(world, seed):
    made = make(Plan(seed=seed, world=world))
    _, plain = run(made, WALK)
    _, ground = run(made, WALK, ground_on_root=True)
    size = np.cbrt(abs(np.linalg.det(world[:3, :3])))
    assert np.abs(ground[:, 1:] - plain[:, 1:]).max() < 1e-6 * (1 + size)


def test_ground_without_a_root_bone_is_refused():
    made = make(Plan(legs_on_root=True))
    with pytest.raises(MocapError, match="no bone above 'root'"):
        run(made, WALK, ground_on_root=True)


@pytest.mark.parametrize("settings", [{"hands": "feet"}, {"feet": "chest"}])
def test_settings_that_there_are_not_are_refused(settings):
    with pytest.raises(MocapError, match="choose one of directions"):
        RetargetSettings(**settings)
