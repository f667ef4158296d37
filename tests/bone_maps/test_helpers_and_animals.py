"""Helper bones with a body part's words, words in any order, and rigs that are no person, as public files have them."""

from __future__ import annotations

import pytest

from anatomy_mocap.bone_maps.bone_map import PARTS
from anatomy_mocap.bone_maps.bone_name import is_helper, part_of
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.core.errors import MocapError
from tests.support.rigs_of_other_tools import described

MIXAMO = {"hips": "Hips", "spine": "Spine", "chest": "Spine1", "neck": "Neck", "head": "Head",
          "shoulder": "{s}Shoulder", "arm": "{s}Arm", "elbow": "{s}ForeArm", "wrist": "{s}Hand", "hip": "{s}UpLeg",
          "knee": "{s}Leg",
          "ankle": "{s}Foot", "ball": "{s}ToeBase"}
WORDS = MIXAMO | {"shoulder": "Clavicle_{s}", "arm": "UpArm_{s}", "elbow": "LoArm_{s}", "wrist": "Hand_{s}",
                  "hip": "UpLeg_{s}", "knee": "LoLeg_{s}", "ankle": "Foot_{s}", "ball": "Toe_{s}"}
TREE = (("hips", "", "hips", "hips"), ("spine", "hips", "belly", "spine_chain"),
        ("chest", "spine", "chest", "spine_chain"), ("neck", "chest", "neck", "neck"), ("head", "neck", "head", "head"),
        ("shoulder", "chest", "collar", "shoulder"), ("arm", "shoulder", "arm", "upper_arm"),
        ("elbow", "arm", "elbow", "lower_arm"), ("wrist", "elbow", "wrist", "hand"),
        ("hip", "hips", "hip", "upper_leg"),
        ("knee", "hip", "knee", "lower_leg"), ("ankle", "knee", "ankle", "foot"), ("ball", "ankle", "ball", "toes"))


def body(names, sides="Left Right", helper="", above=(), more=()):
    """A person's rig. helper: pattern of the bones above those of `above`. more: (name, its parent's key, place)."""
    lines = [f"sides s: {sides}"]
    for key, parent, place, part in TREE:
        over = names.get(parent, "")
        if key in above:
            lines.append(f"{helper.format(names[key])} ; {over} ; {'waist' if key == 'hip' else place}")
            over = helper.format(names[key])
        lines.append(f"{names[key]} ; {over} ; {place} ; {part}")
        lines += [f"{name} ; {names[key]} ; {at}" for name, holder, at in more if holder == key]
    return described("made", "\n".join(lines))


def wrong(made) -> dict:
    """Part -> (found, right) of all differing parts."""
    found = match(made.rig)
    return {part: (found.bones.get(part), made.bones.get(part)) for part in PARTS
            if found.bones.get(part) != made.bones.get(part)}


@pytest.mark.parametrize("above", [("hip",), ("hip", "shoulder", "arm"), (
    "hip", "knee", "ankle", "elbow", "wrist", "ball")])
@pytest.mark.parametrize("helper", ["__{}", "_{}", "{}_offset", "{}_grp", "null_{}", "{}_$AssimpFbx$_PreRotation"])
@pytest.mark.parametrize(("names", "sides"), [(MIXAMO, "Left Right"), (WORDS, "L R")])
def test_a_helper_above_the_bone_of_its_name_is_no_limb(names, sides, helper, above):
    assert not wrong(body(names, sides, helper, above))


def test_a_hip_bone_that_leads_to_the_thigh_is_no_limb():
    assert not wrong(body(WORDS | {"hip": "Thigh_{s}"}, "L R", "Hip_{{s}}", ("hip",)))


@pytest.mark.parametrize("name", ["headtracker", "HeadTracker", "headband", "head_gear", "NeckTie"])
def test_a_word_that_contains_a_bone_s_word_is_no_bone(name):
    """The head hangs on it; it is no neck."""
    assert is_helper(name)
    text = ["sides s: Left Right"]
    for key, parent, place, part in TREE:
        if key == "head":
            text.append(f"{name} ; Neck ; neck2")
        over = name if key == "head" else MIXAMO.get(parent, "")
        text.append(f"{MIXAMO[key]} ; {over} ; {place} ; {part}")
    assert not wrong(described("made", "\n".join(text)))


@pytest.mark.parametrize(("name", "holder", "place"), [
    ("ShoulderPad_{s}", "chest", "arm"), ("shoulderpad_{s}", "chest", "arm"), ("KneePad_{s}", "hip", "knee"),
    ("elbowpad_{s}", "arm", "elbow"), ("handtracker_{s}", "hips", "wrist"), ("FootTracker_{s}", "hips", "ankle"),
    ("hip_armor_{s}", "hips", "hip"), ("Hand_Grip_{s}", "hips", "wrist"), ("kneecap_{s}", "hip", "knee")])
def test_things_worn_on_a_body_part_are_not_the_part(name, holder, place):
    assert not wrong(body(WORDS, "L R", more=[(name, holder, place)]))


@pytest.mark.parametrize(("name", "part"), [
    ("L_armUpper0001_bind_JNT", "upper_arm"), ("armLower0001", "lower_arm"), ("legUpper0001", "upper_leg"),
    ("R_legLower0001", "lower_leg"), ("armupper01_L", "upper_arm"), ("arm_01_up", "upper_arm"), ("leg-lo", "lower_leg"),
    ("UprArm_R", "upper_arm"), ("arm_fore_l", "lower_arm"), ("lwrleg", "lower_leg"), ("foreleg", ""), ("army", "")])
def test_words_of_a_half_limb_in_any_order(name, part):
    assert part_of(name) == part


def animal(front, back, wing=""):
    """A body with a lying trunk on four legs, named by patterns."""
    lines = ["sides s: L R", "Hips ; ; root+0,0.4,0.6 ", "Spine ; Hips ; root+0,0.1,0.62",
             "Chest ; Spine ; root+0,-0.3,0.6", "Neck ; Chest ; root+0,-0.45,0.75",
             "Head ; Neck ; root+0,-0.55,0.95", "Nose ; Head ; root+0,-0.75,0.9"]
    for names, parent, y in ((front, "Chest", -0.3), (back, "Hips", 0.4)):
        for name, z, ahead in zip(names, (0.55, 0.3, 0.05), (0, 0.04, 0), strict=True):
            lines.append(f"{name} ; {parent} ; root+0.1,{y + ahead},{z}")
            parent = name
    if wing:
        for number in range(3):
            lines.append(f"{wing}{number}_{{s}} ; {f'{wing}{number - 1}_{{s}}' if number else 'Chest'} ; "
                         f"root+{0.2 + 0.3 * number},-0.2,0.7")
    return described("animal", "\n".join(lines)).rig


@pytest.mark.parametrize(("front", "back", "wing"), [
    (("front_thigh_{s}", "front_shin_{s}", "front_foot_{s}"), ("thigh_{s}", "shin_{s}", "foot_{s}"), ""),
    (("UpperArm_{s}", "LowerArm_{s}", "Hand_{s}"), ("UpperLeg_{s}", "LowerLeg_{s}", "Foot_{s}"), ""),
    (("leg_1_1_{s}", "leg_1_2_{s}", "leg_1_3_{s}"), ("leg_2_1_{s}", "leg_2_2_{s}", "leg_2_3_{s}"), "wing_")])
def test_what_does_not_walk_on_two_legs_is_refused_with_the_reason(front, back, wing):
    with pytest.raises(MocapError, match="two legs"):
        match(animal(front, back, wing))
