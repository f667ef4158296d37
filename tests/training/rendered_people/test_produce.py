"""Sets of clips: their plans, making them in parts, renewing their truth, a sheet of them."""

import importlib.util
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from tests.support import fake_rendering
from tests.support.rendered_clips import rendered_clip
from training.mocap.dataset import VALIDATION_SUBJECTS
from training.rendered_people import produce
from training.rendered_people import render_in_parts as parts
from training.rendered_people.clip_file import load_clip, save_clip
from training.rendered_people.clip_plan import CAMERAS, check_subjects, plan_clip
from training.rendered_people.contact_sheet import SheetSettings, draw_sheet
from training.rendered_people.motions import Motions
from training.rendered_people.person import PALM, POINTS, build_person
from training.rendered_people.posing import pose
from training.rendered_people.renew_truth import RenewSettings, renew

J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}


def test_plans_do_not_depend_on_what_was_made_before(motions):
    first = plan_clip("validation", 7, 1, motions, 80)
    plan_clip("validation", 3, 1, motions, 80)
    again = plan_clip("validation", 7, 1, motions, 80)
    assert first.described() == again.described() and first.first == again.first
    assert plan_clip("validation", 8, 1, motions, 80).first != first.first
    numbers = range(66)
    pairs = {(int(motions.mocap.subject[plan_clip("validation", n, 1, motions, 80).clip]), n % 6) for n in numbers}
    assert len(pairs) == len(VALIDATION_SUBJECTS) * len(CAMERAS)


def test_subjects_are_not_mixed(held_out):
    train, validation = (Motions(each) for each in held_out)
    check_subjects("train", train)
    check_subjects("poses", validation)
    with pytest.raises(MocapError, match="does not belong"):
        check_subjects("train", validation)


def settings_of(folder, **changed) -> produce.RenderSettings:
    """Return settings for four clips of the set `validation` in a subfolder."""
    return replace(produce.RenderSettings("data", "bodies", "rig", str(folder / "set"), "validation", clips=4,
                                          frames=20), **changed)


@pytest.fixture
def motions_at_hand(monkeypatch, held_out):
    """Replace the reading of the motion set."""
    for module in (produce, sys.modules[renew.__module__]):
        monkeypatch.setattr(module, "load_mocap", lambda path: None)
        monkeypatch.setattr(module, "split", lambda everything: held_out)


@pytest.fixture
def without_blender(monkeypatch, motions_at_hand):
    """Replace the rendering of clips. Returns the list of the started clips; the third one fails."""
    made = []

    def make(plan, *rest):
        made.append(plan.clip)
        if len(made) == 3:
            raise KeyboardInterrupt
        return rendered_clip()

    monkeypatch.setattr(produce, "make_clip", make)
    monkeypatch.setattr(produce, "check_blender", lambda: None)
    return made


def test_a_set_goes_on_where_it_stopped(tmp_path, without_blender):
    """Existing clips stay unchanged, missing ones are made, and a failed clip leaves no file."""
    settings = settings_of(tmp_path)
    produce.check(settings)
    with pytest.raises(KeyboardInterrupt):
        produce.make_missing(settings, lambda line: None)
    there = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "set").iterdir()}
    assert list(there) and set(there) == {"00000.npz", "00001.npz"}
    assert [path.name for path in produce.missing(settings)] == ["00002.npz", "00003.npz"]
    assert produce.make_missing(settings, lambda line: None, most=1) == 1
    assert produce.make_missing(settings, lambda line: None) == 1
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "set").iterdir()}
    assert set(after) == {f"0000{n}.npz" for n in range(4)} and there.items() <= after.items()
    assert produce.make_missing(settings, lambda line: None) == 0


