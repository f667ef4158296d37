"""The keypoint network and the processing of its outputs."""

import numpy as np
import pytest

from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from anatomy_mocap.people.crop import Region
from anatomy_mocap.people.detect_people import Detection, PersonDetector
from anatomy_mocap.people.pose2d import COCO_FROM_33, PoseEstimator, confidence, refine, region_around, seed_region

FLIP = LAYOUTS["MEDIAPIPE33"].flip


@pytest.fixture(scope="module")
def estimator():
    return PoseEstimator("cpu")


def pose_of(estimator, rgb):
    region = seed_region(PersonDetector().detect(rgb)[0])
    return estimator.estimate(rgb, estimator.estimate(rgb, region).next_region)


def heatmap_at(column, row, height=3.0):
    y, x = np.mgrid[:64, :64]
    return (height - 6 * ((x - column) ** 2 + (y - row) ** 2)).clip(-9)[None]


def test_points_lie_where_a_person_sees_them(estimator, man, labels):
    for frame, points in labels.items():
        pose = pose_of(estimator, man[frame])
        for index, point in points.items():
            assert np.linalg.norm(pose.xy[index] - point) < 25, (frame, index)
        assert pose.presence > 0.99 and pose.score.min() > 0.4


def test_a_mirrored_picture_swaps_the_sides(estimator, man):
    plain, mirrored = pose_of(estimator, man[118]), pose_of(estimator, np.ascontiguousarray(man[118][:, ::-1]))
    back = mirrored.xy[FLIP] * (-1, 1) + (720, 0)
    assert np.median(np.linalg.norm(back - plain.xy, axis=-1)) < 8
    assert np.linalg.norm(back - plain.xy, axis=-1).max() < 30


def test_a_turned_picture_turns_the_points(estimator, man):
    region = Region((310, 320), 850)
    turned = estimator.estimate(np.ascontiguousarray(np.rot90(man[118])), Region((320, 720 - 310), 850, -np.pi / 2))
    plain = estimator.estimate(man[118], region)
    expected = np.stack([plain.xy[:, 1], 720 - plain.xy[:, 0]], axis=-1)
    np.testing.assert_allclose(turned.xy, expected, atol=1.0)
    assert turned.next_region.angle == pytest.approx(plain.next_region.angle - np.pi / 2, abs=0.01)


def test_the_next_region_holds_the_person_upright(estimator, man):
    pose = pose_of(estimator, man[85])
    region = pose.next_region
    inside = (pose.xy - region.centre) @ region.axes.T / region.size
    assert np.abs(inside).max() < 0.5
    assert abs(region.angle) < 0.3


def test_nobody_is_nobody(estimator):
    grey = np.full((480, 640, 3), 128, dtype=np.uint8)
    assert estimator.estimate(grey, Region((320, 240), 480)).presence < 0.1


def test_what_lies_outside_the_picture_is_worth_less(estimator, man):
    rgb = man[118]
    pose = pose_of(estimator, rgb)
    region = pose.next_region
    whole, cut = estimator.estimate(rgb, region), estimator.estimate(rgb[:520], region)
    below = cut.xy[:, 1] > 520 + 0.02 * region.size
    assert below[[27, 28]].all() and not below[[0, 11, 12]].any()
    assert cut.score[below].max() <= 0.5 < whole.score[below].mean()
    np.testing.assert_allclose(cut.score[[0, 11, 12]], whole.score[[0, 11, 12]], atol=0.1)


@pytest.mark.parametrize(("column", "row"), [(20.0, 30.0), (20.4, 29.7), (1.2, 62.0), (0.0, 63.0)])
def test_refinement_finds_the_middle_of_a_spot(column, row):
    start = np.array([[(column + 1.3) / 64, (row - 1.2) / 64]]).clip(0, 0.999)
    refined = refine(start, heatmap_at(column, row))
    np.testing.assert_allclose(refined[0] * 64, [column, row], atol=0.15)


def test_refinement_leaves_what_is_unclear_or_out_of_reach():
    points = np.array([[0.4, 0.4]])
    assert np.all(refine(points, heatmap_at(25, 25, height=-0.1)) == points)  # its peak is below one half
    assert np.all(refine(points, heatmap_at(50, 50)) == points)  # not within three cells
    for outside in ([[-0.1, 0.5]], [[0.5, 1.2]]):
        assert np.all(refine(np.array(outside), heatmap_at(0, 32)) == outside)


def test_confidence_is_the_fitted_curve():
    heatmap = np.full((3, 64, 64), -20.0)
    heatmap[0, 5, 6], heatmap[1, 7, 8] = 0.0, 2.0
    expected = 1 / (1 + np.exp(-(0.51 + 0.87 * np.array([0.0, 2.0, np.log(1e-4 / (1 - 1e-4))]))))
    np.testing.assert_allclose(confidence(heatmap), expected, rtol=1e-9)


def test_seed_region_is_upright_around_the_hips():
    xy = np.zeros((17, 2))
    xy[5:7], xy[11:13], xy[15] = (100, 200), (200, 200), (260, 200)  # lying, head to the left
    detection = Detection(np.array([90.0, 150, 270, 250]), 0.9, xy, np.full(17, 0.1))
    detection.keypoint_score[[5, 6, 11, 12, 15]] = 0.9
    region = seed_region(detection)
    assert region.centre == (200, 200) and region.size == pytest.approx(2 * 1.5 * 100)
    assert region.angle == pytest.approx(-np.pi / 2)
    detection.keypoint_score[11:13] = 0.0
    assert seed_region(detection) == Region((180, 200), pytest.approx(1.35 * 180), 0.0)


def test_region_around_two_following_landmarks():
    region = region_around((10, 20), (13, 16))
    assert region.centre == (10, 20) and region.size == pytest.approx(12.5)
    assert region.angle == pytest.approx(np.arctan2(3, 4))


def test_coco_points_have_the_same_names():
    ours, coco = LAYOUTS["MEDIAPIPE33"].keypoint_names, LAYOUTS["COCO17"].keypoint_names
    assert [ours[i] for i in COCO_FROM_33] == list(coco)


def test_a_batch_on_a_gpu_sees_what_single_looks_see(man, monkeypatch):
    estimator = PoseEstimator("cpu", "blazepose_full", threads=1)
    looks = [(man[i], Region((360.0 + 10 * n, 400.0), 500.0, 0.1 * n)) for n, i in enumerate((90, 95, 100))]
    single = estimator.estimate_all(looks)
    runs, real = [], estimator._session.run
    monkeypatch.setattr(PoseEstimator, "device", "cuda:0")
    monkeypatch.setattr(estimator._session, "run", lambda feeds: runs.append(1) or real(feeds))
    batch = estimator.estimate_all(looks)
    assert len(runs) == 1 and len(batch) == 3
    for a, b in zip(single, batch, strict=True):
        np.testing.assert_allclose(a.xy, b.xy, atol=0.05)
        np.testing.assert_allclose(a.score, b.score, atol=1e-3)
        assert a.region == b.region
