"""Watches a clip: who is there, and the keypoints of whom was chosen."""

import threading
from dataclasses import replace

import av
import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.people.appearance import describe, likeness
from anatomy_mocap.people.detect_people import Detection
from anatomy_mocap.people.left_right import put_right
from anatomy_mocap.people.pose2d import PoseEstimator
from anatomy_mocap.people.same_person import agreement, overlap, without_doubles
from anatomy_mocap.people.watch import watch
from anatomy_mocap.sources.picture import glance_of

HIPS = [23, 24]


class Clip:
    """Frames in memory with the interface of VideoSource."""

    path, fps = "clip.mp4", 20.0

    def __init__(self, frames, times=None):
        self.frames = frames
        self.times = np.arange(len(frames)) / self.fps if times is None else times
        self.height, self.width = frames[0].shape[:2]
        self.expected_frames = len(frames)

    def pictures(self, longest=None):
        for time, frame in zip(self.times, self.frames, strict=True):
            yield time, resized(frame, longest)

    def glances(self, longest=None):
        return ((time, glance_of(rgb)) for time, rgb in self.pictures(longest))


def resized(frame, longest):
    """The picture with its longer side at most so long."""
    if longest is None or max(frame.shape) <= longest:
        return frame
    height, width = (round(n * longest / max(frame.shape)) for n in frame.shape[:2])
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24").to_ndarray(
        format="rgb24", width=width, height=height)


def follow(frames, **settings):
    """Watch a clip and return the middle of the hips per frame, NaN where the person is not seen."""
    _, clip = finish(watch(Clip(frames), "cpu", **settings))
    return hips(clip.people[0])


def hips(person):
    seen = person.keypoints.score.max(axis=1) > 0
    return np.where(seen[:, None], person.keypoints.xy[:, HIPS].mean(axis=1), np.nan)


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
    done, clip = finish(watch(Clip(frames), "cpu"))
    assert [step.stage for step in done] == sorted((step.stage for step in done), reverse=True)  # look, detect
    for stage in ("look", "detect"):
        counts = [step.done for step in done if step.stage == stage]
        assert counts == sorted(counts) and counts[-1] == 12
    assert clip.device == "cpu" and len(clip.people) == 1 and clip.people[0].label == "A"
    keypoints = clip.people[0].keypoints
    assert keypoints.layout == "MEDIAPIPE33" and keypoints.fps == 20
    assert keypoints.xy.shape == (12, 33, 2) and keypoints.score.shape == (12, 33)
    assert (keypoints.width, keypoints.height) == (720, 720)
    assert keypoints.score.mean(axis=1).min() > 0.8
    assert np.linalg.norm(np.diff(keypoints.xy[:, HIPS], axis=0), axis=-1).max() < 25


def test_uneven_times_are_kept_and_their_usual_rate_given(man):
    times = np.array([0, 0.05, 0.1, 0.4])
    _, clip = finish(watch(Clip([man[i] for i in range(85, 89)], times), "cpu"))
    np.testing.assert_array_equal(clip.people[0].keypoints.times, times)
    assert clip.people[0].keypoints.fps == pytest.approx(20)


@pytest.mark.parametrize("quality", ["fast", "default", "best"])
def test_the_result_is_the_same_for_any_number_of_threads(man, quality):
    frames = [np.concatenate([man[i][:, 60:560], man[i][:, 560:60:-1]], axis=1) for i in range(86, 106, 2)]
    results = [finish(watch(Clip(frames), "cpu", "all", quality, threads))[1] for threads in (1, 2, 4)]
    for other in results[1:]:
        for a, b in zip(results[0].people, other.people, strict=True):
            np.testing.assert_array_equal(a.keypoints.xy, b.keypoints.xy)
            np.testing.assert_array_equal(a.keypoints.score, b.keypoints.score)


