"""Takes: files, versions and errors."""

import os
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.take import load_take, save_take, take_problem
from anatomy_mocap.core.take_from_joints import take_from_positions
from tests.support import moving_bodies as bodies

OLD_TAKE = Path(__file__).resolve().parents[1] / "data" / "takes" / "of_schema_1_without_origin.npz"


@pytest.fixture(scope="module")
def take():
    return take_from_positions(bodies.random_poses(12, 1), 25.0, start_time=2.0, info={"source": "Ünïcode.mp4", "n": 3})


def test_a_take_comes_back_as_it_was(take, tmp_path):
    path = save_take(take, tmp_path / "dance.npz")
    found = load_take(path)
    for name in ("times", "bone_lengths", "directions", "root_positions", "world_from_camera"):
        assert np.array_equal(getattr(found, name), getattr(take, name)), name
    assert np.allclose(found.keypoints.xy, take.keypoints.xy, atol=1e-3) and found.keypoints.layout == "CANONICAL23"
    assert (found.joint_names, found.parents, found.fps) == (MOCAP22.joint_names, MOCAP22.parents, 25.0)
    assert (found.camera, found.info, found.skeleton) == (take.camera, take.info, MOCAP22)
    assert [entry.name for entry in tmp_path.iterdir()] == ["dance.npz"]


@pytest.mark.parametrize("origin", ["lifted", "known"])
@pytest.mark.parametrize("exact", [True, False])
def test_origin_and_exactness_are_saved(take, tmp_path, origin, exact):
    given = replace(take, origin=origin, keypoints=replace(take.keypoints, exact=exact))
    found = load_take(save_take(given, tmp_path / "dance.npz"))
    assert (found.origin, found.keypoints.exact) == (origin, exact)


def test_a_take_of_before_the_two_fields_is_read_by_the_old_rules(take, tmp_path):
    found = load_take(OLD_TAKE)
    assert found.origin == "lifted" and not found.keypoints.exact and len(found) == 12
    assert found.keypoints.layout == "MEDIAPIPE33" and 0.5 < found.confidence.mean() < 1
    path = save_take(take, tmp_path / "known.npz")
    with np.load(path) as data:
        arrays = {key: data[key] for key in data.files if key not in ("origin", "keypoints_exact")}
    np.savez(path, **arrays)
    found = load_take(path)
    assert found.origin == "known" and found.keypoints.exact


def test_some_frames_of_a_take(take):
    found = take[2:10:2]
    assert len(found) == 4 and found.fps == take.fps / 2 and take_problem(found) == ""
    assert np.array_equal(found.joint_positions(), take.joint_positions()[2:10:2])
    assert np.array_equal(found.keypoints.times, take.times[2:10:2])


def test_joint_positions_in_both_spaces(take):
    positions = bodies.random_poses(12, 1)
    assert np.abs(take.joint_positions() - positions).max() < 1e-6
    camera, to_world = take.joint_positions("camera"), take.world_from_camera
    assert (camera[..., 2] > 0).all()
    assert np.allclose(camera @ to_world[:3, :3].T + to_world[:3, 3], take.joint_positions())
    with pytest.raises(MocapError, match="screen"):
        take.joint_positions("screen")


