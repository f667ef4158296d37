"""The users' zip: built, validated, installed in a fresh Blender, used and removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from buildtools.link import link, unlink
from buildtools.package import find_packager, package, this_platform
from buildtools.project import BuildError, manifest
from buildtools.pythons import BLENDERS, blender_of_this_python
from buildtools.wheels import locked_wheels

ROOT = Path(__file__).resolve().parents[2]


def blender_process(script: list[str], resources: Path) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("BLENDER_")}
    environment["BLENDER_USER_RESOURCES"] = str(resources)
    command = [sys.executable, *script]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)


def use_zip(path: Path, resources: Path, *commands: list[str]) -> tuple[dict, str]:
    """Run use_installed_zip.py and return its facts and its printed text."""
    facts = resources.with_suffix(".json")
    program = ROOT / "tests" / "support" / "use_installed_zip.py"
    script = [str(program), str(path), str(facts), *map(json.dumps, commands)]
    answer = blender_process(script, resources)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return json.loads(facts.read_text()), answer.stdout + answer.stderr


def walking_keypoints(path: Path, frames: int = 30) -> Path:
    """Write one second of walking on the spot, seen from the front, as our own keypoint file (COCO17, pixels)."""
    standing = np.array(
        [[0, 0], [3, -3], [-3, -3], [6, -1], [-6, -1], [18, 28], [-18, 28], [24, 60], [-24, 60], [26, 88], [-26, 88],
         [11, 90], [-11, 90], [12, 135], [-12, 135], [12, 178], [-12, 178]], float)  # fmt: skip
    swing = 8 * np.sin(np.linspace(0, 4 * np.pi, frames))
    xy = np.repeat(standing[None] * 2 + [320, 60], frames, axis=0)
    for joints, sign in (((9, 14, 16), 1), ((10, 13, 15), -1)):
        xy[:, joints, 1] -= np.maximum(sign * swing, 0)[:, None]
    score = np.ones(xy.shape[:2])
    np.savez(path, xy=xy, score=score, layout="COCO17", fps=30.0, width=640, height=480)
    return path


@pytest.fixture(scope="module")
def used(extension_zip, tmp_path_factory, root):
    """Use one installation for several tests: (facts, printed text, folder of the results, Blender's folder)."""
    work = tmp_path_factory.mktemp("used")
    results, resources = work / "results", work / "blender"
    keypoints = walking_keypoints(work / "walk.npz")
    rig = root / "tests" / "data" / "rigs" / "human-male.glb"
    facts, text = use_zip(
        extension_zip, resources,
        ["info", str(root / "tests" / "data" / "videos" / "tfjs_pose_1.mp4"), "--json"],
        ["convert", str(keypoints), "--rig", str(rig), "--out", str(results), "--quiet"],
        ["info", str(work / "missing.mp4")],
    )  # fmt: skip
    return facts, text, results, resources


def test_content(extension_zip):
    """The zip has manifest, code, networks, the unchanged locked wheels and documents; no hidden files and no numpy."""
    wheels = locked_wheels(blender_of_this_python(), this_platform(), "cpu")
    with zipfile.ZipFile(extension_zip) as archive:
        assert archive.testzip() is None
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        facts = tomllib.loads(archive.read("blender_manifest.toml").decode())
    assert {"__init__.py", "cli.py", "blender_manifest.toml", "LICENSE", "README.md"} <= set(sizes)
    assert {name: size for name, size in sizes.items() if name.endswith(".whl")} == {
        f"wheels/{wheel.file}": wheel.size for wheel in wheels
    }
    assert sorted(facts["wheels"]) == sorted(f"./wheels/{wheel.file}" for wheel in wheels)
    assert not [name for name in sizes if "numpy" in name or "/." in f"/{name}"]
    assert [name for name in sizes if name.startswith("models/") and name.endswith(".onnx")]
    assert extension_zip.name == (
        f"anatomy_mocap-{manifest()['version']}-{this_platform().replace('-', '_')}-{blender_of_this_python().tag}.zip"
    )


def test_the_same_content_makes_the_same_bytes(extension_zip, tmp_path):
    [again] = package(Path(sys.executable), [this_platform()], [blender_of_this_python()], "cpu", tmp_path)
    assert again.read_bytes() == extension_zip.read_bytes()


def test_it_installs_and_its_libraries_are_those_of_its_wheels(used):
    facts, text, _, resources = used
    assert facts["error"] is None and facts["enabled"], text
    assert Path(facts["module"]).is_relative_to(resources / "extensions" / "user_default" / "anatomy_mocap")
    assert {Path(file).is_relative_to(resources / "extensions" / ".local") for file in facts["libraries"].values()} == {
        True
    }
    wheels = locked_wheels(blender_of_this_python(), this_platform(), "cpu")
    assert facts["versions"] == {wheel.name: wheel.version for wheel in wheels}
    assert facts["numpy"] == np.__version__


def test_its_registered_command_runs(used):
    facts, text, results, _ = used
    assert facts["codes"] == [0, 0, 2], text
    assert "missing.mp4" in text
    [blend] = results.glob("*.blend")
    assert blend.read_bytes()[:4] in (b"BLEN", b"\x28\xb5\x2f\xfd")  # plain or Zstandard
    assert json.loads((results / "report.json").read_text())


def test_it_can_be_disabled_and_enabled(used):
    facts = used[0]
    assert facts["disabled"] == [False, False, False]
    assert facts["enabled_again"] == [True, True, True]


def test_the_zip_of_another_python_is_refused(tmp_path):
    other = next(blender for blender in BLENDERS.values() if blender != blender_of_this_python())
    [path] = package(Path(sys.executable), [this_platform()], [other], "cpu", tmp_path / "dist")
    facts, text = use_zip(path, tmp_path / "blender")
    assert not facts["enabled"], text


def test_a_damaged_zip_is_not_accepted(extension_zip, tmp_path):
    """Packaging relies on the packager's validation, so the validation must be able to fail."""
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(extension_zip) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in ("__init__.py", "blender_manifest.toml"):
            new.writestr(name, old.read(name).replace(b'type = "add-on"', b'type = "car"'))
    command = [sys.executable, str(find_packager(Path(sys.executable))), "validate", str(damaged)]
    assert subprocess.run(command, capture_output=True, check=False).returncode


PROBE = """
import os, sys, bpy, addon_utils
name = "bl_ext.user_default.anatomy_mocap"
bpy.ops.preferences.addon_enable(module=name)
print("enabled", addon_utils.check(name) == (True, True), hasattr(bpy.types.Scene, "anatomy_mocap"), flush=True)
os._exit(0)
"""


def test_a_live_link_runs_the_checkouts_files(tmp_path, root):
    resources = tmp_path / "blender"
    extensions = resources / "extensions" / "user_default"
    target = link(Path(sys.executable), blender_of_this_python(), str(extensions))
    assert (target / "core" / "take.py").samefile(root / "anatomy_mocap" / "core" / "take.py")
    assert (target / "models").samefile(root / "models")
    answer = blender_process(["-c", PROBE], resources)
    assert "enabled True True" in answer.stdout, answer.stdout + answer.stderr
    assert link(Path(sys.executable), blender_of_this_python(), str(extensions)) == target  # once more is no error
    unlink(Path(sys.executable), blender_of_this_python(), str(extensions))
    assert not target.exists() and (root / "anatomy_mocap" / "core" / "take.py").exists()


def test_a_link_never_replaces_an_installed_extension(tmp_path):
    installed = tmp_path / "anatomy_mocap"
    installed.mkdir()
    (installed / "blender_manifest.toml").touch()
    with pytest.raises(BuildError, match="uninstall"):
        link(Path(sys.executable), blender_of_this_python(), str(tmp_path))
    assert (installed / "blender_manifest.toml").exists()
