"""Timing: the first result of a take on a character sets it, later ones leave all of the scene alone."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np
import pytest

import anatomy_mocap
from anatomy_mocap.blender.ui import preferences
from anatomy_mocap.core.take import save_take
from anatomy_mocap.take_facts import describe_take
from tests.support.blender_scenes import curves_of, empty_file, make_take, values_of


@pytest.fixture(autouse=True)
def takes_folder(tmp_path, monkeypatch):
    empty_file()
    anatomy_mocap.register()
    monkeypatch.setattr(preferences, "takes_folder", lambda create=True: tmp_path)
    yield tmp_path
    anatomy_mocap.unregister()


@pytest.fixture
def man(root):
    from anatomy_mocap.blender.files.rig_files import load_rig

    settings().armature = load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")
    return settings().armature


def settings():
    return bpy.context.scene.anatomy_mocap


def listed(folder, name="made", **given):
    bpy.ops.anatomy_mocap.load_take(filepath=str(save_take(make_take(**given), folder / f"{name}.npz")))


def retarget(**chosen):
    for name, value in chosen.items():
        setattr(settings(), name, value)
    assert bpy.ops.anatomy_mocap.retarget() == {"FINISHED"}


def frames_of(armature):
    return values_of(next(iter(curves_of(armature).values())))[0]


def state():
    scene = bpy.context.scene
    return (scene.frame_current, scene.frame_subframe, scene.use_preview_range, scene.frame_preview_start,
            scene.frame_preview_end, scene.frame_start, scene.frame_end, scene.render.fps, scene.render.fps_base,
            [item.name for item in bpy.context.selected_objects], bpy.context.view_layer.objects.active)


@pytest.mark.parametrize("destination", ["UPDATE", "NEW", "NLA", "INTO"])
def test_later_results_leave_the_scene_alone(tmp_path, man, destination):
    listed(tmp_path, frames=60)
    retarget()
    scene, lamp = bpy.context.scene, bpy.data.objects.new("Lamp", None)
    scene.collection.objects.link(lamp)
    bpy.ops.object.select_all(action="DESELECT")
    lamp.select_set(True)
    bpy.context.view_layer.objects.active = lamp
    scene.frame_set(17, subframe=0.25)
    scene.use_preview_range, scene.frame_preview_start, scene.frame_preview_end = True, 10, 20
    scene.frame_start, scene.frame_end, scene.render.fps = 5, 300, 30
    before = state()
    retarget(destination=destination, smoothing=0.5)
    assert state() == before


def test_the_first_result_selects_the_character_and_sets_the_range(tmp_path, man):
    listed(tmp_path)
    bpy.ops.object.select_all(action="SELECT")
    retarget()
    assert bpy.context.selected_objects == [man] and bpy.context.view_layer.objects.active == man
    assert (bpy.context.scene.frame_start, bpy.context.scene.frame_end) == (1, 12)


@pytest.mark.parametrize(("rate", "animated", "fps"), [
    ("AUTO", False, 25), ("AUTO", True, 24), ("SCENE", False, 24), ("VIDEO", True, 25)])
def test_the_rate_follows_the_rule_and_keys_lie_on_whole_frames(tmp_path, man, rate, animated, fps):
    listed(tmp_path, frames=101)
    scene = bpy.context.scene
    if animated:
        bpy.data.actions.new("a shot")
    retarget(rate=rate)
    frames = frames_of(man)
    assert scene.render.fps == fps and np.array_equal(frames, np.round(frames))
    assert (scene.frame_start, scene.frame_end) == (frames[0], frames[-1]) == (1, 1 + 100 * fps // 25)


def test_resampled_keys_show_the_same_motion(tmp_path, man):
    listed(tmp_path, frames=51)
    retarget(rate="VIDEO", smoothing=0.0, ground=0.0)
    path = next(path for path, _ in curves_of(man) if "upperarm_l" in path and "rotation" in path)
    at = [curves_of(man)[path, 1].evaluate(1 + second * 25) for second in (0, 0.5, 1, 1.5)]
    man.animation_data_clear()
    bpy.data.actions.remove(bpy.data.actions[0])
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = 30, 1.0
    retarget(rate="SCENE")
    assert [curves_of(man)[path, 1].evaluate(1 + second * 30) for second in (0, 0.5, 1, 1.5)] == \
        pytest.approx(at, abs=1e-4)


def test_source_times_are_keyed_when_asked(tmp_path, man):
    listed(tmp_path)
    retarget(rate="SCENE", source_times=True)
    assert frames_of(man) == pytest.approx(1 + np.arange(12) * 24 / 25, abs=1e-4)
    assert bpy.context.scene.frame_end == 12


def test_a_start_between_frames_gives_whole_frames_too(tmp_path, man):
    listed(tmp_path)
    retarget(use_start=True, start_frame=100.5)
    assert frames_of(man).tolist() == list(range(101, 112))
    assert (bpy.context.scene.frame_start, bpy.context.scene.frame_end) == (101, 111)


def test_trying_settings_leaves_no_trail_of_actions(tmp_path, man):
    listed(tmp_path, "hero")
    for smoothing in (0.1, 0.2, 0.3, 0.4):
        retarget(smoothing=smoothing)
    assert [action.name for action in bpy.data.actions] == ["hero"]
    listed(tmp_path, "other", frames=20)
    retarget()
    assert sorted(action.name for action in bpy.data.actions) == ["hero", "other"], "no take replaces another one's"


def test_a_failing_first_result_leaves_the_timing(tmp_path, man, monkeypatch):
    from anatomy_mocap.blender.keys import keyframes

    listed(tmp_path)
    bpy.context.scene.use_preview_range = True
    bpy.context.scene.frame_set(7)
    before = state()
    monkeypatch.setattr(keyframes, "_fill", lambda *_: 1 / 0)
    with pytest.raises(RuntimeError, match="division"):
        retarget()
    assert state() == before


def doubtful_take():
    """A take that begins 30 frames after its source, with doubts at its own frames 10-20, 60-63 and 100."""
    take = make_take(frames=121)
    take.confidence[[*range(10, 21), *range(60, 64), 100]] = 0.1
    return replace(take, times=take.times + 30 / take.fps)


@pytest.mark.parametrize(("fps", "start", "wanted"), [
    (25, None, "41-51, 91-94, 131"), (50, None, "81-101, 181-187, 261"), (25, 101.0, "111-121, 161-164, 201")])
def test_doubtful_frames_are_numbered_as_the_keys_lie(tmp_path, man, fps, start, wanted):
    bpy.ops.anatomy_mocap.load_take(filepath=str(save_take(doubtful_take(), tmp_path / "doubtful.npz")))
    bpy.context.scene.render.fps = fps
    settings().use_start, settings().start_frame = start is not None, start or 1.0
    assert settings().take().doubtful_frames() == wanted
    retarget(rate="SCENE")
    assert settings().take().doubtful_frames() == wanted
    assert set(frames_of(man)) >= {int(number) for number in wanted.replace("-", ", ").split(", ")}


def test_the_command_line_numbers_them_likewise():
    assert describe_take(doubtful_take())["low_confidence_ranges"] == "41-51, 91-94, 131"
