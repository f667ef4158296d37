"""Interlaced and HDR films: each field a picture at its own time, brightness as on an ordinary screen."""

import numpy as np
import pytest

from anatomy_mocap.sources.film_filters import _nits_of_pq, _pq_of_nits
from anatomy_mocap.sources.video import open_video, probe
from tests.support.odd_films import bar, interlaced, place, woven, write_hdr
from tests.support.odd_films import write_fields as write


def read(path, fps=None):
    source = open_video(path, fps)
    pictures = list(source)
    return source, [time for time, _ in pictures], [rgb for _, rgb in pictures]


@pytest.mark.parametrize(("name", "codec", "size"), [
    ("a.mp4", "libx264", (320, 180)), ("a.avi", "libx264", (320, 180)), ("a.h264", "libx264", (320, 180)),
    ("a.mpg", "mpeg2video", (320, 192)), ("a.ts", "mpeg2video", (320, 192)), ("a.mkv", "ffv1", (320, 180)),
    ("a.dv", "dvvideo", (720, 576)), ("a.avi", "dvvideo", (720, 576))])
@pytest.mark.parametrize("order", ["tff", "bff"])
def test_each_field_is_a_picture_at_its_own_time(tmp_path, name, codec, size, order):
    """Whatever the file's own mark of the order says: DV here is always marked as bff, the file of libx264 as told."""
    path = write(tmp_path / name, interlaced(order, 10, size), order, codec)
    source, times, pictures = read(path)
    assert [place(rgb) for rgb in pictures] == list(range(20))
    np.testing.assert_allclose(times, np.arange(20) / 50, atol=0.0011)
    assert source.fps == pytest.approx(50)
    assert source.expected_frames == 20 or name != "a.mp4"
    inner = [rgb[4:-4].astype(int) for rgb in pictures]
    assert np.mean([np.abs(np.diff(rgb, axis=0)).mean() for rgb in inner]) < 2, "no comb"
    facts = probe(path)
    assert facts["fps"] == pytest.approx(50) and any(
        "interlaced: the two fields of each frame are pictures of their own, 50 per second" in line
        for line in facts["warnings"])
    assert not any("only" in line for line in source.warnings)


def test_packets_of_one_field_do_not_double_the_rate(tmp_path, monkeypatch):
    """AVCHD cameras write them (PAFF), no encoder here does: the interval between packets as it is there."""
    monkeypatch.setattr("anatomy_mocap.sources.video.usual_interval", lambda path, index: 0.0195)
    source, times, _ = read(write(tmp_path / "a.ts", interlaced(), "tff"))
    assert source.fps == pytest.approx(50)
    np.testing.assert_allclose(times, np.arange(20) / 50, atol=0.0011)


def test_the_order_is_read_from_the_pictures_where_the_mark_is_wrong(tmp_path):
    _, _, pictures = read(write(tmp_path / "a.mp4", interlaced("tff"), "bff"))
    assert [place(rgb) for rgb in pictures] == list(range(20))


def test_whole_frames_that_are_marked_as_interlaced_stay_whole(tmp_path):
    source, times, pictures = read(write(tmp_path / "a.mp4", [bar(i) for i in range(10)]))
    assert [place(rgb) for rgb in pictures] == list(range(10)) and source.fps == 25
    np.testing.assert_allclose(times, np.arange(10) / 25, atol=0.001)
    assert source.warnings == ["the film is marked as interlaced, but each frame shows one moment: whole frames are "
                               "used"]


def test_where_nothing_moves_the_mark_counts(tmp_path):
    source, times, _ = read(write(tmp_path / "a.mp4", [bar(3)] * 6))
    assert len(times) == 12 and source.fps == 50


def telecined(count):
    """Film of 24 pictures a second on 60 fields: AA BB BC CD DD."""
    film = []
    for i in range(0, count, 4):
        a, b, c, d = (bar(number) for number in range(i, i + 4))
        film += [a, b, woven(b, c), woven(c, d), d]
    return film


