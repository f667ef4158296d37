"""The settings' fields, and the command line options that are made from them."""

from __future__ import annotations

import argparse
import dataclasses
import math
import re

import pytest

from anatomy_mocap.cli import build_parser
from anatomy_mocap.core.camera import DEFAULT_FOV
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.settings import (
    BODY_PARTS,
    OF_ARMATURES,
    OF_TAKES,
    AnimationSettings,
    CaptureSettings,
    KeySettings,
    RetargetSettings,
    options_of,
)
from anatomy_mocap.settings_options import add_options, settings_of

ALL = (CaptureSettings, AnimationSettings, RetargetSettings, KeySettings)
FIELDS = [(settings, name, default, option) for settings in ALL for name, default, option in options_of(settings)]
# A value other than the default of each field: as it is typed, and as it is inside.
TYPED = {
    "person": ("2", 2), "layout": ("BODY25", "BODY25"), "exact": (None, True), "unit": ("Percent", "percent"),
    "third": ("depth", "depth"), "clip": ("S1/Walking/0", "S1/Walking/0"), "shot_fps": ("240", 240.0),
    "size": ("640x480", (640, 480)),
    "fps": ("12.5", 12.5), "fov": ("90", math.pi / 2), "focal": ("900", 900.0), "height": ("1.5", 1.5),
    "device": ("cpu", "cpu"), "quality": ("fast", "fast"),
    "smoothing": ("0.3", 0.3), "ground": ("0.5", 0.5), "doubt": ("0.5", 0.5), "repair": (None, False),
    "left_foot": ("Always", "always"), "right_foot": ("never", "never"), "left_hand": ("always", "always"),
    "right_hand": ("never", "never"), "bridge": (None, True), "limits": (None, False),
    **{f"smooth_{region}": ("0.3", 0.3) for region in ("root", "trunk", "head", "arms", "hands", "legs")},
    "hands": ("Chest", "chest"),
    "feet": ("space", "space"), "keep_posture": (None, False), "twist_bones": (None, True),
    "relaxed_fingers": (None, False), "palms": (None, False), "fingers": (None, True),
    "ground_on_root": (None, True), "in_place": (None, True), "turn": ("-180", -math.pi), "scale": ("2", 2.0),
    "destination": ("nla", "NLA"), "start_frame": ("-4.5", -4.5), "blend": ("3", 3.0),
    "density": ("Sparse", "SPARSE"), "gaps": ("empty", "EMPTY"), "key_angle": ("2", math.radians(2)),
    "key_distance": ("12", 12.0),
    "parts": ("upper,left-leg", frozenset({"SPINE", "HEAD", "LEFT_ARM", "RIGHT_ARM", "LEFT_LEG"})),
    "limbs": ("ik", "IK"), "match_ik": (None, True), "constraints": ("BAKE", "BAKE"), "set_timing": (None, False),
    "rate": ("scene", "SCENE"), "source_times": (None, True)}
IDS = [name for _, name, _, _ in FIELDS]


def parsed(settings, *words):
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_options(parser, settings)
    return settings_of(parser.parse_args(words), settings())


def typed(name, default):
    text, value = TYPED[name]
    word = name.replace("_", "-")
    if text is None:
        return [f"--no-{word}" if default is True else f"--{word}"], value
    return [f"--{word}={text}"], value


@pytest.mark.parametrize(("settings", "name", "default", "option"), FIELDS, ids=IDS)
def test_every_field_is_an_option_of_the_same_name(settings, name, default, option):
    words, value = typed(name, default)
    found = parsed(settings, *words)
    assert getattr(found, name) == (pytest.approx(value) if isinstance(value, float) else value) != default
    assert dataclasses.replace(found, **{name: default}) == settings(), "no other field changes"


@pytest.mark.parametrize(("settings", "name", "default", "option"), FIELDS, ids=IDS)
def test_texts_are_plain_and_end_properly(settings, name, default, option):
    texts = [option.label, option.help, *(text for choice in option.choices for text in choice[1:])]
    texts += list(option.switch[1:] if option.switch else ())
    for text in texts:
        assert text and text == text.strip() and text[0].isupper() and not text.endswith((".", ";", ",")), text
        assert not re.match(r"(what|who|whom|whether)\b", text.lower()), text
        assert not re.search(r"\b(tells?|told|knows?|believes?|carries|says?)\b", text.lower()), text
    assert len(option.help) <= 120 and " " in option.help


