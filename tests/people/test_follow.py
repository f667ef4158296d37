"""Tracks exactly one person through a clip."""

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.people.appearance import describe, likeness
from anatomy_mocap.people.detect_people import Detection
from anatomy_mocap.people.follow import PersonTracker, track_video
from anatomy_mocap.people.same_person import Looks, agreement, overlap

HIPS = [23, 24]


class Clip:
    """Frames in memory with the interface of VideoSource."""

    path, fps = "clip.mp4", 20.0

    def __init__(self, frames, times=None):
        self.frames = frames
        self.times = np.arange(len(frames)) / self.fps if times is None else times
        self.height, self.width = frames[0].shape[:2]
        self.expected_frames = len(frames)

    def __iter__(self):
        yield from zip(self.times, self.frames, strict=True)


def follow(frames, **settings):
    """Track a person and return the middle of the hips per frame, NaN without a detection."""
    tracker = PersonTracker("cpu", **settings)
    seen = [tracker.update(rgb) for rgb in frames]
    return np.array([(np.nan, np.nan) if one is None else one[0][HIPS].mean(axis=0) for one in seen])


def finish(steps):
    done = []
    while True:
        try:
            done.append(next(steps))
        except StopIteration as end:
            return done, end.value


@pytest.fixture(scope="session")
def red_man(man):
    """Return the man in red clothes in front of a grey wall, as another person."""
    def dressed(rgb):
        person = rgb[:, 90:470].copy()
        dark = (person.max(axis=-1) < 70)[..., None]
        return np.where(dark, person // 2 + np.array([150, 10, 30], dtype=np.uint8), person)
    return {i: dressed(rgb) for i, rgb in man.items()}


def test_a_clip_becomes_keypoints(man):
    frames = [man[i] for i in range(85, 97)]
    done, keypoints = finish(track_video(Clip(frames), device="cpu", info=(info := {})))
    assert [step.done for step in done if step.done] == list(range(1, 13))
    assert done[-1].total == 12 and info == {"device": "cpu"}
    assert keypoints.layout == "MEDIAPIPE33" and keypoints.fps == 20
    assert keypoints.xy.shape == (12, 33, 2) and keypoints.score.shape == (12, 33)
    assert (keypoints.width, keypoints.height) == (720, 720)
    assert keypoints.score.mean(axis=1).min() > 0.8
    assert np.linalg.norm(np.diff(keypoints.xy[:, HIPS], axis=0), axis=-1).max() < 25


def test_uneven_times_are_kept_and_their_usual_rate_given(man):
    times = np.array([0, 0.05, 0.1, 0.4])
    _, keypoints = finish(track_video(Clip([man[i] for i in range(85, 89)], times), device="cpu"))
    np.testing.assert_array_equal(keypoints.times, times)
    assert keypoints.fps == pytest.approx(20)


def test_no_person_is_an_error_that_names_the_file(empty_room):
    noise = np.random.default_rng(0).integers(0, 255, empty_room.shape, dtype=np.uint8)
    grey = np.full_like(noise, 128)
    with pytest.raises(MocapError, match="clip.mp4: no person found in any frame; "):
        finish(track_video(Clip([noise, grey, empty_room] * 3), device="cpu"))


def test_gaps_have_score_zero_and_the_person_is_found_again(man, empty_room):
    grey = np.full_like(empty_room, 128)
    frames = [man[i] for i in range(85, 90)] + [grey] * 4 + [man[i] for i in range(90, 95)] + [empty_room] * 5 + [
        man[i] for i in range(95, 99)]
    _, keypoints = finish(track_video(Clip(frames), device="cpu"))
    seen = keypoints.score.max(axis=1) > 0
    assert seen.tolist() == [True] * 5 + [False] * 4 + [True] * 5 + [False] * 5 + [True] * 4


def test_each_of_two_alike_is_followed_to_the_end(man):
    frames = [np.concatenate([man[i][:, 60:560], man[i][:, 560:60:-1]], axis=1) for i in range(86, 120, 2)]
    one, other = follow(frames, person=0), follow(frames, person=1)
    sides = {round(float(path[0, 0] > 500)) for path in (one, other)}
    assert sides == {0, 1}
    for path in (one, other):
        assert not np.isnan(path).any()
        assert np.all((path[:, 0] > 500) == (path[0, 0] > 500))


def test_the_number_counts_from_the_largest(man):
    small = np.full((720, 360, 3), 128, dtype=np.uint8)
    small[180:540] = man[85][::2, ::2]
    frames = [np.concatenate([small, man[85]], axis=1)] * 2
    assert follow(frames)[0, 0] > 360 and follow(frames, person="1")[0, 0] < 360
    with pytest.raises(MocapError, match="clip.mp4: never more than 2 people"):
        finish(track_video(Clip(frames), device="cpu", person=2))


@pytest.mark.parametrize("person", ["left", -1, 1.5, None, ""])
def test_unknown_person_is_refused(person):
    with pytest.raises(MocapError, match="person .* is not known"):
        PersonTracker("cpu", person)


def test_a_stranger_after_a_cut_is_not_taken_for_the_person(man, red_man):
    stranger = []
    for i in range(60, 68):
        wall = np.full_like(man[60], 150)
        wall[:, 200:580] = red_man[i]
        stranger.append(wall)
    path = follow([man[i] for i in range(84, 92)] + stranger + [man[i] for i in range(92, 97)])
    assert np.isnan(path[:, 0]).tolist() == [False] * 8 + [True] * 8 + [False] * 5


def test_a_passer_by_in_front_does_not_take_over(man, red_man):
    frames = []
    for i in range(36):
        frame = man[60 + i % 30].copy()
        x = 720 - 30 * i
        left, right = max(x, 0), min(x + 380, 720)
        if right > left:
            frame[:, left:right] = red_man[50 + i][:, left - x:right - x]
        frames.append(frame)
    path = follow(frames)
    alone = follow([man[60 + i % 30] for i in range(36)])
    seen = ~np.isnan(path[:, 0])
    assert seen[:12].all() and seen[-3:].all() and not seen.all()
    away = np.linalg.norm(path - alone, axis=-1)
    assert np.all(away[seen] < 60)


def test_likeness_tells_people_apart(man, woman, red_man, labels):
    coco = {11: 5, 12: 6, 25: 13, 26: 14, 27: 15, 28: 16}
    xy = np.full((17, 2), np.nan)
    for index, point in labels[85].items():
        if index in coco:
            xy[coco[index]] = point
    xy[11], xy[12] = (325, 410), (235, 410)
    here = describe(man[85], xy)
    np.testing.assert_allclose(here.sum(axis=-1), 1)
    assert likeness(here, describe(man[86], xy)) > 0.95
    assert likeness(here, describe(red_man[85], xy - (90, 0))) < 0.7
    assert likeness(here, describe(woman, xy)) < 0.7  # a wall in that place
    assert likeness(here, describe(man[85], xy + 5000)) == 0.0


def test_looks_learn_and_set_their_threshold(man, labels):
    looks = Looks()
    xy = np.zeros((17, 2)) + (270, 350)
    assert looks.likeness(man[85], xy) == 1.0
    looks.learn(man[85], xy)
    assert looks.likeness(man[85], xy) == pytest.approx(1.0) and looks.threshold == 0.9
    wall = xy + (150, -200)
    looks.learn(man[85], wall)
    assert looks.likeness(man[85], wall) == pytest.approx(1.0) and looks.threshold < 0.9


def test_overlap_and_agreement_by_hand():
    assert overlap(np.array([0.0, 0, 2, 2]), np.array([1.0, 0, 3, 2])) == pytest.approx(1 / 3)
    assert overlap(np.array([0.0, 0, 1, 1]), np.array([2.0, 2, 3, 3])) == 0.0
    xy = np.random.default_rng(0).uniform(0, 100, (17, 2))
    detection = Detection(np.array([0.0, 0, 100, 100]), 0.9, xy, np.ones(17))
    assert agreement(xy, np.ones(17), detection) == pytest.approx(1.0)
    assert agreement(xy + (6, 0), np.ones(17), detection) == pytest.approx(np.exp(-0.5))
    assert agreement(xy, np.r_[np.ones(2), np.zeros(15)], detection) == 0.0
