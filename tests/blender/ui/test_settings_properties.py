"""Every field of the settings as a property of Blender, and back; names of older files stay."""

from __future__ import annotations

from dataclasses import replace

import bpy
import pytest

import anatomy_mocap
from anatomy_mocap.blender.ui import preferences
from anatomy_mocap.blender.ui.settings_properties import settings_of, show
from anatomy_mocap.settings import OF_ARMATURES, OF_TAKES, CaptureSettings, KeySettings, RetargetSettings, options_of
from tests.support.blender_scenes import empty_file
from tests.test_settings import FIELDS, IDS, TYPED

DEFAULTS = (CaptureSettings(), OF_TAKES, RetargetSettings(), KeySettings())
OLDER = {
    "source", "layout", "exact", "person", "person_number", "lens", "fov", "focal", "use_height", "height", "use_fps",
    "fps", "takes", "active_take", "armature", "map_file", "bones", "active_bone", "review_only", "map_state",
    "map_edited", "map_summary", "map_warnings", "smoothing", "ground", "motion_from", "source_armature",
    "source_map_file", "use_source_range", "source_start", "source_end", "destination", "use_start", "start_frame",
    "blend", "parts", "limbs", "match_ik", "constraints", "in_place", "turn", "use_scale", "scale", "hands", "feet",
    "twist_bones", "ground_on_root", "keep_posture", "set_timing", "rate", "source_times", "unit", "third", "clip",
    "use_shot_fps", "shot_fps"}
"""Names of properties in .blend files of earlier versions."""
ITEMS = {"person": ["LARGEST", "NUMBER", "ALL"], "lens": ["ASSUMED", "FOV", "FOCAL"],
         "destination": ["NEW", "UPDATE", "INTO", "NLA"], "limbs": ["FK", "IK"], "constraints": ["KEEP", "OFF", "BAKE"],
         "rate": ["AUTO", "SCENE", "VIDEO"],
         "hands": ["directions", "chest", "space"], "feet": ["directions", "space"],
         "parts": ["ROOT", "HIPS", "SPINE", "HEAD", "LEFT_ARM", "RIGHT_ARM", "LEFT_LEG", "RIGHT_LEG"]}
"""Blender stores the number of an entry: their order is part of older files too."""


@pytest.fixture(autouse=True)
def _registered():
    empty_file()
    anatomy_mocap.register()
    yield
    anatomy_mocap.unregister()


def panel():
    return bpy.context.scene.anatomy_mocap


def from_panel(base):
    return settings_of(panel(), base, **({"device": "auto"} if isinstance(base, CaptureSettings) else {}))


@pytest.mark.parametrize("base", DEFAULTS, ids=lambda base: type(base).__name__)
def test_an_untouched_panel_gives_the_defaults(base):
    assert from_panel(base) == base


def test_armatures_have_defaults_of_their_own():
    assert settings_of(panel(), OF_ARMATURES, "source_") == OF_ARMATURES
    panel().source_smoothing, panel().ground = 0.25, 0.5
    panel().source_use_smooth_legs, panel().source_smooth_legs = True, 0.4
    assert settings_of(panel(), OF_ARMATURES, "source_").regions == {"legs": 0.4}
    assert settings_of(panel(), OF_TAKES).regions == {}
    assert settings_of(panel(), OF_ARMATURES, "source_").smoothing == 0.25
    assert settings_of(panel(), OF_TAKES).ground == 0.5 and settings_of(panel(), OF_ARMATURES, "source_").ground == 0


@pytest.mark.parametrize("base", [OF_TAKES, OF_ARMATURES], ids=["takes", "armatures"])
def test_shown_settings_come_back(base):
    chosen = replace(base, smoothing=0.3, smooth_legs=0.2, ground=0.25, repair=not base.repair)
    show(panel(), chosen)
    assert from_panel(OF_TAKES) == chosen
    show(panel(), base)
    assert from_panel(OF_TAKES) == base, "switched off again"


@pytest.mark.parametrize(("settings", "name", "default", "option"), FIELDS, ids=IDS)
def test_every_field_is_a_property_of_the_same_name(settings, name, default, option):
    if name == "device":  # a preference of the user, not of the scene
        item = preferences.MocapPreferences.bl_rna.properties[name]
        assert [choice.identifier for choice in item.enum_items] == [choice.value for choice in option.choices]
        assert (item.name, item.description) == (option.label, option.help)
        return
    item, value = panel().bl_rna.properties[name], TYPED[name][1]
    assert (item.name, item.description) == (option.label, option.help)
    if name == "person":
        panel().person, panel().person_number = "NUMBER", value
    else:
        setattr(panel(), name, set(value) if option.kind == "parts" else value)
    if option.switch:
        assert getattr(from_panel(settings()), name) is None, "it counts only when its checkbox is on"
        setattr(panel(), option.switch.name, True)
    if option.one_of:
        setattr(panel(), option.one_of.name, name.upper())
    found = getattr(from_panel(settings()), name)
    assert found == (pytest.approx(value, abs=1e-6) if isinstance(value, float) else value) != default


@pytest.mark.parametrize("name", [name for _, name, _, option in FIELDS if option.low is not None or option.high])
def test_the_ends_of_a_property_are_allowed(name):
    """Blender keeps 32 bits of a number, and its nearest number may lie outside of the range."""
    [(settings, option)] = [(each, option) for each, field, _, option in FIELDS if field == name]
    if option.switch:
        setattr(panel(), option.switch.name, True)
    if option.one_of:
        setattr(panel(), option.one_of.name, name.upper())
    for value in (-1e9, 1e9):
        setattr(panel(), name, value)
        end = option.low if value < 0 else option.high
        assert getattr(from_panel(settings()), name) == pytest.approx(value if end is None else end, rel=1e-6)


def test_older_files_keep_their_values():
    properties = panel().bl_rna.properties
    assert not OLDER - set(properties.keys())
    for name, wanted in ITEMS.items():
        assert [item.identifier for item in properties[name].enum_items] == wanted
    assert [item.identifier for item in properties["layout"].enum_items][:2] == ["AUTO", "CANONICAL23"]


def test_names_are_the_same_in_both_interfaces():
    names = {name for settings in DEFAULTS for name, _, _ in options_of(settings)}
    assert names - {"device"} <= set(panel().bl_rna.properties.keys())