def test_the_fast_quality_asks_the_better_network_once_a_second_and_at_doubt(man, monkeypatch):
    looks = []
    real = PoseEstimator.estimate

    def estimate(self, rgb, region):
        looks.append(self._session.name)
        return real(self, rgb, region)

    monkeypatch.setattr(PoseEstimator, "estimate", estimate)
    frames = [man[i] for i in range(85, 120)]
    finish(watch(Clip(frames), "cpu", quality="fast"))
    assert 2 <= looks.count("blazepose_heavy") <= 8 and looks.count("blazepose_full") >= 35


def test_where_the_networks_disagree_the_fast_quality_takes_the_better_one(man, monkeypatch):
    frames = [man[i] for i in range(85, 97)]
    best = finish(watch(Clip(frames), "cpu"))[1].people[0].keypoints
    real = PoseEstimator.estimate

    def estimate(self, rgb, region):
        pose = real(self, rgb, region)
        if self._session.name == "blazepose_full":  # a weaker network that is sure of a wrong pose
            return replace(pose, xy=pose.xy + 0.2 * region.size, score=np.full_like(pose.score, 0.99))
        return pose

    monkeypatch.setattr(PoseEstimator, "estimate", estimate)
    fast = finish(watch(Clip(frames), "cpu", quality="fast"))[1].people[0].keypoints
    np.testing.assert_array_equal(fast.xy, best.xy)


def test_a_closed_watch_leaves_no_thread_behind(man):
    steps = watch(Clip([man[i] for i in range(85, 105)]), "cpu")
    for step in steps:
        if step.stage == "detect":
            break
    steps.close()
    for thread in threading.enumerate():
        if thread.name.startswith("anatomy_mocap pose"):
            thread.join(5)
    assert not [t for t in threading.enumerate() if t.name.startswith("anatomy_mocap pose")]


def test_no_person_is_an_error_that_names_the_file(empty_room):
    noise = np.random.default_rng(0).integers(0, 255, empty_room.shape, dtype=np.uint8)
    grey = np.full_like(noise, 128)
    with pytest.raises(MocapError, match="clip.mp4: no person was found in any frame; "):
        finish(watch(Clip([noise, grey, empty_room] * 3), device="cpu"))


def test_gaps_have_score_zero_and_the_person_is_found_again(man, empty_room):
    grey = np.full_like(empty_room, 128)
    frames = [man[i] for i in range(85, 90)] + [grey] * 4 + [man[i] for i in range(90, 95)] + [empty_room] * 5 + [
        man[i] for i in range(95, 99)]
    _, clip = finish(watch(Clip(frames), device="cpu"))
    seen = clip.people[0].keypoints.score.max(axis=1) > 0
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
    with pytest.raises(MocapError, match="clip.mp4: there is no person 2 .2 people are seen, counted from 0.; choose"):
        finish(watch(Clip(frames), device="cpu", person=2))


@pytest.mark.parametrize("person", ["left", -1, 1.5, None, ""])
def test_unknown_person_is_refused(person):
    with pytest.raises(MocapError, match="person .* is unknown"):
        finish(watch(None, "cpu", person))


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


def test_everybody_is_named_from_left_to_right(man):
    small = np.full((720, 360, 3), 128, dtype=np.uint8)
    small[180:540] = man[85][::2, ::2]
    _, clip = finish(watch(Clip([np.concatenate([small, man[85]], axis=1)] * 3), "cpu", "all"))
    assert [person.label for person in clip.people] == ["A", "B"]
    assert hips(clip.people[0])[0, 0] < 360 < hips(clip.people[1])[0, 0]
    _, one = finish(watch(Clip([np.concatenate([small, man[85]], axis=1)] * 3), "cpu", "180,360@1"))
    assert [person.label for person in one.people] == ["A"]
    np.testing.assert_array_equal(one.people[0].keypoints.xy, clip.people[0].keypoints.xy)
    with pytest.raises(MocapError, match="nobody is at 360,10 in frame 1 .2 people are seen.; choose another place"):
        finish(watch(Clip([np.concatenate([small, man[85]], axis=1)] * 3), "cpu", "360,10@1"))


