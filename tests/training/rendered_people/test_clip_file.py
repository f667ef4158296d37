"""Clips as files, and pictures as Blender writes them."""

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from tests.support.rendered_clips import rendered_clip
from training.rendered_people.clip_file import clip_files, load_clip, save_clip
from training.rendered_people.scene import read_bmp


def test_clips_come_back_from_their_file(tmp_path):
    clip = rendered_clip()
    save_clip(tmp_path / "00000.npz", clip)
    (path,) = clip_files(tmp_path)
    back = load_clip(path)
    for name in ("keypoints", "scores", "rival", "times", "world_from_camera", "points", "hidden", "lengths"):
        np.testing.assert_array_equal(getattr(back, name), getattr(clip, name))
    assert back.about == clip.about and back.subject == 86 and back.motion == "86_01"
    np.testing.assert_array_equal(back.detected, [False, True, True, True, True])
    np.testing.assert_allclose(back.camera.project(back.in_camera()), back.points_px)
    np.testing.assert_allclose(np.einsum("tij,tj->ti", back.world_from_camera[:, :3, :3], back.up)[:, 2], 1)
    assert back.canonical().fps == pytest.approx(25)
    with pytest.raises(MocapError, match="no rendered clips"):
        clip_files(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "broken",
    [
        lambda path: path.write_bytes(b"no npz"),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-400]),
        lambda path: path.write_bytes(path.read_bytes()[:3000] + b"other" + path.read_bytes()[3005:]),
        lambda path: np.save(path.open("wb"), np.zeros(3)),
        lambda path: np.savez(path, times=np.arange(3)),
        lambda path: rewritten(path, about="no JSON"),
        lambda path: rewritten(path, about="[1, 2]"),
        lambda path: rewritten(path, height=np.ones(3)),
    ],
    ids=["text", "empty", "cut off", "damaged", "one array", "other arrays", "about", "a list", "heights"])
def test_a_broken_clip_is_named(tmp_path, broken):
    """The message has a remedy, since `render` keeps all existing files."""
    path = tmp_path / "00007.npz"
    save_clip(path, rendered_clip())
    broken(path)
    with pytest.raises(MocapError, match="00007.npz: not a rendered clip, or a broken .* take it out of the folder"):
        load_clip(path)


def rewritten(path, **changed) -> None:
    """Rewrite values in a clip's file; None removes a value."""
    with np.load(path) as data:
        values = {name: data[name] for name in data.files} | changed
    np.savez(path, **{name: value for name, value in values.items() if value is not None})


def test_pictures_are_read_as_they_were_written(tmp_path):
    picture = np.random.default_rng(0).integers(0, 255, (3, 5, 3), dtype=np.uint8)
    rows = np.zeros((3, 16), dtype=np.uint8)
    rows[:, :15] = picture[::-1, :, ::-1].reshape(3, 15)
    head = bytearray(54)
    head[10:14], head[18:22], head[22:26] = (v.to_bytes(4, "little") for v in (54, 5, 3))
    head[28:30] = (24).to_bytes(2, "little")
    (tmp_path / "a.bmp").write_bytes(bytes(head) + rows.tobytes())
    np.testing.assert_array_equal(read_bmp(tmp_path / "a.bmp"), picture)
