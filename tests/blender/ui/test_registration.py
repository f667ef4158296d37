"""Registration: repeated, without leftovers; texts of properties and operators by Blender's guidelines."""

from __future__ import annotations

import subprocess
import sys

import bpy
import pytest

import anatomy_mocap
from anatomy_mocap.blender.entrances import menus
from anatomy_mocap.blender.ui import registration
from tests.support.blender_scenes import empty_file


@pytest.fixture
def registered():
    empty_file()
    anatomy_mocap.register()
    yield
    anatomy_mocap.unregister()


def ours() -> set[str]:
    """Return all entries in Blender's tables with the add-on's name."""
    found = {f"types.{name}" for name in dir(bpy.types) if "MOCAP" in name.upper()}
    found |= {f"ops.{name}" for name in dir(bpy.ops.anatomy_mocap)}
    found |= {f"Scene.{name}" for name in dir(bpy.types.Scene) if "mocap" in name}
    found |= {f"WindowManager.{name}" for name in dir(bpy.types.WindowManager) if "mocap" in name}
    return found


def test_twice_leaves_nothing():
    before = ours()
    for _ in range(2):
        anatomy_mocap.register()
        assert hasattr(bpy.context.scene, "anatomy_mocap") and len(ours()) > len(before) + 10
        anatomy_mocap.unregister()
        assert ours() == before and not registration._commands
        assert not hasattr(bpy.context.scene, "anatomy_mocap")


def test_importing_the_package_needs_no_blender(root):
    code = "import sys, anatomy_mocap; sys.exit(any(m in sys.modules for m in ('bpy', 'numpy', 'scipy')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_registering_keeps_blenders_start_quick(root):
    """scipy alone takes over half a second to import; av and onnxruntime may even be missing until they are needed."""
    code = ("import sys, os, bpy, anatomy_mocap; anatomy_mocap.register(); sys.stdout.flush();"
            "os._exit(any(m in sys.modules for m in ('scipy', 'av', 'onnxruntime', 'torch')))")
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_every_property_and_operator_is_named_and_described(registered):
    checked = 0
    for item in (*registration.CLASSES, *menus.CLASSES):
        rna = item.bl_rna
        if issubclass(item, bpy.types.Operator):
            module, _, name = item.bl_idname.partition(".")
            rna = getattr(getattr(bpy.ops, module), name).get_rna_type()
            assert module == "anatomy_mocap" and rna.description and not rna.description.endswith("."), item
        if issubclass(item, (bpy.types.PropertyGroup, bpy.types.Operator, bpy.types.AddonPreferences)):
            for name in item.__annotations__:
                prop = rna.properties[name]
                assert prop.name and prop.description, (item, name)
                assert not prop.description.endswith("."), (item, name)
                assert prop.description.split()[0] not in ("What", "Which", "Who", "Whom", "Whether"), (item, name)
                checked += 1
    assert checked > 35


def test_command_runs_the_command_line(registered, monkeypatch, capsys):
    from anatomy_mocap import cli

    heard = []
    monkeypatch.setattr(cli, "main", lambda argv: heard.append(argv) or 3)
    assert anatomy_mocap._command(["info", "x.npz"]) == 3
    assert heard == [["info", "x.npz"]]


def test_settings_survive_in_the_file_and_progress_does_not(registered, tmp_path):
    bpy.context.scene.anatomy_mocap.source = "//dance.mp4"
    bpy.context.scene.anatomy_mocap.takes.add().name = "dance"
    bpy.context.window_manager.anatomy_mocap.running = True
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    settings = bpy.context.scene.anatomy_mocap
    assert settings.source == "//dance.mp4" and settings.take().name == "dance"
    assert settings.source_path() == tmp_path / "dance.mp4"
    assert not bpy.context.window_manager.anatomy_mocap.running
