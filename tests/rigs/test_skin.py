"""The skin of a character: outermost points of its meshes, without cloth, hair and props."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.maths.rotations import about
from anatomy_mocap.rigs.rest_pose import read_rest_pose
from anatomy_mocap.rigs.skin import bent_vertices, body_size, read_skin
from tests.support.made_rigs import Plan, make
from tests.support.made_skins import flesh


def rest_of(**plan):
    made = make(Plan(**plan))
    return read_rest_pose(made.rig, made.bones)


def test_the_outermost_vertices_are_kept():
    rest = rest_of()
    vertices, names, weights = flesh(rest, 0.05)
    skin = read_skin(rest, vertices, names, weights)
    for axis in np.eye(3):
        assert (skin.points @ axis).max() == (vertices @ axis).max()
        assert (skin.points @ axis).min() == (vertices @ axis).min()
    assert np.allclose(skin.weights.sum(axis=1), 1.0)


def test_a_sword_and_a_skirt_are_no_skin():
    rest = rest_of(toes=True)
    size = body_size(rest)
    sword = rest.heads[rest.rig.index("left_hand")] + np.outer(np.linspace(0.4, 1.5, 50), (size, 0, 0))
    skirt = rest.heads[rest.rig.index("left_upper_leg")] + np.outer(np.linspace(0.3, 0.5, 50), (size, 0, 0))
    plain = read_skin(rest, *flesh(rest, 0.05))
    dressed = read_skin(rest, *flesh(rest, 0.05, {"left_hand": sword, "left_upper_leg": skirt}))
    assert np.allclose(np.ptp(dressed.points, axis=0), np.ptp(plain.points, axis=0))


def test_a_bone_that_is_not_mapped_counts_for_the_one_above_it():
    rest = rest_of(twists="beside")
    place = rest.heads[rest.rig.index("left_lower_arm_twist")]
    skin = read_skin(rest, place + 0.01 * np.eye(3), ("left_lower_arm_twist",), np.ones((3, 1)))
    assert {skin.bone_names[column] for column in skin.carriers[:, 0]} == {"left_lower_arm"}


def test_a_deform_bone_that_hangs_on_the_hips_counts_for_the_limb_beside_it():
    """As in control rigs, whose deform bones follow by constraints."""
    made = make(Plan(twists="beside"))
    bone, parents = made.rig.index("left_lower_arm_twist"), made.rig.parents.copy()
    parents[bone] = made.rig.index("hips")
    rest = read_rest_pose(replace(made.rig, parents=parents), made.bones)
    place = (rest.heads[rest.rig.index("left_lower_arm")] + rest.tips["left_lower_arm"]) / 2
    skin = read_skin(rest, place + 0.01 * np.eye(3), ("left_lower_arm_twist",), np.ones((3, 1)))
    assert {skin.bone_names[column] for column in skin.carriers[:, 0]} == {"left_lower_arm"}


def test_no_vertices_no_skin():
    rest = rest_of()
    assert read_skin(rest, np.empty((0, 3)), ("hips",), np.empty((0, 1))) is None
    assert read_skin(rest, np.zeros((2, 3)), ("hips",), np.zeros((2, 1))) is None
    assert read_skin(rest, np.zeros((2, 3)), ("nothing",), np.ones((2, 1))) is None


@given(st.floats(-3, 3), st.integers(0, 100))
def test_bent_vertices_turn_about_the_head_of_their_bone(angle, seed):
    rest = rest_of(seed=seed)
    vertices, names, weights = flesh(rest, 0.05)
    found = bent_vertices(rest.rig, vertices, names, weights, {"left_hand": about((0, 0, 1.0), angle)})
    own = weights[:, names.index("left_hand")] > 0
    head = rest.heads[rest.rig.index("left_hand")]
    assert np.allclose(np.linalg.norm(found[own] - head, axis=1), np.linalg.norm(vertices[own] - head, axis=1))
    assert np.allclose(found[~own], vertices[~own])
