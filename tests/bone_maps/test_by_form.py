"""The body by its form: rigs with useless or misleading names, in any pose, place and dress."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_mocap.bone_maps.bone_map import PARTS
from anatomy_mocap.bone_maps.match import conventions_of, match
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.rigs.rig import make_rig
from anatomy_mocap.rigs.sides import other_side
from tests.support.made_rigs import Plan, make, placed
from tests.support.rigs_by_convention import as_convention, renamed
from tests.support.rigs_with_extras import Extras, any_plan, dressed, scrambled

FULL = Extras(fingers=5, ends=True, face=True, twists=True, hair=2, breasts=True)
PLAIN = Plan(arm_drop=30, toes=True, seed=3)


def wrong_unflagged(found, right) -> list[str]:
    """Return the parts that are mapped wrongly without a flag."""
    return [part for part in PARTS if found.bones.get(part) and found.bones[part] != right.get(part)
            and not set(found.bones[part]) & set(found.doubtful)]


@pytest.mark.parametrize("kind", ["numbered", "random", "shuffled"])
def test_scrambled_names_map_by_form(kind):
    """On a fixed set of rigs at least 95 % of the parts are right, and no error is unflagged."""
    right = parts = 0
    for seed in range(60):
        made = scrambled(dressed(*any_plan(seed)), kind, seed)
        try:
            found = match(made.rig)
        except MocapError:
            parts += len(made.bones)
            continue
        assert not wrong_unflagged(found, made.bones), seed
        right += sum(found.bones.get(part) == names for part, names in made.bones.items())
        parts += len(set(made.bones) | set(found.bones))
    assert right >= 0.95 * parts


@pytest.mark.parametrize("noise", [0.003, 0.006, 0.012])
def test_uneven_bodies_are_flagged_rather_than_wrong(noise):
    """Each joint is displaced independently by a fraction of the rig's size."""
    for seed in range(30000, 30040):
        made = dressed(*any_plan(seed))
        rest = made.rig.rest.copy()
        size = np.ptp(made.rig.heads, axis=0).max()
        rest[:, :3, 3] += np.random.default_rng(seed).normal(0, noise * size, (len(rest), 3))
        made = scrambled(replace(made, rig=replace(made.rig, rest=rest)), "random", seed)
        try:
            found = match(made.rig)
        except MocapError:
            continue
        assert not wrong_unflagged(found, made.bones), seed


@pytest.mark.parametrize("above", [0.0, 0.015, 0.03])
def test_a_chest_as_high_as_the_shoulders_may_be_the_neck(above):
    """The parent of the arms begins above the shoulders: it may be chest or neck, so it is flagged."""
    made = dressed(PLAIN, FULL)
    rest, chest = made.rig.rest.copy(), made.rig.index(made.bones["spine_chain"][-1])
    shoulder = rest[made.rig.index(made.bones["left_upper_arm"][0]), 2, 3]
    rest[chest, 2, 3] = shoulder + above
    made = scrambled(replace(made, rig=replace(made.rig, rest=rest)), "shuffled", 4)
    found = match(made.rig)
    assert not wrong_unflagged(found, made.bones)
    assert set(found.bones["spine_chain"]) <= set(found.doubtful)


@settings(max_examples=40)
@given(st.integers(10**4, 10**6), st.sampled_from(["numbered", "random", "shuffled"]))
def test_any_rig_gives_a_sound_map_or_a_refusal_in_words(seed, kind):
    made = scrambled(dressed(*any_plan(seed)), kind, seed)
    try:
        found = match(made.rig)
    except MocapError as error:
        assert "map the bones by hand" in str(error)
        return
    assert set(found.scores) == {name for names in found.bones.values() for name in names}
    assert all(0 <= score <= 1 for score in found.scores.values())
    used = [name for names in found.bones.values() for name in names]
    assert len(set(used)) == len(used)
    assert set(used) <= set(made.rig.bone_names)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.floats(-3, 3), st.booleans())
def test_place_size_turn_and_mirror_do_not_matter(seed, size, mirrored):
    """The same bones are found for any object transform; mirrored, left is right."""
    made = scrambled(dressed(PLAIN, FULL), "random", 1)
    before = match(made.rig)
    assert before.bones == made.bones
    world = placed(Rotation.random(random_state=seed), 10**size, (5, -3, 2))
    if mirrored:
        world = world @ np.diag([1.0, -1, 1, 1])
    after = match(replace(made.rig, world_from_armature=world)).bones
    assert after == ({other_side(part): names for part, names in made.bones.items()} if mirrored else made.bones)


