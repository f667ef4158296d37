"""The review of the bone map in the panel: uncertain bones are shown, corrected by picking bones, and accepted."""

from __future__ import annotations

import bpy
import pytest

import anatomy_mocap
from anatomy_mocap.blender.ui import bone_review, panels, preferences
from tests.support.blender_scenes import empty_file, make_armature
from tests.support.rigs_of_other_tools import foreign


@pytest.fixture(autouse=True)
def _registered(tmp_path, monkeypatch):
    empty_file()
    monkeypatch.setattr(preferences, "takes_folder", lambda create=True: tmp_path)
    anatomy_mocap.register()
    yield
    if bpy.context.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    anatomy_mocap.unregister()


@pytest.fixture
def man():
    """Load an armature whose hands are named ends. They are mapped right, but with low scores."""
    made = foreign("mgear")
    data = bpy.data.armatures.new("man")
    armature = bpy.data.objects.new("man", data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    for name, parent, rest in zip(made.rig.bone_names, made.rig.parents, made.rig.rest, strict=True):
        bone = data.edit_bones.new(name)
        bone.head, bone.tail = rest[:3, 3], rest[:3, 3] + [0, 0, 0.05]
        bone.parent = data.edit_bones[int(parent)] if parent >= 0 else None
    bpy.ops.object.mode_set(mode="OBJECT")
    settings().armature = armature
    bpy.ops.anatomy_mocap.find_bones()
    return armature


def settings():
    return bpy.context.scene.anatomy_mocap


def choose(part: str):
    settings().active_bone = settings().bones.find(part)
    return settings().row()


def selected() -> list[str]:
    return [bone.name for bone in bpy.context.selected_pose_bones]


def test_doubtful_bones_have_a_score_and_come_first(man):
    assert settings().row().doubtful
    assert 0 < choose("left_hand").score < 0.95
    assert choose("hips").score >= 0.95 and not settings().row().doubtful


def test_the_list_can_show_only_what_is_in_doubt(man):
    shown = panels.ANATOMY_MOCAP_UL_bones.filter_items
    all_rows, _ = shown(_Bits, None, settings(), "bones")
    settings().review_only = True
    some, _ = shown(_Bits, None, settings(), "bones")
    rows = settings().bones
    assert [bool(flag) for flag in all_rows] == [not row.finger for row in rows]  # fingers are folded away
    assert sum(row.finger for row in rows) == 10
    assert [bool(flag) for flag in some] == [row.doubtful for row in rows] and 0 < sum(map(bool, some)) < 15
    settings().review_only, settings().show_fingers = False, True
    assert all(shown(_Bits, None, settings(), "bones")[0])
    settings().show_fingers = False


class _Bits:
    bitflag_filter_item = 1 << 30


def test_the_bones_of_a_part_are_shown(man):
    choose("left_hand")
    assert bpy.ops.anatomy_mocap.show_bones() == {"FINISHED"}
    assert bpy.context.mode == "POSE" and selected() == ["arm_L0_end_jnt"]
    choose("spine_chain")
    bpy.ops.anatomy_mocap.show_bones()
    assert selected() == list(settings().row().named())
    assert man.data.bones.active.name == selected()[0]


def test_selected_bones_become_the_part(man):
    choose("left_hand")
    assert not bpy.ops.anatomy_mocap.use_bones.poll(), "nothing is selected"
    bpy.ops.anatomy_mocap.show_bones()
    bone_review.select(man, ["finger_L2_0_jnt"])
    assert bpy.ops.anatomy_mocap.use_bones() == {"FINISHED"}
    row = settings().row()
    assert row.bones == "finger_L2_0_jnt" and not row.doubtful and row.score == 1.0 and settings().map_edited
    bone_review.select(man, ["finger_L2_0_jnt", "arm_L0_end_jnt"])
    with pytest.raises(RuntimeError, match="Left Hand is one bone, 2 are selected"):
        bpy.ops.anatomy_mocap.use_bones()


def test_chains_take_several_bones_from_the_hips_upwards(man):
    choose("spine_chain")
    bpy.ops.anatomy_mocap.show_bones()
    bone_review.select(man, ["spine_C0_03_jnt", "spine_C0_01_jnt"])
    bpy.ops.anatomy_mocap.use_bones()
    assert settings().row().named() == ("spine_C0_01_jnt", "spine_C0_03_jnt")


def test_a_bone_is_taken_from_the_part_that_had_it(man):
    choose("left_hand")
    bpy.ops.anatomy_mocap.show_bones()
    choose("left_toes")
    bpy.ops.anatomy_mocap.use_bones()
    assert choose("left_toes").bones == "arm_L0_end_jnt" and choose("left_hand").bones == ""


def test_accepting_leads_through_what_is_in_doubt_and_is_kept(man):
    """Find Bones on a twin: accepted bones are certain now, the others still are not."""
    before = sum(row.doubtful for row in settings().bones)
    accepted = settings().row().name
    bpy.ops.anatomy_mocap.accept_bones()
    assert sum(row.doubtful for row in settings().bones) == before - 1 and settings().row().doubtful
    still = settings().row().name
    anatomy_mocap.blender.ui.bone_rows.rig_and_map(settings())
    twin = man.copy()
    bpy.context.scene.collection.objects.link(twin)
    settings().armature = twin
    rig, found = anatomy_mocap.blender.ui.bone_rows.rig_and_map(settings())
    assert found.bones[accepted][0] not in found.doubtful and found.bones[still][0] in found.doubtful


def test_where_no_body_is_found_the_rows_are_there_to_be_filled():
    settings().armature = make_armature(("door", "hinge"))
    with pytest.raises(RuntimeError, match="map the bones by hand"):
        bpy.ops.anatomy_mocap.find_bones()
    assert settings().map_state == "BAD" and [row.finger for row in settings().bones] == [False] * 20 + [True] * 10
    choose("hips").bones = "door"
    assert anatomy_mocap.blender.ui.bone_rows.rig_and_map(settings())[1].bones == {"hips": ("door",)}
