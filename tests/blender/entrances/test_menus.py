"""Menus, File > Import and dropped files: what a search for "mocap" finds, and several files in a row."""

from __future__ import annotations

import bpy
import pytest

import anatomy_mocap
from anatomy_mocap.blender.entrances import imports, menus
from anatomy_mocap.blender.ui import capture_operators
from anatomy_mocap.core.take import save_take
from tests.support.blender_scenes import empty_file, make_take


@pytest.fixture(autouse=True)
def _registered():
    empty_file()
    anatomy_mocap.register()
    yield
    anatomy_mocap.unregister()


class Drawn:
    """A layout that notes what is drawn into it."""

    def __init__(self):
        self.entries = []
        self.operator_context = ""

    def operator(self, name, text="", **_):
        getattr(getattr(bpy.ops, name.partition(".")[0]), name.partition(".")[2]).get_rna_type()
        self.entries.append(text)

    def menu(self, name):
        assert getattr(bpy.types, name)
        self.entries.append(name)

    def separator(self):
        pass


def drawn_at_the_end_of(menu):
    layout = Drawn()
    for function in getattr(bpy.types, menu)._dyn_ui_initialize()[1:]:
        if function.__module__.startswith("anatomy_mocap"):
            function(type("Self", (), {"layout": layout})(), bpy.context)
    return layout.entries


def test_a_search_for_mocap_finds_every_operator_of_the_menu():
    layout = Drawn()
    menus.ANATOMY_MOCAP_MT_mocap.draw(type("Self", (), {"layout": layout})(), bpy.context)
    assert len(layout.entries) >= 8 and all("mocap" in text.lower() for text in layout.entries)
    assert drawn_at_the_end_of("VIEW3D_MT_object_animation") == ["ANATOMY_MOCAP_MT_mocap"]
    assert drawn_at_the_end_of("VIEW3D_MT_pose") == ["ANATOMY_MOCAP_MT_mocap"]
    assert len(drawn_at_the_end_of("TOPBAR_MT_file_import")) == 2


def test_menus_are_clean_after_the_add_on_is_off():
    anatomy_mocap.unregister()
    assert drawn_at_the_end_of("TOPBAR_MT_file_import") == []
    assert not hasattr(bpy.types, "ANATOMY_MOCAP_MT_mocap")
    anatomy_mocap.register()


def test_several_files_are_captured_in_a_row(tmp_path, monkeypatch):
    heard = []
    monkeypatch.setattr(capture_operators, "_steps", lambda settings: heard.append(
        (settings.source, settings.person)) or (iter(()), "name"))
    monkeypatch.setattr(capture_operators, "_keep", lambda _scene, _kept: ["kept"])
    for name in ("a.mp4", "b.mov"):
        (tmp_path / name).write_bytes(b"")
    assert bpy.ops.anatomy_mocap.import_video(
        directory=str(tmp_path), files=[{"name": "a.mp4"}, {"name": "b.mov"}], person="ALL") == {"FINISHED"}
    assert heard == [(str(tmp_path / "a.mp4"), "ALL"), (str(tmp_path / "b.mov"), "ALL")]


def test_a_missing_file_is_named_and_nothing_is_captured(tmp_path):
    with pytest.raises(RuntimeError, match=r"gone\.mp4: no such file; choose"):
        bpy.ops.anatomy_mocap.import_video(filepath=str(tmp_path / "gone.mp4"))
    assert not bpy.context.scene.anatomy_mocap.source


def test_a_dropped_take_is_listed(tmp_path):
    file = save_take(make_take(), tmp_path / "walk.npz")
    assert bpy.ops.anatomy_mocap.load_take("INVOKE_DEFAULT", filepath=str(file)) == {"FINISHED"}
    assert bpy.context.scene.anatomy_mocap.take().name == "walk"


@pytest.mark.parametrize("handler", [imports.ANATOMY_MOCAP_FH_video, imports.ANATOMY_MOCAP_FH_take])
def test_files_are_dropped_on_the_3d_view_alone(handler):
    def context(kind):
        return type("Context", (), {"area": type("Area", (), {"type": kind})() if kind else None})()

    assert handler.poll_drop(context("VIEW_3D"))
    assert not handler.poll_drop(context("IMAGE_EDITOR")) and not handler.poll_drop(context(None))
    assert all(suffix.startswith(".") for suffix in handler.bl_file_extensions.split(";"))
