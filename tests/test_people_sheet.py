"""`info` of a video: who is there, and the contact sheet."""

import json
from pathlib import Path

import av
import numpy as np
import pytest

from anatomy_mocap.cli import main
from anatomy_mocap.sources.picture import save_png
from anatomy_mocap.sources.video import open_video

pytest.importorskip("onnxruntime")
VIDEO = Path(__file__).parent / "data" / "videos" / "bodypose3d_cam0.mp4"


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A film of a man and his smaller mirror image beside him, 24 frames."""
    path = tmp_path_factory.mktemp("two") / "two.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=20, options={"qscale": "3"})
        stream.width, stream.height = 1080, 720
        for number, (_, rgb) in enumerate(open_video(VIDEO)):
            if not 80 <= number < 104:
                continue
            picture = np.full((720, 1080, 3), 128, dtype=np.uint8)
            picture[180:540, :360], picture[:, 360:] = rgb[::2, ::-2], rgb
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_info_lists_the_people_from_left_to_right(two, tmp_path, capsys):
    sheet = tmp_path / "sheet.png"
    assert main(["info", str(two), "--json", "--quiet", "--picture", str(sheet)]) == 0
    left, right = json.loads(capsys.readouterr().out)["people"]
    assert (left["person"], left["number"], right["person"], right["number"]) == ("A", 1, "B", 0)
    assert left["frames"] == right["frames"] == 24 and right["from_s"] == 0 and right["to_s"] == pytest.approx(1.15)
    assert right["height_px"] == pytest.approx(2 * left["height_px"], rel=0.1)
    with av.open(str(sheet)) as picture:
        rgb = next(picture.decode(video=0)).to_ndarray(format="rgb24")
    assert rgb.shape == (3 * 320, 4 * 480, 3)
    for colour in ((255, 80, 80), (80, 200, 255)):
        marked = (rgb == colour).all(axis=-1)
        assert all(marked[320 * row:320 * row + 320, 480 * column:480 * column + 480].sum() > 300
                   for row in range(3) for column in range(4))


def test_info_without_people_looks_at_nobody(two, capsys):
    assert main(["info", str(two), "--json", "--quiet", "--no-people"]) == 0
    assert "people" not in json.loads(capsys.readouterr().out)


def test_a_sheet_that_cannot_be_written_is_said_first(two, tmp_path, capsys):
    assert main(["info", str(two), "--quiet", "--picture", str(tmp_path / "no" / "sheet.png")]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert main(["info", str(two), "--quiet", "--picture", str(tmp_path / "sheet.jpg")]) == 2
    assert "use .png" in capsys.readouterr().err


def test_a_picture_comes_back_as_it_was(tmp_path):
    rgb = np.random.default_rng(0).integers(0, 255, (40, 30, 3), dtype=np.uint8)
    save_png(rgb, tmp_path / "a.png")
    with av.open(str(tmp_path / "a.png")) as picture:
        np.testing.assert_array_equal(next(picture.decode(video=0)).to_ndarray(format="rgb24"), rgb)
