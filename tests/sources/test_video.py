"""Video files: upright pictures with true times from all codecs, and clear errors for other files."""


import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.sources import picture
from anatomy_mocap.sources.picture import display_matrix, upright
from anatomy_mocap.sources.video import open_video, probe
from tests.support import video_clips as clips

DEMO = Path(__file__).parents[1] / "data" / "videos" / "bodypose3d_cam0.mp4"


def test_demo_video_is_read_whole_and_as_stated():
    source = open_video(DEMO)
    assert (source.width, source.height, source.fps, source.frame_count) == (720, 720, 20.0, 187)
    assert source.duration == pytest.approx(9.35)
    times, count = [], 0
    for time, rgb in source:
        assert rgb.shape == (720, 720, 3) and rgb.dtype == np.uint8
        times.append(time)
        count += 1
    assert count == 187 and source.warnings == []
    np.testing.assert_allclose(times, np.arange(187) / 20, atol=1e-9)


def test_a_source_can_be_read_twice(tmp_path):
    source = open_video(clips.write_clip(tmp_path / "a.mp4"))
    first, second = ([clips.grey_level(rgb) for _, rgb in source] for _ in range(2))
    assert first == second == list(range(8))


# PyAV's word for the turn is counter-clockwise degrees; the letters were worked out by hand from "rg/bw".
@pytest.mark.parametrize(("turn", "shown", "rotation"), [
    ({"degrees": 0, "hflip": True}, "grwb", None), ({"degrees": 0, "vflip": True}, "bwrg", None),
    ({"degrees": 90}, "gwrb", 270), ({"degrees": 180}, "wbgr", 180), ({"degrees": 270}, "brwg", 90),
    ({"degrees": -90}, "brwg", 90)])
def test_rotation_metadata_is_honoured(tmp_path, turn, shown, rotation):
    source = open_video(clips.write_clip(tmp_path / "phone.mp4", [clips.corners()] * 2, turn=turn))
    _, rgb = next(iter(source))
    assert clips.names_of_corners(rgb) == shown
    assert (source.width, source.height) == rgb.shape[1::-1] == ((48, 64) if turn["degrees"] % 180 else (64, 48))
    if rotation is not None:
        assert source.rotation == probe(tmp_path / "phone.mp4")["rotation"] == rotation


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_the_turn_is_found_beside_side_data_that_pyav_does_not_know(tmp_path, degrees):
    class Frame:
        rotation = degrees

        @property
        def side_data(self):
            raise ValueError("31 is not a valid Type")

    path = clips.write_clip(tmp_path / "a.mp4", [clips.corners()] * 2, turn={"degrees": degrees})
    _, rgb = next(iter(open_video(path)))
    assert clips.names_of_corners(upright(clips.corners(), display_matrix(Frame()))) == clips.names_of_corners(rgb)


def test_upright_follows_the_matrix_for_every_point():
    rng = np.random.default_rng(1)
    rgb = rng.integers(0, 255, (5, 7, 3), dtype=np.uint8)
    for matrix in ([[1, 0], [0, 1]], [[0, 1], [-1, 0]], [[-1, 0], [0, -1]], [[0, -1], [1, 0]],
                   [[-1, 0], [0, 1]], [[1, 0], [0, -1]], [[0, 1], [1, 0]], [[0, -1], [-1, 0]]):
        shown = upright(rgb, np.array(matrix, dtype=float))
        # Where each stored pixel lands, by the matrix alone, shifted so that the least coordinate is 0.
        points = np.stack(np.meshgrid(np.arange(7), np.arange(5)), axis=-1).reshape(-1, 2) @ np.array(matrix)
        points -= points.min(axis=0)
        np.testing.assert_array_equal(shown[points[:, 1], points[:, 0]], rgb.reshape(-1, 3))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_variable_frame_rate_keeps_its_real_times(tmp_path, suffix):
    times = [0.0, 0.1, 0.2, 0.5, 0.54, 0.6, 1.4, 1.5]
    path = clips.write_clip(tmp_path / f"phone{suffix}", times=times, rate=30)
    read = [(time, clips.grey_level(rgb)) for time, rgb in open_video(path)]
    np.testing.assert_allclose([time for time, _ in read], times, atol=0.0011)
    assert [level for _, level in read] == list(range(8))


def test_times_start_at_the_first_frame(tmp_path):
    path = clips.write_clip(tmp_path / "late.mkv", times=[5.0, 5.1, 5.2], frames=3)
    np.testing.assert_allclose([time for time, _ in open_video(path)], [0, 0.1, 0.2], atol=0.0011)


@pytest.mark.parametrize(("name", "codec", "pixels", "size"), [
    ("a.mov", "h264", "yuv420p10le", (48, 64)), ("b.mkv", "ffv1", "yuv444p", (47, 63)),
    ("c.avi", "mjpeg", "yuvj420p", (45, 61)), ("d.webm", "libvpx-vp9", "yuva420p", (48, 64)),
    ("e.mov", "prores_ks", "yuva444p10le", (48, 64)), ("f.gif", "gif", "rgb8", (48, 64)),
    ("g.mkv", "rawvideo", "gray", (33, 35)), ("h.mov", "png", "rgba", (31, 33))])
