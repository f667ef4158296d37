"""Operators: complete runs without a window, and jobs driven step by step as a window's timer would."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import bpy
import numpy as np
import pytest

import anatomy_mocap
from anatomy_mocap import pipeline
from anatomy_mocap.blender.ui import capture_operators, jobs, preferences, retarget_operators
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.take import load_take, save_take
from anatomy_mocap.core.take_from_joints import take_from_positions
from tests.support import moving_bodies as bodies
from tests.support.blender_scenes import curves_of, empty_file, make_armature, make_take, values_of
from tests.support.video_clips import write_clip


@pytest.fixture(autouse=True)
def takes_folder(tmp_path, monkeypatch):
    """Register the add-on in an empty file, with its takes in a folder of the test."""
    empty_file()
    anatomy_mocap.register()
    folder = tmp_path / "takes"
    folder.mkdir()
    monkeypatch.setattr(preferences, "takes_folder", lambda create=True: folder)
    yield folder
    anatomy_mocap.unregister()


@pytest.fixture
def source(tmp_path):
    """Choose a source file. Its content is irrelevant, since capture is replaced."""
    file = tmp_path / "dance.mp4"
    file.write_bytes(b"")
    settings().source = str(file)
    return file


@pytest.fixture
def man(root):
    """Load and choose the bundled character."""
    from anatomy_mocap.blender.files.rig_files import load_rig

    settings().armature = load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")
    return settings().armature


def settings():
    return bpy.context.scene.anatomy_mocap


def shown():
    return bpy.context.window_manager.anatomy_mocap


def listed(tmp_path, take=None, name="made"):
    """Write a take and load it into the list."""
    file = save_take(take or make_take(), tmp_path / f"{name}.npz")
    assert bpy.ops.anatomy_mocap.load_take(filepath=str(file)) == {"FINISHED"}
    return file


def all_keys(armature):
    """Return {curve: values} of the active action."""
    return {key: values_of(curve)[1].tolist() for key, curve in curves_of(armature).items()}


def fake_capture(monkeypatch, steps=3, error=None, gate=None, closed=None, labels=("",)):
    """Replace pipeline.capture_everybody with a function that yields `steps` times and waits for `gate` before each."""
    def capture(path, _settings):
        try:
            for done in range(steps):
                yield pipeline.Progress("detect", done, steps, f"watching {path.name}")
                if gate:
                    gate.acquire()
            if error:
                raise error
            return [pipeline.OneTake(label, make_take(low=2)) for label in labels]
        except GeneratorExit:
            closed.append(True)
            raise

    monkeypatch.setattr(pipeline, "capture_everybody", capture)


# Capture, all at once

def test_everybody_becomes_a_take_each(monkeypatch, source, takes_folder):
    fake_capture(monkeypatch, labels=("A", "B"))
    settings().person = "ALL"
    assert bpy.ops.anatomy_mocap.capture() == {"FINISHED"}
    assert [entry.name for entry in settings().takes] == ["dance.A", "dance.B"]
    assert settings().take().name == "dance.A"
    assert sorted(item.name for item in takes_folder.iterdir()) == ["dance.A.npz", "dance.B.npz"]


def test_capture_without_a_window_is_complete(monkeypatch, source, takes_folder):
    fake_capture(monkeypatch)
    assert bpy.ops.anatomy_mocap.capture("INVOKE_DEFAULT" if bpy.app.background else "EXEC_DEFAULT") == {"FINISHED"}
    [entry] = settings().takes
    assert (entry.name, entry.frames, entry.fps, entry.low_confidence) == ("dance", 12, 25.0, 2)
    assert entry.doubtful_frames() == "1-2" and entry.warnings == "something was assumed" and entry.seconds == 1.5
    assert len(load_take(takes_folder / "dance.npz")) == 12
    assert bpy.ops.anatomy_mocap.capture() == {"FINISHED"}
    assert sorted(item.name for item in takes_folder.iterdir()) == ["dance.npz", "dance_2.npz"]
    assert settings().take().name == "dance_2"


@pytest.mark.parametrize("error", [MocapError("dance.mp4: nobody in it; film a person"), OSError("odd")])
def test_failing_capture_is_told_and_leaves_nothing(monkeypatch, source, takes_folder, error):
    fake_capture(monkeypatch, error=error)
    with pytest.raises(RuntimeError, match="nobody in it|odd"):
        bpy.ops.anatomy_mocap.capture()
    assert not settings().takes and not list(takes_folder.iterdir()) and not shown().running


def test_missing_source_is_told(tmp_path):
    settings().source = str(tmp_path / "gone.mp4")
    with pytest.raises(RuntimeError, match=r"gone.mp4: no such file; choose"):
        bpy.ops.anatomy_mocap.capture()


def test_the_panels_values_reach_the_pipeline():
    from anatomy_mocap.blender.ui.takes import capture_settings

    assert capture_settings(settings()) == pipeline.CaptureSettings()
    for name, value in {"person": "NUMBER", "person_number": 2, "layout": "BODY25", "lens": "FOV", "fov": 1.0,
                        "exact": True, "use_height": True, "height": 1.5, "use_fps": True, "fps": 12.5}.items():
        setattr(settings(), name, value)
    found = capture_settings(settings())
    assert (found.person, found.layout, found.fov, found.fps) == (2, "BODY25", 1.0, 12.5)
    assert found.height == pytest.approx(1.5) and found.focal is None and found.exact
    settings().lens, settings().focal = "FOCAL", 900
    assert capture_settings(settings()).focal == 900 and capture_settings(settings()).fov is None


# Capture in the queue, whose timer the tests drive

@pytest.fixture
def window(monkeypatch):
    """Let the operators queue their jobs as in a window."""
    monkeypatch.setattr(jobs, "has_window", lambda: True)
    yield
    jobs.stop_all()


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def until_idle():
    wait_for(lambda: jobs.tick() is None)


def capture():
    assert bpy.ops.anatomy_mocap.capture("INVOKE_DEFAULT") == {"FINISHED"}
    return jobs.running()


def test_window_stays_free_and_the_bar_moves(monkeypatch, source, takes_folder, window):
    gate = threading.Semaphore(0)
    fake_capture(monkeypatch, steps=4, gate=gate)
    job = capture()
    assert shown().running and bpy.app.timers.is_registered(jobs.tick)
    for done in range(3):
        wait_for(lambda done=done: job.run.progress and job.run.progress.done == done)
        assert jobs.tick() > 0
        assert shown().fraction == pytest.approx(done / 4)
        assert shown().text == (f"Watching: {done} of 4 frames" if done else "Watching")
        gate.release()
    gate.release()
    until_idle()
    assert not shown().running and jobs.tick() is None
    assert settings().take().name == "dance" and (takes_folder / "dance.npz").is_file()
    assert not shown().failed and shown().message.splitlines() == [
        "dance: 12 frames at 25 per second, 2 of low confidence (frames 1-2)", "something was assumed"]
    assert bpy.ops.anatomy_mocap.dismiss() == {"FINISHED"} and not shown().message


def test_a_take_keeps_its_settings_and_shows_them_again(tmp_path):
    """Two takes, tuned differently: choosing one shows what it was tuned to."""
    for name, smoothing in (("walk", 0.3), ("jump", 0.05)):
        save_take(take_from_positions(bodies.random_poses(12, 1), 25.0), tmp_path / f"{name}.npz")
        assert bpy.ops.anatomy_mocap.load_take(filepath=str(tmp_path / f"{name}.npz")) == {"FINISHED"}
        settings().smoothing = smoothing
        settings().use_smooth_legs = settings().repair = name == "walk"
        assert bpy.ops.anatomy_mocap.store_settings() == {"FINISHED"}
    settings().active_take = 0
    assert (round(settings().smoothing, 6), settings().use_smooth_legs, settings().repair) == (0.3, True, True)
    settings().active_take = 1
    assert (round(settings().smoothing, 6), settings().use_smooth_legs, settings().repair) == (0.05, False, False)
    assert load_take(tmp_path / "jump.npz").settings == {"smoothing": 0.05, "repair": False}
    settings().smoothing = 0.1
    assert bpy.ops.anatomy_mocap.load_take(filepath=str(tmp_path / "walk.npz")) == {"FINISHED"}
    assert round(settings().smoothing, 6) == 0.3, "loading shows them, too"


def test_no_operator_of_a_job_is_modal():
    """An event that ends a menu, a transform or the playback never reaches a job."""
    for kind in (capture_operators.CLASSES, retarget_operators.CLASSES):
        assert not [item for item in kind if "modal" in vars(item)]


def test_a_second_capture_waits_for_the_first(monkeypatch, source, takes_folder, window):
    gate = threading.Semaphore(0)
    fake_capture(monkeypatch, steps=2, gate=gate)
    first = capture()
    assert bpy.ops.anatomy_mocap.capture("EXEC_DEFAULT") == {"FINISHED"}, "Repeat Last (Shift+R) too"
    assert jobs.running() is first and shown().waiting == 1 and first.run.result is None
    for _ in range(4):
        gate.release()
    until_idle()
    assert [entry.name for entry in settings().takes] == ["dance", "dance_2"] and shown().waiting == 0


def test_the_press_reads_and_imports_nothing(monkeypatch, source, window):
    def slow(_path, _settings):
        time.sleep(1.0)
        yield pipeline.Progress("read", 0, 1)

    monkeypatch.setattr(pipeline, "capture_everybody", slow)
    started = time.monotonic()
    capture()
    assert time.monotonic() - started < 0.2


@pytest.mark.parametrize("way", ["button", "file opened", "add-on off"])
def test_cancel_leaves_nothing(monkeypatch, source, takes_folder, window, way):
    gate, closed = threading.Semaphore(0), []
    fake_capture(monkeypatch, steps=100, gate=gate, closed=closed)
    job = capture()
    wait_for(lambda: job.run.progress)
    jobs.tick()
    if way == "button":
        started = time.monotonic()
        assert bpy.ops.anatomy_mocap.cancel() == {"FINISHED"}
        assert time.monotonic() - started < 0.02, "the button itself waits for nothing"
        assert shown().message == "dance: cancelled; nothing was kept"
    elif way == "file opened":
        empty_file()
    else:
        jobs.unregister()
        jobs.register()
    gate.release()
    assert job.run.wait(10) and closed == [True], "the source's files are closed"
    assert not shown().running and jobs.tick() is None
    assert not settings().takes and not list(takes_folder.iterdir())
    assert not bpy.ops.anatomy_mocap.cancel.poll()


@pytest.mark.parametrize("when", ["saving", "saved"])
def test_a_cancel_while_the_take_is_saved_leaves_no_file(monkeypatch, source, takes_folder, window, when):
    from anatomy_mocap.core import take as takes

    saved, begun, gate = takes.save_take, threading.Event(), threading.Semaphore(0)

    def slow(*arguments):
        path = saved(*arguments)
        begun.set()
        gate.acquire()
        return path

    monkeypatch.setattr(takes, "save_take", slow)
    fake_capture(monkeypatch, closed=[])
    job = capture()
    assert begun.wait(10) and list(takes_folder.iterdir()), "saved on the worker, so the window does not wait for it"
    if when == "saved":
        gate.release()
        assert job.run.wait(10)
    assert bpy.ops.anatomy_mocap.cancel() == {"FINISHED"}
    gate.release()
    assert job.run.wait(10) and not list(takes_folder.iterdir()) and not settings().takes


def test_leaving_blender_keeps_the_files_of_takes(monkeypatch, source, takes_folder, window):
    from anatomy_mocap.blender.ui import background

    fake_capture(monkeypatch)
    capture()
    until_idle()
    background.stop_all(1.0)
    assert [file.name for file in takes_folder.iterdir()] == ["dance.npz"]


def test_an_undo_leaves_a_capture_alone(monkeypatch, source, takes_folder, window):
    gate = threading.Semaphore(0)
    fake_capture(monkeypatch, steps=1, gate=gate)
    bpy.ops.ed.undo_push(message="before")
    bpy.context.scene.frame_set(5)
    bpy.ops.ed.undo_push(message="moved")
    capture()
    bpy.ops.ed.undo()
    assert shown().running
    gate.release()
    until_idle()
    assert settings().take().name == "dance"


def test_the_take_comes_into_the_scene_in_which_it_was_asked_for(monkeypatch, source, takes_folder, window):
    gate = threading.Semaphore(0)
    fake_capture(monkeypatch, steps=1, gate=gate)
    first = bpy.context.scene
    capture()
    other = bpy.data.scenes.new("Other")
    first.name = "Renamed"
    if bpy.context.window:
        bpy.context.window.scene = other
    gate.release()
    until_idle()
    assert len(first.anatomy_mocap.takes) == 1 and not other.anatomy_mocap.takes


def test_the_bar_names_every_stage(monkeypatch, source):
    from anatomy_mocap.blender.ui.capture_operators import _STAGES, _show

    for stage, name in _STAGES.items():
        _show(shown(), pipeline.Progress(stage, 30, 40))
        assert shown().text.startswith(f"{name}: 30 of 40") and shown().fraction == pytest.approx(0.75)


def test_error_in_the_worker_stays_in_the_panel_and_the_next_job_runs(monkeypatch, source, window):
    fake_capture(monkeypatch, error=MocapError("dance.mp4: nobody in it"))
    capture()
    until_idle()
    assert shown().failed and shown().message == "dance.mp4: nobody in it" and not shown().running
    fake_capture(monkeypatch)
    capture()
    until_idle()
    assert not shown().failed and len(settings().takes) == 1


def one_line_with_a_log(text, subject, error, folder):
    """Whether a message is one line that names the subject, and the folder's one log has the traceback."""
    [log] = folder.glob("*.log")
    assert f"{subject}: unexpected error ({error}" in text and str(log) in text and "Traceback" not in text
    assert "Traceback" in log.read_text(encoding="utf-8")
    return True


