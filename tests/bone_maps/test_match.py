"""Bone maps: every convention's names, prefixes, words, structure, files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.bone_maps.bone_map import PARTS, REQUIRED, BoneMap
from anatomy_mocap.bone_maps.bone_name import part_of, plain, side_of
from anatomy_mocap.bone_maps.conventions import registry
from anatomy_mocap.bone_maps.conventions.registry import CONVENTIONS, DRAW_ORDER
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.rigs.rig import make_rig
from tests.support.made_rigs import SIDES, Plan, make
from tests.support.rigs_by_convention import as_convention, renamed

HELPERS = ("{}_twist_01", "{}.ik.target", "pole_{}", "{}_helper", "hair_{}", "weapon_{}")
SAME_NAMES = {"cmu": {"mixamo"}, "xsens": {"unity_humanoid"}, "unity_humanoid": {"vrm"}, "smplx": {"smpl"}}
"""Conventions whose bones are named alike in the parts that a rig may have."""


def test_every_table_of_the_folder_is_a_convention_in_the_order_of_draws():
    files = {path.stem for path in Path(registry.__file__).parent.glob("*.py")} - {"__init__", "registry"}
    assert {table.name for table in CONVENTIONS} == files
    assert tuple(table.name for table in CONVENTIONS)[:len(DRAW_ORDER)] == DRAW_ORDER


def test_a_new_table_needs_no_other_change(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "__file__", str(tmp_path / "registry.py"))
    (tmp_path / "mixamo.py").write_text("")
    (tmp_path / "newest.py").write_text("")
    monkeypatch.setattr(registry.importlib, "import_module", lambda name, package: (name, package))
    assert registry._modules() == [(f".{name}", registry.__package__) for name in ("mixamo", "newest")]


@pytest.mark.parametrize("convention", [table.name for table in CONVENTIONS])
def test_every_convention_is_mapped_right(convention):
    made, names, right = as_convention(convention)
    found = match(renamed(made, names))
    assert found.bones == right
    assert found.convention in {convention} | SAME_NAMES.get(convention, set())
    assert not found.warnings and not found.doubtful
    assert set(found.scores) == {name for bones in right.values() for name in bones}


@pytest.mark.parametrize("prefix", ["mixamorig:", "mixamorig12:", "mixamorig_", "Character1_", "MyHero|rig:", "rig_",
                                    "Bob.", "ns:sub:"])
@pytest.mark.parametrize("convention", ["mixamo", "unreal", "rigify_metarig", "smpl", "daz_genesis8"])
def test_any_prefix_is_seen_through(prefix, convention):
    made, names, right = as_convention(convention)
    found = match(renamed(made, {own: prefix + name for own, name in names.items()}))
    assert found.bones == {part: tuple(prefix + name for name in bones) for part, bones in right.items()}


@pytest.mark.parametrize("change", [
    lambda name: name.replace("Bip01 ", "Bip001 "), lambda name: name.replace("Bip01 ", "ValveBiped.Bip01_"),
    lambda name: name.replace("Bip01 ", "hero Bip01 "), lambda name: name.replace("Bip01 ", "")])
def test_prefixes_that_belong_to_a_convention_may_change(change):
    made, names, right = as_convention("biped")
    found = match(renamed(made, {own: change(name) for own, name in names.items()}))
    assert found.bones == {part: tuple(map(change, bones)) for part, bones in right.items()}
    assert found.convention == "biped"


@pytest.mark.parametrize("convention", ["mixamo", "unreal", "biped"])
def test_running_numbers_of_exporters_are_seen_through(convention):
    made, names, right = as_convention(convention)
    numbered = {name: f"{name}_0{number}" for number, name in enumerate(names.values())}
    found = match(renamed(made, {own: numbered[name] for own, name in names.items()}))
    assert found.bones == {part: tuple(numbered[name] for name in bones) for part, bones in right.items()}
    assert found.convention == convention


def test_hips_beside_the_spine():
    """As in MikuMikuDance: lower and upper body are siblings; both are found, and their parent moves."""
    made, names, right = as_convention("mmd")
    rig = renamed(made, names)
    parents = rig.parents.copy()
    parents[rig.index("上半身")] = rig.index("Armature_Root")
    assert match(replace(rig, parents=parents)).bones == right


def test_collar_bones_below_the_neck():
    """As in 3ds Max's Biped: the neck stays the neck."""
    made, names, right = as_convention("biped")
    rig = renamed(made, names)
    parents = rig.parents.copy()
    for side in "LR":
        parents[rig.index(f"Bip01 {side} Clavicle")] = rig.index("Bip01 Neck")
    assert match(replace(rig, parents=parents)).bones == right


