"""Rigs and motion files as people have them, through the command line: each with its right value."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import bpy
import pytest

from anatomy_mocap.cli import main
from anatomy_mocap.core.take import save_take
from tests.support.field_rigs import person, save, walking_take


@pytest.fixture(scope="module")
def take_file(tmp_path_factory):
    """Write a take of a person who steps in place."""
    path = tmp_path_factory.mktemp("take") / "steps.npz"
    save_take(walking_take(), path)
    return path


def retarget(source, rig, output, capsys, *words):
    """Run the command; returns its facts."""
    code = main(["retarget", str(source), "--rig", str(rig), "-o", str(output), "--json", "--quiet", *words])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return json.loads(captured.out)


def open_result(path):
    """Open a result; returns its armature, evaluated at its last frame."""
    bpy.ops.wm.open_mainfile(filepath=str(path))
    armature = next(item for item in bpy.context.scene.objects if item.type == "ARMATURE")
    return armature


@pytest.fixture
def incomplete(tmp_path):
    """Save a character whose texture and font are not there any more, and one more texture that is."""
    armature = person()
    mesh = bpy.data.objects.new("Body", bpy.data.meshes.new("Body"))
    bpy.context.scene.collection.objects.link(mesh)
    mesh.parent = armature
    there = bpy.data.images.new("there", 4, 4)
    there.filepath_raw, there.file_format = str(tmp_path / "there.png"), "PNG"
    there.save()
    gone = bpy.data.images.new("gone", 4, 4)
    gone.filepath_raw, gone.file_format = str(tmp_path / "gone.png"), "PNG"
    gone.save()
    for image in (there, gone):
        image.source = "FILE"
        material = bpy.data.materials.new(image.name)
        material.use_nodes = True
        material.node_tree.nodes.new("ShaderNodeTexImage").image = image
        mesh.data.materials.append(material)
    path = save(tmp_path / "rig.blend")
    (tmp_path / "gone.png").unlink()
    return path


@pytest.mark.parametrize("suffix", [".blend", ".fbx", ".glb", ".bvh"])
def test_a_missing_side_file_loses_no_result(take_file, incomplete, tmp_path, capsys, suffix):
    facts = retarget(take_file, incomplete, tmp_path / f"out{suffix}", capsys)
    warnings = [text for text in facts["warnings"] if "were not found" in text]
    assert (tmp_path / f"out{suffix}").stat().st_size > 1000
    if suffix == ".bvh":
        assert not warnings, "a BVH holds no textures"
        return
    assert len(warnings) == 1 and "gone.png" in warnings[0] and "there.png" not in warnings[0]
    if suffix == ".blend":
        open_result(tmp_path / "out.blend")
        assert bpy.data.images["there"].packed_file


def test_json_is_alone_on_stdout(take_file, incomplete, tmp_path, root):
    run = subprocess.run([sys.executable, "-m", "anatomy_mocap", "retarget", str(take_file), "--rig", str(incomplete),
                          "-o", str(tmp_path / "out.blend"), "--json"], capture_output=True, text=True, cwd=root,
                         env={**os.environ, "PYTHONPATH": str(root)})
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["frames"] == 24
    info = subprocess.run([sys.executable, "-m", "anatomy_mocap", "info", str(tmp_path / "out.blend"), "--json"],
                          capture_output=True, text=True, cwd=root)
    assert json.loads(info.stdout)["kind"] == "rig"
