"""Rigs whose limbs, hands or trunk are on roots of their own: the body stays in one piece."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.retargeting.read_rig_motion import read_rig_motion
from anatomy_mocap.retargeting.retarget import retarget
from anatomy_mocap.settings import RetargetSettings
from tests.retargeting.test_retarget import DANCE, limb_errors, plans, posed
from tests.support.made_rigs import SIDES, Made, Plan, make
from tests.support.remodelled_rigs import random_pose

BOTH = {limb: [f"{side}_{limb}" for side in SIDES] for limb in ("upper_leg", "upper_arm", "lower_arm", "hand", "foot")}
CUTS = {
    "legs, each its own root": {None: BOTH["upper_leg"]},
    "legs on one root": {"other": BOTH["upper_leg"]},
    "all limbs and the head": {None: [*BOTH["upper_leg"], *BOTH["upper_arm"], "head"]},
    "hands and feet on a root": {"other": [*BOTH["hand"], *BOTH["foot"]]},
    "hands and feet on the root": {"root": [*BOTH["hand"], *BOTH["foot"]]},
    "forearms on the hips": {"hips": BOTH["lower_arm"]},
    "trunk and legs without the hips": {"other": [*BOTH["upper_leg"], "spine_1"]},
    "arms and neck without a chest": {"other": [*BOTH["upper_arm"], "neck_1"]},
}
"""New parent (None for no parent) -> its new children. "other" is an additional root."""


def cut(made: Made, parents: dict[str | None, list[str]]) -> Made:
    """The rig with another root bone, "other", and other parents; the places of the bones are unchanged."""
    rig = made.rig
    names = ("other", *rig.bone_names)
    above = {name: (rig.bone_names[parent] if parent >= 0 else None)
             for name, parent in zip(rig.bone_names, rig.parents, strict=True)} | {"other": None}
    above |= {bone: parent for parent, bones in parents.items() for bone in bones}
    place = np.array(rig.rest[0])
    place[:3, 3] += (0.3, -0.2, 0.1)

    def first(values, value):
        return np.concatenate([[value], values])

    return replace(made, rig=replace(
        rig, bone_names=names, parents=np.array([-1 if above[name] is None else names.index(above[name])
                                                 for name in names]),
        rest=first(rig.rest, place), lengths=first(rig.lengths, 0.1), connected=first(rig.connected, False),
        inherit_rotation=first(rig.inherit_rotation, True), local_location=first(rig.local_location, True),
        inherit_scale=("FULL", *rig.inherit_scale), deform=first(rig.deform, True),
        rotation_modes=("QUATERNION", *rig.rotation_modes)))


def whole(plan: Plan) -> Made:
    return make(replace(plan, clavicles=False, hands=True, neck=max(plan.neck, 1), legs_on_root=False))


@pytest.mark.parametrize("where", CUTS)
@given(plan=plans, ground=st.booleans(), local=st.booleans())
def test_a_rig_in_pieces_moves_as_the_whole_one(where, plan, ground, local):
    """Compare world matrices of all bones in all frames of a take."""
    made = whole(plan)
    pieces = cut(made, CUTS[where])
    pieces = replace(pieces, rig=replace(pieces.rig, local_location=np.full(len(pieces.rig), local)))
    settings = RetargetSettings(ground_on_root=ground)
    wanted, found = (posed(each, retarget(DANCE, each.rig, SimpleNamespace(bones=each.bones), settings))
                     for each in (made, pieces))
    size = np.cbrt(abs(np.linalg.det(made.rig.world_from_armature[:3, :3])))
    for names in made.bones.values():
        for name in names:
            gap = np.abs(found[:, pieces.rig.index(name)] - wanted[:, made.rig.index(name)]).max()
            assert gap < 1e-6 * (1 + size), (where, name, gap)


@pytest.mark.parametrize("where", CUTS)
def test_only_what_has_to_move_has_a_location(where):
    pieces = cut(whole(Plan(seed=3, spine=2)), CUTS[where])
    keys = retarget(DANCE, pieces.rig, SimpleNamespace(bones=pieces.bones))
    mapped = {name for names in pieces.bones.values() for name in names}
    one_root = where in ("legs on one root", "trunk and legs without the hips", "arms and neck without a chest")
    assert set(keys.bone_names) == mapped | ({"other"} if one_root else set())
    assert set(keys.more_locations) == ({"other"} if one_root else {bone for bones in CUTS[where].values()
                                                                      for bone in bones})


@given(plans, st.sampled_from(sorted(CUTS)), st.sampled_from(["chest", "space"]), st.integers(0, 10**6))
def test_hands_and_feet_in_place_and_sources_in_pieces(plan, where, hands, seed):
    """Reaching limbs and reading motions are independent of the cuts."""
    made = whole(plan)
    pieces = cut(made, CUTS[where])
    pose = random_pose(made.rig, made.bones, np.random.default_rng(seed))
    shown = np.concatenate([pose[:, :1], pose], axis=1)
    settings = RetargetSettings(hands=hands, feet="space")
    found = []
    for source, world in ((made, pose), (pieces, shown)):
        motion, detail = read_rig_motion(source.rig, SimpleNamespace(bones=source.bones), world, 30.0)
        found += [posed(made, retarget(motion, made.rig, SimpleNamespace(bones=made.bones), settings, detail)),
                  posed(pieces, retarget(motion, pieces.rig, SimpleNamespace(bones=pieces.bones), settings,
                                         detail))[:, 1:]]
    size = np.cbrt(abs(np.linalg.det(made.rig.world_from_armature[:3, :3])))
    mapped = [made.rig.index(name) for names in made.bones.values() for name in names]
    for each in found[1:]:
        assert np.abs(each[:, mapped] - found[0][:, mapped]).max() < 1e-5 * (1 + size)


def test_a_limb_connected_to_the_wrong_bone_is_refused_in_words():
    pieces = cut(whole(Plan(seed=5)), {"hips": ["left_lower_arm"]})
    connected = pieces.rig.connected.copy()
    connected[pieces.rig.index("left_lower_arm")] = True
    pieces = replace(pieces, rig=replace(pieces.rig, connected=connected))
    with pytest.raises(MocapError, match="'left_lower_arm' has to hold to 'left_upper_arm' but is connected to 'hips'"):
        retarget(DANCE, pieces.rig, SimpleNamespace(bones=pieces.bones))


def test_limbs_in_pieces_point_as_the_takes():
    pieces = cut(whole(Plan(seed=6, arm_drop=40, flags=True)), CUTS["hands and feet on the root"])
    world = posed(pieces, retarget(DANCE, pieces.rig, SimpleNamespace(bones=pieces.bones)))
    assert max(error.max() for error in limb_errors(pieces, world, DANCE).values()) < 0.01