@pytest.mark.parametrize(("option", "value"), [("set", "loose"), ("seed", 2), ("frames", 30)])
def test_a_folder_has_clips_of_one_set(tmp_path, without_blender, option, value):
    """Other settings are refused. Clips without recorded settings (older ones) stay usable."""
    settings, said = settings_of(tmp_path, clips=1), []
    produce.check(settings)
    produce.make_missing(settings, lambda line: None)
    path = tmp_path / "set" / "00000.npz"
    assert load_clip(path).about == rendered_clip().about | {"set": "validation", "seed": 1, "frames": 20}
    produce.check(replace(settings, clips=100, minutes=5, first=1), said.append)
    assert not said
    other = replace(settings, **{option: value})
    with pytest.raises(MocapError, match=f"00000.npz: made with --set validation .*, not .*--{option} {value}"):
        produce.check(other)
    save_clip(path, rendered_clip())
    produce.check(other, said.append)
    assert len(said) == 1 and "1 clips have no recorded settings" in said[0]


@pytest.mark.parametrize(
    ("option", "value"),
    [("set", "tests"), ("clips", 0), ("frames", 0), ("first", -1), ("seed", -1), ("minutes", -1.0), ("part", 0),
     ("out", "file")])
def test_settings_of_a_set_are_looked_at_first(tmp_path, monkeypatch, option, value):
    """The check precedes the reading of the motion, which is missing here."""
    monkeypatch.setattr(produce, "check_blender", lambda: None)
    (tmp_path / "file").touch()
    with pytest.raises(MocapError, match=f"--{option} .*{value}"):
        parts.render(settings_of(tmp_path, **{option: str(tmp_path / value) if option == "out" else value}))


SHEET = SheetSettings("data", "bodies", "rig", "sheet.png")


@pytest.mark.parametrize(
    ("option", "value"),
    [("clips", "validation:x"), ("clips", "validation:-1"), ("clips", "tests:0"), ("clips", ""), ("each", 0),
     ("frames", 0), ("seed", -1), ("out", "nowhere/sheet.png"), ("out", "sheet"), ("out", "sheet.jpg")])
def test_settings_of_a_sheet_are_looked_at_first(option, value):
    with pytest.raises(MocapError, match=f"--{option} {value}"):
        draw_sheet(replace(SHEET, **{option: value}))


@pytest.mark.parametrize("draw", [lambda folder: produce.check(settings_of(folder)),
                                  lambda folder: draw_sheet(replace(SHEET, out=str(folder / "sheet.png")))])
def test_without_blender_nothing_is_begun(tmp_path, monkeypatch, draw):
    monkeypatch.setitem(sys.modules, "bpy", None)
    with pytest.raises(MocapError, match="bpy.* is not installed; pip install bpy"):
        draw(tmp_path)


@pytest.mark.parametrize(("breaks_at", "again"), [("", False), ("00003", False), ("00002", True)])
def test_a_set_is_made_in_one_process_after_the_other(tmp_path, monkeypatch, breaks_at, again):
    """Each process makes two clips. After a crash the next process continues, but not after two at the same clip."""
    monkeypatch.setattr(produce, "check_blender", lambda: None)
    said, settings = [], settings_of(tmp_path, clips=5, part=2, data=breaks_at, bodies=str(tmp_path / "broken"),
                                     rig="again" if again else "once")
    if again:
        with pytest.raises(MocapError, match="00002.npz: .* broke down twice .* --first 3"):
            parts.render(settings, said.append, fake_rendering.make)
        assert [line[:9] for line in said] == ["00000.npz", "00001.npz", "00002.npz"]
        return
    assert parts.render(settings, said.append, fake_rendering.make) == 5 and not produce.missing(settings)
    by = [int(line.rpartition(" ")[2]) for line in said if " by " in line]
    together = [by.count(number) for number in dict.fromkeys(by)]
    assert together == ([2, 1, 2] if breaks_at else [2, 2, 1]) and os.getpid() not in by
    assert said[-1] == "5 clips made"
    assert [line for line in said if "broke down" in line] == ([said[3]] if breaks_at else [])


def test_what_a_process_can_not_do_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(produce, "check_blender", lambda: None)
    said = []
    with pytest.raises(MocapError, match="cmu17.npz: not found"):
        parts.render(settings_of(tmp_path), said.append, fake_rendering.refuse)
    assert len(said) == 1


@pytest.fixture
def first_points(folders, motions):
    """Return the points (20, P, 3) of the first clip of `validation`."""
    plan = plan_clip("validation", 0, 1, motions, 20)
    person = build_person(plan.shape, *folders)
    return pose(person, produce.recorded(plan, motions)).points(person)


