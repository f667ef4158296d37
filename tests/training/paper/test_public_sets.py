"""Reads Human3.6M and MPI-INF-3DHP from small synthetic files in the usual forms of these data sets."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.errors import MocapError
from tests.support.videos17 import moving17
from training.command import main
from training.network.checkpoint import load_checkpoint
from training.paper.infer import Predicted, Seen
from training.paper.public_sets.camera_from_points import pinhole, resect
from training.paper.public_sets.files import read_objects
from training.paper.public_sets.h36m import ACTIONS, TEST, TRAIN, load_h36m
from training.paper.public_sets.mpi_inf_3dhp import FOURTEEN, load_3dhp_test, load_3dhp_train
from training.paper.public_sets.protocols import by_action, three_d
from training.paper.public_sets.published import TABLE_1, TABLE_2, TABLE_3
from training.paper.public_sets.tables import TableSettings, evaluate_public
from training.paper.public_sets.train_public import PublicSettings, train_public
from training.paper.skeleton17 import PAPER17
from training.paper.videos import projected

KEPT = (0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27)
SIDES = [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]]
PIXELS = np.array([1145.0, 1144.0, 512.5, 515.4, -0.207, 0.248, -0.003, -0.001, -0.0014])
FRAMES = 30


def cameras() -> list[tuple[np.ndarray, np.ndarray]]:
    """Return rotation (camera from world) and centre of four cameras around the origin, Z up, 5 m away."""
    found = []
    for yaw in (0.4, 1.9, 3.5, 5.1):
        place = np.array([5 * np.cos(yaw), 5 * np.sin(yaw), 1.5])
        look = np.array([0, 0, 1.0]) - place
        look /= np.linalg.norm(look)
        right = np.cross(look, (0, 0, 1.0))
        right /= np.linalg.norm(right)
        found.append((np.stack([right, np.cross(look, right), look]), place))
    return found


def world17(seed: int) -> np.ndarray:
    """Return joints (T, 17, 3) in metres, Z up, around the origin."""
    joints = moving17(FRAMES, seed)
    joints = joints - np.array([0, 0, 5.0])
    return np.stack([joints[..., 0], joints[..., 2], 1.0 - joints[..., 1]], axis=-1)


def write_h36m(folder, actions=("Directions 1", "Walking"), subjects=(*TRAIN, *TEST), noise=1.0):
    """Write data_3d_h36m.npz, data_2d_h36m_gt.npz and data_2d_h36m_cpn_ft_h36m_dbb.npz. The 2D is slightly longer, as
    in the originals."""
    rng = np.random.default_rng(0)
    positions, exact, seen = {}, {}, {}
    for number, subject in enumerate(subjects):
        positions[subject], exact[subject], seen[subject] = {}, {}, {}
        for index, action in enumerate(actions):
            joints = world17(10 * number + index)
            whole = rng.normal(size=(FRAMES, 32, 3)).astype(np.float32)
            whole[:, KEPT] = joints
            positions[subject][action] = whole
            views = [projected((joints - place) @ turn.T, PIXELS).astype(np.float32) for turn, place in cameras()]
            exact[subject][action] = views
            seen[subject][action] = [np.concatenate([view + rng.normal(size=view.shape) * noise, view[-1:]]).astype(
                np.float32) for view in views]
    metadata = {"layout_name": "h36m", "num_joints": 17, "keypoints_symmetry": SIDES}
    np.savez_compressed(folder / "data_3d_h36m.npz", positions_3d=positions)
    for name, content in (("gt", exact), ("cpn_ft_h36m_dbb", seen)):
        np.savez_compressed(folder / f"data_2d_h36m_{name}.npz", positions_2d=content, metadata=metadata)


ORDER = (14, 8, 9, 10, 11, 12, 13, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4)


def write_3dhp(folder):
    """Write data_train_3dhp.npz and data_test_3dhp.npz: millimetres, camera axes, another order of the joints."""
    def entry(seed: int, width: int, height: int) -> dict:
        joints = moving17(FRAMES, seed)
        lens = np.array([0.73 * width, 0.73 * width, width / 2, height / 2, 0, 0, 0, 0, 0])
        own, pixels = np.zeros((FRAMES, 17, 3)), np.zeros((FRAMES, 17, 2))
        own[:, ORDER], pixels[:, ORDER] = joints * 1000, projected(joints, lens)
        return {"data_3d": own, "data_2d": pixels}

    training = {f"S{i} Seq1": [{"0": entry(i, 2048, 2048), "4": entry(i + 9, 2048, 2048)}] for i in (1, 2)}
    test = {}
    for i in (1, 5):
        width, height = (1920, 1080) if i == 5 else (2048, 2048)
        test[f"TS{i}"] = entry(20 + i, width, height) | {"valid": (np.arange(FRAMES) % 3 > 0).astype(float)}
    np.savez_compressed(folder / "data_train_3dhp.npz", data=training)
    np.savez_compressed(folder / "data_test_3dhp.npz", data=test)


def test_a_camera_is_solved_from_what_it_sees():
    points = world17(1).reshape(-1, 3)
    turn, place = cameras()[1]
    found = resect(points, projected((points - place) @ turn.T, PIXELS))
    assert found.error < 1e-6
    np.testing.assert_allclose(found.see(points), (points - place) @ turn.T, atol=1e-6)
    np.testing.assert_allclose(found.lens[:4], PIXELS[:4], rtol=1e-6)


def test_a_lens_is_solved_in_camera_axes():
    joints = moving17(5, 1)
    lens, error = pinhole(joints, projected(joints, np.array([1.5, 1.6, 0.1, -0.2, 0, 0, 0, 0, 0])))
    np.testing.assert_allclose(lens, [1.5, 1.6, 0.1, -0.2, 0, 0, 0, 0, 0], atol=1e-9)
    assert error < 1e-9


def test_h36m(tmp_path):
    write_h36m(tmp_path)
    videos = load_h36m(tmp_path, "cpn_ft_h36m_dbb", TEST)
    assert len(videos) == 2 * 2 * 4 and (videos.frames == FRAMES).all()
    assert videos.subject[:8] == ("S9",) * 8 and set(videos.action) == {"Directions", "Walking"}
    turn, place = cameras()[2]
    expected = (world17(10 * 5) - place) @ turn.T
    np.testing.assert_allclose(videos.joints[videos.video(2)], expected, atol=1e-4)
    off = np.linalg.norm(projected(videos.joints, np.repeat(videos.lens, FRAMES, axis=0)) - videos.xy, axis=-1)
    assert 0.5 < off.mean() * 500 < 2  # the detections' noise of a pixel a coordinate
    assert np.abs(videos.xy).max() < 1.2 and (videos.score == 1).all() and videos.counted.all()
    np.testing.assert_allclose(videos.lens[0, :2], PIXELS[:2] / 500, rtol=1e-3)


def test_exact_2d_is_the_projection(tmp_path):
    write_h36m(tmp_path, subjects=("S1",))
    videos = load_h36m(tmp_path, "gt", ("S1",))
    off = projected(videos.joints, np.repeat(videos.lens, FRAMES, axis=0)) - videos.xy
    assert np.abs(off).max() * 500 < 0.02


def test_missing_and_odd_h36m_files(tmp_path):
    with pytest.raises(MocapError, match="data_3d_h36m.npz: not found"):
        load_h36m(tmp_path, "gt", TEST)
    write_h36m(tmp_path, subjects=("S9",))
    with pytest.raises(MocapError, match="no subject S11"):
        load_h36m(tmp_path, "gt", TEST)
    with pytest.raises(MocapError, match="data_2d_h36m_other.npz"):
        load_h36m(tmp_path, "other", ("S9",))
    content = {"S9": {"Walking": [np.zeros((FRAMES, 17, 2))] * 4}}
    coco = {"layout_name": "coco", "num_joints": 17, "keypoints_symmetry": [[1, 3], [2, 4]]}
    np.savez(tmp_path / "data_2d_h36m_coco.npz", positions_2d=content, metadata=coco)
    with pytest.raises(MocapError, match="coco"):
        load_h36m(tmp_path, "coco", ("S9",))
    good = {"num_joints": 17, "keypoints_symmetry": SIDES}
    np.savez(tmp_path / "data_2d_h36m_few.npz", positions_2d=content, metadata=good)
    with pytest.raises(MocapError, match="no Directions 1"):
        load_h36m(tmp_path, "few", ("S9",))
    short = {"S9": {name: [np.zeros((4, 17, 2))] * 4 for name in ("Walking", "Directions 1")}}
    np.savez(tmp_path / "data_2d_h36m_short.npz", positions_2d=short, metadata=good)
    with pytest.raises(MocapError, match="of one release"):
        load_h36m(tmp_path, "short", ("S9",))
    wrong = {"S9": {name: [np.random.default_rng(0).normal(500, 100, (FRAMES, 17, 2))] * 4
                    for name in ("Walking", "Directions 1")}}
    np.savez(tmp_path / "data_2d_h36m_gt.npz", positions_2d=wrong, metadata=good)
    with pytest.raises(MocapError, match="can't be solved"):
        load_h36m(tmp_path, "gt", ("S9",))


GOOD = {"num_joints": 17, "keypoints_symmetry": SIDES}


def as_object(value):
    """Wrap an object in an array, as np.savez stores it."""
    whole = np.empty((), dtype=object)
    whole[()] = value
    return whole


def of_s9(change):
    """Change the data of S9's walk in a file."""
    def changed(content):
        content["S9"]["Walking"] = change(content["S9"]["Walking"])
        return content
    return changed


