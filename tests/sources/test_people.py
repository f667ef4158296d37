"""Several people: tracking over time, use of the file's ids, choice of the right person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.progress import drain
from anatomy_mocap.sources.keypoint_file import open_keypoints
from anatomy_mocap.sources.people import choose, find_people
from tests.support import keypoint_file_writers as writers
from tests.support.keypoint_file_writers import Clip, random_clip

COUNT = 17


def walkers(rng, starts, speeds, sizes, frames, noise=1.0):
    """Return people (P, T, 17, 3) who walk straight through the picture, each with another body and size."""
    people = []
    for start, speed, size in zip(starts, speeds, sizes, strict=True):
        body = rng.uniform(-0.5, 0.5, (COUNT, 2)) * (0.4 * size, size)
        centre = np.array(start) + np.arange(frames)[:, None] * np.array(speed)
        xy = centre[:, None] + body + rng.normal(0, noise, (frames, COUNT, 2))
        people.append(np.concatenate((xy, np.full((frames, COUNT, 1), 0.8)), axis=-1))
    return np.array(people)


def tracked(points, there, shuffle):
    """Run find_people on all detections and return the true persons of each track's detections."""
    frames, who, rows = [], [], []
    rng = np.random.default_rng(shuffle)
    for t in range(points.shape[1]):
        for p in rng.permutation(len(points)):
            if there[p, t]:
                frames.append(t)
                who.append(p)
                rows.append(points[p, t])
    order = rng.permutation(len(frames))
    frames, who, rows = np.array(frames)[order], np.array(who)[order], np.array(rows)[order]
    people, notes = drain(find_people(frames, rows, [None] * len(frames)))
    return [(set(who[person.rows].tolist()), person) for person in people]


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1))
def test_people_who_cross_are_kept_apart(seed):
    """Two people cross and a third stands. Each is one track, in every order of the detections."""
    rng = np.random.default_rng(seed)
    speed, frames = rng.uniform(4, 12), 80
    points = walkers(rng, [(200, 400), (200 + speed * frames, 405), (400, 390)], [(speed, 0), (-speed, 0), (0, 0)],
                     [260, 240, 220], frames)
    found = tracked(points, np.ones((3, frames), bool), seed)
    assert [len(who) for who, _ in found] == [1, 1, 1]
    assert sorted(len(person.rows) for _, person in found) == [frames] * 3
    assert all(np.all(np.diff(person.frames) > 0) for _, person in found)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), gap=st.integers(1, 25))
def test_a_gap_does_not_end_a_track(seed, gap):
    rng = np.random.default_rng(seed)
    points = walkers(rng, [(200, 400), (900, 400)], [(2, 0), (-1, 0)], [250, 250], 90)
    there = np.ones((2, 90), bool)
    there[0, 30:30 + gap] = False
    found = tracked(points, there, seed)
    assert sorted(len(person.rows) for _, person in found) == [90 - gap, 90]


def test_far_apart_in_consecutive_frames_is_somebody_else():
    rng = np.random.default_rng(0)
    points = walkers(rng, [(200, 400), (1000, 400), (1600, 400)], [(0, 0)] * 3, [250] * 3, 20)
    there = np.array([[True] * 10 + [False] * 10, [False] * 10 + [True] * 10, [True] * 20])
    found = tracked(points, there, 1)
    assert [who for who, _ in found][0] == {2}
    assert sorted(len(person.rows) for _, person in found) == [10, 10, 20]


def test_the_longest_and_largest_comes_first():
    rng = np.random.default_rng(0)
    points = walkers(rng, [(200, 400), (900, 400), (1600, 400)], [(0, 0)] * 3, [100, 300, 320], 40)
    there = np.ones((3, 40), bool)
    there[2, 20:] = False
    found = tracked(points, there, 1)
    assert [who for who, _ in found] == [{1}, {2}, {0}]
    people = [person for _, person in found]
    assert choose(people, "largest") is people[0] is choose(people, 0) is choose(people, "0")
    assert choose(people, 2) is people[2]
    for wrong in (3, -1, "tallest", 1.5, True):
        with pytest.raises(MocapError, match="person"):
            choose(people, wrong)


@pytest.mark.parametrize("write", [writers.alphapose, writers.coco_annotations])
def test_ids_of_the_file_are_used(tmp_path, write):
    """Two people swap places between two frames, so only their ids distinguish them."""
    clip = random_clip(5, "COCO17", 20, people=2, missing=0)
    clip.there[:] = True
    clip.points[:, 10:] = clip.points[::-1, 10:].copy()
    file = open_keypoints(write(tmp_path / "x.json", clip))
    p = int(file.person.label) - (write is writers.alphapose)
    assert len(file.people) == 2
    np.testing.assert_allclose(file.keypoints.xy, clip.points[p, ..., :2], atol=1e-3)


def test_ids_that_tell_nothing_are_not_used(tmp_path):
    """AlphaPose without its tracker writes idx 0 for everybody."""
    points = walkers(np.random.default_rng(2), [(200, 400), (900, 400)], [(1, 0), (0, 0)], [200, 300], 15)
    clip = Clip(points, np.ones((2, 15), bool), "COCO17")
    file = open_keypoints(writers.alphapose(tmp_path / "x.json", clip, ids=False))
    assert len(file.people) == 2 and any("ids do not distinguish" in note for note in file.notes)
    np.testing.assert_allclose(file.keypoints.xy, points[1, ..., :2], atol=1e-3)
    other = open_keypoints(writers.alphapose(tmp_path / "y.json", clip, ids=False), person=1)
    np.testing.assert_allclose(other.keypoints.xy, points[0, ..., :2], atol=1e-3)
    assert any("2 people: person 1" in note for note in other.notes)


def test_one_person_a_frame_is_one_person_however_they_jump(tmp_path):
    clip = random_clip(1, "COCO17", 10, missing=0)
    clip.points[0, 5:, :, 0] += 800
    assert len(open_keypoints(writers.coco_results(tmp_path / "x.json", clip)).people) == 1


def test_a_person_who_is_not_there_is_missing(tmp_path):
    points = walkers(np.random.default_rng(2), [(200, 400), (900, 400)], [(1, 0), (0, 0)], [200, 300], 12)
    there = np.ones((2, 12), bool)
    there[1, 3:5] = False
    clip = open_keypoints(writers.openpose(tmp_path / "op", Clip(np.repeat(points, 1, 0), there, "COCO17"))).keypoints
    assert len(clip) == 12
    assert (clip.score[3:5] == 0).all() and (clip.score[[2, 5]] > 0).all()
