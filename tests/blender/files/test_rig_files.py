"""Character files: each format is written, read again by Blender and compared."""

from __future__ import annotations

import json
import struct

import bpy
import numpy as np
import pytest

from anatomy_mocap.blender.files.bvh_file import BvhClip, write_bvh
from anatomy_mocap.blender.files.result_files import save_result
from anatomy_mocap.blender.files.rig_files import load_rig
from anatomy_mocap.blender.keys import keyframes
from anatomy_mocap.core.errors import MocapError
from tests.support.blender_scenes import empty_file, make_armature, make_keys, times_of, write_keys

FPS = 25.0
FRAMES = 21
RIGS = ("unreal/human-male.glb", "mixamo/animations-mixamo-default.glb", "vrm/basic_armature.vrm",
        "vrm/basic_armature_vrm1.vrm", "bvh/wave_hello.bvh")


@pytest.fixture(autouse=True)
def _empty():
    empty_file()
    bpy.context.scene.render.fps = 25  # importers lay keys out by the scene's rate


def animate(armature):
    """Key a small swing on the first bones that have a parent, and return their names."""
    names = [bone.name for bone in armature.pose.bones if bone.parent][:14]
    keys, take = make_keys(names, FRAMES, turns=0.7), times_of(FRAMES, FPS)
    keyframes.set_scene_timing(bpy.context.scene, take)
    write_keys(armature, keys, take, "swing")
    return names


def heads(armature, names, frames) -> np.ndarray:
    """Return the bones' world positions (frames, bones, 3)."""
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(int(frame))
        world = np.array(armature.matrix_world)
        points = np.array([armature.pose.bones[name].head for name in names])
        found.append(points @ world[:3, :3].T + world[:3, 3])
    return np.array(found)


@pytest.mark.parametrize("suffix", [".blend", ".fbx", ".glb", ".bvh"])
@pytest.mark.parametrize("rig", RIGS)
def test_the_animation_is_in_the_file_and_right(shared_data, tmp_path, rig, suffix):
    armature = load_rig(shared_data / "rigs" / rig)
    names = animate(armature)
    wanted = heads(armature, names, range(1, FRAMES + 1))
    assert np.ptp(wanted, axis=0).max() > 0.05
    file = save_result(tmp_path / f"out{suffix}", armature)
    assert [item.name for item in tmp_path.iterdir()] == [f"out{suffix}"]

    empty_file()
    bpy.context.scene.render.fps = 25
    again = load_rig(file)
    action = again.animation_data.action
    assert "swing" in action.name or suffix == ".bvh"
    first = round(action.frame_range[0])
    assert action.frame_range[1] - action.frame_range[0] == pytest.approx(FRAMES - 1, abs=0.01)
    found = heads(again, names, range(first, first + FRAMES))
    size = np.ptp(wanted.reshape(-1, 3), axis=0).max()
    assert np.abs(found - wanted).max() < 2e-4 * size


@pytest.mark.parametrize("suffix", [".fbx", ".glb"])
def test_only_our_action_is_exported(shared_data, tmp_path, suffix):
    armature = load_rig(shared_data / "rigs" / "mixamo" / "animations-mixamo-default.glb")
    assert {"Idle", "Walking"} <= {action.name for action in bpy.data.actions}
    animate(armature)
    assert {"Idle", "Walking", "swing"} <= {action.name for action in bpy.data.actions}, "older actions are kept"
    file = save_result(tmp_path / f"out{suffix}", armature)
    empty_file()
    load_rig(file)
    assert len(bpy.data.actions) == 1 and "swing" in bpy.data.actions[0].name


def test_blend_keeps_mesh_images_and_older_actions(root, tmp_path):
    armature = load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")
    animate(armature)
    file = save_result(tmp_path / "out.blend", armature)
    bpy.ops.wm.open_mainfile(filepath=str(file))
    meshes = [item for item in bpy.data.objects if item.type == "MESH"]
    assert meshes and all(any(mod.type == "ARMATURE" and mod.object for mod in item.modifiers) for item in meshes)
    images = [image for image in bpy.data.images if image.source == "FILE"]
    assert images and all(image.packed_file for image in images)
    assert bpy.context.scene.render.fps == 25 and bpy.context.scene.frame_end == FRAMES