def test_twist_bones_inside_limbs_are_passed_over():
    """As in Daz Genesis 8: lShldrBend, lShldrTwist, lForearmBend ... one below the other."""
    made, names, right = as_convention("daz_genesis8", halves=True)
    for side, letter in zip(SIDES, "lr", strict=True):
        names |= {f"{side}_upper_arm_half": f"{letter}ShldrTwist", f"{side}_lower_arm_half": f"{letter}ForearmTwist",
                  f"{side}_upper_leg_half": f"{letter}ThighTwist"}
    found = match(renamed(made, names))
    assert found.bones == right and found.convention == "daz_genesis8" and not found.doubtful


def test_second_legs_of_the_same_place_are_left_alone():
    """As in MikuMikuDance: 左足D beside 左足, and IK bones at the feet."""
    made, names, right = as_convention("mmd")
    rig = renamed(made, names)
    chosen = [rig.index(right[f"{side}_{part}"][0]) for side in SIDES
              for part in ("upper_leg", "lower_leg", "foot")]
    twins = {bone: len(rig) + number for number, bone in enumerate(chosen)}
    parents = [twins.get(int(rig.parents[bone]), int(rig.parents[bone])) for bone in chosen]
    goals = [rig.index(right[f"{side}_foot"][0]) for side in SIDES]
    rig = make_rig("mmd", (*rig.bone_names, *(rig.bone_names[bone] + "D" for bone in chosen), "左足ＩＫ", "右足ＩＫ"),
                   [*rig.parents, *parents, 0, 0], rig.rest[[*range(len(rig)), *chosen, *goals]],
                   rig.lengths[[*range(len(rig)), *chosen, *goals]])
    assert match(rig).bones == right


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda name: name.replace("_", "-").replace(".", " ")])
def test_case_and_separators_do_not_matter(change):
    made, names, right = as_convention("unreal")
    found = match(renamed(made, {own: change(name) for own, name in names.items()}))
    assert found.bones == {part: tuple(map(change, bones)) for part, bones in right.items()}


@given(st.sampled_from(["mixamo", "unreal", "vrm"]), st.integers(0, 10**6), st.booleans(), st.booleans())
def test_helpers_are_left_alone(convention, seed, halves, loose):
    """Twist, IK, hair and prop bones named after body parts are never mapped."""
    made, names, right = as_convention(convention, halves=halves, seed=seed)
    rig = renamed(made, names)
    chosen = [name for bones in right.values() for name in bones]
    extra = [pattern.format(name) for pattern in HELPERS for name in chosen]
    parents = [-1 if loose else rig.index(name) for _ in HELPERS for name in chosen]
    rig = make_rig("with helpers", (*rig.bone_names, *extra), (*rig.parents, *parents),
                   np.concatenate([rig.rest, np.tile(np.eye(4), (len(extra), 1, 1))]),
                   np.concatenate([rig.lengths, np.ones(len(extra))]))
    assert match(rig).bones == right


