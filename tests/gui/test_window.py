"""Tests the add-on in a real Blender window. It needs BLENDER_CHROOT, and some minutes without a graphics card.

    BLENDER_CHROOT=DIR [PICTURES=DIR] python -m pytest tests/gui
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from anatomy_mocap.core.take import load_take
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
    """Make Blender's user folder with the add-on, installed from a zip for the chroot's Python."""
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


@pytest.fixture(scope="module")
def play(chroot, resources, root, tmp_path_factory):
    """Return a function play(scenario, job) that runs a scenario and returns (its facts, its folder)."""
    installed, user = resources
    gui = root / "tests" / "gui"

    def played(scenario: str, job: dict):
        work = tmp_path_factory.mktemp("run")
        (work / "job.json").write_text(json.dumps(job))
        done = chroot.run("python3", str(gui / "drive.py"), str(work), str(gui / scenario),
                          folders=(root, installed, work), environment=user, timeout=1800)
        assert (work / "told.json").is_file(), done.stdout[-3000:] + done.stderr[-3000:]
        told = json.loads((work / "told.json").read_text())
        print(json.dumps(told, indent=2))
        if os.environ.get("PICTURES"):
            for picture in work.glob("panel_*.png"):
                shutil.copyfile(picture, Path(os.environ["PICTURES"], picture.name))
        assert "error" not in told, told["error"] + done.stdout[-3000:]
        told["exit code"] = done.returncode
        return told, work

    return played


@pytest.fixture(scope="module")
def run(play, root):
    """Run the first scenario: capture and retarget."""
    data = root / "tests" / "data"
    return play("scenario.py", {"video": str(data / "videos" / "bodypose3d_cam0.mp4"),
                                "character": str(data / "rigs" / "human-male.glb"), "show": 116})


@pytest.fixture(scope="module")
def rigs_run(play, run, root):
    """Run the second scenario with the first one's take: another armature as the source, and a control rig."""
    return play("rigs_scenario.py", {"take": run[0]["take_file"], "show": 116,
                                     "character": str(root / "tests" / "data" / "rigs" / "human-male.glb")})


def test_capture_leaves_the_window_free_and_lists_the_take(run, resources):
    told, _ = run
    assert told["invoked"] == ["FINISHED"] and 0.4 < told["fraction"] < 0.9
    # A frozen window would pause for the whole capture. Software rendering beside a capture is slow, however.
    assert told["longest_pause"] < max(5.0, told["seconds"] / 10)
    [(name, frames)] = told["takes"]
    assert name == "bodypose3d_cam0" and frames > 50
    assert Path(told["take_file"]).is_relative_to(resources[0] / "user"), "in the extension's own folder"


def test_retarget_keys_and_plays(run):
    told, _ = run
    [(name, frames)] = told["takes"]
    assert told["retarget"] == ["FINISHED"] and told["action"] == name
    assert told["range"][1] - told["range"][0] == frames - 1 and told["playing"]


def test_the_video_is_shown_through_the_takes_camera(run):
    told, _ = run
    assert told["built"] == told["video"] == ["FINISHED"]
    assert told["perspective"] == "CAMERA" and told["camera"] == "Mocap Camera bodypose3d_cam0"


def test_escape_ends_what_the_user_means_and_never_the_capture(run):
    told, _ = run
    assert told["play began"] and "TRANSFORM_OT_translate" in told["move began"] and not told["moved"]
    for name in ("play", "move", "menu"):
        assert told[f"running after {name}"] and not told[f"playing after {name}"], name
        assert "TRANSFORM_OT_translate" not in told[f"moving after {name}"]


def test_repeat_last_queues_a_second_capture(run):
    told, _ = run
    assert told["waiting"] == 1 and told["first still running"]


def test_cancel_leaves_nothing(run):
    told, _ = run
    assert told["second_was_running"] and not told["second_still_running"]
    assert told["takes_after_escape"] == told["takes"]
    assert [file.name for file in Path(told["take_file"]).parent.iterdir()] == [Path(told["take_file"]).name]


def test_opening_a_file_and_leaving_blender_stop_a_capture(run):
    told, _ = run
    assert told["running before file opened"] and not told["running after file opened"]
    assert told["running before left"] and told["exit code"] == 0, "no crash on the way out"


