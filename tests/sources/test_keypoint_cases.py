"""Keypoint files as real tools and people write them: each point where the figure has it, or a right refusal."""

from __future__ import annotations

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from anatomy_mocap.sources.keypoint_file import is_keypoint_file, open_keypoints
from tests.support import field_keypoint_cases, more_keypoint_cases, neighbour_keypoint_cases
from tests.support import keypoint_cases as made

assert field_keypoint_cases and more_keypoint_cases and neighbour_keypoint_cases  # they add to the cases
LEGS = [i for i, name in enumerate(made.MP) if any(w in name for w in ("knee", "ankle", "heel", "foot"))]


@pytest.mark.parametrize("name", made.CASES)
def test_case(tmp_path, name):
    make, _, truth, how = made.CASES[name]
    how = dict(how)
    special = {key: how.pop(key, None) for key in ("below", "refuse", "no_missing", "last", "scores", "but",
                                                   "fps", "note", "frames", "absent")}
    path = make(made.Case(tmp_path))
    assert is_keypoint_file(path)
    if special["refuse"]:
        with pytest.raises(MocapError, match=None if special["refuse"] is True else special["refuse"]):
            open_keypoints(path, **how)
        return
    file = open_keypoints(path, **how)
    clip, real = file.keypoints, made.figure(truth)
    names = LAYOUTS[truth].keypoint_names
    assert clip.layout == truth
    if len(clip) == made.T:
        off = np.linalg.norm(clip.xy - real[..., :2], axis=-1)
        if special["below"]:
            off[:, LEGS] = 0
        assert special["but"] or off[clip.score > 0].max() < 1
    else:
        assert special["last"] or special["frames"] == len(clip)
    missing = (clip.score <= 0).all(axis=0)
    assert [names[i] for i in np.flatnonzero(missing)] == [n for n in names if n in (special["absent"] or ())]
    if special["no_missing"]:
        assert (clip.score > 0).all()
    if special["scores"]:
        np.testing.assert_allclose(clip.score, real[..., 2], atol=0.01)
    if special["fps"]:
        assert clip.fps == pytest.approx(special["fps"], abs=0.1)
    if special["last"]:
        assert clip.times[-1] == pytest.approx(special["last"], abs=0.02)
    if special["note"]:
        assert any(special["note"] in note for note in file.notes), file.notes