WORDS = {
    "spanish": {
        "hips": "Cadera", "spine_1": "Columna1", "spine_2": "Columna2", "neck_1": "Cuello", "head": "Cabeza",
        "upper_arm": "Brazo_{}", "lower_arm": "Antebrazo_{}", "hand": "Mano_{}", "upper_leg": "Muslo_{}",
        "lower_leg": "Pantorrilla_{}", "foot": "Pie_{}", "left": "Izq", "right": "Der",
    },
    "german": {
        "hips": "Becken", "spine_1": "Wirbelsäule", "spine_2": "Brust", "neck_1": "Hals", "head": "Kopf",
        "upper_arm": "Oberarm.{}", "lower_arm": "Unterarm.{}", "hand": "Hand.{}", "upper_leg": "Oberschenkel.{}",
        "lower_leg": "Unterschenkel.{}", "foot": "Fuß.{}", "left": "links", "right": "rechts",
    },
    "french": {
        "hips": "Bassin", "spine_1": "Colonne_bas", "spine_2": "Colonne_haut", "neck_1": "Cou", "head": "Tête",
        "upper_arm": "Bras_{}", "lower_arm": "AvantBras_{}", "hand": "Main_{}", "upper_leg": "Cuisse_{}",
        "lower_leg": "Mollet_{}", "foot": "Pied_{}", "left": "gauche", "right": "droite",
    },
    "chinese": {
        "hips": "骨盆", "spine_1": "脊椎1", "spine_2": "脊椎2", "neck_1": "脖子", "head": "头", "upper_arm": "{}上臂",
        "lower_arm": "{}前臂", "hand": "{}手", "upper_leg": "{}大腿", "lower_leg": "{}小腿", "foot": "{}脚",
        "left": "左", "right": "右",
    },
    "limb and part": {
        "hips": "pelvis_jnt", "spine_1": "torso_a_jnt", "spine_2": "torso_b_jnt", "neck_1": "neck_jnt",
        "head": "head_jnt", "upper_arm": "{}_arm_upper_jnt", "lower_arm": "{}_arm_lower_jnt", "hand": "{}_palm_jnt",
        "upper_leg": "{}_leg_upper_jnt", "lower_leg": "{}_leg_lower_jnt", "foot": "{}_foot_jnt", "left": "lf",
        "right": "rt",
    },
    "plain": {
        "hips": "Hip", "spine_1": "Waist", "spine_2": "Chest", "neck_1": "Neck", "head": "Head", "upper_arm": "{}Bicep",
        "lower_arm": "{}Elbow", "hand": "{}Palm", "upper_leg": "{}Thigh", "lower_leg": "{}Knee", "foot": "{}Ankle",
        "left": "Left", "right": "Right",
    },
}


@pytest.mark.parametrize("language", WORDS)
def test_words_do_where_no_table_fits(language):
    words = dict(WORDS[language])
    sides = {side: words.pop(side) for side in SIDES}
    made = make(Plan(spine=2, neck=1, clavicles=False, toes=False))
    names = {own: name for own, name in words.items() if "{}" not in name}
    names |= {f"{side}_{part}": name.format(word) for side, word in sides.items()
              for part, name in words.items() if "{}" in name}
    found = match(renamed(made, names | {"root": "Root"}))
    assert found.bones == {part: tuple(names[name] for name in bones) for part, bones in made.bones.items()}
    assert found.convention == "names" and all(0.6 < score < 1 for score in found.scores.values())


def test_unrecognisable_rigs_are_refused_with_what_was_found():
    made, names, _ = as_convention("unreal")
    few = {own: name for own, name in names.items() if own in ("hips", "head", "left_upper_leg")}
    made = replace(made, rig=replace(made.rig, rest=np.tile(np.eye(4), (len(made.rig), 1, 1))))
    with pytest.raises(MocapError) as refusal:
        match(renamed(made, few))
    text = str(refusal.value)
    assert "\n" not in text
    assert "no left_lower_leg, " in text and "hips (pelvis)" in text and "left_upper_leg (thigh_l)" in text
    with pytest.raises(MocapError, match="found none"):
        match(renamed(made, {}))


def test_mirrored_objects_swap_the_sides():
    made, names, right = as_convention("unreal", world=np.diag([-1.0, 1, 1, 1]))
    found = match(renamed(made, names))
    assert found.bones["left_hand"] == right["right_hand"] and found.bones["right_foot"] == right["left_foot"]
    assert found.bones["head"] == right["head"]
    assert any("swapped" in warning for warning in found.warnings)


def test_spine_and_neck_are_the_bones_between_hips_and_head():
    """A table's spine has three bones, the rig's has six with other names: all six are found by their place."""
    made = make(Plan(spine=6, neck=3))
    _, names, _ = as_convention("mixamo")
    names = {own: name for own, name in names.items() if not own.startswith(("spine", "neck"))}
    found = match(renamed(made, names | {f"spine_{n}": f"weird{n}" for n in range(1, 7)}))
    assert found.bones["spine_chain"] == tuple(f"weird{n}" for n in range(1, 7))
    assert len(found.bones["neck"]) == 3
    assert 0.6 < found.scores["weird3"] < 1


def test_legs_beside_the_hips():
    made, names, right = as_convention("mixamo", legs_on_root=True)
    assert match(renamed(made, names)).bones == right


def test_constraints_are_warned_about_by_name():
    made, names, _ = as_convention("unreal")
    rig = replace(renamed(made, names), constraints={"calf_l": ("IK",), "zz3": ("Limit",)})
    [warning] = match(rig).warnings
    assert "calf_l (IK)" in warning and "Limit" not in warning


