"""A character's own skin on the floor after retargeting."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.soles import body_points
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.retargeting.retarget import Floor, retarget
from anatomy_mocap.retargeting.tuning import TUNING
from anatomy_mocap.rigs.rest_pose import read_rest_pose
from anatomy_mocap.rigs.skin import body_size, read_skin
from tests.retargeting.test_retarget import WALK, limb_errors, posed
from tests.support import moving_bodies as bodies
from tests.support.made_rigs import Plan, make, placed
from tests.support.made_skins import flesh


def lying(frames=30, tilt=-90.0):
    """A T-pose on its back."""
    turned = np.repeat(bodies.t_pose(1), frames, axis=0) @ Rotation.from_euler("x", tilt, degrees=True).as_matrix().T
    return solve(take_from_positions(turned - (0, 0, body_points(turned)[..., 2].min()), 30.0))


def character(radius, **plan):
    made = make(Plan(toes=True, straight=True, **plan))
    rest = read_rest_pose(made.rig, made.bones)
    return made, rest, read_skin(rest, *flesh(rest, radius * body_size(rest)))


def heights(made, rest, skin, keys):
    """(T, N) heights of the skin's points, by the evaluated bones."""
    world = posed(made, keys)
    moves = world @ np.linalg.inv(made.rig.world_from_armature @ made.rig.rest)
    bones = np.array([made.rig.index(name) for name in skin.bone_names])[skin.carriers]
    points = np.column_stack([skin.points, np.ones(len(skin.points))])
    return np.einsum("tnkj,nj,nk->tn", moves[:, bones][..., 2, :], points, skin.weights) - rest.rig.world_from_armature[
        2, 3]


def keys_of(made, motion, floor):
    return retarget(motion, made.rig, SimpleNamespace(bones=made.bones), floor=floor)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.04, 0.12), st.integers(0, 1000), st.floats(-110, -70), st.floats(-2, 2), st.floats(-3, 3))
def test_a_lying_character_of_any_thickness_is_on_the_floor(radius, seed, tilt, size, yaw):
    made, rest, skin = character(radius, seed=seed, world=placed(Rotation.from_rotvec([0, 0, yaw]), 10.0**size))
    keys = keys_of(made, lying(tilt=tilt), Floor(skin, 1.0))
    low = heights(made, rest, skin, keys).min(axis=1) / body_size(rest)
    assert low.min() > -max(TUNING.floor_slack) - 0.01
    assert low.max() < 0.02


def test_a_walk_keeps_its_legs():
    made, _, skin = character(0.02, seed=3)
    plain, held = (keys_of(made, WALK, floor) for floor in (None, Floor(skin, 1.0)))
    errors = limb_errors(made, posed(made, held), WALK, ("upper_leg", "lower_leg"))
    assert max(each.mean() for each in errors.values()) < 3.0
    assert np.abs(held.root_locations - plain.root_locations).max() < 0.03


def test_without_skin_and_without_strength_nothing_changes():
    made, _, skin = character(0.1, seed=5)
    plain, none = keys_of(made, lying(), None), keys_of(made, lying(), Floor(skin, 0.0))
    assert plain.bent is None and none.bent is None
    assert np.allclose(plain.root_locations, none.root_locations)
    assert np.allclose(plain.rotations, none.rotations, atol=1e-9)


def test_a_body_in_the_air_is_left_alone():
    made, _, skin = character(0.08, seed=7)
    high = replace(WALK, root_positions=WALK.root_positions + (0, 0, 2.0))
    plain, held = (keys_of(made, high, floor) for floor in (None, Floor(skin, 1.0)))
    assert plain.root_locations == pytest.approx(held.root_locations)
    assert plain.rotations == pytest.approx(held.rotations)
