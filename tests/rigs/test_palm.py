"""Palms from finger bones: knuckles and the thumb's side, with and without usable names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.rigs.palm import read_palm
from anatomy_mocap.rigs.rig import make_rig

FINGERS = ("index", "middle", "ring", "pinky")


def hand(fingers: int = 4, thumb: bool = True, metacarpals: bool = False, named: bool = True, turn=None, helper=False):
    """Make a left hand in a T-pose, palm down, wrist at (0.5, 0, 1): (rig, heads)."""
    names, parents, heads = ["forearm", "hand"], [-1, 0], [(0.25, 0, 1), (0.5, 0, 1)]

    def chain(name, points):
        above = 1
        for number, point in enumerate(points):
            names.append(f"{name}_{number + 1}" if named else f"bone{len(names):03d}")
            parents.append(above)
            heads.append(point)
            above = len(names) - 1

    for number in range(fingers):
        y = -0.03 + 0.02 * number
        reach = (0.0, 0.01, 0.005, -0.015)[number]
        points = [(0.5 + x + reach, y, 1) for x in (0.09, 0.13, 0.155, 0.175)]
        chain(FINGERS[number], [(0.53, y / 2, 1), *points] if metacarpals else points)
    if thumb:
        chain("thumb", [(0.53, -0.03, 0.99), (0.555, -0.06, 0.98), (0.58, -0.08, 0.97)])
    if helper:
        chain("weapon_socket", [(0.6, 0.0, 0.9)])
    heads = (turn or Rotation.identity()).apply(heads)
    rest = np.tile(np.eye(4), (len(names), 1, 1))
    rest[:, :3, 3] = heads
    return make_rig("hand", names, parents, rest, np.full(len(names), 0.02)), heads


@given(st.booleans(), st.booleans(), st.integers(0, 1000), st.booleans())
def test_the_thumbs_side_and_the_knuckles(metacarpals, named, seed, helper):
    turn = Rotation.random(random_state=seed)
    palm = read_palm(*hand(4, True, metacarpals, named, turn, helper and named), 0, 1)
    assert palm.thumb_side @ turn.apply([0, -1, 0]) > np.cos(np.radians(25))
    assert np.linalg.norm(palm.knuckles - turn.apply([0.595, -0.005, 1])) < 0.02


def test_without_a_thumb_or_fingers_the_side_is_not_told():
    assert read_palm(*hand(4, False), 0, 1).thumb_side is None
    assert read_palm(*hand(1, True), 0, 1).thumb_side is None
    assert read_palm(*hand(0, False), 0, 1) is None
    assert np.allclose(read_palm(*hand(1, True), 0, 1).knuckles, (0.59, -0.03, 1))


@pytest.mark.parametrize("thumb", ["thumb", "左親指", "finger1"])
def test_a_thumb_by_any_name(thumb):
    rig, heads = hand()
    names = [name.replace("thumb", thumb) for name in rig.bone_names]
    rig = make_rig("hand", names, rig.parents, rig.rest, rig.lengths)
    assert read_palm(rig, heads, 0, 1).thumb_side @ [0, -1, 0] > 0.9


@pytest.mark.parametrize(("name", "is_finger"), [
    ("Mike:LeftHandIndex1", True), ("左人指先", True), ("pinky_proximal.L", True), ("LeftPropeller", True),
    ("hand_ik_l", False), ("HandIK", False), ("ik_hand", False), ("weapon_l", False), ("prop.L", False),
    ("hand_twist_01", False)])
def test_what_hangs_on_a_hand_and_is_no_finger(name, is_finger):
    rig, heads = hand(fingers=1, thumb=False)
    names = [*rig.bone_names[:2], name, *rig.bone_names[3:]]
    palm = read_palm(make_rig("hand", names, rig.parents, rig.rest, rig.lengths), heads, 0, 1)
    assert (palm is not None) == is_finger