@pytest.mark.parametrize("mark", ["tff", "prog"])
def test_telecined_film_is_told(tmp_path, mark):
    source, _, _ = read(write(tmp_path / "a.mp4", telecined(24), mark, rate=30))
    assert any("repeats fields" in line and "fieldmatch,decimate" in line for line in source.warnings)


def test_a_comb_in_a_film_that_is_not_marked_is_told(tmp_path):
    source, times, _ = read(write(tmp_path / "a.mp4", interlaced(), "prog"))
    assert len(times) == 10
    [warning] = source.warnings
    assert "two moments each" in warning and "deinterlace it first" in warning
    source, _, _ = read(write(tmp_path / "b.mp4", [bar(i) for i in range(20)], "prog"))
    assert source.warnings == []


def test_the_first_frame_alone_does_not_decide(tmp_path):
    film = [bar(0), *(woven(bar(2 * i), bar(2 * i + 1)) for i in range(1, 8))]
    source, times, pictures = read(write(tmp_path / "a.mkv", film, ["prog", *["tff"] * 7], "ffv1"))
    assert [place(rgb) for rgb in pictures] == [0, *range(2, 16)] and source.fps == 50
    np.testing.assert_allclose(times, [0, *(0.04 + np.arange(14) / 50)], atol=0.0011)


def test_a_part_of_the_film_may_be_interlaced(tmp_path):
    film = [bar(2 * i) for i in range(6)] + [woven(bar(2 * i), bar(2 * i + 1)) for i in range(6, 12)]
    source, times, pictures = read(write(tmp_path / "a.mkv", film, ["prog"] * 6 + ["tff"] * 6, "ffv1"))
    assert [place(rgb) for rgb in pictures] == [*range(0, 12, 2), *range(12, 24)]
    np.testing.assert_allclose(times, [*np.arange(6) / 25, *(0.24 + np.arange(12) / 50)], atol=0.0011)
    assert "a part of the film is interlaced" in source.warnings[0] and source.fps == 25


# HDR films

def stripes(rgb):
    return [rgb[32, 32 + 64 * i].astype(int).tolist() for i in range(rgb.shape[1] // 64)]


@pytest.mark.parametrize("codec", ["libx265", "ffv1"])
@pytest.mark.parametrize("kind", ["pq", "hlg"])
def test_hdr_has_the_brightness_of_an_ordinary_film(tmp_path, kind, codec):
    """Grey of 18 % and skin are as on an ordinary screen of 203 cd/m2; light parts are rolled off below white."""
    nits = [0, 0.18 * 203, 80, 203, 1000]
    path = write_hdr(tmp_path / "a.mkv", [[n] * 3 for n in nits], kind, codec)
    source, times, pictures = read(path)
    grey = np.mean(stripes(pictures[1]), axis=1)
    assert len(times) == 3 and np.ptp(stripes(pictures[1]), axis=1).max() <= 3
    want = 255 * (np.array(nits[:3]) / 203) ** (1 / 2.4)
    np.testing.assert_allclose(grey[:3], want, atol=6)
    assert 205 < grey[3] < 240 and grey[4] > 250
    assert any("HDR" in line for line in source.warnings) and any("HDR" in line for line in probe(path)["warnings"])


@pytest.mark.parametrize("kind", ["pq", "hlg"])
def test_colours_of_hdr_are_kept(tmp_path, kind):
    to_2020 = np.linalg.inv([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
    colours = np.array([[90, 20, 15], [15, 70, 20], [20, 25, 90], [90, 60, 45]])  # linear BT.709, cd/m2
    _, _, pictures = read(write_hdr(tmp_path / "a.mkv", colours @ to_2020.T, kind))
    np.testing.assert_allclose(stripes(pictures[0]), 255 * (colours / 203) ** (1 / 2.4), atol=8)


def test_the_curve_of_pq():
    """Values of SMPTE ST 2084."""
    np.testing.assert_allclose(_pq_of_nits(np.array([0.0, 100, 203, 1000, 10000])), [0, 0.508, 0.581, 0.752, 1],
                               atol=0.001)
    np.testing.assert_allclose(_nits_of_pq(_pq_of_nits(np.array([5.0, 700]))), [5, 700])
