"""Maps that belong to a rig: its fingerprint, the user's folder of maps, slightly different rigs."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.bone_maps import user_maps as store
from anatomy_mocap.bone_maps.bone_map import BoneMap
from anatomy_mocap.bone_maps.fingerprint import fingerprint
from anatomy_mocap.bone_maps.match import match
from anatomy_mocap.core.errors import MocapError
from tests.support.made_rigs import Plan
from tests.support.rigs_by_convention import as_convention, renamed
from tests.support.rigs_with_extras import Extras, dressed


@pytest.fixture
def rig():
    made, names, _ = as_convention("mixamo")
    return renamed(made, names)


def other_names(rig, **changes):
    return replace(rig, bone_names=tuple(changes.get(name, name) for name in rig.bone_names))


@given(st.integers(0, 10**6))
def test_order_and_rest_pose_do_not_change_a_fingerprint(seed):
    """dressed() orders the bones differently for another seed."""
    first, second = (dressed(Plan(seed=seed), Extras(fingers=3, twists=True, seed=number)).rig for number in (1, 2))
    assert fingerprint(first) == fingerprint(second)


def test_names_and_parents_change_a_fingerprint(rig):
    parents = rig.parents.copy()
    parents[rig.index("Head")] = 0
    marks = {fingerprint(rig), fingerprint(other_names(rig, Head="head")), fingerprint(replace(rig, parents=parents))}
    assert len(marks) == 3
    assert fingerprint(replace(rig, name="other", rest=rig.rest * 2)) in marks


def test_a_map_is_found_again_for_the_same_bones(rig, tmp_path):
    folder = tmp_path / "maps"
    assert store.recall(folder, rig) is None
    changed = replace(match(rig), convention="changed by hand", bones=match(rig).bones | {"head": ()})
    path = store.remember(folder, changed, rig)
    again = store.recall(folder, replace(rig, name="another armature"))
    assert again.bones == {part: names for part, names in changed.bones.items() if names}
    assert again.convention == "changed by hand" and again.fingerprint == fingerprint(rig)
    assert store.recall(folder, other_names(rig, Head="head")) is None
    assert store.remember(folder, match(rig), rig) == path and list(folder.iterdir()) == [path]
    assert store.recall(folder, rig).bones["head"] == ("Head",)
    assert store.forget(folder, rig) and store.recall(folder, rig) is None and not store.forget(folder, rig)


@pytest.mark.parametrize("name", ["a/b\\c: d?*", "..", "", "骨" * 100])
def test_any_rig_name_makes_a_file(rig, tmp_path, name):
    path = store.remember(tmp_path, match(rig), replace(rig, name=name))
    assert path.parent == tmp_path and path.exists()


def test_a_damaged_map_in_the_store_is_named(rig, tmp_path):
    path = store.remember(tmp_path, match(rig), rig)
    path.write_text("{")
    with pytest.raises(MocapError, match=path.name):
        store.recall(tmp_path, rig)


def test_a_folder_that_cannot_be_made_is_told(rig, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MocapError, match="can't be created"):
        store.remember(tmp_path / "file" / "maps", match(rig), rig)


def test_files_carry_the_fingerprint_and_doubts(rig, tmp_path):
    bone_map = replace(match(rig), scores=match(rig).scores | {"Head": 0.4})
    path = bone_map.save(tmp_path / "map.json")
    content = json.loads(path.read_text())
    assert content["fingerprint"] == fingerprint(rig) and content["scores"] == {"Head": 0.4}
    loaded = BoneMap.load(path, rig)
    assert loaded.doubtful == ("Head",) and loaded.scores["Hips"] == 1 and loaded.fingerprint == fingerprint(rig)


def test_a_rig_that_differs_a_little_is_served_with_a_warning(rig, tmp_path):
    path = match(rig).save(tmp_path / "map.json")
    loaded = BoneMap.load(path, other_names(rig, LeftToeBase="toe", Spine1="torso"))
    assert loaded.bones["spine_chain"] == ("Spine", "Spine2", "Spine3") and "left_toes" not in loaded.bones
    [warning] = loaded.warnings
    assert "'LeftToeBase'" in warning and "'Spine1'" in warning
    assert not BoneMap.load(path, rig).warnings


@pytest.mark.parametrize("lost", [("LeftLeg",), ("Head", "Neck", "Spine", "Spine1", "Spine2", "LeftFoot", "LeftHand")])
def test_a_rig_that_differs_much_is_refused(rig, tmp_path, lost):
    path = match(rig).save(tmp_path / "map.json")
    with pytest.raises(MocapError, match="belongs to another rig"):
        BoneMap.load(path, other_names(rig, **{name: f"x{name}" for name in lost}))


@pytest.mark.parametrize(("content", "words"), [
    ("[" * 100_000, "not JSON"), ("9" * 5000, "not JSON|not a bone map"), ("[1]", "not a bone map"), ("\\", "not JSON"),
    ('{"a": "\\ud800"}', "not JSON"), (b"\xff\xfe", "not JSON"), (" " * 5 * 2**20, "larger than 4 MB"),
    ({"version": True}, "version True"), ({"version": [1] * 9999}, "version"), ({"convention": [1]}, "convention"),
    ({"fingerprint": {}}, "fingerprint"), ({"scores": {"Head": True}}, "scores"),
    ({"scores": {"Head": 1e400}}, "scores"),
    ({"bones": {"a\nb" * 999: ["x"]}}, "not a body part"), ({"bones": {"hips": {"x": 1}}}, "list of names"),
    ({"bones": {"neck": [f"n{i}" for i in range(99_999)] + ["twice\n"] * 2}}, "named twice")])
def test_damaged_maps_are_refused_in_one_line(rig, tmp_path, content, words):
    path = match(rig).save(tmp_path / "map.json")
    if isinstance(content, dict):
        content = json.dumps(json.loads(path.read_text()) | content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(MocapError, match=words) as caught:
        BoneMap.load(path, rig)
    line = str(caught.value)
    assert str(path) in line and "\n" not in line and len(line) < 1000


def test_what_is_no_regular_file_is_no_map(rig, tmp_path):
    (tmp_path / f"a-{fingerprint(rig)}.json").mkdir()
    with pytest.raises(MocapError, match="a folder"):
        store.recall(tmp_path, rig)
    with pytest.raises(MocapError, match="can't be deleted"):
        store.forget(tmp_path, rig)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.json")
        with pytest.raises(MocapError, match="not a regular file"):
            BoneMap.load(tmp_path / "pipe.json")
