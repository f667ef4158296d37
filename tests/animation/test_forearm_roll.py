"""Forearm roll from synthetic hands with known turns of the palm, seen by a camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.animation import forearm_roll
from anatomy_mocap.animation.forearm_roll import forearm_rolls
from anatomy_mocap.animation.solve_rotations import solve, solve_rotations
from anatomy_mocap.animation.tuning import TUNING
from anatomy_mocap.core.camera import Camera, world_from_camera_rotation
from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from anatomy_mocap.core.keypoints import Keypoints2D
from anatomy_mocap.core.skeleton import MOCAP22, SIDES, rest_directions
from anatomy_mocap.core.take import Take
from anatomy_mocap.maths.rotations import about, angle_between, apply, multiply
from tests.support import moving_bodies as bodies

NAMES = LAYOUTS["MEDIAPIPE33"].keypoint_names
HANDS = [MOCAP22.index(f"{side}_knuckle") for side in SIDES]
BROAD = replace(TUNING, hand_shape={"index": (1.02, 0.36, 0.0), "pinky": (0.90, -0.38, 0.0),
                                    "thumb": (0.66, 0.55, 0.28)})
"""A detector that sees the knuckles where they are. The shipped one sees them half as far apart, so that a single still
hand says little about its palm beside the detector's usual error."""
WRISTS = [MOCAP22.index(f"{side}_wrist") for side in SIDES]


@pytest.fixture(autouse=True, scope="module")
def broad_hands():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forearm_roll, "TUNING", BROAD)
        yield


def seen_hands(rolls, yaw=0.0, noise=0.0, wide=1.0, distance=3.0, bend=70.0, score=0.95, frames=40):
    """(take, hands without roll) of a person with forearms ahead whose palms turn by (T, 2) `rolls`, radians.

    yaw: degrees of the camera about the person. noise: pixels. wide: the hand's breadth beside the usual one.
    """
    rng = np.random.default_rng(5)
    directions = np.tile(rest_directions(), (frames, 1, 1))
    for side, x in (("left", 1.0), ("right", -1.0)):
        directions[:, MOCAP22.index(f"{side}_elbow")] = (0.3 * x, 0.0, -0.954)
        low = np.array([0.15 * x, -np.sin(np.radians(bend)), -np.cos(np.radians(bend))])
        for joint in ("wrist", "knuckle"):
            directions[:, MOCAP22.index(f"{side}_{joint}")] = low / np.linalg.norm(low)
    directions[:, 1:] /= np.linalg.norm(directions[:, 1:], axis=-1, keepdims=True)
    turns = solve_rotations(bodies.LENGTHS, directions, 30.0)[:, HANDS]
    camera = Camera.from_fov(1280, 720)
    to_world = about((0, 0, 1), np.radians(yaw))
    world = np.eye(4)
    world[:3, :3] = np.array([apply(to_world, row) for row in world_from_camera_rotation((0, -1, 0)).T]).T
    world[:3, 3] = apply(to_world, (0.0, -distance, 1.2))
    root = np.zeros((frames, 3)) + (0, 0, 1.0)
    positions = MOCAP22.joint_positions(bodies.LENGTHS, directions, root)
    xy, scores = np.zeros((frames, 33, 2)), np.zeros((frames, 33))
    for number, side in enumerate(SIDES):
        rest = rest_directions()[HANDS[number]]
        turn = multiply(turns[:, number], about(rest, rolls[:, number]))
        for point, (ahead, aside, out) in BROAD.hand_shape.items():
            offset = ahead * rest + wide * aside * np.array([0, -1.0, 0]) + wide * out * np.array([0, 0, -1.0])
            at = positions[:, WRISTS[number]] + bodies.LENGTHS[HANDS[number]] * apply(turn, offset)
            index = NAMES.index(f"{side}_{point}_knuckle")
            xy[:, index] = camera.project((at - world[:3, 3]) @ world[:3, :3]) + rng.normal(0, noise, (frames, 2))
            scores[:, index] = score
    times = np.arange(frames) / 30.0
    take = Take(MOCAP22.joint_names, MOCAP22.parents, 30.0, times, bodies.LENGTHS, directions @ world[:3, :3],
                (root - world[:3, 3]) @ world[:3, :3], world,
                Keypoints2D(xy, scores, "MEDIAPIPE33", 30.0, times, 1280, 720), np.ones((frames, 22)), camera, {})
    return take, turns


