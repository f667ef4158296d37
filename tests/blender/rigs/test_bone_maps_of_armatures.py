"""Bone maps of all characters in the shared data: right by names, and no unflagged error with meaningless names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anatomy_mocap.bone_maps.bone_map import PARTS
from anatomy_mocap.bone_maps.match import conventions_of, match
from benchmarks.rig_zoo import NO_BODY, zoo
from tests.support.made_rigs import Made
from tests.support.rigs_with_extras import scrambled


@pytest.fixture(scope="module")
def characters(shared_data):
    """Return (name, rig, right bones, convention) of all characters."""
    return list(zoo(shared_data / "rigs"))


def test_names_map_every_character_right(characters):
    assert len(characters) > 20
    for name, rig, right, convention in characters:
        found = match(rig, convention)
        assert {part: names for part, names in found.bones.items() if names} == right, name
        assert not found.doubtful, name


def test_a_generated_rig_offers_controls_and_deform_bones(characters):
    [rig] = [rig for name, rig, _, _ in characters if name == "rigify human controls"]
    assert conventions_of(rig)[:2] == ("rigify_control", "rigify_deform")


@pytest.mark.parametrize("kind", ["numbered", "shuffled"])
def test_no_bone_is_wrong_without_a_flag_where_names_say_nothing(characters, kind):
    for name, rig, right, _ in characters:
        if name in NO_BODY or name.endswith("controls"):
            continue
        made = scrambled(Made(rig, right, {}), kind, 7)
        called = dict(zip(rig.bone_names, made.rig.bone_names, strict=True))
        found = match(replace(made.rig, constraints={called[bone]: told for bone, told in rig.constraints.items()}))
        wrong = [part for part in PARTS if found.bones.get(part) and found.bones[part] != made.bones.get(part)]
        assert not [part for part in wrong if not set(found.bones[part]) & set(found.doubtful)], name
        assert len(wrong) <= 2, name
