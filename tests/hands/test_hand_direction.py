"""The direction of hands as the hand network shows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.core.keypoint_layouts import palm_axes
from anatomy_mocap.core.skeleton import MOCAP22, SIDES
from anatomy_mocap.hands.hand_direction import hand_trust, with_seen_hands
from anatomy_mocap.hands.tuning import TUNING
from anatomy_mocap.maths.rotations import about, any_perpendicular, apply, swing
from tests.hands.test_finger_angles import hand_points
from tests.support.field_rigs import walking_take

HANDS = [MOCAP22.index(f"{side}_knuckle") for side in SIDES]


def seen(angle, presence=0.95, frames=20):
    """A walk whose hands are seen `angle` degrees beside the take's direction, and these directions (T, 2, 3)."""
    take = walking_take(frames)
    now = take.directions[:, HANDS]
    ways = apply(about(any_perpendicular(now), np.full(now.shape[:2], np.radians(angle))), now)
    points = np.zeros((frames, 2, 21, 3))
    for number, side in enumerate(SIDES):
        own = hand_points(np.zeros((4, 4)), side)
        own = own - own[0]
        along = palm_axes(own, side)[0]
        turns = swing(np.broadcast_to(along, (frames, 3)), ways[:, number])
        points[:, number] = np.stack([apply(turns, each) for each in own], axis=1)
    return replace(take, finger_points=points, finger_presence=np.full((frames, 2), presence)), ways


def degrees(first, second):
    return np.degrees(np.arccos(np.clip((first * second).sum(-1), -1, 1)))


@settings(max_examples=20, deadline=None)
@given(angle=st.floats(1.0, 34.0))
def test_a_hand_turns_to_where_the_network_sees_it(angle):
    take, ways = seen(angle)
    found = with_seen_hands(take)
    assert degrees(found.directions[:, HANDS], ways).mean() < 0.6 * angle
    others = [joint for joint in range(len(MOCAP22)) if joint not in HANDS]
    assert np.array_equal(found.directions[:, others], take.directions[:, others])
    assert np.linalg.norm(found.directions[:, HANDS], axis=-1) == pytest.approx(1.0)


@pytest.mark.parametrize(("angle", "presence"), [(60.0, 0.95), (20.0, TUNING.presence - 0.05)])
def test_another_hand_or_an_unsure_one_changes_nothing(angle, presence):
    take, _ = seen(angle, presence)
    assert np.array_equal(with_seen_hands(take).directions, take.directions)
    assert not hand_trust(take, 0).any()


def test_the_change_fades_where_the_hand_is_not_seen():
    """One second without the hand: the change decays to nothing, without a jump."""
    take, _ = seen(30.0, frames=60)
    presence = take.finger_presence.copy()
    presence[20:] = 0.0
    found = with_seen_hands(replace(take, finger_presence=presence))
    change = degrees(found.directions[:, HANDS], take.directions[:, HANDS])
    assert change[5].min() > 10.0 and change[50:].max() < 1.0
    assert np.abs(np.diff(change, axis=0)).max() < 6.0
    plain = walking_take(5)
    assert with_seen_hands(plain) is plain


def test_palms_of_both_sides_are_mirror_images():
    left, right = (palm_axes(hand_points(np.zeros((4, 4)), side), side) for side in SIDES)
    assert left @ left.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(left) == pytest.approx(1.0) and np.linalg.det(right) == pytest.approx(-1.0)
