"""Two rest poses of one skeleton: the carrying angles of the straighter one apply to the bent one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.rigs.limb_twist import read_twists
from anatomy_mocap.rigs.rest_pose import read_rest_pose
from anatomy_mocap.rigs.same_skeleton import same_skeleton, shared_twists
from tests.retargeting.test_read_rig_motion import perform, turned
from tests.support.made_rigs import SIDES, Plan, make, placed
from tests.support.remodelled_rigs import random_pose, remodelled, rotation_errors

seeds = st.integers(0, 10**6)
carry = st.floats(-2.7, 2.7)


def carried(plan: Plan, arm: float, leg: float, more: float, random):
    """Make a rig whose straight elbows and knees deviate from the limb's line by some degrees (carrying angles)."""
    made, turns = make(plan), {}
    for side, sign in zip(SIDES, (1, -1), strict=True):
        turns[f"{side}_lower_arm"] = turned(("y", sign * arm), ("z", -sign * more))
        turns[f"{side}_lower_leg"] = turned(("y", sign * leg), ("x", more))
        turns[f"{side}_foot"] = Rotation.identity()
    return replace(made, rig=remodelled(made.rig, turns, random))


def bent(random) -> dict[str, Rotation]:
    """Draw random turns of arms and legs, with elbows and knees bent about their hinges."""
    turns = {}
    for side, sign in zip(SIDES, (1, -1), strict=True):
        arm = turned(("x", random.uniform(-40, 40)), ("z", -sign * random.uniform(0, 50)),
                     ("y", sign * random.uniform(-20, 50)))
        leg = turned(("z", sign * random.uniform(-25, 25)), ("x", -random.uniform(0, 30)))
        turns |= {f"{side}_upper_arm": arm, f"{side}_upper_leg": leg, f"{side}_foot": Rotation.identity(),
                  f"{side}_lower_arm": arm * turned(("z", -sign * random.uniform(15, 75))),
                  f"{side}_lower_leg": leg * turned(("x", random.uniform(15, 60)))}
    return turns


@given(carry, carry, st.floats(0, 1.2), st.booleans(), st.integers(1, 6), seeds)
def test_a_bent_twin_turns_as_the_straight_rig_does(arm, leg, more, backwards, spine, seed):
    """A carrying angle is no hinge: read alone, the bent one's hinge would be off by asin(carry / bend)."""
    random = np.random.default_rng(seed)
    made = carried(Plan(seed=seed, spine=spine), arm, leg, more, random)
    turns = bent(random)
    twin = remodelled(made.rig, turns, random)
    source, target = (replace(made, rig=twin), made.rig) if backwards else (made, twin)
    pose = random_pose(source.rig, made.bones, random)
    names = {name: name for names in made.bones.values() for name in names}
    found = perform(source, target, pose)
    posed = (pose, found) if not backwards else (found, pose)
    errors = rotation_errors(made.rig, posed[0], twin, posed[1], turns, names)
    assert max(error.max() for error in errors.values()) < 0.05, {n: e.max() for n, e in errors.items()}


@given(st.floats(-6, 6), st.floats(-6, 6), st.floats(2.6, 9), st.floats(-70, 70), st.floats(-40, 40), seeds)
def test_a_limb_turned_as_a_whole(arm, leg, more, arm_twist, leg_twist, seed):
    """Elbows and knees keep a small bend, which is no hinge: its plane in the other rest pose gives the twist."""
    random = np.random.default_rng(seed)
    made = carried(Plan(seed=seed, hands=False), arm, leg, more, random)
    turns = {}
    for side, sign in zip(SIDES, (1, -1), strict=True):
        turns[f"{side}_upper_arm"] = turned(("x", arm_twist), ("z", -sign * random.uniform(0, 40)), ("y", sign * 40))
        turns[f"{side}_upper_leg"] = turned(("z", leg_twist), ("x", -random.uniform(0, 20)))
        turns[f"{side}_foot"] = Rotation.identity()
    twin = remodelled(made.rig, turns, random)
    pose = random_pose(made.rig, made.bones, random)
    names = {name: name for names in made.bones.values() for name in names}
    errors = rotation_errors(made.rig, pose, twin, perform(made, twin, pose), turns, names)
    assert max(error.max() for error in errors.values()) < 0.05, {n: e.max() for n, e in errors.items()}


def test_only_one_skeleton_lends_its_carrying_angle():
    """At any size; a rig of other proportions is read alone."""
    made = carried(Plan(seed=1), 2.0, 2.0, 0.5, np.random.default_rng(1))
    twin = remodelled(made.rig, bent(np.random.default_rng(2)), np.random.default_rng(3),
                      world=placed(Rotation.identity(), 100.0))
    other = remodelled(make(Plan(seed=2)).rig, bent(np.random.default_rng(2)), np.random.default_rng(3))
    straight, bent_one, stranger = (read_rest_pose(rig, made.bones) for rig in (made.rig, twin, other))
    assert same_skeleton(straight, bent_one) == 1.0 and same_skeleton(straight, stranger) == 0.0
    ours, theirs = shared_twists(straight, bent_one)
    assert not ours and len(theirs) == 4
    assert all(abs(theirs[limb] - read_twists(bent_one)[limb].twist) > np.radians(1) for limb in theirs)
    assert shared_twists(straight, stranger) == ({}, {})


@given(carry, carry, seeds)
def test_the_straighter_of_two_decides_without_a_jump(arm, leg, seed):
    """Two rest poses with equal bends: either may be the straighter one without a difference."""
    random = np.random.default_rng(seed)
    made = carried(Plan(seed=seed), arm, leg, random.uniform(2, 8), random)

    def relative(more: float) -> np.ndarray:
        turns = {f"{side}_lower_{limb}": turned((axis, sign * more))
                 for side, sign in zip(SIDES, (1, -1), strict=True) for limb, axis in (("arm", "z"), ("leg", "x"))}
        rest = [read_rest_pose(rig, made.bones) for rig in (made.rig, remodelled(made.rig, turns, random))]
        shared = shared_twists(*rest)
        return np.array([[one.get(limb, read_twists(each)[limb].twist) for one, each in zip(shared, rest, strict=True)]
                         for limb in read_twists(rest[0])]) @ (1.0, -1.0)

    assert np.abs(relative(1e-4) - relative(-1e-4)).max() < 1e-3
