"""Damaged keypoint files that benchmarks/fuzz.py has found: each ends in one error that says what is wrong."""

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.sources.keypoint_file import open_keypoints
from tests.support.keypoint_cases import CASES, Case


@pytest.mark.parametrize("line", [0, 1])
def test_a_header_of_deeplabcut_with_too_few_cells(tmp_path, line):
    path = CASES["deeplabcut"][0](Case(tmp_path))
    lines = path.read_text().splitlines()
    lines[line] = lines[line].rpartition(",")[0]
    path.write_text("\n".join(lines))
    with pytest.raises(MocapError, match=rf"{path.name}: line {line + 1} has \d+ cells, the header has \d+"):
        open_keypoints(path)


def test_complex_numbers_are_refused(tmp_path):
    xy = np.arange(4 * 17 * 2).reshape(4, 17, 2) + 1j
    np.savez(tmp_path / "a.npz", xy=xy, score=np.ones((4, 17)), layout="COCO17")
    with pytest.raises(MocapError, match="a.npz: xy has complex numbers"):
        open_keypoints(tmp_path / "a.npz", size=(1280, 720))
