"""Compares every layout with its tool's definition, which is copied here from the tool's documentation."""

from __future__ import annotations

import numpy as np
import pytest

from anatomy_mocap.core.keypoint_layouts import CANONICAL, LAYOUTS, keypoint_groups
from anatomy_mocap.core.keypoints import Keypoints2D, to_canonical


def words(text: str) -> list[str]:
    """Split a text into names."""
    return text.split()


# OpenPose, doc/02_output.md and poseParameters: BODY_25 and COCO.
BODY_25 = words("""
    Nose Neck RShoulder RElbow RWrist LShoulder LElbow LWrist MidHip RHip RKnee RAnkle LHip LKnee LAnkle REye LEye
    REar LEar LBigToe LSmallToe LHeel RBigToe RSmallToe RHeel
""")
COCO_18 = words("""
    Nose Neck RShoulder RElbow RWrist LShoulder LElbow LWrist RHip RKnee RAnkle LHip LKnee LAnkle REye LEye REar
    LEar
""")
# COCO's person category.
COCO_17 = words("""
    nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist
    right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle
""")
# Halpe-FullBody's README, its first 26.
HALPE_26 = words("""
    Nose LEye REye LEar REar LShoulder RShoulder LElbow RElbow LWrist RWrist LHip RHip LKnee RKnee LAnkle RAnkle
    Head Neck Hip LBigToe RBigToe LSmallToe RSmallToe LHeel RHeel
""")
# MediaPipe's PoseLandmark.
MEDIAPIPE_33 = words("""
    NOSE LEFT_EYE_INNER LEFT_EYE LEFT_EYE_OUTER RIGHT_EYE_INNER RIGHT_EYE RIGHT_EYE_OUTER LEFT_EAR RIGHT_EAR
    MOUTH_LEFT MOUTH_RIGHT LEFT_SHOULDER RIGHT_SHOULDER LEFT_ELBOW RIGHT_ELBOW LEFT_WRIST RIGHT_WRIST LEFT_PINKY
    RIGHT_PINKY LEFT_INDEX RIGHT_INDEX LEFT_THUMB RIGHT_THUMB LEFT_HIP RIGHT_HIP LEFT_KNEE RIGHT_KNEE LEFT_ANKLE
    RIGHT_ANKLE LEFT_HEEL RIGHT_HEEL LEFT_FOOT_INDEX RIGHT_FOOT_INDEX
""")
# VideoPose3D's 17 of Human3.6M.
H36M_17 = words("""
    Hip RHip RKnee RAnkle LHip LKnee LAnkle Spine Thorax Nose Head LShoulder LElbow LWrist RShoulder RElbow RWrist
""")
# COCO-WholeBody: where its parts begin, and its feet.
WHOLE_BODY_PARTS = {"nose": 0, "left_big_toe": 17, "left_small_toe": 18, "left_heel": 19, "right_big_toe": 20,
                    "right_small_toe": 21, "right_heel": 22, "face_0": 23, "face_67": 90, "left_hand_root": 91,
                    "left_thumb_1": 92, "left_index_1": 96, "left_middle_1": 100, "left_ring_1": 104,
                    "left_pinky_1": 108, "left_pinky_4": 111, "right_hand_root": 112, "right_thumb_1": 113,
                    "right_index_1": 117, "right_pinky_1": 129, "right_pinky_4": 132}
# Its face points that change places in a mirror, from its data set description (the others stay).
FACE_SWAPS = [(0, 16), (1, 15), (7, 9), (17, 26), (21, 22), (31, 35), (32, 34), (36, 45), (37, 44), (38, 43), (39, 42),
              (40, 47), (41, 46), (48, 54), (49, 53), (50, 52), (55, 59), (56, 58), (60, 64), (61, 63), (65, 67)]
FACE_MIDDLE = [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]


