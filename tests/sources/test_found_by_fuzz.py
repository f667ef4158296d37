"""Damaged keypoint files that benchmarks/fuzz.py has found: each ends in one error that says what is wrong."""

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.sources.keypoint_file import open_keypoints
from tests.support.keypoint_cases import Case
from tests.support.more_keypoint_cases import CASES


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
    with pytest.raises(MocapError, match="a.npz: xy is an array of complex numbers"):
        open_keypoints(tmp_path / "a.npz", size=(1280, 720))


def test_frames_with_unlike_people_are_refused(tmp_path):
    """The arrays of detectron's .npz, one of them cut."""
    from tests.support.keypoint_file_writers import detectron, random_clip

    path = detectron(tmp_path / "a.npz", random_clip(1, "COCO17", frames=3))
    with np.load(path, allow_pickle=True) as held:
        members = {name: held[name] for name in held.files}
    members["keypoints"][1][1] = members["keypoints"][1][1][..., :5]
    np.savez(path, **members)
    with pytest.raises(MocapError, match="a.npz: "):
        open_keypoints(path, size=(1280, 720))
