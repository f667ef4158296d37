"""The clean-up settings that a take carries: kept in its file, used by every later result, changed by `tune`."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.cli import main
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.take import load_take, save_take
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.settings import OF_TAKES
from anatomy_mocap.take_settings import differing, settings_in, with_settings
from tests.support import moving_bodies as bodies


@pytest.fixture
def take():
    return take_from_positions(bodies.random_poses(20, 1), 25.0)


@pytest.fixture
def take_file(take, tmp_path):
    return save_take(take, tmp_path / "walk.npz")


def tune(*words):
    return main(["tune", *map(str, words)])


@given(st.floats(0, 10), st.none() | st.floats(0, 10), st.booleans())
def test_settings_come_back_from_a_take(smoothing, legs, repair):
    chosen = replace(OF_TAKES, smoothing=smoothing, smooth_legs=legs, repair=repair)
    take = with_settings(take_from_positions(bodies.t_pose(3), 25.0), chosen)
    assert settings_in(take) == chosen
    assert json.loads(json.dumps(take.settings)) == take.settings


def test_a_take_without_settings_has_the_defaults_and_keeps_none(take):
    assert settings_in(take) == OF_TAKES
    assert with_settings(take, OF_TAKES).settings == {} == differing(OF_TAKES)


def test_tune_changes_the_settings_alone(take, take_file, capsys):
    assert tune(take_file, "--smoothing", "0.3", "--smooth-hands", "0.05", "--no-repair") == 0
    assert tune(take_file, "--ground", "0.5", "--json") == 0, "settings add up"
    assert "0.5" in capsys.readouterr().out
    tuned = load_take(take_file)
    assert tuned.settings == {"smoothing": 0.3, "smooth_hands": 0.05, "repair": False, "ground": 0.5}
    assert (tuned.directions == load_take(save_take(take, take_file.with_name("b.npz"))).directions).all()


def test_tune_forgets(take_file):
    tune(take_file, "--smoothing", "0.3", "--ground", "0")
    assert tune(take_file, "--forget", "--ground", "0.2") == 0
    assert load_take(take_file).settings == {"ground": 0.2}


def test_tune_edits_contacts_and_info_lists_them(take_file, capsys):
    assert tune(take_file, "--contact", "left_foot 3-6 on", "--contact", "seat 4 off") == 0
    assert tune(take_file, "--contact", "left_toe 5 off", "--smoothing", "0.3") == 0, "edits add up"
    capsys.readouterr()
    assert main(["info", str(take_file), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["contact_edits"] == ["left_foot 3-4 on", "left_heel 5 on", "left_foot 6 on", "left_toe 5 off",
                                      "seat 4 off"]
    assert "3-6" in facts["contacts"]["left_heel"] and facts["contacts_by"] == "rule"
    assert tune(take_file, "--forget-contacts") == 0
    assert load_take(take_file).contact_edits is None and load_take(take_file).settings == {"smoothing": 0.3}


def test_tune_into_a_new_file_leaves_the_old_one(take_file, tmp_path):
    before = take_file.read_bytes()
    assert tune(take_file, "-o", tmp_path / "tuned.npz", "--doubt", "0.25") == 0
    assert take_file.read_bytes() == before and load_take(tmp_path / "tuned.npz").settings == {"doubt": 0.25}


@pytest.mark.parametrize("words, word", [(["--smoothing", "-1"], "smoothing"), (["-o", "walk.txt"], "ending"),
                                         (["-o", "{take}"], "overwrite"),
                                         (["--contact", "left_foot 3-6"], "on or off"),
                                         (["--contact", "tail 3-6 on"], "'tail' is no part")])
def test_tune_refuses_in_one_line_and_changes_nothing(take_file, capsys, words, word):
    before = take_file.read_bytes()
    assert tune(take_file, *(text.format(take=take_file) for text in words)) == 2
    said = capsys.readouterr().err.strip()
    assert word in said and len(said.splitlines()) == 1 and take_file.read_bytes() == before


def test_measure_uses_the_settings_of_the_take(take_file, capsys):
    def jerk(*words):
        assert main(["measure", str(take_file), "--json", "--quiet", *words]) == 0
        return json.loads(capsys.readouterr().out)["cleaned_up"]["jerk_m_s3"]

    usual = jerk()
    tune(take_file, "--smoothing", "0.6")
    capsys.readouterr()
    assert jerk() < usual and jerk("--smoothing", f"{OF_TAKES.smoothing}") == usual


@pytest.mark.parametrize("settings, words", [({"wings": 1}, "'wings'"), ({"smoothing": "much"}, "'much'"),
                                             ({"smoothing": True}, "True"), ({"repair": 3}, "3"),
                                             ({"smoothing": None}, "None"), ({"ground": 7.0}, "ground")])
def test_settings_that_cannot_be_used_are_named(take, settings, words):
    with pytest.raises(MocapError, match=words):
        settings_in(replace(take, settings=settings))


@pytest.mark.parametrize("text, words", [("[1]", "settings"), ('{"smoothing": [1]}', "smoothing"),
                                         ('{"smoothing": NaN}', "smoothing"), ("{", "incomplete")])
def test_damaged_settings_are_refused_in_one_line(take_file, text, words):
    import numpy as np

    arrays = dict(np.load(take_file))
    np.savez(take_file, **{**arrays, "settings": text})
    with pytest.raises(MocapError, match=words) as caught:
        load_take(take_file)
    assert "\n" not in str(caught.value)


def test_info_names_the_settings(take_file, capsys):
    tune(take_file, "--smoothing", "0.3")
    capsys.readouterr()
    assert main(["info", str(take_file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"] == {"smoothing": 0.3}