def test_an_unforeseen_error_of_a_job_is_one_line_that_names_the_file(monkeypatch, source, window, capfd, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    fake_capture(monkeypatch, error=ZeroDivisionError("a\nbug"))
    capture()
    until_idle()
    assert shown().failed and not shown().running and "\n" not in shown().message
    assert one_line_with_a_log(shown().message, source, "ZeroDivisionError: a bug", tmp_path)
    told = capfd.readouterr()
    assert "Traceback" not in told.out + told.err and str(source) in told.out
    fake_capture(monkeypatch)
    capture()
    until_idle()
    assert not shown().failed


@pytest.mark.parametrize(("operator", "broken", "subject"), [
    ("capture", "anatomy_mocap.pipeline.capture_everybody", "dance.mp4"),
    ("load_take", "anatomy_mocap.core.take.load_take", "made.npz"),
    ("retarget", "anatomy_mocap.blender.retarget_onto.retarget_onto", "made.npz onto human-male"),
    ("build_armature", "anatomy_mocap.blender.retarget_onto.build_take_armature", "made.npz"),
    ("find_bones", "anatomy_mocap.blender.rigs.armature.read_rig", "human-male"),
    ("save_map", "anatomy_mocap.blender.rigs.armature.read_rig", "map.json")])
def test_an_unforeseen_error_of_an_operator_is_one_line(monkeypatch, tmp_path, source, man, operator, broken, subject):
    def raises(*_, **__):
        raise KeyError("odd\n")

    file = listed(tmp_path)
    man.name = "human-male"
    (logs := tmp_path / "logs").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(logs))
    monkeypatch.setattr(broken, raises)
    given = {"load_take": {"filepath": str(file)}, "save_map": {"filepath": str(tmp_path / "map.json")}}
    with pytest.raises(RuntimeError) as told:
        getattr(bpy.ops.anatomy_mocap, operator)(**given.get(operator, {}))
    assert one_line_with_a_log(str(told.value), subject, "KeyError: 'odd", logs)


