"""Round trip of every keypoint format: the tools' form is read back unchanged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.sources.keypoint_file import is_keypoint_file, open_keypoints
from tests.support import keypoint_file_writers as writers
from tests.support.keypoint_file_writers import random_clip

# name: (writer, file name, layouts, whether the file itself says fps, the layout to name, tolerance in pixels)
FORMATS = {
    "openpose": (writers.openpose, "op", ("BODY25", "COCO18", "HALPE26"), None),
    "alphapose": (writers.alphapose, "a.json", ("COCO17", "HALPE26", "COCO133"), None),
    "alphapose_open": (writers.alphapose_open, "a.json", ("COCO18",), None),
    "alphapose_cmu": (writers.alphapose_cmu, "a.json", ("COCO18",), None),
    "mmpose_demo": (writers.mmpose_demo, "m.json", ("COCO17", "HALPE26", "COCO133", "H36M17"), None),
    "mmpose_video": (writers.mmpose_video, "m.json", ("COCO17", "HALPE26", "COCO133"), None),
    "mmpose_folder": (writers.mmpose_folder, "mm", ("COCO17", "HALPE26"), None),
    "rtmlib_json": (writers.rtmlib_json, "r.json", ("COCO17", "HALPE26", "COCO133"), None),
    "rtmlib_npz": (writers.rtmlib_npz, "r.npz", ("COCO17", "HALPE26", "COCO133"), None),
    "coco_results": (writers.coco_results, "c.json", ("COCO17",), None),
    "mediapipe_frames": (writers.mediapipe_frames, "p.json", ("MEDIAPIPE33",), 25.0),
    "mediapipe_list": (writers.mediapipe_list, "p.json", ("MEDIAPIPE33",), None),
    "mediapipe_tasks": (writers.mediapipe_tasks, "p.json", ("MEDIAPIPE33",), 25.0),
    "mediapipe_csv_long": (writers.mediapipe_csv_long, "p.csv", ("MEDIAPIPE33",), None),
    "mediapipe_csv_wide": (writers.mediapipe_csv_wide, "p.csv", ("MEDIAPIPE33",), None),
    "detectron": (writers.detectron, "d.npz", ("COCO17",), None),
    "own_npz": (writers.own_npz, "o.npz", ("COCO17", "COCO18", "BODY25", "HALPE26", "MEDIAPIPE33", "H36M17", "COCO133",
                                           "CANONICAL23"), 25.0),
}


def assert_same(keypoints, clip, person=0, atol=1e-3):
    """Assert that the file's person equals the clip's in every frame."""
    wanted = np.where(clip.there[person][:, None, None], clip.points[person], 0)
    assert keypoints.layout == clip.layout
    assert keypoints.xy.shape == wanted[..., :2].shape and keypoints.score.shape == wanted.shape[:2]
    np.testing.assert_allclose(keypoints.score, wanted[..., 2], atol=1e-6)
    np.testing.assert_allclose(keypoints.xy, wanted[..., :2], atol=atol)
    assert np.all(np.diff(keypoints.times) > 0) and keypoints.times[0] == 0


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=12)
@given(seed=st.integers(0, 2**32 - 1), frames=st.integers(1, 9), data=st.data())
def test_reads_back_what_was_written(name, tmp_path_factory, seed, frames, data):
    write, file_name, layouts, fps = FORMATS[name]
    clip = random_clip(seed, data.draw(st.sampled_from(layouts)), frames)
    path = write(tmp_path_factory.mktemp("clip") / file_name, clip)
    assert is_keypoint_file(path)
    file = open_keypoints(path, size=(clip.width, clip.height))
    assert_same(file.keypoints, clip)
    assert (file.keypoints.width, file.keypoints.height) == (clip.width, clip.height)
    assert file.keypoints.fps == pytest.approx(fps if fps and frames > 1 else file.keypoints.fps)
    if fps is None:
        assert file.keypoints.fps == 30 and any("30 frames per second" in note for note in file.notes)


@pytest.mark.parametrize("layout", ["COCO17", "H36M17"])
def test_videopose3d(tmp_path, layout):
    clip = random_clip(1, layout, 12)
    clip.there[:] = True
    clip.points[..., 2] = clip.points[..., 2] > 0
    file = open_keypoints(writers.videopose3d(tmp_path / "data_2d_custom_x.npz", clip))
    assert_same(file.keypoints, clip, atol=1e-2)
    assert (file.keypoints.width, file.keypoints.height) == (1280, 720)
    assert any("gives no confidence" in note for note in file.notes)


def test_coco_annotations(tmp_path):
    clip = random_clip(3, "COCO17", 8, people=2)
    clip.points[..., 2] = clip.points[..., 2] > 0
    file = open_keypoints(writers.coco_annotations(tmp_path / "x.json", clip))
    assert len(file.people) == 2
    assert_same(file.keypoints, clip, int(file.person.label))
    assert (file.keypoints.width, file.keypoints.height) == (1280, 720)
