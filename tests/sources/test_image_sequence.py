"""Image sequences as clips."""


import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.sources.image_sequence import find_sequence
from anatomy_mocap.sources.video import open_video, probe
from tests.support import video_clips as clips


@pytest.fixture
def shots(tmp_path):
    for number in (8, 9, 10, 11):  # sorted as text, 10 would come before 8 without zeros
        clips.write_picture(tmp_path / f"shot_{number}.png", np.full((31, 45, 3), 20 + 10 * number, dtype=np.uint8))
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


@pytest.mark.parametrize("name", ["", "shot_####.png", "shot_%04d.png", "shot_%d.png", "shot_9.png"])
def test_every_way_to_name_a_sequence(shots, name):
    source = open_video(shots / name, fps=4)
    read = list(source)
    assert [clips.grey_level(rgb) for _, rgb in read] == [8, 9, 10, 11]
    assert [time for time, _ in read] == [0, 0.25, 0.5, 0.75]
    assert (source.width, source.height, source.fps, source.frame_count, source.duration) == (45, 31, 4, 4, 1)
    assert source.warnings == []


def test_the_rate_is_needed_and_must_make_sense(shots):
    with pytest.raises(MocapError, match="no frame rate of its own; give one"):
        open_video(shots)
    with pytest.raises(MocapError, match="not usable"):
        open_video(shots, fps=-1)
    assert probe(shots)["fps"] is None and probe(shots)["frames"] == 4
    assert probe(shots, fps=2)["duration"] == 2


def test_one_picture_is_a_clip_of_one_frame(tmp_path):
    path = clips.write_picture(tmp_path / "still.png", clips.corners())
    ((time, rgb),) = open_video(path)
    assert time == 0 and clips.names_of_corners(rgb) == "rgbw"


def test_a_gap_keeps_its_time_and_is_told(shots):
    (shots / "shot_9.png").unlink()
    source = open_video(shots, fps=4)
    assert [time for time, _ in source] == [0, 0.5, 0.75]
    assert any("1 numbers" in warning for warning in source.warnings)


def test_a_damaged_picture_is_left_out_and_told(shots):
    (shots / "shot_8.png").write_bytes(b"")
    (shots / "shot_10.png").write_bytes(b"nothing")
    source = open_video(shots, fps=4)
    assert [clips.grey_level(rgb) for _, rgb in source] == [9, 11]
    assert {warning.split()[0] for warning in source.warnings} == {"shot_8.png", "shot_10.png"}


def test_no_readable_picture_is_refused(tmp_path):
    for number in range(3):
        (tmp_path / f"a_{number}.jpg").write_bytes(b"nothing")
    with pytest.raises(MocapError, match="none of the 3 pictures"):
        open_video(tmp_path, fps=10)


def test_pictures_of_two_sizes_are_refused(shots):
    clips.write_picture(shots / "shot_12.png", clips.corners(20, 20))
    with pytest.raises(MocapError, match="shot_12.png: 20 x 20"):
        list(open_video(shots, fps=4))


def test_two_sequences_in_a_folder_must_be_told_apart(shots):
    clips.write_picture(shots / "other_1.png", clips.corners())
    with pytest.raises(MocapError, match="2 image sequences"):
        open_video(shots, fps=4)
    assert len(find_sequence(shots / "shot_####.png").files) == 4


def test_unknown_pattern_and_twins_are_refused(shots):
    with pytest.raises(MocapError, match="no picture matches"):
        open_video(shots / "take_####.png", fps=4)
    clips.write_picture(shots / "shot_0009.png", clips.corners(45, 31))
    with pytest.raises(MocapError, match="same number 9"):
        open_video(shots, fps=4)


def test_transparent_parts_become_grey(tmp_path):
    rgba = np.concatenate([clips.corners(), np.full((48, 64, 1), 255, dtype=np.uint8)], axis=-1)
    rgba[:24, :, 3] = 0
    path = clips.write_picture(tmp_path / "cut_1.png", rgba, pixels="rgba")
    ((_, rgb),) = open_video(path)
    assert np.all(rgb[:24] == 128) and clips.names_of_corners(rgb)[2:] == "bw"


@pytest.mark.parametrize(("suffix", "codec", "pixels"), [
    ("jpg", "mjpeg", "yuvj444p"), ("tif", "tiff", "rgb24"), ("bmp", "bmp", "bgr24"), ("png", "png", "rgb48be"),
    ("tga", "targa", "bgr24"), ("exr", "exr", "gbrpf32le"), ("webp", "libwebp", "bgra")])
def test_picture_formats(tmp_path, suffix, codec, pixels):
    try:
        path = clips.write_picture(tmp_path / f"a_1.{suffix}", clips.corners(), codec=codec, pixels=pixels)
    except ValueError as error:
        pytest.skip(f"this FFmpeg can't write {codec}: {error}")
    ((_, rgb),) = open_video(path)
    assert clips.names_of_corners(rgb) == "rgbw"