# Takes

def test_takes_are_loaded_refreshed_and_taken_off_the_list(tmp_path):
    file = listed(tmp_path)
    listed(tmp_path, make_take(frames=20), "longer")
    save_take(make_take(frames=30), file)
    assert bpy.ops.anatomy_mocap.load_take(filepath=str(file)) == {"FINISHED"}
    assert [entry.frames for entry in settings().takes] == [30, 20] and settings().active_take == 0
    assert bpy.ops.anatomy_mocap.remove_take() == {"FINISHED"}
    assert settings().take().name == "longer" and file.is_file()
    bpy.ops.anatomy_mocap.remove_take()
    assert settings().take() is None and not bpy.ops.anatomy_mocap.remove_take.poll()


def test_a_file_that_is_no_take_is_told(tmp_path):
    np.savez(tmp_path / "x.npz", a=1)
    with pytest.raises(RuntimeError, match="x.npz: not a take"):
        bpy.ops.anatomy_mocap.load_take(filepath=str(tmp_path / "x.npz"))
    assert not settings().takes


def test_takes_folder_falls_back_and_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.undo()
    assert preferences.takes_folder().is_dir()  # not installed as an extension here
    chosen = SimpleNamespace(cache_folder=str(tmp_path / "a" / "b"), device="cpu")
    monkeypatch.setattr(preferences, "preferences", lambda: chosen)
    assert preferences.takes_folder() == tmp_path / "a" / "b" and (tmp_path / "a" / "b").is_dir()
    assert preferences.device() == "cpu"
    (tmp_path / "file").write_bytes(b"")
    chosen.cache_folder = str(tmp_path / "file" / "b")
    with pytest.raises(MocapError, match="choose another one in the add-on's preferences"):
        preferences.takes_folder()


