"""People who are small in the picture: found in parts of it, looked for in the pictures before, and followed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.people import detect_people, sightings
from anatomy_mocap.people.detect_people import Detection
from anatomy_mocap.people.sightings import Looker
from anatomy_mocap.people.tuning import TUNING


@given(st.integers(40, 4000), st.integers(40, 4000))
def test_squares_cover_the_picture_and_overlap(width, height):
    limit, side = np.array([width, height], float), TUNING.tile * max(width, height)
    centres = np.array(detect_people._centres(limit, side))
    for axis in range(2):
        places = np.unique(centres[:, axis])
        low, high = places - side / 2, places + side / 2
        assert low[0] <= 1e-6 and high[-1] >= limit[axis] - 1e-6
        assert (low[1:] <= high[:-1] - TUNING.tile_fill * side + 1e-6).all()


def detection(x, y, size=20.0, score=0.9):
    box = np.array([x - size / 4, y - size / 2, x + size / 4, y + size / 2])
    return Detection(box, score, np.tile([x, y], (17, 1)).astype(float), np.full(17, 0.9))


class OneSmall:
    """A detector for pictures whose only person, at (column, row) of the brightest pixel, is too small for it.

    Only squares of at most `reach` pixels show the person.
    """

    def __init__(self, reach):
        self.reach, self.runs = reach, 0

    def detect(self, _rgb):
        return []

    def detect_in(self, rgb, region):
        self.runs += 1
        y, x = np.unravel_index(rgb[..., 0].argmax(), rgb.shape[:2])
        inside = np.abs(np.array(region.centre) - (x, y)).max() < region.size / 2 - 10
        return [detection(x, y)] if region.size <= self.reach and inside and rgb.max() and region.angle == 0 else []

    detect_small = detect_people.PersonDetector.detect_small


def picture(x=None, y=None):
    rgb = np.zeros((360, 640, 3), np.uint8)
    if x is not None:
        rgb[y, x] = 200
    return rgb


@pytest.fixture(autouse=True)
def no_networks(monkeypatch):
    monkeypatch.setattr(sightings, "describe", lambda _rgb, _xy: np.zeros(4))


def test_who_is_too_small_for_the_whole_picture_is_found_and_followed():
    looker = Looker(OneSmall(reach=330), None, tiles_every=1000)
    found = [looker.look(picture(100 + 5 * n, 200), n, 1.0) for n in range(6)]
    assert [len(seen) for seen in found] == [1] * 6
    assert [round(float(seen[0].detection.centre[0])) for seen in found] == [100 + 5 * n for n in range(6)]
    assert looker.earlier() == []


def test_who_is_found_late_is_looked_for_in_the_pictures_before():
    detector = OneSmall(reach=330)
    looker = Looker(detector, None, tiles_every=1000)
    detector.detect_small = lambda _rgb: []
    for n in range(4):
        assert looker.look(picture(300, 150 + 3 * n) if n else picture(), n, 2.0) == []
    del detector.detect_small
    assert len(looker.look(picture(300, 162), 4, 2.0)) == 1
    back = looker.earlier()
    assert [sighting.frame for sighting in back] == [3, 2, 1], "until the picture in which nobody is"
    assert all(sighting.detection.size == pytest.approx(10.0) for sighting in back), "in pixels of the whole picture"
    assert looker.earlier() == [], "each is told once"


def test_small_people_are_looked_for_from_time_to_time_only():
    detector = OneSmall(reach=330)
    detector.detect = lambda _rgb: [detection(400, 200, size=150)]
    looker = Looker(detector, None, tiles_every=30)
    for n in range(0, 90, 10):
        assert len(looker.look(picture(405, 205), n, 1.0)) == 1, "inside the box of whom is known already"
    assert detector.runs == 3 * len(detect_people._centres(np.array([640.0, 360.0]), 320.0))


def test_a_new_shot_begins_anew():
    looker = Looker(OneSmall(reach=330), None, tiles_every=1000)
    looker.look(picture(100, 200), 0, 1.0)
    looker.forget()
    assert looker.look(picture(), 1, 1.0) == [] and looker.look(picture(100, 200), 2, 1.0)[0].frame == 2
    assert looker.earlier() == []
