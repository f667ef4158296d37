"""Draws the panels on a layout that records and checks its calls."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import pytest

import anatomy_mocap
from anatomy_mocap.blender.ui import panels
from tests.support.blender_scenes import empty_file, make_armature


@pytest.fixture(autouse=True)
def _registered():
    empty_file()
    anatomy_mocap.register()
    yield
    anatomy_mocap.unregister()


class Layout:
    """The part of Blender's UILayout that the panels use. It rejects calls that Blender would reject."""

    def __init__(self, drawn=None):
        self.drawn = [] if drawn is None else drawn
        self.use_property_split = self.use_property_decorate = self.enabled = True
        self.scale_y, self.alignment = 1.0, "EXPAND"

    def _part(self, align=False, factor=0.5):
        return Layout(self.drawn)

    row = column = box = split = _part

    def prop(self, data, name, text=None, icon="NONE", toggle=-1, expand=False, placeholder=""):
        assert name in data.bl_rna.properties, name
        self.drawn.append(("prop", name, self.enabled))

    def prop_search(self, data, name, search_data, search_name, text=None):
        assert search_name in search_data.bl_rna.properties
        self.prop(data, name, text)

    def operator(self, name, text=None, icon="NONE"):
        module, _, function = name.partition(".")
        assert getattr(getattr(bpy.ops, module), function).get_rna_type()
        self._icon(icon)
        self.drawn.append(("operator", name, self.enabled))

    def label(self, text="", icon="NONE", translate=True):
        self._icon(icon)
        assert len(text) < 60, "a label of the sidebar is cut off beyond this"
        self.drawn.append(("label", text, icon))

    def progress(self, factor=0.0, type="BAR", text=""):
        assert 0 <= factor <= 1
        self.drawn.append(("progress", text, factor))

    def template_list(self, kind, _id, data, name, active_data, active_name, rows=5):
        draw = getattr(panels, kind).draw_item
        for item in getattr(data, name):
            draw(None, None, self, data, item, 0, active_data, active_name, 0, 0)
        self.drawn.append(("list", kind, len(getattr(data, name))))

    @staticmethod
    def _icon(name):
        assert name in bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items, name


def drawn(kind=None) -> list:
    """Draw all panels and return the record."""
    found = []
    for panel in panels.CLASSES:
        if issubclass(panel, bpy.types.Panel):
            layout = Layout()
            panel.draw(SimpleNamespace(layout=layout), bpy.context)
            found += layout.drawn
    return [entry for entry in found if kind in (None, entry[0])]


def names(kind) -> set:
    return {entry[1] for entry in drawn(kind)}


def settings():
    return bpy.context.scene.anatomy_mocap


def test_every_panel_draws_with_nothing_chosen():
    assert {"source", "armature", "smoothing", "ground", "set_timing", "destination", "motion_from", "parts",
            "limbs", "constraints", "map_file"} <= names("prop")
    assert {"anatomy_mocap.capture", "anatomy_mocap.retarget", "anatomy_mocap.build_armature",
            "anatomy_mocap.load_take", "anatomy_mocap.find_bones"} <= names("operator")
    assert "anatomy_mocap.cancel" not in names("operator")


def test_panels_are_in_the_mocap_tab():
    for panel in panels.CLASSES:
        if issubclass(panel, bpy.types.Panel):
            assert (panel.bl_space_type, panel.bl_region_type, panel.bl_category) == ("VIEW_3D", "UI", "Mocap")


def test_running_capture_shows_its_bar_and_a_way_out():
    shown = bpy.context.window_manager.anatomy_mocap
    shown.running, shown.fraction, shown.text = True, 0.4, "Watching: 40 of 100 frames"
    [bar] = drawn("progress")
    assert bar[1] == "Watching: 40 of 100 frames" and bar[2] == pytest.approx(0.4)
    assert {"anatomy_mocap.cancel", "anatomy_mocap.capture"} <= names("operator"), "a further one is queued"
    shown.waiting = 2
    assert "2 more in the queue" in names("label")


def test_the_message_of_the_last_job_stays_until_it_is_dismissed():
    shown = bpy.context.window_manager.anatomy_mocap
    assert "anatomy_mocap.dismiss" not in names("operator")
    shown.message, shown.failed = "dance.mp4: nobody in it", True
    assert ("label", "dance.mp4: nobody in it", "ERROR") in drawn("label")
    assert bpy.ops.anatomy_mocap.dismiss() == {"FINISHED"}
    assert "dance.mp4: nobody in it" not in names("label")


@pytest.mark.parametrize(("name", "value", "shown"), [
    ("person", "NUMBER", "person_number"), ("lens", "FOV", "fov"), ("lens", "FOCAL", "focal"),
    ("use_height", True, "height"), ("use_fps", True, "fps"), ("use_scale", True, "scale"),
    ("use_start", True, "start_frame"), ("destination", "INTO", "blend"),
    ("use_smooth_legs", True, "smooth_legs"),
    ("density", "SPARSE", "key_angle"), ("density", "SPARSE", "key_distance"),
    ("motion_from", "ARMATURE", "source_armature"),
    ("motion_from", "ARMATURE", "source_map_file")])
def test_a_value_is_shown_when_it_counts(name, value, shown):
    assert shown not in names("prop")
    setattr(settings(), name, value)
    assert shown in names("prop")


def test_the_active_take_tells_what_is_worth_a_look():
    entry = settings().takes.add()
    entry.name, entry.frames, entry.fps, entry.height = "dance", 120, 29.97, 1.8
    assert "No frame of low confidence" in names("label")
    entry.low_confidence, entry.low_spans = 7, "0.1:0.3 1.6:1.6"
    bpy.context.scene.render.fps = 25
    entry.warnings = "field of view not given: 55 degrees over the longer side are assumed\nsecond"
    labels = " ".join(entry[1] for entry in drawn("label"))
    assert "120 frames at 29.97 per second" in labels and "7 frames of low confidence: 4-8, 41" in labels
    assert "Field of view not given" in labels and "assumed" in labels and "Second" in labels
    assert ("list", "ANATOMY_MOCAP_UL_takes", 1) in drawn("list")


def test_bone_map_is_shown_once_it_was_looked_for_and_forgotten_with_another_armature():
    assert not any(entry[1] == "ANATOMY_MOCAP_UL_bones" for entry in drawn("list"))
    row = settings().bones.add()
    row.name, row.bones = "left_upper_leg", "thigh_l"
    assert settings().map_edited
    settings().map_state, settings().map_summary, settings().map_edited = "GOOD", "unreal: 1 part", False
    settings().map_warnings = "no toes"
    assert {"Upper Leg L", "unreal: 1 part", "no toes"} <= names("label") and "bones" in names("prop")
    settings().armature = make_armature()
    assert settings().map_state == "NONE" and not settings().bones


def test_preferences_draw():
    from anatomy_mocap.blender.ui.preferences import MocapPreferences

    layout = Layout()
    chosen = SimpleNamespace(layout=layout, cache_folder="", device="auto", bl_rna=MocapPreferences.bl_rna)
    MocapPreferences.draw(chosen, bpy.context)
    assert [entry[1] for entry in layout.drawn[:2]] == ["device", "cache_folder"]
