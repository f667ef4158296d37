"""Twist of thighs and upper arms read from one rest pose: hinges, and carrying angles that are no hinges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.rigs.limb_twist import read_twists
from anatomy_mocap.rigs.rest_pose import read_rest_pose
from tests.retargeting.test_read_rig_motion import turned
from tests.retargeting.test_retarget import DANCE, ENDS, bodies, run
from tests.support.made_rigs import SIDES, Plan, make
from tests.support.remodelled_rigs import remodelled, turns_from_rest
from tests.support.rigs_with_extras import Extras, dressed

asides = st.floats(-20, 20)
BODY = make(Plan(seed=1))


def modelled(aside: float, bend: float, drop: float = 0.0, twist: float = 0.0, made=BODY):
    """Make a rig with bow legs (knock-knees: less than 0) and elbows beside their line by `aside`, all bent by `bend`.

    drop: angle of the arms below the T-pose. twist: outward twist of all limbs, with feet and hands. Returns rig, map
    and turns.
    """
    turns = {}
    for side, sign in zip(SIDES, (1, -1), strict=True):
        arm = turned(("x", -sign * twist), ("y", sign * drop))
        leg = turned(("z", sign * twist), ("y", sign * aside / 2))
        turns |= {f"{side}_upper_arm": arm,
                  f"{side}_lower_arm": arm * turned(("z", -sign * bend), ("y", -sign * aside)),
                  f"{side}_upper_leg": leg, f"{side}_lower_leg": leg * turned(("x", bend), ("y", -sign * aside)),
                  f"{side}_foot": turned(("z", sign * twist))}
    return replace(made, rig=remodelled(made.rig, turns, np.random.default_rng(5), "same")), turns


def twists(made) -> dict[tuple[str, str], float]:
    """Return limb -> twist in degrees."""
    return {limb: float(np.degrees(each.twist)) for limb, each in
            read_twists(read_rest_pose(made.rig, made.bones)).items()}


@given(asides, st.floats(0, 6), st.floats(0, 60))
def test_a_carrying_angle_is_no_hinge(aside, bend, drop):
    """Knock-knees, bow legs, and elbows that sag or flare do not twist thigh or arm."""
    assert max(map(abs, twists(modelled(aside, bend, drop)[0]).values())) < 1.0


@given(asides, st.floats(6, 30), st.floats(0, 60))
def test_a_carrying_angle_beside_a_bend(aside, bend, drop):
    """Here a twist and a carrying angle look alike: the reading is between the two, and thighs follow the feet."""
    for (_, limb), twist in twists(modelled(aside, bend, drop)[0]).items():
        assert abs(twist) < (15.0 if limb == "leg" else 21.0)


@pytest.mark.parametrize("aside", [-15.0, -10.0, 10.0, 15.0])
def test_a_take_keeps_thighs_and_arms_as_they_are_at_rest(aside):
    made, turns = modelled(aside, 3.0, 45.0)
    _, world = run(made, DANCE)
    for part in (f"{side}_upper_{limb}" for side in SIDES for limb in ("arm", "leg")):
        source = DANCE.rotations[:, bodies.index(f"{part.partition('_')[0]}_{ENDS[part.partition('_')[2]]}")]
        found = turns_from_rest(made.rig, world, part) * turns[part]
        wanted = Rotation.from_quat(source, scalar_first=True)
        assert np.degrees((found * wanted.inv()).magnitude()).max() < 0.5, part


@pytest.mark.parametrize("twist", [-35.0, 20.0, 35.0])
def test_feet_and_palms_show_that_a_whole_limb_is_twisted(twist):
    """A bend of 21 degrees turned by 35 is no carrying angle if foot or thumb turn with it."""
    body = dressed(Plan(seed=3), Extras(fingers=5, seed=3))
    names = tuple(name.replace("left_finger3", "left_thumb").replace("right_finger0", "right_thumb")
                  for name in body.rig.bone_names)
    body = replace(body, rig=replace(body.rig, bone_names=names))
    found = twists(modelled(0.0, 21.0, 30.0, twist, body)[0])
    assert {limb: abs(each) for limb, each in found.items()} == pytest.approx(dict.fromkeys(found, abs(twist)), abs=1.0)


def test_without_a_jump():
    """A slightly larger bend or sideways angle changes the twist slightly."""
    grid = [[list(twists(modelled(aside, bend, 45.0)[0]).values()) for aside in np.arange(0, 40.1, 1.0)]
            for bend in (-30.0, -12.0, 12.0)]
    assert np.abs(np.diff(grid, axis=1)).max() < 10.0


@pytest.mark.parametrize("bend", [-40.0, -15.0, -8.0])
def test_a_joint_that_bends_backwards_turns_nothing_round(bend):
    assert max(map(abs, twists(modelled(2.0, bend, 30.0)[0]).values())) < 1.0
