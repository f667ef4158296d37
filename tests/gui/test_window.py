"""The add-on in a real Blender window: needs BLENDER_CHROOT, and takes some minutes without a graphics card.

    BLENDER_CHROOT=DIR [PICTURES=DIR] python -m pytest tests/gui
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.gui.chroot import chroot_of_this_machine

_PREFERENCES = """
import bpy
bpy.context.preferences.view.show_splash = False
bpy.ops.wm.save_userpref()
"""


@pytest.fixture(scope="module")
def chroot():
    found = chroot_of_this_machine()
    if found is None:
        pytest.skip("BLENDER_CHROOT names no system with Blender, or this is not root")
    return found


@pytest.fixture(scope="module")
def resources(chroot, tmp_path_factory):
    """Blender's user folder with the add-on installed from a zip made for the chroot's Python."""
    from buildtools.package import package_files, staged_manifest
    from buildtools.pythons import BLENDERS
    from buildtools.wheels import locked_wheels

    work = tmp_path_factory.mktemp("install")
    blender = BLENDERS["5.2"]._replace(minimum="4.5.0", maximum=None)  # the distribution's own
    wheels = chroot.wheels([f"{wheel.name}=={wheel.version}" for wheel in locked_wheels(blender, "linux-x64", "cpu")])
    stage = work / "extension"
    for name, path in package_files():
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, stage / name)
    (stage / "wheels").mkdir()
    for wheel in wheels:
        shutil.copyfile(wheel, stage / "wheels" / wheel.name)
    (stage / "blender_manifest.toml").write_text(staged_manifest("linux-x64", blender, [w.name for w in wheels]))
    user = {"BLENDER_USER_RESOURCES": str(work / "user")}
    extension = ("blender", "--command", "extension")
    for command in ((*extension, "build", "--source-dir", str(stage), "--output-filepath", str(work / "test.zip")),
                    (*extension, "install-file", "-r", "user_default", "--enable", str(work / "test.zip")),
                    ("blender", "--background", "--python-exit-code", "1", "--python-expr", _PREFERENCES)):
        done = chroot.run(*command, folders=(work,), environment=user)
        assert done.returncode == 0, done.stdout + done.stderr
    return work, user


def test_capture_retarget_play_and_escape(chroot, resources, root, tmp_path):
    installed, user = resources
    data = root / "tests" / "data"
    (tmp_path / "job.json").write_text(json.dumps({
        "video": str(data / "videos" / "bodypose3d_cam0.mp4"), "character": str(data / "rigs" / "human-male.glb")}))
    gui = root / "tests" / "gui"
    done = chroot.run("python3", str(gui / "drive.py"), str(tmp_path), str(gui / "scenario.py"),
                      folders=(root, installed, tmp_path), environment=user, timeout=1800)
    assert (tmp_path / "told.json").is_file(), done.stdout[-3000:] + done.stderr[-3000:]
    told = json.loads((tmp_path / "told.json").read_text())
    print(json.dumps(told, indent=2))
    if os.environ.get("PICTURES"):
        for picture in tmp_path.glob("panel_*.png"):
            shutil.copyfile(picture, Path(os.environ["PICTURES"], picture.name))
    assert "error" not in told, told["error"]
    assert told["invoked"] == ["RUNNING_MODAL"] and 0.4 < told["fraction"] < 0.9
    assert told["longest_pause"] < 5, "the window stays alive while the worker works"
    [(name, frames)] = told["takes"]
    assert name == "bodypose3d_cam0" and frames > 50
    assert told["retarget"] == ["FINISHED"] and told["action"] == name
    assert told["range"][1] - told["range"][0] == frames - 1 and told["playing"]
    assert told["second_was_running"] and not told["second_still_running"]
    assert told["takes_after_escape"] == told["takes"], "the cancelled capture left nothing"
    pictures = {picture.name: picture.stat().st_size for picture in tmp_path.glob("panel_*.png")}
    assert set(pictures) == {f"panel_{name}.png" for name in ("start", "running", "done", "cancelled")}
    assert min(pictures.values()) > 30_000, "a black picture compresses to almost nothing"
