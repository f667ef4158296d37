"""The made videos of benchmarks/speed.py, and what it does with the processes that it starts."""

import sys

import numpy as np
import pytest

pytest.importorskip("av")

from benchmarks.speed import line, result_of, write_scaled
from tests.support.video_clips import grey_level, write_clip
from training.rendered_crowds.video_file import pictures_of


def test_a_video_is_made_as_long_and_as_large(tmp_path):
    """Five greys, forwards and backwards; 4:3 is drawn out to 16:9."""
    write_scaled(write_clip(tmp_path / "in.mp4", frames=5), tmp_path / "out.mp4", 90, 12)
    pictures = list(pictures_of(tmp_path / "out.mp4", range(20)))
    assert {picture.shape for picture in pictures} == {(90, 160, 3)}
    assert [grey_level(picture) for picture in pictures] == [0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2, 3]
    assert np.ptp(pictures[4].astype(int)) < 20


def test_what_a_process_measures_is_its_last_line():
    assert result_of([sys.executable, "-c", "print('noise'); print('{\"frames\": 3}')"]) == {"frames": 3}
    with pytest.raises(SystemExit, match="exit code 1"):
        result_of([sys.executable, "-c", "raise ValueError('no')"])


def test_a_line():
    found = {"frames": 100, "wall": 4.0, "cpu": 6.0, "first": 1.25, "peak": 512.0, "lift wall": 0.5}
    assert line("720p", found).split() == ["720p", "100", "25.0", "60.0", "1.25", "512", "5.0"]
    assert line("theirs", {"frames": 10, "wall": 1.0, "cpu": 1.0}).split() == ["theirs", "10", "10.0", "100.0", "-"]