def test_importer_leaves_no_balls_and_no_timing_behind(shared_data):
    scene = bpy.context.scene
    scene.render.fps, scene.frame_end = 48, 77
    for rig in RIGS:
        armature = load_rig(shared_data / "rigs" / rig)
        assert not any(bone.custom_shape for bone in armature.pose.bones)
    assert not any("Icosphere" in item.name for item in bpy.data.objects)
    assert (scene.render.fps, scene.frame_end) == (48, 77)


def test_textures_without_files_do_not_stop_a_rig(shared_data):
    with pytest.raises(MocapError, match=r"no_armature.glb: no armature \(found: empty, mesh\); give a rigged"):
        load_rig(shared_data / "rigs" / "refuse" / "no_armature.glb")
    assert not bpy.data.objects and not bpy.data.meshes and not bpy.data.materials, "a refused file leaves nothing"


def test_several_armatures_need_a_name(tmp_path):
    make_armature()
    make_armature().name = "Second"
    file = tmp_path / "two.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file), copy=True, check_existing=False)
    empty_file()
    with pytest.raises(MocapError, match=r"several armatures \(Rig, Second\); choose one with --armature"):
        load_rig(file)
    assert not bpy.data.objects and not bpy.data.armatures
    with pytest.raises(MocapError, match=r"no armature named 'Third' \(found: Rig, Second\)"):
        load_rig(file, "Third")
    armature = load_rig(file, "Second")
    assert armature.name == "Second" and "Rig" not in bpy.context.scene.objects


def test_append_brings_the_character_and_not_the_rest(tmp_path):
    scene, armature = bpy.context.scene, make_armature()
    stand = bpy.data.objects.new("Stand", None)
    body = bpy.data.objects.new("Body", bpy.data.meshes.new("Body"))
    lamp = bpy.data.objects.new("Lamp", None)
    for item in (stand, body, lamp):
        scene.collection.objects.link(item)
    armature.parent = stand
    body.modifiers.new("Armature", "ARMATURE").object = armature
    file = tmp_path / "character.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file), copy=True, check_existing=False)
    empty_file()
    load_rig(file)
    assert {item.name for item in bpy.context.scene.objects} == {"Rig", "Stand", "Body"}


def test_two_characters_of_one_name_live_side_by_side(root):
    file = root / "tests" / "data" / "rigs" / "human-male.glb"
    first, second = load_rig(file), load_rig(file)
    assert first != second and {first.name, second.name} <= set(bpy.context.scene.objects.keys())


def test_gltf_with_its_files_beside_it(tmp_path):
    names = [bone.name for bone in make_armature().data.bones]
    bpy.ops.export_scene.gltf(filepath=str(tmp_path / "rig.gltf"), export_format="GLTF_SEPARATE")
    empty_file()
    assert [bone.name for bone in load_rig(tmp_path / "rig.gltf").data.bones] == names


def test_a_generated_rigify_rig_comes_without_its_widgets(tmp_path):
    bpy.ops.preferences.addon_enable(module="rigify")
    bpy.ops.object.armature_basic_human_metarig_add()
    bpy.ops.pose.rigify_generate()
    rig = bpy.context.view_layer.objects.active
    name, widgets = rig.name, sum(item.name.startswith("WGT") for item in bpy.data.objects)
    file = tmp_path / "rigify.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file), copy=True, check_existing=False)
    empty_file()
    with pytest.raises(MocapError, match=r"several armatures \(metarig, " + name):
        load_rig(file)
    again = load_rig(file, name)
    assert widgets > 20 and "torso" in again.pose.bones and again.pose.bones["torso"].custom_shape
    assert {item.name for item in bpy.context.scene.objects} == {name}


def test_a_hidden_character_is_exported(root, tmp_path):
    armature = load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")
    animate(armature)
    armature.hide_viewport = True
    armature.children[0].hide_set(True)
    file = save_result(tmp_path / "out.glb", armature)
    empty_file()
    assert "swing" in load_rig(file).animation_data.action.name
    assert any(item.type == "MESH" for item in bpy.data.objects)


