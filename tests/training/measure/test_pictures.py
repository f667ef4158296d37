"""The picture of the validation clips."""

from PIL import Image

from tests.support.small_motion_set import write_set
from training.measure.pictures import CELL, PictureSettings, draw_clips


def test_clips_are_drawn(tmp_path):
    said = []
    draw_clips(PictureSettings(write_set(tmp_path), str(tmp_path / "clips.png"), clips=1), said.append)
    picture = Image.open(tmp_path / "clips.png")
    assert picture.width == CELL and len(said) == 1 and "mm, frame" in said[0]
    colours = {colour for _, colour in picture.getcolors(100_000)}
    assert {(0xD1, 0x49, 0x5B), (0x2A, 0x6F, 0xBB), (0xB9, 0xB9, 0xB9)} <= colours  # left, right, the truth