def test_the_settings_have_no_two_fields_of_one_name():
    assert len(set(IDS)) == len(IDS)


def test_help_of_the_command_line_has_every_option(capsys):
    for command in ("capture", "retarget", "convert"):
        with pytest.raises(SystemExit):
            build_parser().parse_args([command, "--help"])
        text = " ".join(capsys.readouterr().out.split())
        for settings, name, default, option in FIELDS:
            if (settings is CaptureSettings) == (command == "capture") or command == "convert":
                assert typed(name, default)[0][0].partition("=")[0] in text
                assert option.help[1:] in text, name


@pytest.mark.parametrize(("words", "name", "value"), [
    (["--smooth", "0"], "smoothing", 0.0), (["--stride", "2"], "scale", 2.0), (["--start", "5"], "start_frame", 5.0),
    (["--copy-posture"], "keep_posture", False), (["--nla"], "destination", "NLA")])
def test_older_names_still_work(words, name, value):
    [settings] = [settings for settings, field, _, _ in FIELDS if field == name]
    assert getattr(parsed(settings, *words), name) == value


def test_what_is_not_given_keeps_the_default_of_the_source():
    assert parsed(AnimationSettings) == OF_TAKES == AnimationSettings(0.1, 1.0)
    parser = argparse.ArgumentParser()
    add_options(parser, AnimationSettings)
    given = parser.parse_args(["--ground", "0.5"])
    assert settings_of(given, OF_ARMATURES) == AnimationSettings(0.0, 0.5, repair=False, limits=False)


@pytest.mark.parametrize(("settings", "values", "text"), [
    (CaptureSettings, {"fps": 0.0}, "fps: 0 is not usable; give a value from 0.01 to 1000 frames per second"),
    (CaptureSettings, {"fov": math.radians(200)}, "fov: 200 is not usable; give a value from 0.1 to 179.9 degrees"),
    (CaptureSettings, {"height": 17}, "height: 17 is not usable; give a value from 0.3 to 3 metres"),
    (CaptureSettings, {"focal": -3}, "focal: -3 is not usable; give a value of at least 1 pixels"),
    (CaptureSettings, {"focal": math.nan}, "focal: nan is not usable"),
    (CaptureSettings, {"fov": 1.0, "focal": 900}, "give only one of them"),
    (CaptureSettings, {"person": "tallest"}, "person can't be 'tallest'; give 'largest', 'all', a number from 0, or"),
    (AnimationSettings, {"smoothing": -1}, "smoothing: -1 is not usable; give a value from 0 to 10 seconds"),
    (AnimationSettings, {"ground": 2}, "ground: 2 is not usable; give a value from 0 to 1"),
    (RetargetSettings, {"hands": "feet"}, "hands can't be 'feet'; choose one of directions, chest, space"),
    (RetargetSettings, {"turn": math.inf}, "turn: inf is not usable; give a value that is finite"),
    (KeySettings, {"limbs": "fk"}, "limbs can't be 'fk'; choose one of FK, IK"),
    (KeySettings, {"parts": frozenset({"TAIL"})}, "'tail' is no part of the body; give some of upper, lower"),
    (KeySettings, {"parts": frozenset()}, "no part of the body is chosen; choose at least one under Keys")])
def test_values_that_are_not_allowed(settings, values, text):
    with pytest.raises(MocapError) as error:
        settings(**values)
    assert text in str(error.value)


@pytest.mark.parametrize("words", [["--person", "tallest"], ["--size", "big"], ["--fps", "many"], ["--size", "0x10"],
                                   ["--fov", "60", "--focal", "900"], ["--device", "gpu"]])
def test_words_that_cannot_be_read(words, capsys):
    with pytest.raises(argparse.ArgumentError):
        parsed(CaptureSettings, *words)


def test_words_for_parts():
    assert parsed(KeySettings, "--parts", "left_arm,Root").parts == {"LEFT_ARM", "ROOT"}
    assert parsed(KeySettings, "--parts", "upper,lower").parts == {part.value for part in BODY_PARTS}
    with pytest.raises(MocapError, match="'tail' is no part of the body"):
        parsed(KeySettings, "--parts", "tail")


def test_the_panels_first_field_of_view_is_the_one_that_is_assumed():
    [option] = [option for _, name, _, option in FIELDS if name == "fov"]
    assert option.start == pytest.approx(float(DEFAULT_FOV)) and option.default_help == f"{math.degrees(DEFAULT_FOV):g}"
