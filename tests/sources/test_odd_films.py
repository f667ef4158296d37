"""Films as odd tools write them: several streams, raw streams, B frames in AVI, fields, animations, pauses, sizes."""

import os
import struct
from types import SimpleNamespace

import av
import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.sources.image_sequence import is_image_sequence
from anatomy_mocap.sources.picture import oddities
from anatomy_mocap.sources.video import open_video, probe
from tests.support import video_clips as clips
from tests.support.odd_films import bar, place

FILM = [bar(number) for number in range(20)]


def write(path, *parts, form=None):
    """parts: (codec, rate, pictures, pixel format, options) of each stream."""
    with av.open(str(path), "w", format=form) as container:
        streams = []
        for codec, rate, pictures, pixels, options in parts:
            stream = container.add_stream(codec, rate=rate, options=options)
            stream.height, stream.width, stream.pix_fmt = *pictures[0].shape[:2], pixels
            streams.append((stream, pictures))
        for stream, pictures in streams:
            for rgb in pictures:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
            container.mux(stream.encode())
    return path


def h264(pictures=FILM, rate=20, **options):
    return "libx264", rate, pictures, "yuv420p", options


def thumbnail(width=320):
    return "mjpeg", 20, [bar(0, width, width * 9 // 16)], "yuvj420p", {}


def read(path, fps=None):
    source = open_video(path, fps)
    pictures = list(source)
    return source, [time for time, _ in pictures], [place(rgb) for _, rgb in pictures]


@pytest.mark.parametrize("name", ["a.mov", "a.mkv"])
@pytest.mark.parametrize("parts", [(thumbnail(), h264()), (thumbnail(640), h264()), (h264(), thumbnail(640)),
                                   (h264([bar(0, 160, 90)] * 20), h264())])
def test_the_largest_stream_that_moves_is_read(tmp_path, name, parts):
    source, times, places = read(write(tmp_path / name, *parts))
    assert (source.width, source.height) == (320, 180) and places == list(range(20)) and source.warnings == []
    np.testing.assert_allclose(times, np.arange(20) / 20, atol=0.0011)


def test_a_second_film_as_large_is_told(tmp_path):
    source, _, places = read(write(tmp_path / "a.mov", h264(), h264(FILM[::-1])))
    assert places == list(range(20)) and "1 more film as large" in source.warnings[0]
    assert probe(tmp_path / "a.mov")["warnings"] == source.warnings


def test_raw_streams_have_the_given_rate_or_a_warning(tmp_path):
    path = write(tmp_path / "pi.h264", h264())
    source, times, places = read(path)
    assert places == list(range(20)) and "states no times: 20 frames per second are taken" in source.warnings[0]
    np.testing.assert_allclose(times, np.arange(20) / 20)
    source, times, _ = read(path, 50.0)
    assert source.warnings == [] and source.fps == 50
    np.testing.assert_allclose(times, np.arange(20) / 50)
    source, times, _ = read(write(tmp_path / "cam.mjpeg", ("mjpeg", 20, FILM, "yuvj420p", {})))
    assert "25 frames per second are assumed" in source.warnings[0] and times[1] == 1 / 25
    with pytest.raises(MocapError, match="frame rate nan"):
        open_video(path, float("nan"))


def test_a_clocks_rate_is_not_the_films(tmp_path):
    path = write(tmp_path / "a.dv", ("dvvideo", 25, [bar(number, 720, 576) for number in range(5)], "yuv420p", {}))
    source, times, _ = read(path)
    assert source.fps == 25 and not any("only" in line for line in source.warnings)
    np.testing.assert_allclose(times, np.arange(5) / 25, atol=1e-9)


@pytest.mark.parametrize(("codec", "options"), [("libx264", {}), ("libx264", {"bf": "0"}), ("mpeg4", {"bf": "2"})])
def test_avi_with_b_frames_has_no_hole(tmp_path, codec, options):
    _, times, places = read(write(tmp_path / "a.avi", (codec, 20, FILM, "yuv420p", options)))
    assert places == list(range(20))
    np.testing.assert_allclose(times, np.arange(20) / 20, atol=1e-9)


def test_animated_pictures(tmp_path):
    path = write(tmp_path / "a.png", ("apng", 20, FILM, "rgb24", {}), form="apng")
    assert not is_image_sequence(path) and probe(path)["kind"] == "video"
    _, times, places = read(path)
    assert places == list(range(20))
    np.testing.assert_allclose(times, np.arange(20) / 20, atol=0.001)
    clips.write_picture(tmp_path / "still.png", bar(0))
    assert is_image_sequence(tmp_path / "still.png")
    head = b"RIFF" + struct.pack("<I", 40) + b"WEBPVP8X" + struct.pack("<IB", 10, 2)
    (tmp_path / "a.webp").write_bytes(head + bytes(30))
    with pytest.raises(MocapError, match="animated WebP picture can't be read; convert"):
        open_video(tmp_path / "a.webp")


def test_a_long_pause_is_cut_out_and_told(tmp_path):
    times = [*np.arange(10) / 20, *(86400 + np.arange(10) / 20)]
    source = open_video(clips.write_clip(tmp_path / "a.mkv", times=times, frames=20, rate=20))
    read = [time for time, _ in source]
    np.testing.assert_allclose(read, np.arange(20) / 20, atol=0.0021)
    assert source.fps == pytest.approx(20, rel=0.05)
    [warning] = source.warnings
    assert "pauses for 86399." in warning and "after 0.45 s" in warning and "cut out" in warning


def test_slow_films_are_no_pauses(tmp_path):
    source = open_video(clips.write_clip(tmp_path / "a.mkv", times=np.arange(8) * 10.0))
    np.testing.assert_allclose([time for time, _ in source], np.arange(8) * 10, atol=0.001)
    assert source.warnings == []


@pytest.mark.parametrize("aspect", [(100, 1), (10**8, 1), (1, 20)])
def test_aspects_that_no_film_has_are_refused(tmp_path, aspect):
    path = clips.write_clip(tmp_path / "a.mov", codec="mjpeg", pixels="yuvj420p", aspect=2)
    data = path.read_bytes()
    at = data.index(b"pasp") + 4
    path.write_bytes(data[:at] + struct.pack(">II", *aspect) + data[at + 8:])
    with pytest.raises(MocapError, match="a.mov: it states pixels .* which no film has"):
        open_video(path)


@pytest.mark.parametrize("size", [(4, 4), (20000, 16)])
def test_sizes_that_no_film_has_are_refused(tmp_path, size):
    path = clips.write_clip(tmp_path / "a.mkv", [np.zeros((size[1], size[0], 3), np.uint8)] * 2, codec="ffv1")
    with pytest.raises(MocapError, match=f"pictures of {size[0]} x {size[1]} pixels can't be tracked"):
        open_video(path)


def test_pipes_are_not_waited_for(tmp_path):
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "a.mp4")
        with pytest.raises(MocapError, match="not a regular file"):
            open_video(tmp_path / "a.mp4")


@pytest.mark.parametrize(("degrees", "told"), [(45, 315), (30, 330), (90, None), (0, None)])
def test_a_turn_that_is_no_quarter_is_told(tmp_path, degrees, told):
    source = open_video(clips.write_clip(tmp_path / "a.mp4", turn={"degrees": degrees} if degrees else None))
    assert len(list(source)) == 8
    assert [f"turns its picture by {told} degrees" in line for line in source.warnings] == [True] * bool(told)


def test_a_film_of_a_sphere_is_told(tmp_path):
    """Google's spherical metadata, in the track as cameras of 360 degrees write it."""
    path = write(tmp_path / "a.mp4", h264())
    xml = b"<rdf:SphericalVideo><GSpherical:Spherical>true</GSpherical:Spherical><GSpherical:Stitched>true" \
        b"</GSpherical:Stitched><GSpherical:StitchingSoftware>a</GSpherical:StitchingSoftware>" \
        b"<GSpherical:ProjectionType>equirectangular</GSpherical:ProjectionType></rdf:SphericalVideo>"
    box = struct.pack(">I", 24 + len(xml)) + b"uuid" + bytes.fromhex("ffcc8263f8554a938814587a02521fdd") + xml
    data = bytearray(path.read_bytes())
    for name in (b"trak", b"moov"):
        at = data.index(name) - 4
        size = struct.unpack_from(">I", data, at)[0]
        if name == b"trak":
            data[at + size:at + size] = box
        struct.pack_into(">I", data, at, size + len(box))
    path.write_bytes(data)
    source, _, places = read(path)
    assert places == list(range(20)) and "shows a sphere (360 degrees" in source.warnings[0]


def test_a_stereoscopic_film_is_told(tmp_path):
    film = [np.concatenate([bar(number, 160), bar(number, 160)], axis=1) for number in range(5)]
    source, _, _ = read(write(tmp_path / "a.mp4", h264(film, **{"x264-params": "frame-packing=3"})))
    assert len(source.warnings) == 1 and "two views in its pictures" in source.warnings[0]


def test_a_trimmed_film_has_the_frames_that_it_shows(tmp_path):
    """An edit list, as a phone's own cut leaves it: frames 5 to 14 of 20 are shown."""
    path = write(tmp_path / "a.mp4", h264())
    data = bytearray(path.read_bytes())
    at, scale = data.index(b"elst"), data.index(b"mdhd") + 16
    begins = struct.unpack_from(">i", data, at + 16)[0] + struct.unpack_from(">I", data, scale)[0] // 4
    struct.pack_into(">Ii", data, at + 12, 500, begins)  # the movie's clock counts milliseconds
    path.write_bytes(data)
    source, times, places = read(path)
    assert places == list(range(5, 15)) and source.frame_count == 10 and source.warnings == []
    np.testing.assert_allclose(times, np.arange(10) / 20, atol=0.001)


def test_linear_light_of_exr_is_shown_as_on_a_screen(tmp_path):
    for number in range(2):
        frame = av.VideoFrame(32, 32, "gbrpf32le")
        for plane in frame.planes:
            plane.update(np.full((plane.height, plane.line_size // 4), 0.18, np.float32))
        with av.open(str(tmp_path / f"a_{number}.exr"), "w", format="image2", options={"update": "1"}) as container:
            stream = container.add_stream("exr", rate=1)
            stream.height, stream.width, stream.pix_fmt = 32, 32, "gbrpf32le"
            container.mux([*stream.encode(frame), *stream.encode()])
    assert [round(rgb.mean()) for _, rgb in open_video(tmp_path, 25.0)] == [118, 118]


def test_dolby_vision_without_an_ordinary_picture_is_told():
    """No encoder here writes it: a frame as the decoder gives it."""
    frame = SimpleNamespace(side_data={"DOVI_METADATA": bytes(64)}, color_trc=2)
    assert "Dolby Vision" in oddities(frame)[0]
    assert oddities(SimpleNamespace(side_data={"DOVI_METADATA": bytes(64)}, color_trc=18)) == []


@pytest.mark.parametrize("other", [b"wide", b"free"])
def test_a_movie_without_a_file_type(tmp_path, other):
    """As the films of live photos come off a phone over its cable."""
    path = write(tmp_path / "a.mov", h264())
    path.write_bytes(path.read_bytes().replace(b"ftyp", other, 1))
    assert read(path)[2] == list(range(20))


@pytest.mark.parametrize("matrix", [3, 8, 10, 14, 15, 200])
def test_colour_matrices_that_are_not_converted_are_told(tmp_path, matrix):
    """ICtCp, YCgCo and others, and numbers of damaged files: the picture is read, its colours may be wrong."""
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("prores_ks", rate=20)
        stream.height, stream.width, stream.pix_fmt = 180, 320, "yuv422p10le"
        for rgb in FILM:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode())
    data = bytearray(path.read_bytes())
    at = data.find(b"icpf")
    while at >= 0:  # the frame's header: its size, version, maker, width, height, flags, aspect, primaries, transfer
        data[at + 20] = matrix
        at = data.find(b"icpf", at + 1)
    path.write_bytes(data)
    source, _, places = read(path)
    assert places == list(range(20)) and [f"(matrix {matrix})" in line for line in source.warnings] == [True]