@given(st.integers(0, 10**6))
def test_the_order_of_bones_does_not_matter(seed):
    first, second = (dressed(PLAIN, replace(FULL, seed=number)) for number in (0, seed))
    names = {name: f"b{number}" for number, name in enumerate(sorted(first.rig.bone_names))}
    found = [match(replace(made.rig, bone_names=tuple(names[name] for name in made.rig.bone_names))).bones
             for made in (first, second)]
    assert found[0] == found[1]


@pytest.mark.parametrize("spine", range(1, 7))
@pytest.mark.parametrize("neck", range(1, 4))
def test_spines_and_necks_of_any_number(spine, neck):
    made = scrambled(dressed(replace(PLAIN, spine=spine, neck=neck), FULL), "numbered", 0)
    assert match(made.rig).bones == made.bones


@pytest.mark.parametrize("dress", [
    {"skirt": 5}, {"tail": 6}, {"cape": True}, {"wings": True}, {"prop": True}, {"targets": True}, {"hair": 3},
    {"breasts": True}, {"twists": True}, {"ends": True}])
def test_dress_is_left_alone(dress):
    made = scrambled(dressed(PLAIN, Extras(fingers=5, face=True, **dress)), "random", 4)
    assert match(made.rig).bones == made.bones


def test_a_posed_arm_makes_a_map_doubtful_not_wrong():
    """An arm that is posed differently from the other is found by its bone lengths, not by symmetry."""
    made = dressed(PLAIN, FULL)
    rest, arm = made.rig.rest.copy(), made.rig.subtree(made.rig.index("left_upper_arm"))
    turn, pivot = Rotation.from_euler("y", -40, degrees=True), rest[arm[0], :3, 3].copy()
    rest[arm, :3, 3] = pivot + turn.apply(rest[arm, :3, 3] - pivot)
    made = scrambled(replace(made, rig=replace(made.rig, rest=rest)), "random", 2)
    found = match(made.rig)
    assert found.bones["left_lower_arm"] == made.bones["left_lower_arm"]
    assert found.bones["right_foot"] == made.bones["right_foot"]
    assert made.bones["left_lower_arm"][0] in found.doubtful
    assert not wrong_unflagged(found, made.bones)


def test_a_rig_without_toes_thumbs_or_face_flags_its_sides():
    """Without evidence of the front, left and right may be wrong, and a warning appears."""
    made = scrambled(dressed(replace(PLAIN, toes=False, straight=False, elbow=0.0), Extras()), "random", 0)
    found = match(made.rig)
    assert {"left_hand", "right_upper_leg"} <= {
        part for part, names in found.bones.items() if set(names) & set(found.doubtful)}
    assert any("left and right" in warning for warning in found.warnings)


def test_sides_come_from_names_if_the_form_is_not_clear():
    made = dressed(replace(PLAIN, toes=False, straight=False, hands=False, elbow=0.0), Extras())
    names = {name: f"zz{number}_{name.split('_')[0][0]}" if name.startswith(("left", "right")) else f"zz{number}"
             for number, name in enumerate(made.rig.bone_names)}
    found = match(replace(made.rig, bone_names=tuple(names[name] for name in made.rig.bone_names)))
    assert found.bones["left_upper_leg"] == (names["left_upper_leg"],)
    assert found.bones["right_upper_arm"] == (names["right_upper_arm"],)


def test_names_on_the_wrong_bones_are_ignored():
    """All names of a convention are there, but shuffled: the form decides, and a warning appears."""
    made, names, _ = as_convention("mixamo")
    rig = renamed(made, names)
    order = np.random.default_rng(5).permutation(len(rig))
    called = dict(zip(rig.bone_names, np.array(rig.bone_names)[order].tolist(), strict=True))
    found = match(replace(rig, bone_names=tuple(called[name] for name in rig.bone_names)))
    assert found.convention == "form"
    assert found.bones["left_upper_leg"] == (called["LeftUpLeg"],)
    assert any("form" in warning for warning in found.warnings)


