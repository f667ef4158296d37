"""Captured fingers: from points to bends and on to a rig, and the take that keeps them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.bone_maps.fingers import find_fingers
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.take import load_take, save_take
from anatomy_mocap.hands.finger_angles import FINGERS, finger_poses, limited, measured, relaxed_pose
from anatomy_mocap.hands.finger_pose import captured_fingers
from anatomy_mocap.hands.tuning import TUNING
from tests.hands.test_relaxed_fingers import hands_rig, posed_bends
from tests.support.field_rigs import walking_take


def hand_points(angles, side, turn=0):
    """(21, 3) points of a hand with (4, 4) angles in radians, turned at random by the seed `turn`."""
    sign = 1.0 if side == "left" else -1.0
    points = np.zeros((21, 3))
    points[1:5] = np.cumsum([(0.02, 0.02, 0.01), (0.03, 0.02, 0.01), (0.03, 0.0, 0.01), (0.02, 0.0, 0.0)], axis=0)
    for number, (splay, *bends) in enumerate(angles):
        at = np.array((0.09, (1.5 - number) * 0.02, 0.0))
        points[5 + 4 * number] = at
        for joint, bend in enumerate(np.cumsum(bends)):
            at = at + 0.03 * np.array([np.cos(splay) * np.cos(bend), np.sin(splay) * np.cos(bend), np.sin(bend)])
            points[6 + 4 * number + joint] = at
    points[:, 2] *= sign  # the palm's side of a right hand is on the other side of its axes
    return Rotation.random(random_state=turn).apply(points)


def with_fingers(angles, presence, frames=30):
    """A walk whose hands have (4, 4) angles in every frame. presence: (T, 2), or one number."""
    take = walking_take(frames)
    points = np.array([[hand_points(angles, side, n) for side in ("left", "right")] for n in range(frames)])
    return replace(take, finger_points=points, finger_presence=np.broadcast_to(presence, (frames, 2)).astype(float))


ANGLES = st.lists(st.tuples(st.floats(-18, 18), st.floats(-10, 85), st.floats(0, 100), st.floats(0, 70)),
                  min_size=4, max_size=4)


@settings(max_examples=40, deadline=None)
@given(angles=ANGLES, turn=st.integers(0, 50), side=st.sampled_from(("left", "right")))
def test_bends_come_back_from_points(angles, turn, side):
    """Whichever way a hand is turned in space, its points give the bends that it has."""
    wanted = np.radians(angles)
    found, thumb = measured(hand_points(wanted, side, turn)[None], side)
    assert found[0] == pytest.approx(wanted, abs=1e-6)
    assert np.linalg.norm(thumb, axis=-1) == pytest.approx(1.0)


@settings(max_examples=15, deadline=None)
@given(angles=ANGLES, rest=st.floats(-5, 12), seed=st.integers(0, 50))
def test_fingers_come_through_a_take_onto_any_rig(tmp_path_factory, angles, rest, seed):
    """Points, saved and loaded, bend the fingers of a rig of any rest pose and roll as those of the hand."""
    path = save_take(with_fingers(np.radians(angles), 0.95), tmp_path_factory.mktemp("take") / "take.npz")
    poses = finger_poses(load_take(path))
    rig, bones = hands_rig(rest, 5.0, seed)
    fingers = find_fingers(rig, bones, "names")
    turns = captured_fingers(rig, bones, fingers, poses)
    assert len(turns) == 30 and {len(turn) for turn in turns.values()} == {30}
    middle = {name: turn[15:16] for name, turn in turns.items()}
    for (_, finger), (splay, bends) in posed_bends(rig, bones, fingers, middle).items():
        if finger != "thumb":
            wanted = np.degrees(limited(np.radians(angles)))[FINGERS.index(finger)]
            assert (splay, *bends) == pytest.approx(wanted, abs=0.5)


def test_unsure_hands_relax_and_change_smoothly():
    """Below the gate a hand relaxes; on the way there no angle jumps."""
    straight, sure = np.zeros((4, 4)), np.zeros((90, 2))
    sure[:30] = 0.95
    sure[30:] = TUNING.presence - 0.01
    poses = finger_poses(with_fingers(straight, sure, 90))
    assert np.degrees(np.abs(poses.angles[5])).max() < 3.0
    assert poses.angles[-1] == pytest.approx(relaxed_pose().angles[0], abs=np.radians(4.0))
    assert np.degrees(np.abs(np.diff(poses.angles, axis=0))).max() < 6.0
    assert finger_poses(with_fingers(straight, 0.5)) is None
    assert finger_poses(walking_take(6)) is None


def test_impossible_bends_are_limited():
    poses = finger_poses(with_fingers(np.radians([[40.0, -60.0, 140.0, -40.0]] * 4), 0.95))
    low, high = np.array([(-TUNING.splay_limit, TUNING.splay_limit), *TUNING.bend_limits]).T
    found = np.degrees(poses.angles)
    assert np.all(found >= low - 1e-6) and np.all(found <= high + 1e-6)


def test_a_bent_finger_does_not_splay():
    """In a fist the fingers lie side by side, whatever the network sees; straight and half bent ones splay."""
    angles = np.radians([[20.0, 0.0, 0, 0], [20.0, 60.0, 0, 0], [-20.0, 90.0, 0, 0], [20.0, 30.0, 0, 0]])
    found = np.degrees(limited(angles))
    assert found[0] == pytest.approx([20.0, 0, 0, 0])
    assert found[3, 0] == pytest.approx(TUNING.splay_limit * 0.866, abs=0.01)
    assert found[1, 0] == pytest.approx(TUNING.splay_limit / 2) and found[2, 0] == pytest.approx(0.0, abs=1e-6)
    assert found[:, 1] == pytest.approx(np.degrees(angles[:, 1]))


def test_a_part_of_a_take_has_its_part_of_the_fingers():
    take = with_fingers(np.zeros((4, 4)), 0.95)
    assert np.array_equal(take[3:9].finger_points, take.finger_points[3:9])
    assert take[3:9].finger_presence.shape == (6, 2)


@pytest.mark.parametrize(("name", "change", "words"), [
    ("finger_points", lambda points: points[:, :, :5], "finger_points has shape"),
    ("finger_points", lambda points: points * np.nan, "NaN"),
    ("finger_presence", lambda presence: presence + 1.0, "not in 0..1")])
def test_a_take_with_damaged_fingers_is_refused(tmp_path, name, change, words):
    take = with_fingers(np.zeros((4, 4)), 0.95)
    path = save_take(replace(take, **{name: change(getattr(take, name))}), tmp_path / "take.npz")
    with pytest.raises(MocapError, match=words):
        load_take(path)
