"""The person detector."""

import numpy as np
import pytest

from anatomy_mocap.people.detect_people import PersonDetector, _network_picture, parse, within


@pytest.fixture(scope="module")
def detector():
    return PersonDetector()


def row(box, score, keypoints=None):
    keypoints = np.zeros((17, 3)) if keypoints is None else keypoints
    return np.concatenate([keypoints.ravel(), box, [score]]).astype(np.float32)


@pytest.mark.parametrize(("height", "width", "shape"), [
    (720, 720, (256, 256)), (720, 1280, (160, 256)), (1280, 720, (256, 160)), (100, 50, (256, 128)),
    (2160, 3840, (160, 256)), (31, 1000, (32, 256))])
def test_pictures_keep_their_shape_and_are_padded(height, width, shape):
    picture, scale = _network_picture(np.full((height, width, 3), 77, dtype=np.uint8))
    assert picture.shape == (1, *shape, 3) and picture.dtype == np.int32
    assert scale == 256 / max(height, width)
    filled = (max(1, round(height * scale)), max(1, round(width * scale)))
    assert np.all(np.abs(picture[0, :filled[0], :filled[1]] - 77) <= 1)
    assert picture[0, filled[0]:].sum() == picture[0, :, filled[1]:].sum() == 0


def test_rows_become_pixels():
    keypoints = np.tile([0.25, 0.5, 0.9], (17, 1))
    people = np.stack([row([0.1, 0.1, 0.2, 0.2], 0.8), row([0.2, 0.1, 0.6, 0.9], 0.7, keypoints),
                       row([0.0, 0.0, 1.0, 1.0], 0.05), row([0.5, 0.5, 0.5, 0.5], 0.9)])
    found = parse(people, (256, 160), 0.2)[::-1]
    assert [round(d.score, 2) for d in found] == [0.7, 0.8]
    np.testing.assert_allclose(found[0].box, [128, 160, 1152, 480], rtol=1e-5)
    np.testing.assert_allclose(found[0].xy[3], [640, 200], rtol=1e-5)
    assert found[0].area == pytest.approx(1024 * 320, rel=1e-5)


def test_boxes_end_at_the_picture():
    (found,) = parse(row([-0.2, -0.1, 1.3, 1.2], 0.9)[None], (256, 256), 0.25)
    np.testing.assert_allclose(within(found, (1000, 800, 3)).box, [0, 0, 800, 1000])


def test_the_man_is_found_where_he_is(detector, man, labels):
    for frame, points in labels.items():
        (found,) = detector.detect(man[frame])
        points = np.array(list(points.values()))
        assert np.all(found.box[:2] - 20 < points.min(axis=0)) and np.all(points.max(axis=0) < found.box[2:] + 20)


def test_two_people_are_two_detections(detector, man):
    found = detector.detect(np.concatenate([man[85], man[85][:, ::-1]], axis=1))
    assert sorted(d.box[0] // 720 for d in found) == [0, 1]


def test_nobody_is_nobody(detector, empty_room):
    noise = np.random.default_rng(0).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    for picture in (empty_room, noise, np.zeros((480, 640, 3), np.uint8), np.full((480, 640, 3), 128, np.uint8)):
        assert detector.detect(picture) == []


def test_size_of_the_picture_does_not_matter(detector, man):
    large = man[85].repeat(3, axis=0).repeat(3, axis=1)
    (small,), (big,) = detector.detect(man[85]), detector.detect(large)
    np.testing.assert_allclose(big.box / 3, small.box, atol=12)