def ours(name: str) -> str:
    """Translate a tool's keypoint name to the product's."""
    for short, long in (("L", "left_"), ("R", "right_")):
        if len(name) > 1 and name[0] == short and name[1:2].isupper() and name[2:3].islower():
            name = long + name[1:]
    name = {"Head": "head_top", "Hip": "mid_hip", "MidHip": "mid_hip", "MOUTH_LEFT": "left_mouth",
            "MOUTH_RIGHT": "right_mouth"}.get(name, name)
    for part in ("Big", "Small"):
        name = name.replace(part + "Toe", part + "_toe")
    name = name.lower()
    return name + "_knuckle" if name.endswith(("_pinky", "_thumb", "t_index")) and "foot" not in name else name


@pytest.mark.parametrize("layout, official", [
    ("BODY25", BODY_25), ("COCO18", COCO_18), ("COCO17", COCO_17), ("HALPE26", HALPE_26), ("MEDIAPIPE33", MEDIAPIPE_33),
    ("H36M17", H36M_17)])
def test_orders_are_the_tools_own(layout, official):
    names = [ours(name) for name in official]
    if layout == "H36M17":
        names[0] = "pelvis"
    assert list(LAYOUTS[layout].keypoint_names) == names


def test_whole_body():
    names = LAYOUTS["COCO133"].keypoint_names
    assert len(names) == 133 and list(names[:17]) == COCO_17
    assert {name: names.index(name) for name in WHOLE_BODY_PARTS} == WHOLE_BODY_PARTS


@pytest.mark.parametrize("layout", LAYOUTS)
def test_names_are_distinct_and_mirrors_pair_up(layout):
    kind = LAYOUTS[layout]
    assert len(set(kind.keypoint_names)) == len(kind)
    assert np.array_equal(kind.flip[kind.flip], np.arange(len(kind)))
    for name, mirror in zip(kind.keypoint_names, kind.flip, strict=True):
        if name.startswith(("left_", "right_")):
            side, other = ("left_", "right_") if name.startswith("left_") else ("right_", "left_")
            assert kind.keypoint_names[mirror] == name.replace(side, other)


def test_face_points_change_places_in_the_mirror():
    flip = LAYOUTS["COCO133"].flip[23:91] - 23
    assert all(flip[a] == b and flip[b] == a for a, b in FACE_SWAPS)
    assert [i for i in range(68) if flip[i] == i] == FACE_MIDDLE


@pytest.mark.parametrize("layout", LAYOUTS)
def test_canonical_from_every_layout(layout):
    """Each canonical keypoint comes from points of its own side, and limb points from points of the same name."""
    names = LAYOUTS[layout].keypoint_names
    groups = dict(zip(CANONICAL.keypoint_names, keypoint_groups(layout), strict=True))
    for name, group in groups.items():
        assert all(names[i].partition("_")[0] == name.partition("_")[0] or names[i] == name for i in group), name
        if name in names:
            assert [names[i] for i in group] == [name]
    assert all(groups[f"{side}_{part}"] for side in ("left", "right") for part in
               ("shoulder", "elbow", "wrist", "hip", "knee", "ankle"))
    assert bool(groups["left_heel"]) == any("heel" in name for name in names)
    toes = ("CANONICAL23", "BODY25", "BODY25B", "HALPE26", "MEDIAPIPE33", "COCO133")
    assert bool(groups["right_toe"]) == (layout in toes)
    assert bool(groups["right_knuckle"]) == (layout in ("CANONICAL23", "MEDIAPIPE33", "COCO133"))


def test_values_arrive_where_they_belong():
    """The toe of BODY_25 is the middle of its two toes. A missing keypoint is masked, not invented."""
    xy = np.arange(50, dtype=float).reshape(1, 25, 2)
    score = np.linspace(0.1, 1, 25)[None].copy()
    score[0, 19] = 0
    canonical = to_canonical(Keypoints2D(xy, score, "BODY25", 25.0, np.zeros(1), 100, 100))
    index = CANONICAL.keypoint_names.index
    np.testing.assert_allclose(canonical.xy[0, index("right_toe")], (xy[0, 22] + xy[0, 23]) / 2)
    assert canonical.score[0, index("right_toe")] == score[0, 22]
    assert canonical.score[0, index("left_toe")] == 0
    np.testing.assert_allclose(canonical.xy[0, index("left_wrist")], xy[0, 7])
    assert canonical.score[0, index("left_knuckle")] == 0
