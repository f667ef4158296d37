"""Any made rig against its twin with another rest pose, place and size: whole rotations, any additional bones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import assume, currently_in_test_context, example, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.rigs.limb_twist import read_twists
from anatomy_mocap.rigs.rest_pose import read_rest_pose
from anatomy_mocap.rigs.t_pose_alignment import alignments
from tests.retargeting.test_read_rig_motion import counterparts, perform, turned
from tests.rigs.test_same_skeleton import carried
from tests.support.made_rigs import SIDES, Plan, make, placed
from tests.support.remodelled_rigs import random_pose, remodelled, rotation_errors
from tests.support.rigs_with_extras import Extras, dressed

seeds = st.integers(0, 10**6)
sizes = st.sampled_from([0.01, 0.1, 1.0, 10.0, 100.0])
carry = st.floats(-2.7, 2.7)


def rest_pose(made, bent: bool, random) -> dict[str, Rotation]:
    """Draw random turns of arms and legs, bent about the rig's hinges: bone -> turn in armature space."""
    base, turns, uniform = alignments(read_rest_pose(made.rig, made.bones), at_ease=False), {}, random.uniform
    place = made.rig.world_from_armature[:3, :3]
    place = Rotation.from_matrix(place / np.cbrt(np.linalg.det(place)))
    for side, sign in zip(SIDES, (1, -1), strict=True):
        if bent:
            limbs = {"arm": (turned(("x", uniform(-40, 40)), ("z", sign * uniform(-90, 20)),
                                    ("y", sign * uniform(0, 75))), turned(("z", -sign * uniform(12, 100)))),
                     "leg": (turned(("z", sign * uniform(-25, 25)), ("y", -sign * uniform(0, 25)),
                                    ("x", -uniform(0, 60))), turned(("x", uniform(12, 90))))}
        else:
            limbs = {"arm": (turned(("y", sign * uniform(-10, 75))), Rotation.identity()),
                     "leg": (turned(("y", -sign * uniform(0, 20))), Rotation.identity())}
        for limb, (whole, bend) in limbs.items():
            stand = Rotation.from_quat(base[f"{side}_upper_{limb}"], scalar_first=True) * place
            turns[made.bones[f"{side}_upper_{limb}"][0]] = stand.inv() * whole * stand
            turns[made.bones[f"{side}_lower_{limb}"][0]] = stand.inv() * whole * bend * stand
        turns[made.bones[f"{side}_foot"][0]] = Rotation.identity()
    return turns


def worst(made, turns, world, axes, random) -> dict[str, float]:
    """Return bone -> largest error of its full rotation in degrees, if it exceeds half a degree."""
    twin = remodelled(made.rig, turns, random, axes, world)
    if currently_in_test_context():
        assume(not guessed(twin, made.bones))
    pose = random_pose(made.rig, made.bones, random, 6)
    names = counterparts(made, np.linalg.det(world[:3, :3]) < 0)
    errors = rotation_errors(made.rig, pose, twin, perform(made, twin, pose), turns, names)
    return {name: error.max() for name, error in errors.items() if error.max() > 0.5}


def guessed(twin, bones) -> bool:
    """Bends that may be an overextension or a twist: these are left open."""
    return any(limb.bend > np.radians(4.0) and abs(limb.hinge) > np.radians(100.0) and limb.shown < 1.0
               for limb in read_twists(read_rest_pose(twin, bones)).values())


def mirrored(world: np.ndarray, mirror: bool) -> np.ndarray:
    return world @ np.diag([-1.0 if mirror else 1.0, 1, 1, 1])


@example(12288, True, False, 80.0, 0.0, 0.0, 0.01, 0.01, (1, 0, False, False, False))
@settings(max_examples=40)
@given(seeds, st.booleans(), st.booleans(), st.sampled_from([0.0, 0.0, 45.0, 80.0]), carry, carry, sizes, sizes,
       st.tuples(st.integers(1, 6), st.integers(0, 3), st.booleans(), st.booleans(), st.booleans()))
def test_a_made_rigs_twin_turns_as_it_does(seed, bent, mirror, drop, arm, leg, size, other_size, form):
    """Elbows and knees deviate by up to 2.7 degrees, with random rolls, all kinds of bone axes and a negative scale."""
    random, (spine, neck, clavicles, halves, any_axes) = np.random.default_rng(seed), form
    plan = Plan(seed=seed, spine=spine, neck=neck, clavicles=clavicles, halves=halves, arm_drop=drop,
                flags=bool(seed % 2), straight=bool(seed % 3),
                world=placed(Rotation.random(random_state=seed), size, (1, 2, 3)))
    made = make(plan) if drop else carried(plan, arm, leg, random.uniform(0, 1.2), random)
    world = mirrored(placed(Rotation.random(random_state=seed + 1), other_size, (0, 1, 0)), mirror)
    found = worst(made, rest_pose(made, bent, random), world, "any" if any_axes else "roll", random)
    assert not found


@settings(max_examples=12)
@given(seeds, st.booleans(), st.booleans(), sizes)
def test_a_dressed_rigs_twin_turns_as_it_does(seed, bent, mirror, size):
    """Fingers, end bones, a tail, twist bones: none of them is mistaken for evidence."""
    random = np.random.default_rng(seed)
    extras = Extras(fingers=5, ends=True, tail=5, twists=True, face=True, seed=seed)
    made = dressed(Plan(seed=seed), extras)
    world = mirrored(placed(Rotation.random(random_state=seed + 1), size), mirror)
    assert not worst(made, rest_pose(made, bent, random), world, "roll", random)


def test_giants_far_above_their_floor():
    """Feet so high that their weights are 0 to the last bit leave the path to the hips (a former NaN)."""
    for seed in (41, 42, 50):
        random = np.random.default_rng(seed)
        made = make(Plan(seed=seed, world=placed(Rotation.identity(), 100.0)))
        twin = remodelled(made.rig, rest_pose(made, True, random), random)
        pose = random_pose(made.rig, made.bones, random)
        pose[..., 2, 3] += 300.0
        found = perform(made, twin, pose)
        legs = [made.rig.index(f"{side}_upper_leg") for side in SIDES]
        assert np.abs(found[:, legs, 2, 3] - pose[:, legs, 2, 3]).max() < 100.0


def test_birds_knees_bend_backwards_in_both():
    """Shanks that point forwards from the knee in both rest poses: no thigh is turned round."""
    random = np.random.default_rng(7)
    made, back = make(Plan(seed=7)), {}
    for side in SIDES:
        back[f"{side}_lower_leg"], back[f"{side}_foot"] = turned(("x", -50)), Rotation.identity()
    made = replace(made, rig=remodelled(made.rig, back, random))
    turns = {f"{side}_{part}": turn for side in SIDES
             for part, turn in (("lower_leg", turned(("x", -15))), ("foot", Rotation.identity()))}
    assert not worst(made, turns, np.eye(4), "roll", random)