@settings(max_examples=30, deadline=None)
@given(left=st.floats(-80, 80), right=st.floats(-80, 80), yaw=st.floats(-180, 180), wide=st.floats(0.85, 1.15))
def test_a_still_palm_is_found_from_any_side(left, right, yaw, wide):
    """With three points a palm has one roll, from any side of the camera.

    A hand that is broader or narrower than usual by 15 % looks as if it were turned by arccos(0.85), 32 degrees, where
    it is seen flat.
    """
    rolls = np.tile(np.radians([left, right]), (40, 1))
    take, turns = seen_hands(rolls, yaw, wide=wide)
    error = np.degrees(np.abs(forearm_rolls(take, turns) - rolls))
    assert error.max() < 40.0 and error.mean() < 20.0
    take, turns = seen_hands(rolls, yaw)
    assert np.degrees(np.abs(forearm_rolls(take, turns) - rolls)).max() < 18.0


def test_a_turning_palm_is_followed_through_noise():
    rolls = np.radians(60.0) * np.sin(np.linspace(0, 2 * np.pi, 90))[:, None] * [1.0, -1.0]
    take, turns = seen_hands(rolls, yaw=30.0, noise=1.5, frames=90)
    found = forearm_rolls(take, turns)
    assert np.degrees(np.abs(found - rolls)).mean() < 14.0
    assert np.degrees(np.abs(np.diff(found, n=2, axis=0))).max() < 8.0  # no jumps from frame to frame


@pytest.mark.parametrize("unknown", [{"score": 0.2}, {"distance": 60.0, "noise": 2.0}])
def test_an_unsure_or_tiny_hand_relaxes(unknown):
    """Where the points say little, the palm is that of a relaxed arm."""
    rolls = np.full((40, 2), np.radians(75.0))
    found = forearm_rolls(*seen_hands(rolls, **unknown))
    assert np.degrees(np.abs(found)).max() < 20.0


def test_the_roll_stays_within_its_limits():
    found = forearm_rolls(*seen_hands(np.full((40, 2), np.radians(170.0))))
    assert np.degrees(np.abs(found)).max() <= TUNING.roll_limit + 1e-6


def test_solve_turns_the_hand_by_all_of_it_and_the_forearm_by_half():
    rolls = np.tile(np.radians([60.0, -60.0]), (40, 1))
    take, turns = seen_hands(rolls)
    motion, plain = solve(take), solve(replace(take, origin="known"))
    assert motion.directions == pytest.approx(plain.directions, abs=1e-9)
    hand = np.degrees(angle_between(motion.rotations[:, HANDS], plain.rotations[:, HANDS]))
    forearm = np.degrees(angle_between(motion.rotations[:, WRISTS], plain.rotations[:, WRISTS]))
    assert hand == pytest.approx(60.0, abs=12.0)
    assert forearm == pytest.approx(hand / 2, abs=1e-6)
    assert np.array_equal(solve(take, palms=False).rotations, plain.rotations)


def test_keypoints_without_a_palm_leave_it_open():
    take, turns = seen_hands(np.full((40, 2), 1.0))
    bare = replace(take, keypoints=replace(take.keypoints, layout="COCO17", xy=np.zeros((40, 17, 2)),
                                           score=np.zeros((40, 17))))
    assert not forearm_rolls(bare, turns).any()


@settings(max_examples=20, deadline=None)
@given(left=st.floats(-80, 80), right=st.floats(-80, 80), yaw=st.floats(-180, 180))
def test_the_hand_network_s_palms_are_followed_from_any_side(left, right, yaw):
    """The palm of sure `finger_points` counts also where the keypoints have no palm; unsure ones change nothing."""
    rolls = np.tile(np.radians([left, right]), (40, 1))
    take, turns = seen_hands(rolls, yaw)
    points = np.stack([seen_points(take, multiply(turns[:, n], about(rest_directions()[hand], rolls[:, n])), side)
                       for n, (side, hand) in enumerate(zip(SIDES, HANDS, strict=True))], axis=1)
    bare = replace(take, keypoints=replace(take.keypoints, layout="COCO17", xy=np.zeros((40, 17, 2)),
                                           score=np.zeros((40, 17))))
    sure = replace(bare, finger_points=points, finger_presence=np.full((40, 2), 0.9))
    assert np.degrees(np.abs(forearm_rolls(sure, turns) - rolls)).max() < 18.0
    unsure = replace(sure, finger_presence=np.full((40, 2), 0.5))
    assert np.abs(forearm_rolls(unsure, turns)).max() < 1e-9


def seen_points(take, turn, side):
    """(T, 21, 3) points of a flat hand with world rotations (T, 4), camera axes."""
    rest = rest_directions()[HANDS[SIDES.index(side)]]
    offsets = np.zeros((21, 3))
    offsets[1:] = 0.06 * rest
    for number, knuckle in enumerate((5, 9, 13, 17)):
        offsets[knuckle] = 0.09 * rest + (0.03 - 0.02 * number) * np.array([0, -1.0, 0])
    moved = np.stack([apply(turn, each) for each in offsets], axis=1)
    return moved @ take.world_from_camera[:3, :3]