def test_the_truth_is_renewed_and_the_rest_stays(tmp_path, folders, motions_at_hand, first_points):
    points = first_points + (0, 0, 0.25)
    old = points.copy()
    old[:, J["spine"]] += 0.05  # as if a definition had been another one
    made = rendered_clip(20)
    save_clip(tmp_path / "00000.npz", replace(made, points=old))
    settings = RenewSettings(str(tmp_path), "data", *map(str, folders), "validation", 20)
    renew(settings, lambda line: None)
    clip = load_clip(tmp_path / "00000.npz")
    np.testing.assert_allclose(clip.points, points, atol=1e-5)
    np.testing.assert_allclose(clip.points_px, clip.camera.project(clip.in_camera()), atol=1e-2)
    np.testing.assert_array_equal(clip.keypoints, made.keypoints)
    assert clip.lengths[J["left_knee"]] == pytest.approx(
        np.linalg.norm(points[0, J["left_knee"]] - points[0, J["left_hip"]]))
    with pytest.raises(MocapError, match="seed"):
        renew(replace(settings, seed=2), lambda line: None)


def test_a_clip_from_before_palms_gets_their_points(tmp_path, folders, motions_at_hand, first_points):
    """An older clip of 28 points is renewed; its palms count as hidden where the hand's knuckles are."""
    made, older = rendered_clip(20), len(POINTS) - len(PALM)
    hidden = np.zeros((20, older), dtype=bool)
    hidden[5, POINTS.index("right_knuckle")] = True
    save_clip(tmp_path / "00000.npz", replace(made, points=first_points[:, :older], hidden=hidden))
    renew(RenewSettings(str(tmp_path), "data", *map(str, folders), "validation", 20), lambda line: None)
    clip = load_clip(tmp_path / "00000.npz")
    assert clip.points.shape == (20, len(POINTS), 3) and tuple(clip.point_names) == POINTS
    np.testing.assert_allclose(clip.points, first_points, atol=1e-5)
    assert clip.hidden.shape == (20, len(POINTS))
    assert clip.hidden[5, older:].tolist() == [name.startswith("right") for name in PALM]


@pytest.mark.parametrize(("name", "says"), [("00001.npz", "its limbs lie"), ("copy.npz", "its name is not the number")])
def test_truths_are_renewed_all_or_none(tmp_path, folders, motions_at_hand, first_points, name, says):
    """The set's first clip stays unchanged if another clip does not belong to the set."""
    for file in ("00000.npz", name):
        save_clip(tmp_path / file, replace(rendered_clip(20), points=first_points))
    before = (tmp_path / "00000.npz").read_bytes()
    settings = RenewSettings(str(tmp_path), "data", *map(str, folders), "validation", 20)
    with pytest.raises(MocapError, match=f"{name}: {says}"):
        renew(settings, lambda line: None)
    assert (tmp_path / "00000.npz").read_bytes() == before


def test_a_rendered_person_is_seen_where_they_are(tmp_path, folders, shared_data, root):
    """Rendering has its own process, so that a crash of the bpy module does not end the tests."""
    if importlib.util.find_spec("bpy") is None:
        pytest.skip("no bpy module here")
    answer = subprocess.run(
        [sys.executable, "-m", "training", "render", "--data", str(shared_data / "mocap" / "cmu17.npz"),
         "--bodies", str(folders[0]), "--rig", str(folders[1]), "--out", str(tmp_path), "--set", "validation",
         "--clips", "1", "--frames", "6"], cwd=root, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "00000.npz mocap" in answer.stdout and answer.stdout.endswith("\n1 clips made\n")
    clip = load_clip(tmp_path / "00000.npz")
    assert len(clip) == 6 and clip.detected.all() and clip.subject in VALIDATION_SUBJECTS
    canonical, size = clip.canonical(), np.ptp(clip.points_px, axis=1).max()
    for name in ("left_shoulder", "right_shoulder", "left_knee", "right_ankle", "nose"):
        true = clip.points_px[:, POINTS.index(name)]
        found = canonical.xy[:, CANONICAL.keypoint_names.index(name)]
        assert np.linalg.norm(found - true, axis=-1).max() < 0.08 * size, name