# Retarget

def test_polls_want_a_take_and_an_armature_of_this_scene(tmp_path, man):
    assert not bpy.ops.anatomy_mocap.retarget.poll() and not bpy.ops.anatomy_mocap.build_armature.poll()
    listed(tmp_path)
    assert bpy.ops.anatomy_mocap.retarget.poll() and bpy.ops.anatomy_mocap.build_armature.poll()
    settings().armature = None
    assert bpy.ops.anatomy_mocap.retarget.poll(), "the active armature is taken"
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.anatomy_mocap.retarget.poll() and not bpy.ops.anatomy_mocap.find_bones.poll()
    with pytest.raises(RuntimeError, match="Choose an armature first"):
        bpy.ops.anatomy_mocap.retarget()


def test_retarget_keys_the_character_and_sets_the_timing(tmp_path, man):
    listed(tmp_path)
    assert bpy.ops.anatomy_mocap.retarget() == {"FINISHED"}
    assert man.animation_data.action.name == "made"
    scene = bpy.context.scene
    assert (scene.render.fps, scene.frame_start, scene.frame_end) == (25, 1, 12)
    moving = [path for (path, _), curve in curves_of(man).items()
              if "upperarm_l" in path and np.ptp([point.co[1] for point in curve.keyframe_points]) > 0.05]
    assert moving, "the left arm goes up in the take"
    assert settings().map_state == "GOOD" and len(settings().bones) > 15
    arm = man.pose.bones["upperarm_l"]
    raised = []
    for frame in (1, 12):
        scene.frame_set(frame)
        raised.append((man.matrix_world.to_3x3() @ (man.pose.bones["lowerarm_l"].head - arm.head)).normalized().z)
    assert raised[1] - raised[0] > 0.5


