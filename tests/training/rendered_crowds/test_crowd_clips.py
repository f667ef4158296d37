"""Crowd clips as files, and the command that makes them."""

import importlib.util
import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from training.rendered_crowds import produce
from training.rendered_crowds.crowd_file import crowd_files, load_crowd, save_crowd, video_of
from training.rendered_crowds.crowd_sheet import CrowdSheetSettings, draw_crowd_sheet
from training.rendered_crowds.video_file import pictures_of, write_video


def test_a_truth_is_read_as_written(tmp_path, crowd):
    save_crowd(tmp_path / "000_pair.npz", crowd)
    again = load_crowd(tmp_path / "000_pair.mp4")
    for field in fields(crowd):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(crowd, field.name))
    assert len(again) == 6 and again.people == 2 and again.kind == "cross_same"
    seen = again.in_camera()
    np.testing.assert_allclose(seen[..., :2] / seen[..., 2:] * 500 + (320, 240), again.points_px)


def test_other_and_broken_files_are_told(tmp_path, crowd):
    path = tmp_path / "000_pair.npz"
    with pytest.raises(MocapError, match="no crowd clips in it"):
        crowd_files(tmp_path)
    save_crowd(path, crowd)
    with pytest.raises(MocapError, match="no crowd clips in it"):
        crowd_files(tmp_path)  # the truth alone is no clip
    video_of(path).touch()
    assert crowd_files(tmp_path) == [path]
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(MocapError, match="000_pair.npz: not the truth of a crowd clip"):
        load_crowd(path)


def test_a_video_has_its_pictures_and_no_partial_file(tmp_path):
    pictures = [np.full((48, 64, 3), 30 * index, dtype=np.uint8) for index in range(1, 6)]
    write_video(tmp_path / "a.mp4", iter(pictures), 25.0)
    write_video(tmp_path / "b.mp4", iter(pictures), 25.0)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.mp4", "b.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    found = list(pictures_of(tmp_path / "a.mp4", (0, 3)))
    assert [round(float(picture.mean()) / 30) for picture in found] == [1, 4]


def settings_of(folder, **changed) -> produce.CrowdSettings:
    return replace(produce.CrowdSettings("data", "bodies", "rig", str(folder)), **changed)


@pytest.mark.parametrize(("option", "value"), [("clips", 0), ("frames", 0), ("first", -1), ("seed", -1),
                                               ("minutes", -1.0), ("part", 0)])
def test_settings_are_looked_at_first(tmp_path, option, value):
    with pytest.raises(MocapError, match=f"--{option} .*{value}"):
        produce.render_crowds(settings_of(tmp_path, **{option: value}))


def test_a_folder_has_clips_of_one_set(tmp_path, crowd, monkeypatch):
    monkeypatch.setattr(produce, "check_blender", lambda: None)
    save_crowd(tmp_path / "000_cross_different.npz", replace(crowd, about=crowd.about | {"seed": 1, "frames": 100}))
    assert [path.name for path in produce.missing(settings_of(tmp_path, clips=3))] == [
        "001_cross_similar.npz", "002_cross_same.npz"]
    assert produce.render_crowds(settings_of(tmp_path, clips=1), lambda line: None) == 0
    with pytest.raises(MocapError, match="made with --seed 1 --frames 100"):
        produce.render_crowds(settings_of(tmp_path, clips=1, frames=50))


def test_a_sheet(tmp_path, crowd):
    image = pytest.importorskip("PIL.Image")
    save_crowd(tmp_path / "000_pair.npz", crowd)
    write_video(tmp_path / "000_pair.mp4", iter(np.zeros((6, 480, 640, 3), dtype=np.uint8)), 25.0)
    draw_crowd_sheet(CrowdSheetSettings(str(tmp_path), str(tmp_path / "sheet.png"), 2, 120))
    sheet = np.asarray(image.open(tmp_path / "sheet.png").convert("RGB"))
    assert sheet.shape == (122, 640, 3) and len(np.unique(sheet.reshape(-1, 3), axis=0)) > 3
    with pytest.raises(MocapError, match="ends in .png"):
        draw_crowd_sheet(CrowdSheetSettings(str(tmp_path), str(tmp_path / "sheet.jpg")))


def test_two_people_are_drawn_where_they_are(tmp_path, shared_data, root):
    """Each shows in front of the room within the own box. Rendering has its own process, as bpy may crash."""
    bodies, rig = shared_data / "bodies", shared_data / "rigs" / "mpfb2" / "rig.mixamo.json"
    if importlib.util.find_spec("bpy") is None or not (bodies / "base.obj").is_file():
        pytest.skip("no bpy module or no bodies here")
    answer = subprocess.run(
        [sys.executable, "-m", "training", "render-crowds", "--data", str(shared_data / "mocap" / "cmu17.npz"),
         "--bodies", str(bodies), "--rig", str(rig), "--out", str(tmp_path), "--clips", "20", "--first", "19",
         "--frames", "2"], cwd=root, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.endswith("\n1 clips made\n")
    path, = crowd_files(tmp_path)
    crowd, (picture, _) = load_crowd(path), pictures_of(video_of(path), (0, 1))
    assert crowd.kind == "far" and crowd.people == 2 and crowd.present.all() and picture.shape == (720, 1280, 3)
    np.testing.assert_allclose(crowd.visible + crowd.covered + crowd.outside, 1, atol=1e-5)
    assert (np.abs(crowd.points[:, :, :, 2].min(axis=2)) < 0.15).all()  # both stand on the floor
    high = crowd.boxes[:, :, 3] - crowd.boxes[:, :, 1]
    assert ((high > 65) & (high < 110)).all()
    inside = (crowd.points_px >= crowd.boxes[:, :, None, :2] - 1) & (crowd.points_px <= crowd.boxes[:, :, None, 2:] + 1)
    assert inside.all()
