"""glTF, VRM and BVH files are checked before Blender's importers read them; no Blender runs here."""

import json
import os
import struct

import pytest

from anatomy_mocap.blender.files.bvh_check import check_bvh
from anatomy_mocap.blender.files.gltf_check import read_gltf
from anatomy_mocap.blender.files.vrm_file import write_as_glb
from anatomy_mocap.core.errors import MocapError

HIPS = {"VRMC_vrm": {"humanoid": {"humanBones": {"hips": {"node": 0}}}}}


def glb(path, scene, rest=b"", claim=None):
    text = scene if isinstance(scene, bytes) else json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    length = len(text) if claim is None else claim
    path.write_bytes(struct.pack("<III", 0x46546C67, 2, 20 + len(text) + len(rest))
                     + struct.pack("<II", length, 0x4E4F534A) + text + rest)
    return path


def chain(count):
    return [{"children": [index + 1]} for index in range(count - 1)] + [{}]


@pytest.mark.parametrize(("scene", "words"), [
    ({"nodes": [{"children": [0]}]}, "above itself"),
    ({"nodes": [{"children": [1]}, {"children": [0]}]}, "above itself"),
    ({"nodes": [{"children": [2]}, {"children": [2]}, {}]}, "two parents"), ({"nodes": chain(900)}, "levels|above it"),
    ({"nodes": [{"children": [-1]}]}, "does not exist"), ({"nodes": [{"children": ["0"]}]}, "does not exist"),
    ({"nodes": [{"children": [True]}]}, "does not exist"), ({"nodes": [{"children": 3}]}, "no list"),
    ({"nodes": {"a": 1}}, "no list"), ({"nodes": [1]}, "no list"), ([1, 2], "is a list"), (b"null", "NoneType"),
    (b"[" * 100_000, "not a VRM"), (b"{", "not a VRM"), (b"\xff\xff\xff\xff", "not a VRM"),
    ({"accessors": [{"count": 10**12, "type": "MAT4"}]}, "without data"),
    ({"accessors": [{"count": "1"}]}, "whole number"),
    ({"accessors": [{"count": -1}]}, "elements"), ({"accessors": [{"count": 9, "bufferView": 4}]}, "does not exist"),
    ({"accessors": [{"count": 10**9, "bufferView": 0, "componentType": 5126, "type": "VEC3"}],
      "bufferViews": [{"byteLength": 400, "buffer": 0}], "buffers": [{"byteLength": 400}]}, "claims"),
    ({"bufferViews": [{"byteLength": 10**9, "buffer": 0}], "buffers": [{"byteLength": 10**9}]}, "larger than the file"),
    ({}, "no table of humanoid"), ({"extensions": []}, "not a VRM"), ({"extensions": HIPS}, "no hips"),
    ({"extensions": {"VRM": {"humanoid": {"humanBones": [{"bone": "hips", "node": "a"}]}}}, "nodes": [{}]}, "no hips"),
    ({"extensions": {"VRM": {"humanoid": {"humanBones": [1]}}}, "nodes": [{}]}, "not a VRM")])
def test_damaged_vrm_files_are_refused_in_one_line(tmp_path, scene, words):
    path = glb(tmp_path / "a.vrm", scene, bytes(400))
    with pytest.raises(MocapError, match=words) as caught:
        write_as_glb(path, tmp_path / "a.glb")
    line = str(caught.value)
    assert str(path) in line and "\n" not in line and len(line) < 700 and not (tmp_path / "a.glb").exists()


def test_containers_that_are_cut_off(tmp_path):
    whole = glb(tmp_path / "a.glb", {"nodes": [{}]}).read_bytes()
    for length in (0, 3, 11, 15, 19, 24):
        (tmp_path / "a.glb").write_bytes(whole[:length])
        with pytest.raises(MocapError, match="not a glTF file"):
            read_gltf(tmp_path / "a.glb")
    with pytest.raises(MocapError, match="cut off"):
        read_gltf(glb(tmp_path / "a.glb", {"nodes": [{}]}, claim=2**32 - 1))
    (tmp_path / "a.gltf").write_text('{"nodes": [{"children": [0]}]}')
    with pytest.raises(MocapError, match="above itself"):
        read_gltf(tmp_path / "a.gltf")


def test_every_sound_file_passes(shared_data, tmp_path):
    files = [path for path in (shared_data / "rigs").rglob("*") if path.suffix in (".glb", ".gltf", ".vrm", ".bvh")]
    assert len(files) > 5
    for path in files:
        check_bvh(path) if path.suffix == ".bvh" else read_gltf(path)
    deep = glb(tmp_path / "deep.vrm", {"nodes": chain(400), "extensions": HIPS})
    write_as_glb(deep, tmp_path / "deep.glb")
    assert len(read_gltf(tmp_path / "deep.glb").scene["skins"][0]["joints"]) == 400


BVH = """HIERARCHY
ROOT hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  End Site
  {
    OFFSET 0 10 0
  }
}
MOTION
Frames: 2
Frame Time: 0.033333
0 90 0 0 0 0
0 91 0 0 10 0
"""


@pytest.mark.parametrize(("old", "new", "words"), [
    ("0 91", "nan 91", "not finite"), ("0 91", "inf 91", "not finite"), ("0 91", "1e30 91", "too large"),
    ("0 91 0 0 10 0", "0 91 0", "cut off"), ("0.033333", "0", "frame time"), ("0.033333", "-1", "frame time"),
    ("0.033333", "nan", "not finite"), ("0.033333", "1e-9", "frame time"),
    ("Frame Time: 0.033333", "", "no frame time"),
    ("MOTION", "", "no line MOTION"), ("  }\n}", "  }", "braces"), ("{\n  OFFSET", "OFFSET", "braces"),
    ("CHANNELS 6", "CHANNELS 99999999999", "channels"), ("CHANNELS 6", "CHANNELS ²", "channels"),
    ("CHANNELS 6", "CHANNELS", "channels"), ("ROOT hips", "", "no joint"), ("OFFSET 0 0 0", "OFFSET x", "could not"),
    ("ROOT hips\n", "ROOT hips\n{\n" * 400, "levels"), (BVH, "", "no line MOTION"),
    ("91", "\x00", "could not convert")])
def test_damaged_bvh_files_are_refused_in_one_line(tmp_path, old, new, words):
    path = tmp_path / "a.bvh"
    path.write_text(BVH, encoding="utf-8")
    check_bvh(path)
    assert old in BVH
    path.write_text(BVH.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(MocapError, match=words) as caught:
        check_bvh(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_pipes_are_not_waited_for(tmp_path):
    bpy = pytest.importorskip("bpy")
    assert bpy
    from anatomy_mocap.blender.files.rig_files import load_rig

    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.bvh")
        with pytest.raises(MocapError, match="not a regular file"):
            load_rig(tmp_path / "pipe.bvh")