def test_each_retarget_makes_a_new_action_or_updates_the_last(tmp_path, man):
    listed(tmp_path)
    bpy.ops.anatomy_mocap.retarget()
    first = man.animation_data.action
    settings().destination = "NEW"
    bpy.ops.anatomy_mocap.retarget()
    second = man.animation_data.action
    assert first != second and len(bpy.data.actions) == 2
    settings().destination, settings().smoothing = "UPDATE", 0.6
    before = all_keys(man)
    bpy.ops.anatomy_mocap.retarget()
    assert man.animation_data.action == second and len(bpy.data.actions) == 2
    assert before.keys() == all_keys(man).keys() and before != all_keys(man)


def test_undo_and_redo(tmp_path, man):
    listed(tmp_path)
    name = man.name
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.anatomy_mocap.retarget("EXEC_DEFAULT", True)
    bpy.ops.ed.undo()
    assert not bpy.data.actions and bpy.context.scene.render.fps == 24 and len(settings().takes) == 1
    bpy.ops.ed.redo()
    assert bpy.data.objects[name].animation_data.action.name == "made" and bpy.context.scene.render.fps == 25


def test_placement_reaches_the_retargeting(tmp_path, man):
    listed(tmp_path)
    bpy.ops.anatomy_mocap.retarget()
    plain = all_keys(man)
    for name, value in {"in_place": True, "turn": 1.5, "use_scale": True, "keep_posture": False}.items():
        setattr(settings(), name, value)
        if name == "use_scale":
            settings().scale = 3.0
        bpy.ops.anatomy_mocap.retarget()
        assert all_keys(man) != plain, name
        plain = all_keys(man)


