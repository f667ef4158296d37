"""The public functions: what importing loads, and the examples of the documents as they stand there."""

from __future__ import annotations

import importlib.util
import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import anatomy_mocap
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.take import save_take
from anatomy_mocap.core.take_from_joints import take_from_positions
from tests.support import moving_bodies as bodies

HEAVY = ("bpy", "torch", "onnxruntime", "scipy", "numpy", "av")
needs_blender = pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="needs the bpy module")


def run(code, root, cwd=None):
    """Run code in a Python of its own; the bpy module of Blender 4.5 can hang while it shuts down."""
    ending = "\nimport os, sys\nsys.stdout.flush()\nos._exit(0)\n"
    command = [sys.executable, "-c", f"import sys\nsys.path.insert(0, {str(root)!r})\n{code}{ending}"]
    answer = subprocess.run(command, cwd=cwd or root, capture_output=True, text=True, check=False, timeout=300)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def examples(root, *names):
    """(file, code) of the Python blocks of documents that use the public functions."""
    return [(name, code) for name in names if (root / name).is_file()
            for code in re.findall(r"```python\n(.*?)```", (root / name).read_text(encoding="utf-8"), re.S)
            if re.search(r"\b(capture|load_take|retarget)\(", code)]


@pytest.fixture
def work(root, tmp_path):
    """A folder with the files that the examples name."""
    video = root / "tests" / "data" / "videos" / "tfjs_pose_1.mp4"
    shutil.copy(video, tmp_path / "walk.mp4")
    save_take(take_from_positions(bodies.walk(0.5, 25.0)[0], 25.0), tmp_path / "walk.npz")
    return tmp_path


def character(root, folder):
    """The bundled character as hero.fbx and hero.blend."""
    rig = root / "tests" / "data" / "rigs" / "human-male.glb"
    for name in ("hero.fbx", "hero.blend"):
        run(f"from anatomy_mocap import retarget\nretarget('walk.npz', {str(rig)!r}, {name!r})", root, folder)


def test_importing_loads_nothing_heavy(root):
    code = "from anatomy_mocap import capture, load_take, retarget\n"
    assert run(code + f"print([name for name in {HEAVY} if name in sys.modules])", root).strip() == "[]"


def test_reading_a_take_needs_neither_blender_nor_networks(root, work):
    code = "from anatomy_mocap import load_take\ntake = load_take('walk.npz')\n"
    code += "print(len(take), [name for name in ('bpy', 'torch', 'onnxruntime', 'av') if name in sys.modules])"
    assert run(code, root, work).split(maxsplit=1) == ["12", "[]\n"]


def test_every_public_function_is_annotated_and_documented():
    for function in (anatomy_mocap.capture, anatomy_mocap.load_take, anatomy_mocap.retarget):
        signature = inspect.signature(function)
        assert signature.return_annotation is not inspect.Signature.empty and function.__doc__
        for name, parameter in signature.parameters.items():
            assert parameter.annotation is not inspect.Parameter.empty
            assert name in function.__doc__


def test_the_path_of_load_take_stays(work):
    from anatomy_mocap.core.take import load_take

    takes = [load(work / "walk.npz") for load in (load_take, anatomy_mocap.load_take)]
    assert np.array_equal(takes[0].directions, takes[1].directions)


def test_capture_takes_settings_and_options(tmp_path):
    from anatomy_mocap.settings import CaptureSettings
    from tests.test_cli import standing

    np.savez(tmp_path / "standing.npz", **standing(frames=5))
    steps = []
    take = anatomy_mocap.capture(tmp_path / "standing.npz", CaptureSettings(height=1.5, fov=1.0), steps.append,
                                 height=1.9)
    assert take.info["body_height"] == pytest.approx(1.9, abs=1e-3) and take.camera.fov == pytest.approx(1.0)
    assert steps and all(0 <= step.fraction <= 1 and step.stage for step in steps)
    with pytest.raises(TypeError, match="tallness"):
        anatomy_mocap.capture(tmp_path / "standing.npz", tallness=2)
    with pytest.raises(MocapError, match="gone.mp4"):
        anatomy_mocap.capture(tmp_path / "gone.mp4")


@needs_blender
def test_retarget_to_a_file(root, work):
    rig = root / "tests" / "data" / "rigs" / "human-male.glb"
    code = f"""
from anatomy_mocap import retarget
facts = retarget("walk.npz", {str(rig)!r}, "out.blend", hands="space", turn=1.0, parts=frozenset({{"LEFT_ARM"}}))
print(facts["wrote"], facts["action"], facts["frames"], facts["bones_keyed"])
"""
    assert run(code, root, work).splitlines()[-1] == "out.blend walk 12 4"
    assert (work / "out.blend").is_file()


@needs_blender
def test_retarget_onto_an_armature_and_what_is_refused(root, work):
    rig = root / "tests" / "data" / "rigs" / "human-male.glb"
    code = f"""
import bpy
from pathlib import Path
from anatomy_mocap import load_take, retarget
from anatomy_mocap.blender.files.rig_files import load_rig
from anatomy_mocap.core.errors import MocapError
bpy.ops.wm.read_homefile(use_empty=True)
armature, take = load_rig(Path({str(rig)!r})), load_take("walk.npz")
facts = retarget(take, armature, smoothing=0.0, destination="NLA")
whole = int(take.times[-1] * 24) + 1  # frames of this scene, at 24 a second, within the take
assert facts["frames"] == whole and armature.animation_data.nla_tracks and facts["warnings"] == [], facts
for wrong, error, text in ((dict(rig="hero.glb"), MocapError, "needs an output"),
                           (dict(rig=armature, output="x.blend"), MocapError, "leave the output out"),
                           (dict(rig=armature, smooth=1), TypeError, "no setting is named 'smooth'"),
                           (dict(rig=armature, ground=7), MocapError, "from 0 to 1"),
                           (dict(rig=bpy.data.objects.new("Lamp", None)), MocapError, "choose an armature")):
    try:
        retarget(take, **wrong)
    except error as told:
        assert text in str(told), told
    else:
        raise AssertionError(wrong)
"""
    run(code, root, work)


@needs_blender
def test_the_examples_of_the_documents_run_as_they_stand(root, work):
    pytest.importorskip("av")
    pytest.importorskip("onnxruntime")
    found = examples(root, "README.md", "docs/use/python.md")
    assert found
    character(root, work)
    for _, code in found:
        run(code, root, work)
    for name in re.findall(r'retarget\(.*"(\w+\.\w+)"', "".join(code for _, code in found)):
        assert (work / Path(name)).is_file()