def test_somebody_without_a_pose_takes_nothing_from_the_others(man, monkeypatch):
    """One of two is a track for which the keypoint network finds nobody: the other one still gets keypoints."""
    from anatomy_mocap.people import watch as module

    def measured(*arguments):
        found = yield from measure(*arguments)
        return [found[0], {}]

    measure = module.measure
    monkeypatch.setattr(module, "measure", measured)
    frames = [np.concatenate([man[i][:, 60:560], man[i][:, 560:60:-1]], axis=1) for i in range(86, 96, 2)]
    _, clip = finish(watch(Clip(frames), "cpu", "all"))
    assert len(clip.people) == 1 and clip.people[0].label == "A"
    assert any("person B) shows too little" in warning for warning in clip.warnings)


def test_sides_that_are_exchanged_for_some_frames_are_put_right():
    rng = np.random.default_rng(0)
    xy = np.cumsum(rng.normal(0, 2, (60, 33, 2)), axis=0) + rng.uniform(0, 400, (33, 2))
    score = np.full((60, 33), 0.9)
    legs = [25, 27, 29, 31]
    wrong = xy.copy()
    for frames in (slice(10, 14), slice(30, 31), slice(50, 60)):
        others = [n + 1 for n in legs]
        wrong[frames, legs], wrong[frames, others] = xy[frames, others], xy[frames, legs]
    right, lower, _, swaps = put_right(wrong, score)
    np.testing.assert_array_equal(right, xy)
    assert [(s.part, s.first, s.last) for s in swaps] == [("legs", 10, 13), ("legs", 30, 30), ("legs", 50, 59)]
    assert (lower[10:14, 25] < 0.9).all() and (lower[:10] == 0.9).all() and (lower[:, 13] == 0.9).all()
    same = put_right(xy, score)
    np.testing.assert_array_equal(same[0], xy)
    assert not same[3]


def test_legs_that_pass_each_other_keep_their_sides():
    """A walk from the side at 25 frames/s: the ankles pass each other in the picture twice a second."""
    t = np.arange(100) / 25
    xy = np.zeros((100, 33, 2)) + np.linspace(0, 400, 33)[:, None] * (0, 1)
    for side, n in ((1, 25), (-1, 26)):
        swing = side * np.sin(2 * np.pi * t)[:, None]
        xy[:, n::2, 0] += swing * np.array([20, 60, 65, 55])[:len(range(n, 33, 2))]
    right, _, _, swaps = put_right(xy, np.full((100, 33), 0.9))
    assert not swaps
    np.testing.assert_array_equal(right, xy)


def test_two_detections_of_one_body_are_one():
    xy = np.random.default_rng(0).uniform(0, 100, (17, 2))
    one = Detection(np.array([0.0, 0, 100, 100]), 0.9, xy, np.ones(17))
    again = Detection(np.array([0.0, 0, 100, 90]), 0.4, xy[::-1], np.ones(17))
    beside = Detection(np.array([80.0, 0, 180, 100]), 0.5, xy + (80, 0), np.ones(17))
    assert [d.score for d in without_doubles([again, one, beside])] == [0.9, 0.5]


def test_overlap_and_agreement_by_hand():
    assert overlap(np.array([0.0, 0, 2, 2]), np.array([1.0, 0, 3, 2])) == pytest.approx(1 / 3)
    assert overlap(np.array([0.0, 0, 1, 1]), np.array([2.0, 2, 3, 3])) == 0.0
    xy = np.random.default_rng(0).uniform(0, 100, (17, 2))
    detection = Detection(np.array([0.0, 0, 100, 100]), 0.9, xy, np.ones(17))
    assert agreement(xy, np.ones(17), detection) == pytest.approx(1.0)
    assert agreement(xy + (6, 0), np.ones(17), detection) == pytest.approx(np.exp(-0.5))
    assert agreement(xy, np.r_[np.ones(2), np.zeros(15)], detection) == 0.0