def test_another_armature_is_read_in_steps(rigs_run):
    told, _ = rigs_run
    assert told["invoked"] == ["FINISHED"] and told["was reading"]
    assert told["survived escape"] and told["frame while reading"] == 1, "the user's frame stays"
    assert not told["reading after escape"] and not told["keyed after escape"], "Cancel leaves nothing"
    assert told["action"].startswith(told["source"]) and told["range"] == told["source range"]


def test_control_rig_and_range_of_its_action(run, rigs_run):
    told, frames = rigs_run[0], run[0]["takes"][0][1]
    assert told["onto rig"] == told["into range"] == ["FINISHED"] and told["exit code"] == 0
    assert told["rig range"] == [1, 60 + frames], "the second begins in the first; a key behind it holds its end"


def test_pictures_show_something(run, rigs_run):
    pictures = {picture.name: picture.stat().st_size for folder in (run[1], rigs_run[1])
                for picture in folder.glob("panel_*.png")}
    names = ("start", "running", "done", "video", "cancelled", "source", "keys")
    assert set(pictures) == {f"panel_{name}.png" for name in names}
    assert min(pictures.values()) > 30_000, "a black picture compresses to almost nothing"


def test_blender_command(run, chroot, resources, root, tmp_path):
    """The same command line through Blender's binary: `blender --command anatomy_mocap ...`."""
    installed, user = resources
    command = ("blender", "--command", "anatomy_mocap")
    rig = root / "tests" / "data" / "rigs" / "human-male.glb"
    take = Path(run[0]["take_file"])

    def call(*arguments):
        return chroot.run(*command, *map(str, arguments), folders=(root, installed, tmp_path), environment=user)

    for suffix in (".blend", ".glb"):
        done = call("retarget", take, "--rig", rig, "-o", tmp_path / f"out{suffix}", "--json", "--quiet")
        assert done.returncode == 0, done.stdout + done.stderr
        facts = json.loads(done.stdout[done.stdout.index("{"):done.stdout.rindex("}") + 1])
        assert facts["frames"] == run[0]["takes"][0][1] and (tmp_path / f"out{suffix}").stat().st_size > 100_000
    done = call("retarget", take, "--rig", tmp_path / "gone.glb", "-o", tmp_path / "bad.glb")
    assert done.returncode == 2 and "gone.glb: no such file" in done.stderr
    assert call("capture").returncode == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.blend", "out.glb"]


def test_a_bone_map_in_doubt_is_reviewed(play, root):
    told, _ = play("bones_scenario.py", {"character": str(root / "tests" / "data" / "rigs" / "human-male.glb")})
    assert told["doubtful"] and told["left"] == 0
    assert told["shown"] == ["FINISHED"] and told["active"] == "arm_3_l" and told["exit code"] == 0


def test_exact_keypoints_are_told_in_the_options(play, run, resources, root):
    seen = load_take(Path(run[0]["take_file"])).keypoints
    path = resources[0] / "markers.npz"
    np.savez(path, xy=seen.xy, score=seen.score, layout=seen.layout, fps=seen.fps, width=seen.width, height=seen.height)
    told, work = play("options_scenario.py", {
        "keypoints": str(path), "show": 116, "character": str(root / "tests" / "data" / "rigs" / "human-male.glb")})
    [(name, frames, file)] = told["takes"]
    assert told["invoked"] == ["FINISHED"] and (name, frames) == ("markers", len(seen))
    take = load_take(Path(file))
    assert take.keypoints.score.max() == 1 and "exact" in take.info["detector"]
    assert (work / "panel_options.png").stat().st_size > 30_000


def test_a_capture_does_not_stall_the_window(play, root):
    """Measures the gaps of a 20 ms timer; the target of 0.1 s holds on an idle machine (docs/contributing/tests.md)."""
    told, _ = play("stall_scenario.py", {"video": str(root / "tests" / "data" / "videos" / "bodypose3d_cam0.mp4")})
    assert told["waiting"] == 1 and len(told["takes"]) == 2 and told["exit code"] == 0
    longest = {part: told[part]["longest"][0][1] for part in ("idle", "from the press", "to the first take",
                                                              "the second capture")}
    print(f"load {told['load']:.1f} to {told['load after']:.1f} on {told['cores']} cores; longest gaps: {longest}")
    assert told["press"] < 0.1 + longest["idle"]
    assert max(longest.values()) < 1.0, "a frozen window"