def unknown_in(views):
    views[0][3] = np.nan
    return views


@pytest.mark.parametrize("file, key, change, told", [
    ("data_2d_h36m_gt", "metadata", lambda _: None, "'metadata' is not a dictionary"),
    ("data_2d_h36m_gt", "metadata", lambda _: GOOD | {"keypoints_symmetry": None}, "keypoints_symmetry"),
    ("data_2d_h36m_gt", "metadata", lambda _: GOOD | {"keypoints_symmetry": [["a"], ["b"]]}, "keypoints_symmetry"),
    ("data_2d_h36m_gt", "positions_2d", lambda _: [1], "not a dictionary"),
    ("data_2d_h36m_gt", "positions_2d", of_s9(lambda views: []), "not a list of cameras"),
    ("data_2d_h36m_gt", "positions_2d", of_s9(lambda views: 7), "not a list of cameras"),
    ("data_2d_h36m_gt", "positions_2d", of_s9(lambda views: [view[:, :, 0] for view in views]), "of one release"),
    ("data_2d_h36m_gt", "positions_2d", of_s9(unknown_in), "numbers that are none"),
    ("data_2d_h36m_gt", "positions_2d", of_s9(lambda views: [0 * view for view in views]), "can't be solved"),
    ("data_3d_h36m", "positions_3d", lambda _: {"S9": {}}, "S9 is not a dictionary"),
    ("data_3d_h36m", "positions_3d", lambda content: {"S9": list(content["S9"].values())}, "S9 is not a dictionary"),
    ("data_3d_h36m", "positions_3d", of_s9(lambda _: [[1, 2], [3]]), "not an array of numbers"),
    ("data_3d_h36m", "positions_3d", of_s9(lambda joints: joints[:0]), "holds nothing")])