@pytest.mark.parametrize(("name", "content", "message"), [
    ("gone.glb", None, "no such file"),
    ("rig.obj", b"v 0 0 0", r"\.obj ending is no rig file"),
    ("rig", b"", "no ending is no rig file"),
    ("empty.glb", b"", "cut off"),
    ("noise.glb", b"\x00\x01\x02noise" * 40, "not a glTF file"),
    ("noise.gltf", b"{]", "not a glTF file"),
    ("noise.fbx", b"Kaydara nothing of the kind", "importer"),
    ("noise.bvh", b"HIERARCHY\nROOT", "not a readable BVH file"),
    ("noise2.bvh", b"HIERARCHY\nROOT a\n{\nOFFSET x y z\nCHANNELS 3\n}\n", "not a readable BVH file"),
    ("noise.blend", b"BLENDER?", "can't read it"),
    ("noise.vrm", b"not a model", "not a VRM file"),
    ("noise2.vrm", struct.pack("<III", 0x46546C67, 2, 24) + struct.pack("<II", 4, 0x4E4F534A) + b"{}  ",
     "no table of humanoid bones"),
])
def test_unusable_files_are_refused_in_one_line_and_leave_nothing(tmp_path, name, content, message):
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(MocapError, match=message) as caught:
        load_rig(file)
    assert str(file) in str(caught.value) and "\n" not in str(caught.value)
    assert not bpy.data.objects and not bpy.data.armatures


def test_importer_turned_off_is_said(root, monkeypatch):
    bpy.ops.preferences.addon_disable(module="io_scene_gltf2")
    try:
        with pytest.raises(MocapError, match="add-on io_scene_gltf2 for .glb files is off"):
            load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")
    finally:
        bpy.ops.preferences.addon_enable(module="io_scene_gltf2")


@pytest.mark.parametrize(("name", "message"), [("out.obj", "can't be written"), ("gone/out.bvh", "can't be written"),
                                               ("gone/out.glb", "can't be written"), ("", "no ending"),
                                               ("gone/out.fbx", "can't be written"),
                                               ("gone/out.blend", "can't be written")])
def test_results_that_cannot_be_written_leave_nothing(tmp_path, name, message):
    armature = make_armature()
    animate(armature)
    with pytest.raises(MocapError, match=message) as caught:
        save_result(tmp_path / name, armature)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("*"))


def test_a_failing_export_keeps_the_file_before(tmp_path, monkeypatch):
    from anatomy_mocap.blender.files import result_files

    armature, file = make_armature(), tmp_path / "out.bvh"
    animate(armature)
    file.write_text("the result of yesterday")

    def fails_half_way(path, _clip):
        path.write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(result_files, "write_bvh", fails_half_way)
    with pytest.raises(MocapError, match="disk full"):
        save_result(file, armature)
    assert file.read_text() == "the result of yesterday" and list(tmp_path.iterdir()) == [file]


def test_bvh_moves_only_what_moves_and_has_one_root(tmp_path):
    rest = np.tile(np.eye(4), (3, 1, 1))
    rest[:, :3, 3] = [(0, 0, 1), (0, 0, 2), (0.5, 0, 1)]
    pose = np.tile(rest, (4, 1, 1, 1))
    pose[:, :, 0, 3] += np.linspace(0, 1, 4)[:, None]
    write_bvh(tmp_path / "a.bvh", BvhClip(["hips", "spine top", "loose"], [-1, 0, -1], rest,
                                          rest[:, :3, 3] + (0, 0, 0.3), pose, 1 / 30))
    lines = (tmp_path / "a.bvh").read_text().splitlines()
    assert lines[1] == "ROOT root_of_all" and sum("ROOT" in line for line in lines) == 1
    assert any(line.strip() == "JOINT spine_top" for line in lines)
    channels = [line.split()[1] for line in lines if "CHANNELS" in line]
    assert channels == ["6", "6", "3", "6"]
    numbers = [line.split() for line in lines[lines.index("Frame Time: 0.03333333") + 1:]]
    assert len(numbers) == 4 and {len(row) for row in numbers} == {21}
    assert [float(value) for value in numbers[3][6:9]] == [1.0, 1.0, 0.0]  # the hips: x 1, y (up) 1


def test_vrm_skin_is_made_from_the_files_own_humanoid_table(shared_data, tmp_path):
    from anatomy_mocap.blender.files.vrm_file import write_as_glb

    write_as_glb(shared_data / "rigs" / "vrm" / "basic_armature.vrm", tmp_path / "a.glb")
    data = (tmp_path / "a.glb").read_bytes()
    assert struct.unpack_from("<I", data, 8)[0] == len(data)
    scene = json.loads(data[20:20 + struct.unpack_from("<I", data, 12)[0]])
    [skin] = scene["skins"]
    assert scene["nodes"][skin["joints"][0]]["name"] == "hips" and len(skin["joints"]) == len(set(skin["joints"])) == 53
