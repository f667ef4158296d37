"""Clips of one person in other clothes, compared."""

import pytest

from anatomy_mocap.core.errors import MocapError
from tests.support.rendered_clips import rendered_clip
from training.measure.measure_detector import beside_table, seen
from training.rendered_people.clip_file import clip_files, load_clip, save_clip


def test_clips_beside_must_be_the_same_ones(tmp_path):
    """For a person in other clothes, only the detections may differ."""
    for folder, motion in (("tight", 0), ("loose", 0), ("other", 1)):
        (tmp_path / folder).mkdir()
        save_clip(tmp_path / folder / "00000.npz", rendered_clip(40, motion))
    files = clip_files(tmp_path / "tight")
    clips = [seen(load_clip(path)) for path in files]
    lines = beside_table(files, clips, tmp_path / "loose")
    assert lines[1].startswith("1 pairs") and "| hip | +0.00 +- 0.00 | +0.00 +- 0.00 | +0.00 +- 0.00 |" in lines
    with pytest.raises(MocapError, match="not the motion of"):
        beside_table(files, clips, tmp_path / "other")
    with pytest.raises(MocapError, match="none of the clips is there"):
        beside_table(files, clips, tmp_path)