def test_a_bone_chosen_by_hand_counts_until_bones_are_found_anew(tmp_path, man):
    listed(tmp_path)
    bpy.ops.anatomy_mocap.find_bones()
    rows = {row.name: row for row in settings().bones}
    assert rows["spine_chain"].bones.count(" > ") >= 1 and not settings().map_edited
    rows["head"].bones = ""
    assert settings().map_edited
    bpy.ops.anatomy_mocap.retarget()
    assert not any('"Head"' in path or '"head"' in path for path, _ in curves_of(man))
    assert settings().map_edited and {row.name: row for row in settings().bones}["head"].bones == ""
    {row.name: row for row in settings().bones}["left_hand"].bones = "no such bone"
    with pytest.raises(RuntimeError, match="no such bone"):
        bpy.ops.anatomy_mocap.retarget()
    bpy.ops.anatomy_mocap.find_bones()
    assert not settings().map_edited
    bpy.ops.anatomy_mocap.retarget()
    assert any('"Head"' in path or '"head"' in path for path, _ in curves_of(man))


def test_a_map_changed_by_hand_is_found_again_for_the_same_rig(tmp_path, man):
    """Also for another armature with these bones; Find Bones drops it."""
    listed(tmp_path)
    bpy.ops.anatomy_mocap.find_bones()
    {row.name: row for row in settings().bones}["head"].bones = ""
    bpy.ops.anatomy_mocap.retarget()
    [kept] = preferences.maps_folder().glob("*.json")
    twin = man.copy()
    bpy.context.scene.collection.objects.link(twin)
    settings().armature = twin
    assert not settings().map_edited and not settings().bones
    bpy.ops.anatomy_mocap.retarget()
    assert {row.name: row for row in settings().bones}["head"].bones == ""
    assert settings().map_summary.startswith("changed by hand")
    bpy.ops.anatomy_mocap.find_bones()
    assert {row.name: row for row in settings().bones}["head"].bones and not kept.exists()


def test_timing_is_left_alone_when_asked(tmp_path, man):
    listed(tmp_path)
    settings().set_timing = False
    bpy.context.scene.render.fps, bpy.context.scene.frame_end = 50, 123
    bpy.ops.anatomy_mocap.retarget()
    assert (bpy.context.scene.render.fps, bpy.context.scene.frame_end) == (50, 123)
    frames = [point.co[0] for point in next(iter(curves_of(man).values())).keyframe_points]
    assert frames == pytest.approx([1 + 2 * i for i in range(12)])


def test_an_armature_without_a_body_is_refused_in_words(tmp_path):
    listed(tmp_path)
    settings().armature = make_armature(("door", "hinge"))
    fps = bpy.context.scene.render.fps
    with pytest.raises(RuntimeError, match="Rig"):
        bpy.ops.anatomy_mocap.retarget()
    with pytest.raises(RuntimeError, match="Rig"):
        bpy.ops.anatomy_mocap.find_bones()
    assert settings().map_state == "BAD" and settings().map_summary
    assert not bpy.data.actions and bpy.context.scene.render.fps == fps


def test_what_hides_the_motion_is_told(tmp_path, man, capfd):
    listed(tmp_path)
    man.data.pose_position = "REST"
    track = man.animation_data_create().nla_tracks.new()
    track.strips.new("old", 1, bpy.data.actions.new("old"))
    bpy.ops.anatomy_mocap.retarget()
    told = capfd.readouterr().out
    assert "rest position" in told and "NLA tracks" in told


def test_bone_map_goes_to_a_file_and_back(tmp_path, man):
    assert bpy.ops.anatomy_mocap.find_bones() == {"FINISHED"}
    found = {row.name: row.bones for row in settings().bones}
    assert found["left_upper_leg"] == "thigh_l"
    file = tmp_path / "map.json"
    assert bpy.ops.anatomy_mocap.save_map(filepath=str(file)) == {"FINISHED"}
    settings().map_file = str(file)
    assert settings().map_state == "NONE"
    bpy.ops.anatomy_mocap.find_bones()
    assert {row.name: row.bones for row in settings().bones} == found
    file.write_text("[")
    with pytest.raises(RuntimeError, match=r"map.json"):
        bpy.ops.anatomy_mocap.find_bones()


