"""Takes: files, versions and errors."""

import re
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