def test_codecs_depths_and_odd_sizes(tmp_path, name, codec, pixels, size):
    try:
        path = clips.write_clip(tmp_path / name, [clips.corners(size[1], size[0])] * 3, codec=codec, pixels=pixels)
    except ValueError as error:  # the encoder, not the decoder, may be missing in a build of FFmpeg
        pytest.skip(f"this FFmpeg can't write {codec}: {error}")
    frames = [rgb for _, rgb in open_video(path)]
    assert [rgb.shape for rgb in frames] == [(*size, 3)] * 3
    if pixels != "gray":
        assert clips.names_of_corners(frames[-1]) == "rgbw"


def test_pixels_that_are_not_square_are_widened(tmp_path):
    path = clips.write_clip(tmp_path / "dv.mkv", [clips.corners(60, 48)] * 2, aspect=2)
    source = open_video(path)
    assert (source.width, source.height) == (120, 48)
    assert next(iter(source))[1].shape == (48, 120, 3)


def test_missing_empty_and_non_video_files(tmp_path):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("this is no video\n" * 200)
    (tmp_path / "notes.txt").write_text("this is no video\n" * 200)
    (tmp_path / "noise.mov").write_bytes(np.random.default_rng(0).bytes(20000))
    (tmp_path / "folder.mp4").mkdir()
    clips.write_sound(tmp_path / "sound.m4a")
    for name, cause in (("gone.mp4", "no such file"), ("empty.mp4", "empty"), ("text.mp4", "not a readable video"),
                        ("notes.txt", "not a"), ("noise.mov", "not a readable video"),
                        ("sound.m4a", "no video stream .found: audio stream."), ("folder.mp4", "no pictures")):
        with pytest.raises(MocapError, match=cause) as caught:
            open_video(tmp_path / name)
        assert name in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_cut_before_its_index_is_refused(tmp_path):
    whole = clips.write_clip(tmp_path / "whole.mp4", frames=20).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[:len(whole) // 2])
    with pytest.raises(MocapError, match="cut.mp4: .*cut off"):
        open_video(tmp_path / "cut.mp4")


def test_a_file_cut_in_the_middle_gives_its_frames_and_a_warning(tmp_path):
    noise = list(np.random.default_rng(0).integers(0, 255, (40, 48, 64, 3), dtype=np.uint8))
    whole = clips.write_clip(tmp_path / "whole.mp4", noise, options={"movflags": "faststart"}).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[:len(whole) // 2])
    source = open_video(tmp_path / "cut.mp4")
    frames = list(source)
    assert 5 < len(frames) < 35
    assert any("cut off" in warning for warning in source.warnings)
    assert open_video(tmp_path / "whole.mp4").warnings == []


def test_a_file_without_any_decodable_frame_is_refused(tmp_path):
    noise = list(np.random.default_rng(0).integers(0, 255, (4, 48, 64, 3), dtype=np.uint8))
    whole = clips.write_clip(tmp_path / "whole.mp4", noise, options={"movflags": "faststart"}).read_bytes()
    start = whole.index(b"mdat") + 4
    (tmp_path / "hollow.mp4").write_bytes(whole[:start])
    with pytest.raises(MocapError, match="hollow.mp4: not a single frame"):
        open_video(tmp_path / "hollow.mp4")


def test_damage_in_the_middle_is_passed_over_with_a_warning(tmp_path):
    noise = list(np.random.default_rng(0).integers(0, 255, (40, 48, 64, 3), dtype=np.uint8))
    data = bytearray(clips.write_clip(tmp_path / "whole.mkv", noise, codec="ffv1", pixels="yuv444p").read_bytes())
    middle = len(data) // 2
    data[middle:middle + 20000] = np.random.default_rng(1).bytes(20000)
    (tmp_path / "hurt.mkv").write_bytes(data)
    source = open_video(tmp_path / "hurt.mkv")
    times = [time for time, _ in source]
    assert 10 < len(times) < 40 and np.all(np.diff(times) > 0)
    assert source.warnings


def test_closing_lets_go_of_the_file(tmp_path):
    path = clips.write_clip(tmp_path / "a.mp4")
    with open_video(path) as source:
        frames = iter(source)
        next(frames)
    assert next(frames, None) is None
    path.unlink()


def test_probe_tells_what_a_video_is():
    assert probe(DEMO) == {"kind": "video", "width": 720, "height": 720, "fps": 20.0, "frames": 187, "duration": 9.35,
                           "codec": "mpeg4", "rotation": 0}


def test_a_glance_is_converted_only_when_somebody_looks(monkeypatch):
    converted = []
    real = picture.to_rgb
    monkeypatch.setattr(picture, "to_rgb", lambda frame, size: converted.append(1) or real(frame, size))
    with open_video(DEMO) as source:
        for number, (_, glance) in enumerate(source.glances(320)):
            assert glance.thumbnail.shape == (32, 32) and np.ptp(glance.thumbnail) > 0
            if number == 3:
                looked = glance.rgb
            if number == 5:
                break
    assert len(converted) == 1
    with open_video(DEMO) as source:
        _, expected = next(islice(source.pictures(320), 3, None))
    np.testing.assert_array_equal(looked, expected)


def test_a_glance_is_converted_once_whoever_looks_at_a_time():
    calls, begin = [], threading.Barrier(8)

    def convert():
        calls.append(1)
        sleep(0.05)
        return np.zeros((2, 2, 3), dtype=np.uint8)

    glance = picture.Glance(np.zeros((32, 32), dtype=np.uint8), convert)

    def look():
        begin.wait()
        return glance.rgb

    with ThreadPoolExecutor(8) as pool:
        found = [job.result() for job in [pool.submit(look) for _ in range(8)]]
    assert len(calls) == 1 and all(each is found[0] for each in found)