def test_two_bones_that_changed_names_are_flagged():
    made, names, _ = as_convention("mixamo", elbow=10)
    swap = {"LeftUpLeg": "LeftLeg", "LeftLeg": "LeftUpLeg"}
    found = match(renamed(made, {own: swap.get(name, name) for own, name in names.items()}))
    assert found.bones["left_upper_leg"] == ("LeftLeg",) or "LeftUpLeg" in found.doubtful


def test_a_form_that_is_no_body_is_refused():
    random = np.random.default_rng(0)
    rest = np.tile(np.eye(4), (20, 1, 1))
    rest[:, :3, 3] = random.normal(size=(20, 3))
    rig = make_rig("crane", [f"Bone.{n:03}" for n in range(20)], np.arange(-1, 19), rest, np.ones(20))
    with pytest.raises(MocapError, match="crane: too few bones are recognised"):
        match(rig)


# --- control rigs


def control_rig():
    """As in Rigify: FK controls at the places of the deform bones, which constraints move; the pelvis is below an FK
    spine control."""
    made = make(Plan(spine=3, neck=1, arm_drop=40))
    deform = {"hips": "DEF-spine", "head": "DEF-spine.005", "neck_1": "DEF-spine.004",
              **{f"spine_{n}": f"DEF-spine.00{n}" for n in (1, 2, 3)}}
    control = {"hips": "torso", "head": "head", "neck_1": "neck", "spine_1": "spine_fk.001",
               "spine_2": "spine_fk.002", "spine_3": "spine_fk.003"}
    for part, bone in {"shoulder": "shoulder", "upper_arm": "upper_arm", "lower_arm": "forearm", "hand": "hand",
                       "upper_leg": "thigh", "lower_leg": "shin", "foot": "foot", "toes": "toe"}.items():
        for side, letter in (("left", "L"), ("right", "R")):
            deform[f"{side}_{part}"] = f"DEF-{bone}.{letter}"
            control[f"{side}_{part}"] = f"{bone}{'' if part == 'shoulder' else '_fk'}.{letter}"
    rig, count = made.rig, len(made.rig)
    names = [deform.get(name, f"def {name}") for name in rig.bone_names] \
        + [control.get(name, f"MCH-{name}") for name in rig.bone_names]
    parents = np.concatenate([rig.parents, np.where(rig.parents < 0, -1, rig.parents + count)])
    for side in ("left", "right"):
        parents[count + rig.index(f"{side}_upper_leg")] = count + rig.index("spine_1")
    parents[count + rig.index("spine_2")] = count + rig.index("hips")
    driven = dict.fromkeys(names[:count], ("Copy Transforms",))
    return make_rig("control", names, parents, np.concatenate([rig.rest] * 2), np.concatenate([rig.lengths] * 2),
                    deform=np.arange(2 * count) < count, constraints=driven)


def test_fk_controls_come_before_the_bones_they_move():
    rig = control_rig()
    assert conventions_of(rig)[:2] == ("rigify_control", "rigify_deform")
    found = match(rig)
    assert found.convention == "rigify_control" and not found.warnings and not found.doubtful
    assert found.bones["hips"] == ("torso",) and found.bones["left_lower_arm"] == ("forearm_fk.L",)
    assert found.bones["spine_chain"] == ("spine_fk.002", "spine_fk.003"), "spine_fk.001 carries the legs"


def test_deform_bones_of_a_control_rig_can_be_chosen():
    rig = control_rig()
    found = match(rig, "rigify_deform")
    assert found.convention == "rigify_deform"
    assert found.bones["left_hand"] == ("DEF-hand.L",)
    assert any("constraints" in warning for warning in found.warnings)
    with pytest.raises(MocapError, match="not named by the convention mixamo; choose one of rigify_control"):
        match(rig, "mixamo")


@pytest.mark.parametrize(("part", "spelling"), [
    ("hand", "FK-Wrist.{}"), ("lower_leg", "FK-Shin.{}"), ("upper_arm", "FK-Upperarm.{}"), ("toes", "FK-Toe.{}")])
def test_spellings_of_a_tools_versions(part, spelling):
    made, names, right = as_convention("cloudrig_control")
    names |= {f"{side}_{part}": spelling.format(letter) for side, letter in (("left", "L"), ("right", "R"))}
    found = match(renamed(made, names))
    assert found.convention == "cloudrig_control"
    assert found.bones[f"left_{part}"] == (spelling.format("L"),)
    assert found.bones["head"] == right["head"]