def test_h36m_files_of_other_content_are_told(file, key, change, told, tmp_path):
    write_h36m(tmp_path, actions=("Walking",), subjects=("S9",))
    path = tmp_path / f"{file}.npz"
    with np.load(path, allow_pickle=True) as stored:
        content = {name: stored[name].item() for name in stored.files}
    np.savez(path, **{name: as_object(value) for name, value in (content | {key: change(content[key])}).items()})
    with pytest.raises(MocapError, match=rf"{file}\.npz: .*{told}"):
        load_h36m(tmp_path, "gt", ("S9",))


def test_the_set_s_own_names_of_actions_are_known(tmp_path):
    write_h36m(tmp_path, actions=("WalkingDog 1", "TakingPhoto"), subjects=("S9",))
    assert set(load_h36m(tmp_path, "gt", ("S9",)).action) == {"WalkDog", "Photo"} <= set(ACTIONS)


def test_millimetres_are_noticed(tmp_path):
    write_h36m(tmp_path, subjects=("S9",))
    np.savez(tmp_path / "data_3d_h36m.npz", positions_3d={"S9": {"Walking": 1000 * world17(0)}})
    with pytest.raises(MocapError, match="metres"):
        load_h36m(tmp_path, "gt", ("S9",))


def test_3dhp(tmp_path):
    write_3dhp(tmp_path)
    training, test = load_3dhp_train(tmp_path), load_3dhp_test(tmp_path)
    assert training.subject == ("S1", "S1", "S2", "S2") and test.subject == ("TS1", "TS5")
    np.testing.assert_allclose(training.joints[:FRAMES], moving17(FRAMES, 1), atol=1e-5)
    np.testing.assert_allclose(training.lens[0], [1.46, 1.46, 0, 0, 0, 0, 0, 0, 0], atol=1e-5)
    assert test.counted.sum() == 2 * FRAMES * 2 // 3 and np.isnan(test.lens).all()
    np.testing.assert_allclose(projected(test.joints, np.array([1.46, 1.46, 0, 0, 0, 0, 0, 0, 0])), test.xy, atol=1e-5)
    assert {PAPER17.joint_names[index] for index in FOURTEEN} == {"thorax", "head"} | {
        f"{side}_{part}" for side in ("left", "right")
        for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")} and len(FOURTEEN) == 14


def test_odd_3dhp_files(tmp_path):
    with pytest.raises(MocapError, match="data_train_3dhp.npz: not found"):
        load_3dhp_train(tmp_path)
    np.savez(tmp_path / "data_train_3dhp.npz", data={"S1 Seq1": [{"0": {"data_2d": np.zeros((4, 17, 2))}}]})
    with pytest.raises(MocapError, match="data_2d and data_3d"):
        load_3dhp_train(tmp_path)
    np.savez(tmp_path / "data_train_3dhp.npz", data={"S1 Seq1": [{"0": {
        "data_2d": np.zeros((4, 28, 2)), "data_3d": np.zeros((4, 28, 3))}}]})
    with pytest.raises(MocapError, match=r"\(4, 28, 3\)"):
        load_3dhp_train(tmp_path)
    write_3dhp(tmp_path)
    content = read_objects(tmp_path / "data_test_3dhp.npz", "data")
    content["TS1"]["valid"] = np.ones(3)
    np.savez(tmp_path / "data_test_3dhp.npz", data=content)
    with pytest.raises(MocapError, match="marks of valid"):
        load_3dhp_test(tmp_path)


EMPTY = {"data_2d": np.zeros((4, 17, 2)), "data_3d": np.zeros((4, 17, 3))}


@pytest.mark.parametrize("load, content, told", [
    (load_3dhp_train, [1], "not a dictionary"), (load_3dhp_train, {"S1 Seq1": []}, "dictionary of cameras"),
    (load_3dhp_train, {"S1 Seq1": [np.zeros(3)]}, "dictionary of cameras"),
    (load_3dhp_train, {"S1 Seq1": np.zeros(3)}, "dictionary of cameras"),
    (load_3dhp_train, {"S1 Seq1": [{"0": None}]}, "data_2d and data_3d"),
    (load_3dhp_train, {"S1 Seq1": [{"0": EMPTY | {"data_2d": np.zeros((4, 17))}}]}, r"\(4, 17\)"),
    (load_3dhp_train, {"S1 Seq1": [{"0": EMPTY | {"data_2d": np.zeros((4, 17, 4))}}]}, r"\(4, 17, 4\)"),
    (load_3dhp_train, {"S1 Seq1": [{"0": EMPTY | {"data_2d": np.zeros(4)}}]}, r"\(4,\)"),
    (load_3dhp_test, {"TS1": [EMPTY]}, "data_2d and data_3d"),
    (load_3dhp_test, {"TS1": {name: value[:0] for name, value in EMPTY.items()}}, "holds nothing")])
def test_3dhp_files_of_other_content_are_told(load, content, told, tmp_path):
    path = tmp_path / f"data_{load.__name__.rpartition('_')[2]}_3dhp.npz"
    np.savez(path, data=as_object(content))
    with pytest.raises(MocapError, match=rf"3dhp\.npz: .*{told}"):
        load(tmp_path)


def test_damaged_files_are_told(tmp_path):
    """Overwritten bytes give one-line errors, whatever zlib and the unpickler raise."""
    path, rng = tmp_path / "x.npz", np.random.default_rng(0)
    poses = {f"S{i}": {"data": rng.normal(size=(100, 17, 2)).round(1), "names": ["a", i, 2.5]} for i in range(8)}
    np.savez_compressed(path, data=as_object(poses))
    whole = path.read_bytes()
    for start in range(180, 2000, 37):
        path.write_bytes(whole[:start] + bytes(64) + whole[start + 64 :])
        with pytest.raises(MocapError, match=r"x\.npz: "):
            read_objects(path, "data")


def test_files_that_are_none(tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(b"nothing")
    with pytest.raises(MocapError, match="can't be read"):
        read_objects(path, "data")
    np.savez(path, other=np.zeros(3))
    with pytest.raises(MocapError, match="but other"):
        read_objects(path, "data")
    with pytest.raises(MocapError, match="not a dictionary"):
        read_objects(path, "other")


class Evil:
    """An object that would run code when it is unpickled."""

    def __reduce__(self):
        return (print, ("run",))


def test_a_file_runs_nothing(tmp_path, capsys):
    path = tmp_path / "x.npz"
    np.savez(path, data=np.array({"a": Evil()}, dtype=object))
    with pytest.raises(MocapError, match="builtins.print"):
        read_objects(path, "data")
    assert "run" not in capsys.readouterr().out


def seen_with(error: float, action: str, frames: int, scale: float = 1.0) -> Seen:
    """Return the truth and a prediction with an error of `error` metres at one of 17 joints, or with another scale."""
    true = moving17(frames, 3)
    true = true - true[:, :1]
    found = scale * true
    found[:, 5, 0] += error
    return Seen("S9", action, Predicted(found, found * 1.1, None), true)


def test_protocols():
    seen = [seen_with(0.17, "Walking", 10), seen_with(0.34, "Walking", 30), seen_with(0.0, "Sitting", 5, 1.2)]
    result = by_action(seen)
    assert result["protocol 1"]["Walking"] == pytest.approx((10 * 10 + 20 * 30) / 40)
    assert result["protocol 2"]["Sitting"] == pytest.approx(0, abs=1e-6)
    assert result["protocol 3"]["Sitting"] == pytest.approx(0, abs=1e-6) and result["protocol 1"]["Sitting"] > 20
    assert result["protocol 1"]["Avg"] == pytest.approx(np.mean([17.5, result["protocol 1"]["Sitting"]]))
    assert by_action(seen, regressed=True)["protocol 1"]["Walking"] > result["protocol 1"]["Walking"]
    with pytest.raises(MocapError, match="fifteen"):
        by_action([seen_with(0, "Walking", 3), seen_with(0, "Juggling", 3)])
    with pytest.raises(MocapError, match="no frame"):
        by_action([])
    baseline = seen[0].predicted.joints
    with pytest.raises(MocapError, match="no joints beside its own") as told:
        by_action([Seen("S9", "Walking", Predicted(baseline, None, None), baseline)], regressed=True)
    assert "--" not in str(told.value)  # there is no such option


def test_pck_and_auc():
    found = three_d([seen_with(0.16, "TS1", 10)])
    assert found.pck == pytest.approx(100 * 13 / 14) and found.mpjpe == pytest.approx(160 / 14)
    assert found.auc == pytest.approx(100 * 13 / 14 * 30 / 31)  # nothing is below a threshold of 0


def test_the_paper_s_tables_are_whole():
    for rows in TABLE_1.values():
        for name, values in rows:
            assert len(values) == len(ACTIONS) + 1, name
            if values[0] is not None:  # some of the printed means are not quite those of the printed actions
                assert abs(np.mean(values[:-1]) - values[-1]) < (0.1 if name.startswith("The paper") else 0.8), name
    assert dict(TABLE_1["protocol 1"])["The paper (81 frames)"][-1] == 44.6
    assert dict(TABLE_1["protocol 2"])["The paper (243 frames)"][-1] == 35.0
    assert dict(TABLE_2)["The paper (243 frames)"] == [32.3, 25.2]
    assert dict(TABLE_3)["The paper (81 frames)"] == [87.9, 54.0, 78.8]


TINY = PublicSettings("3dhp", "", "", channels=8, widths=3, batch=8, steps=2, epochs=1)
SMALL = ["--channels", "8", "--widths", "3", "--batch", "8", "--steps", "2"]


@pytest.mark.parametrize("which, extra, heads", [
    ("h36m", [], ("Table 1, Human3.6M, protocol 1", "protocol 2", "protocol 3", "equation 1; 2 of 15 actions)")),
    ("h36m", ["--detections", "gt", "--no-augmented", "--causal"], ("Table 2", "equation 1; 2 of 15 actions)")),
    ("3dhp", ["--row", "baseline"], ("Table 3", "the paper: detected 2D", "equation 1; exact 2D)"))])
def test_train_go_on_and_print_the_tables(which, extra, heads, tmp_path, capsys):
    (write_h36m if which == "h36m" else write_3dhp)(tmp_path)
    run = tmp_path / "mine"
    arguments = ["train-public", "--set", which, "--files", str(tmp_path), "--out", str(run), *SMALL, *extra]
    assert main([*arguments, "--epochs", "1"]) == 0 and main([*arguments, "--epochs", "2"]) == 0
    log = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [entry["epoch"] for entry in log] == [1, 2] and log[0]["steps"] == 2
    capsys.readouterr()
    out = tmp_path / "figures.json"
    assert main(["evaluate-public", "--runs", str(run), "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert all(head in text for head in heads) and "Ours, mine (27 frames" in text and "The paper (243 frames)" in text
    assert ("regressed" in text) == (which == "h36m")
    result = json.loads(out.read_text())[0]
    assert result["epochs"] == 2 and result["composed"]
    assert main([*arguments, "--epochs", "2", "--rate", "0.1"]) == 2
    assert "other settings (rate)" in capsys.readouterr().err


@pytest.mark.parametrize("changes, told", [
    ({"set": "other"}, "--set other"), ({"row": "none"}, "--row none"), ({"device": "nonsense"}, "--device nonsense"),
    ({"device": "cuda"}, "no GPU"), ({"batch": 1}, "--batch 1"), ({"widths": 0}, "--widths 0"),
    ({"channels": 0}, "--channels 0"), ({"steps": -1}, "--steps -1"), ({"epochs": 0}, "--epochs 0"),
    ({"dropout": 1.0}, "--dropout 1"), ({"rate": float("nan")}, "--rate nan"),
    ({"set": "3dhp", "detections": "gt"}, "--detections gt"), ({"out": "file"}, "--out .*file")])
def test_wrong_settings_are_told_first(changes, told, tmp_path, monkeypatch):
    """The error precedes the reading of the set's files, which are missing here."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    (tmp_path / "file").touch()
    changes = {name: str(tmp_path / value) if name == "out" else value for name, value in changes.items()}
    with pytest.raises(MocapError, match=told):
        train_public(replace(TINY, **({"set": "h36m", "files": str(tmp_path), "out": str(tmp_path / "o")} | changes)))


def test_a_resumed_training_goes_as_an_unbroken_one(tmp_path):
    """This includes dropout and the picked frames."""
    write_3dhp(tmp_path)
    base = replace(TINY, files=str(tmp_path), out=str(tmp_path / "whole"), epochs=2)
    whole = load_checkpoint(train_public(base, lambda line: None))
    broken, said = replace(base, out=str(tmp_path / "broken")), []

    def interrupted(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_public(broken, interrupted)
    again = load_checkpoint(train_public(broken, said.append))
    assert said[0] == "goes on after epoch 1" and len(said) == 2
    for name, value in whole["model"].items():
        torch.testing.assert_close(again["model"][name], value, msg=name)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return a folder with a run, "mine", of one epoch on 3DHP."""
    folder = tmp_path_factory.mktemp("trained")
    write_3dhp(folder)
    train_public(replace(TINY, files=str(folder), out=str(folder / "mine")), lambda line: None)
    return folder


@pytest.mark.parametrize("changes, told", [
    ({"runs": ","}, "no run"), ({"runs": "mine,other"}, "other"), ({"runs": "mine,none"}, "no checkpoint of train"),
    ({"device": "nonsense"}, "--device nonsense"), ({"out": "nowhere/f.json"}, "nowhere"),
    ({"out": "mine"}, "a folder")])
def test_nothing_is_measured_in_vain(changes, told, trained, monkeypatch):
    (trained / "none").mkdir(exist_ok=True)
    torch.save({"average": {}}, trained / "none" / "checkpoint.pt")
    monkeypatch.setattr("training.paper.public_sets.tables.evaluate_run", lambda *_: pytest.fail("measured"))
    monkeypatch.chdir(trained)
    with pytest.raises(MocapError, match=told):
        evaluate_public(TableSettings(**{"runs": "mine"} | changes))


def test_a_comma_at_the_end_is_no_run(trained):
    said = []
    assert len(evaluate_public(TableSettings(f"{trained / 'mine'},"), said.append)) == 1 and "Table 3" in said[-1]


def test_figures_can_be_without_flip_averaging(trained):
    with_flip, without = (evaluate_public(TableSettings(str(trained / "mine"), flip=flip), lambda line: None)[0]
                          for flip in (True, False))
    assert with_flip["composed"]["mpjpe"] != without["composed"]["mpjpe"]


def test_detectors_scores_are_read(tmp_path):
    write_h36m(tmp_path, subjects=("S9",))
    path = tmp_path / "data_2d_h36m_cpn_ft_h36m_dbb.npz"
    content = read_objects(path, "positions_2d")
    for views in content["S9"].values():
        views[:] = [np.concatenate([view, np.full((*view.shape[:2], 1), 0.25)], axis=-1) for view in views]
    np.savez(path, positions_2d=content, metadata=read_objects(path, "metadata"))
    assert (load_h36m(tmp_path, "cpn_ft_h36m_dbb", ("S9",)).score == 0.25).all()


def test_scores_of_3dhp_are_read(trained, tmp_path):
    """The scores are read as for Human3.6M. The 2D then comes from a detector, and the table has no exact 2D."""
    for which in ("train", "test"):
        content = read_objects(trained / f"data_{which}_3dhp.npz", "data")
        entries = list(content.values()) if which == "test" else [entry for (views,) in content.values()
                                                                  for entry in views.values()]
        for entry in entries:
            score = np.arange(17) / 16 * np.ones((FRAMES, 1))
            entry["data_2d"] = np.concatenate([entry["data_2d"], score[..., None]], axis=-1)
        np.savez(tmp_path / f"data_{which}_3dhp.npz", data=content)
    for load in (load_3dhp_train, load_3dhp_test):
        np.testing.assert_allclose(load(tmp_path).score[:, ORDER.index(16)], 1)
        np.testing.assert_allclose(load(tmp_path).score[:, ORDER.index(4)], 0.25)
    said = []
    evaluate_public(TableSettings(str(trained / "mine"), files=str(tmp_path)), said.append)
    assert "Ours" in said[-1] and "exact 2D" not in said[-1]
    content["TS1"]["data_2d"][..., 2] = 30
    np.savez(tmp_path / "data_test_3dhp.npz", data=content)
    with pytest.raises(MocapError, match="not a score"):
        load_3dhp_test(tmp_path)


def test_rotations_are_rotations():
    for turn, _ in cameras():
        assert Rotation.from_matrix(turn).as_matrix() == pytest.approx(turn, abs=1e-9)