def test_armature_is_built_from_the_take(tmp_path):
    listed(tmp_path)
    before = set(bpy.data.objects)
    assert bpy.ops.anatomy_mocap.build_armature() == {"FINISHED"}
    built = [item for item in bpy.data.objects if item not in before]
    assert [item.type for item in built].count("ARMATURE") == 1
    assert bpy.context.scene.render.fps == 25 and bpy.context.scene.frame_end == 12
    [armature] = built
    lengths = []
    for frame in range(1, 13):
        bpy.context.scene.frame_set(frame)
        lengths.append([bone.length for bone in armature.pose.bones])
    assert np.ptp(lengths, axis=0).max() < 1e-6, "no bone changes its length"
    assert np.ptp(all_keys(armature)[next(key for key in all_keys(armature) if "left_elbow" in key[0])]) > 0


def test_failing_build_leaves_nothing(tmp_path, monkeypatch):
    from anatomy_mocap.blender.keys import keyframes

    listed(tmp_path)
    monkeypatch.setattr(keyframes, "_fill", lambda *_: 1 / 0)
    with pytest.raises(RuntimeError, match="division"):
        bpy.ops.anatomy_mocap.build_armature()
    assert not bpy.data.objects and not bpy.data.armatures and not bpy.data.actions


def test_a_take_whose_file_is_gone_is_told(tmp_path, man):
    listed(tmp_path).unlink()
    for operator in (bpy.ops.anatomy_mocap.retarget, bpy.ops.anatomy_mocap.build_armature):
        with pytest.raises(RuntimeError, match=r"made.npz: no such file"):
            operator()


def test_the_video_of_a_capture_is_shown_behind_the_motion(monkeypatch, takes_folder, tmp_path):
    write_clip(tmp_path / "dance.mp4")
    settings().source = str(tmp_path / "dance.mp4")
    fake_capture(monkeypatch, steps=1)
    assert bpy.ops.anatomy_mocap.capture() == {"FINISHED"}
    assert settings().take().video == str(tmp_path / "dance.mp4")
    assert bpy.ops.anatomy_mocap.show_video() == {"FINISHED"}
    camera = bpy.context.scene.camera
    assert camera.name == "Mocap Camera dance" and len(camera.data.background_images) == 1


def test_a_video_beside_a_loaded_take_is_found(tmp_path):
    write_clip(tmp_path / "sway.mp4")
    take = make_take()
    take.info["source"] = "sway.mp4"
    listed(tmp_path, take, "walk")
    assert settings().take().video == str(tmp_path / "sway.mp4")


def test_a_take_without_its_video_asks_for_it(tmp_path):
    listed(tmp_path)
    assert not settings().take().video
    with pytest.raises(RuntimeError, match="its video is not known; choose it"):
        bpy.ops.anatomy_mocap.show_video()
    assert bpy.context.scene.camera is None


def test_the_playhead_goes_from_doubt_to_doubt(tmp_path):
    take = make_take(frames=60)
    take.confidence[10:20] = take.confidence[40:42] = 0.1
    listed(tmp_path, take)
    scene = bpy.context.scene
    scene.render.fps = 25
    found = []
    for _ in range(3):
        assert bpy.ops.anatomy_mocap.next_doubt() == {"FINISHED"}
        found.append(scene.frame_current)
    start = round(1 + 25 * float(take.times[0]))
    assert found == [start + 10, start + 40, start + 10], "from the last one on to the first"
    assert bpy.ops.anatomy_mocap.previous_doubt() == {"FINISHED"} and scene.frame_current == start + 40


def test_the_selected_armature_is_the_character(tmp_path, root):
    from anatomy_mocap.blender.files.rig_files import load_rig

    man = load_rig(root / "tests" / "data" / "rigs" / "human-male.glb")
    listed(tmp_path)
    assert settings().armature is None
    bpy.context.view_layer.objects.active = man
    assert bpy.ops.anatomy_mocap.retarget() == {"FINISHED"} and settings().armature == man


def test_a_takes_own_armature_is_no_character(tmp_path):
    listed(tmp_path)
    assert bpy.ops.anatomy_mocap.build_armature() == {"FINISHED"}
    bpy.context.view_layer.objects.active = next(item for item in bpy.data.objects if item.type == "ARMATURE")
    with pytest.raises(RuntimeError, match="Choose an armature first|poll"):
        bpy.ops.anatomy_mocap.retarget()
