"""Human3.6M and MPI-INF-3DHP as the field's files hold them: small files of the same form, made here."""

import json

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from set17 import moving17

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.training.command import main
from anatomy_mocap.training.paper.infer import Predicted, Seen
from anatomy_mocap.training.paper.skeletons import PAPER17
from anatomy_mocap.training.paper.videos import projected
from anatomy_mocap.training.public_sets.files import read_objects
from anatomy_mocap.training.public_sets.h36m import ACTIONS, TEST, TRAIN, load_h36m
from anatomy_mocap.training.public_sets.mpi_inf_3dhp import FOURTEEN, load_3dhp_test, load_3dhp_train
from anatomy_mocap.training.public_sets.protocols import by_action, three_d
from anatomy_mocap.training.public_sets.published import TABLE_1, TABLE_2, TABLE_3
from anatomy_mocap.training.public_sets.resection import pinhole, resect

KEPT = (0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27)
SIDES = [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]]
PIXELS = np.array([1145.0, 1144.0, 512.5, 515.4, -0.207, 0.248, -0.003, -0.001, -0.0014])
FRAMES = 30


def cameras() -> list[tuple[np.ndarray, np.ndarray]]:
    """Rotation (camera from world) and centre of four cameras around the origin, Z up, 5 m away."""
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
    """(T, 17, 3) metres, Z up, about the origin."""
    joints = moving17(FRAMES, seed)
    joints = joints - np.array([0, 0, 5.0])
    return np.stack([joints[..., 0], joints[..., 2], 1.0 - joints[..., 1]], axis=-1)


def write_h36m(folder, actions=("Directions 1", "Walking"), subjects=(*TRAIN, *TEST), noise=1.0):
    """data_3d_h36m.npz, data_2d_h36m_gt.npz and data_2d_h36m_cpn_ft_h36m_dbb.npz; 2D a few frames longer, as it is."""
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
    """data_train_3dhp.npz and data_test_3dhp.npz: millimetres, camera axes, another order of the joints."""
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
    np.testing.assert_allclose(projected(test.joints[FRAMES:], np.array([1.46, 1.46, 0, 0, 0, 0, 0, 0, 0])),
                               test.xy[FRAMES:], atol=1e-5)
    assert len(FOURTEEN) == 14 and PAPER17.joint_names[FOURTEEN[-1]] == "right_wrist"


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
    """What a file must not be able to do."""

    def __reduce__(self):
        return (print, ("run",))


def test_a_file_runs_nothing(tmp_path, capsys):
    path = tmp_path / "x.npz"
    np.savez(path, data=np.array({"a": Evil()}, dtype=object))
    with pytest.raises(MocapError, match="builtins.print"):
        read_objects(path, "data")
    assert "run" not in capsys.readouterr().out


def seen_with(error: float, action: str, frames: int, scale: float = 1.0) -> Seen:
    """Truth, and a prediction off by `error` metres at one joint of 17, or scaled."""
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
        by_action([seen_with(0, "Juggling", 3)])


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


SMALL = ["--channels", "8", "--widths", "3", "--batch", "8", "--steps", "2"]


@pytest.mark.parametrize("which, extra, heads", [
    ("h36m", [], ("Table 1, Human3.6M, protocol 1", "protocol 2", "protocol 3")),
    ("h36m", ["--detections", "gt", "--no-augmented", "--causal"], ("Table 2",)),
    ("3dhp", ["--row", "baseline"], ("Table 3",))])
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


def test_wrong_settings_are_told(tmp_path, capsys):
    base = ["train-public", "--files", str(tmp_path), "--out", str(tmp_path / "o"), *SMALL]
    assert main([*base, "--set", "other"]) == 2 and main([*base, "--set", "h36m", "--row", "none"]) == 2
    torch.save({"average": {}}, tmp_path / "checkpoint.pt")
    assert main(["evaluate-public", "--runs", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 3


def test_detectors_scores_are_read(tmp_path):
    write_h36m(tmp_path, subjects=("S9",))
    path = tmp_path / "data_2d_h36m_cpn_ft_h36m_dbb.npz"
    content = read_objects(path, "positions_2d")
    for views in content["S9"].values():
        views[:] = [np.concatenate([view, np.full((*view.shape[:2], 1), 0.25)], axis=-1) for view in views]
    np.savez(path, positions_2d=content, metadata=read_objects(path, "metadata"))
    assert (load_h36m(tmp_path, "cpn_ft_h36m_dbb", ("S9",)).score == 0.25).all()


def test_rotations_are_rotations():
    for turn, _ in cameras():
        assert Rotation.from_matrix(turn).as_matrix() == pytest.approx(turn, abs=1e-9)