def test_a_limb_that_hangs_elsewhere_is_doubtful():
    made, names, _ = as_convention("unreal")
    rig = renamed(made, names)
    parents = rig.parents.copy()
    parents[rig.index("lowerarm_l")] = rig.index("pelvis")
    found = match(replace(rig, parents=parents))
    assert "lowerarm_l" in found.doubtful
    assert any("lowerarm_l" in warning for warning in found.warnings)


@pytest.mark.parametrize(("name", "side", "part"), [
    ("LeftUpLeg", "left", "upper_leg"), ("R_Forearm", "right", "lower_arm"), ("thigh.L", "left", "upper_leg"),
    ("clavicle_r", "right", "shoulder"), ("lShin", "left", "lower_leg"), ("head", "", "head"),
    ("upperarm_twist_l", "left", ""), ("hand_ik.L", "left", ""), ("LeftHandThumb1", "left", ""),
    ("左ひじ", "left", "lower_arm"), ("Bone.012", "", ""), ("HeadTop_End", "", ""), ("eye.L", "left", ""),
    ("RightToeBase", "right", "toes"), ("spine_03", "", "spine_chain"),
])
def test_words_of_a_name(name, side, part):
    assert (side_of(name), part_of(name)) == (side, part)


def test_plain_spelling():
    assert plain("Upper_Arm.L") == plain("upperarm l") == "upperarml"
    assert plain("左ひじ") == "左ひじ" and plain("Ｈｉｐｓ") == "hips"


def test_tables_are_sound():
    """Every table uses known part names only and lists no bone twice."""
    for table in CONVENTIONS:
        assert set(table.bones) <= set(PARTS) and set(REQUIRED) <= set(table.bones), table.name
        spelled = [text for names in table.bones.values() for text in names]
        if table.name != "cloudrig_deform":  # its first spine bone is the hips in rigs without DEF-Hips
            assert len(set(spelled)) == len(spelled), table.name


# --- files


@pytest.fixture
def unreal_map():
    made, names, _ = as_convention("unreal")
    rig = renamed(made, names)
    return match(rig), rig


def test_saved_maps_come_back(unreal_map, tmp_path):
    bone_map, rig = unreal_map
    path = bone_map.save(tmp_path / "hero.json")
    loaded = BoneMap.load(path, rig)
    assert loaded.bones == bone_map.bones and loaded.convention == "unreal"
    assert [entry.name for entry in tmp_path.iterdir()] == ["hero.json"]
    assert bone_map.missing == ()


def test_a_map_can_be_written_by_hand(unreal_map, tmp_path):
    path = unreal_map[0].save(tmp_path / "hero.json")
    content = json.loads(path.read_text())
    content["bones"] |= {"hips": "pelvis", "left_toes": []}
    path.write_text(json.dumps(content))
    loaded = BoneMap.load(path)
    assert loaded.bones["hips"] == ("pelvis",) and "left_toes" in loaded.missing


@pytest.mark.parametrize(("change", "message"), [
    (lambda c: c.update(schema="other"), "not a bone map"),
    (lambda c: c.update(version=9), "version 9"),
    (lambda c: c["bones"].update(tail=["x"]), "'tail' is not a body part"),
    (lambda c: c["bones"].update(head=["head", "neck_9"]), "'head' has 2 bones"),
    (lambda c: c["bones"].update(head=["pelvis"]), "'pelvis' is named twice"),
    (lambda c: c["bones"].update(head=3), "not a list of names"),
    (lambda c: c["bones"].pop("left_upper_arm"), "no bone for left_upper_arm"),
    (lambda c: c["bones"].update(hips=["Kopf"]), "no bone 'Kopf'"),
    (lambda c: c.update(scores={"head": 2}), "not numbers from 0 to 1"),
    (lambda c: c.update(scores=[1]), "not numbers from 0 to 1"),
])
def test_bad_map_files_are_refused(unreal_map, tmp_path, change, message):
    bone_map, rig = unreal_map
    path = bone_map.save(tmp_path / "hero.json")
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(MocapError) as refusal:
        BoneMap.load(path, rig)
    assert message in str(refusal.value) and str(path) in str(refusal.value) and "\n" not in str(refusal.value)


def test_unreadable_map_files_are_refused(tmp_path, unreal_map):
    with pytest.raises(MocapError, match="no such file"):
        BoneMap.load(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(MocapError, match="not JSON"):
        BoneMap.load(tmp_path / "bad.json")
    with pytest.raises(MocapError, match="can't be written"):
        unreal_map[0].save(tmp_path / "nowhere" / "hero.json")