@pytest.mark.parametrize(("change", "words"), [
    (lambda a: a.update(schema="other.thing"), "schema"),
    (lambda a: a.pop("schema"), "schema"),
    (lambda a: a.update(schema_version=99), "version 99"),
    (lambda a: a.pop("directions"), "incomplete"),
    (lambda a: a.update(camera=np.zeros(2)), "incomplete"),
    (lambda a: a.update(info="{"), "incomplete"),
    (lambda a: a.update(keypoints_xy=np.zeros(3)), "incomplete"),
    (lambda a: a.update(directions=a["directions"][:5]), "directions has shape"),
    (lambda a: a.update(directions=a["directions"] * 2), "unit"),
    (lambda a: a.update(root_positions=a["root_positions"] * np.nan), "NaN"),
    (lambda a: a.update(bone_lengths=-a["bone_lengths"]), "positive"),
    (lambda a: a.update(fps=0.0), "positive"),
    (lambda a: a.update(fps=np.inf), "positive"),
    (lambda a: a.update(parents=np.arange(22)), "parents"),
    (lambda a: a.update(keypoints_layout="TOES9"), "TOES9"),
    (lambda a: a.update(keypoints_layout="COCO17"), "COCO17"),
    (lambda a: a.update(world_from_camera=np.diag([1.0, 1, -1, 1])), "rigid"),
    (lambda a: a.update(times=np.zeros(0)), "shape"),
    (lambda a: a.update(origin="painted"), "painted"),
    (lambda a: a.update(joint_names=np.array(["pelvis"], dtype=object)), "not a readable take"),
])
def test_damaged_takes_are_refused_in_one_line(take, tmp_path, change, words):
    path = save_take(take, tmp_path / "take.npz")
    with np.load(path) as data:
        arrays = {key: data[key] for key in data.files}
    change(arrays)
    np.savez(path, **arrays)
    with pytest.raises(MocapError, match=words) as caught:
        load_take(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def camera_with(index, value):
    return lambda a: a["camera"].__setitem__(index, value)


@pytest.mark.parametrize(("change", "words"), [
    (lambda a: a.update(schema_version=np.array([1, 2])), "schema version"),
    (lambda a: a.update(schema_version=1.5), "schema version 1.5"),
    (lambda a: a.update(schema_version="1\n2"), "schema version 1 2"),
    (camera_with(0, np.inf), "incomplete"), (camera_with(0, 1e30), "pixels"), (camera_with(1, 0), "pixels"),
    (camera_with(2, 0), "focal"), (camera_with(2, -500), "focal"), (camera_with(2, np.nan), "focal"),
    (camera_with(3, np.nan), "principal"), (camera_with(4, np.inf), "principal"),
    (lambda a: a.update(info="[1]"), "list in place of a dict"), (lambda a: a.update(info="[" * 9999), "incomplete"),
    (lambda a: a.update(info='{"n": NaN}'), "can't be shown"),
    (lambda a: a.update(info='{"source": "\\ud800"}'), "can't be shown"),
    (lambda a: a.update(info='{"seconds": 3}'), "seconds"),
    (lambda a: a.update(info='{"seconds": {"a": []}}'), "seconds"),
    (lambda a: a.update(info='{"warnings": [1]}'), "warnings"), (lambda a: a.update(info='{"source": 1}'), "source"),
    (lambda a: a.update(fps=1e9), "frame rate"), (lambda a: a.update(fps=1e5), "frame rate"),
    (lambda a: a.update(fps=50.0), "times do not rise evenly"), (lambda a: a.update(fps=1e-300), "frame rate"),
    (lambda a: a.update(times=a["times"][::-1].copy()), "times"), (lambda a: a.update(times=a["times"] * 0), "times"),
    (lambda a: a.update(times=a["times"] + 1e300), "times"),
    (lambda a: a.update(times=a["times"] > 0), "times holds bool"),
    (lambda a: a.update(directions=a["directions"] + 0j), "complex"),
    (lambda a: a.update(keypoints_xy=a["keypoints_xy"] + 0j), "holds no numbers"),
    (lambda a: a.update(parents=a["parents"].astype(str)), "holds no numbers"),
    (lambda a: a.update(fps=np.array([25.0])), "fps is no number"),
    (lambda a: a.update(confidence=a["confidence"] * np.nan), "confidence"),
    (lambda a: a.update(confidence=a["confidence"] + 2), "confidence"),
    (lambda a: a.update(bone_lengths=np.where(a["bone_lengths"] > 0, 1e9, 0)), "m long"),
    (lambda a: a.update(bone_lengths=np.where(a["bone_lengths"] > 0, 1e-300, 0)), "m long"),
    (lambda a: a.update(root_positions=a["root_positions"] + 1e30), "m away"),
    (lambda a: a["world_from_camera"].__setitem__((0, 3), 1e30), "m away"),
    (lambda a: a["world_from_camera"].__setitem__((3, 0), 1), "rigid"),
    (lambda a: a.update(joint_names=a["joint_names"][::-1].copy()), "joints"),
    (lambda a: a.update(joint_names=np.array(["a"] * 22)), "joints"),
    (lambda a: a.update(parents=np.array([-1] + [0] * 21)), "joints"),
])
def test_takes_that_no_step_could_use_are_refused_in_one_line(take, tmp_path, change, words):
    path = save_take(take, tmp_path / "take.npz")
    with np.load(path) as data:
        arrays = {key: data[key] for key in data.files}
    change(arrays)
    np.savez(path, **arrays)
    with pytest.raises(MocapError, match=words) as caught:
        load_take(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_keypoints_without_a_finite_place_count_as_missing(take, tmp_path):
    path = save_take(take, tmp_path / "take.npz")
    with np.load(path) as data:
        arrays = {key: data[key] for key in data.files}
    arrays["keypoints_xy"][2, 3] = np.nan
    arrays["keypoints_score"][4, 5] = np.inf
    np.savez(path, **arrays)
    found = load_take(path).keypoints
    assert np.isfinite(found.xy).all() and found.score[2, 3] == 0 and 0 <= found.score.min() <= found.score.max() <= 1


def header(shape, kind="'<f8'"):
    text = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (63 - (10 + len(text)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(("content", "words"), [
    (header("(9, 9"), "header"), (header("(9, -9)"), "header"), (header("(True,)"), "header"),
    (header("(" * 3000), "header"), (header("(10**11,)"), "header"), (header("(100000000000,)"), "needs 8"),
    (header("()", "'<U99999999'"), "needs"), (header("()", "'<U999999999'"), "header"),
    (header("()", "'|O'"), "object"), (header("()", "'<M8[s]'"), "datetime"),
    (header("()", "[('a', '<f8')]"), "type"), (header("(2,)") + b"1234567890123456" * 2, "does not fit"),
    (b"", "magic"), (b"\x93NUMPY\x07\x00", "version"), (header("()", "'<U1'") + b"\xff" * 4, "invalid characters")])
def test_arrays_that_claim_what_they_do_not_hold(take, tmp_path, content, words):
    path = save_take(take, tmp_path / "take.npz")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (members | {"times.npy": content}).items():
            archive.writestr(name, data)
    with pytest.raises(MocapError, match=words) as caught:
        load_take(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_small_file_that_unpacks_to_gigabytes_is_refused(take, tmp_path):
    path = save_take(take, tmp_path / "take.npz")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("more.npy", "w") as stream:
        for _ in range(20):
            stream.write(bytes(2**24))
    with pytest.raises(MocapError, match="would unpack to 320 MB"):
        load_take(path)


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path):
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.npz")
        with pytest.raises(MocapError, match="not a regular file"):
            load_take(tmp_path / "pipe.npz")
    for path, words in ((tmp_path, "a folder"), (tmp_path / ("x" * 5000), "no such file|can't be opened"),
                        (tmp_path / "a\0b", "no such file|can't be opened")):
        with pytest.raises(MocapError, match=words):
            load_take(path)


@pytest.mark.parametrize(("local", "central", "value", "words"),
                         [(6, 8, 1, "encrypted"), (8, 10, 99, "compression")])  # bytes of flags and method
def test_zips_that_python_cannot_open_are_refused(take, tmp_path, local, central, value, words):
    path = save_take(take, tmp_path / "locked.npz")
    whole = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        for entry in re.finditer(re.escape(mark), bytes(whole)):
            whole[entry.start() + offset] = value
    path.write_bytes(whole)
    with pytest.raises(MocapError, match=words) as caught:
        load_take(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04rubbish", None, "npy", "half", "flipped"])
def test_other_files_are_refused(take, tmp_path, content):
    path = tmp_path / "thing.npz"
    if content == "npy":
        np.save(tmp_path / "thing.npy", np.zeros(3))
        (tmp_path / "thing.npy").rename(path)
    elif content in ("half", "flipped"):
        whole = bytearray(save_take(take, path).read_bytes())
        if content == "flipped":
            whole[len(whole) // 2:len(whole) // 2 + 40] = bytes(40)
        path.write_bytes(whole if content == "flipped" else whole[:len(whole) // 2])
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(MocapError) as caught:
        load_take(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_said_and_nothing_left(take, tmp_path):
    with pytest.raises(MocapError, match="can't be written"):
        save_take(take, tmp_path / "no" / "take.npz")
    assert not list(tmp_path.iterdir())


def test_an_interrupted_save_leaves_the_old_file(take, tmp_path, monkeypatch):
    path = save_take(take, tmp_path / "take.npz")
    before = path.read_bytes()

    def stop(handle, **arrays):
        handle.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", stop)
    with pytest.raises(KeyboardInterrupt):
        save_take(take, path)
    assert path.read_bytes() == before and [entry.name for entry in tmp_path.iterdir()] == ["take.npz"]


def test_a_sound_take_has_no_problem(take):
    assert take_problem(take) == ""
    assert "frames" in take_problem(take[:0])


@pytest.mark.parametrize(("positions", "fps", "words"), [
    (np.zeros((3, 22, 3)), 30, "no length"), (np.zeros((3, 17, 3)), 30, "shape"), (np.zeros((0, 22, 3)), 30, "shape"),
    (np.full((1, 22, 3), np.nan), 30, "NaN"), (bodies.t_pose(), 0, "frame rate")])
def test_impossible_known_joints_are_refused(positions, fps, words):
    with pytest.raises(MocapError, match=words):
        take_from_positions(positions, fps)


def test_known_joints_are_all_in_the_picture():
    positions, _ = bodies.walk(8.0, 30.0)
    take = take_from_positions(bodies.turned(positions, 0.7), 30.0)
    seen = take.keypoints.score > 0
    assert seen.any(axis=0).sum() == 17
    xy = take.keypoints.xy[seen]
    assert (xy > 0).all() and (xy < (take.camera.width, take.camera.height)).all()
