"""The scores of benchmarks/people.py: who is followed, swaps, lost frames, errors."""

import numpy as np
import pytest

from benchmarks.track_scores import FOUND_COLUMNS, TRUE_COLUMNS, Track, longest, owners, scores, swaps
from tests.support.crowds import crowd_of

FRAMES = 40


@pytest.fixture
def crowd():
    """Two people side by side, 1.5 m apart, every joint at random about the middle; B is hidden in frames 10 to 19."""
    rng = np.random.default_rng(1)
    body = rng.normal(0, 0.3, (2, 1, 28, 3)) * (0.6, 0.2, 1.3)
    points = np.tile(body, (1, FRAMES, 1, 1)) + np.array([[[[-0.75, 0, 1.0]]], [[[0.75, 0, 1.0]]]])
    visible = np.ones((2, FRAMES))
    visible[1, 10:20] = 0.3
    return crowd_of(points, visible)


def track(crowd, who, label="0", off=0.0) -> Track:
    """Make a track whose points lie on person who[t] in frame t, `off` pixels to the right; -1: on nobody, -2: none."""
    who = np.broadcast_to(who, FRAMES)
    xy, score = np.zeros((FRAMES, 33, 2)), np.zeros((FRAMES, 33))
    for frame, person in enumerate(who):
        if person >= -1:
            score[frame] = 0.9
            xy[frame] = 5000
        if person >= 0:
            xy[frame, FOUND_COLUMNS] = crowd.points_px[person, frame, TRUE_COLUMNS] + (off, 0)
    return Track(label, crowd.times, xy, score)


def test_right_tracks(crowd):
    """B's points are 9 pixels off: a person of 1.8 m at 4 m is 225 pixels high."""
    a, b = scores(crowd, [track(crowd, 1, "x", 9.0), track(crowd, 0, "y")])
    assert (a.person, a.label, b.person, b.label) == (0, "y", 1, "x")
    assert (a.visible, a.kept, a.right, a.points, a.theirs) == (40, 40, 40, 40, 40)
    assert (b.visible, b.kept, b.right, b.points, b.theirs) == (30, 30, 30, 40, 40)
    assert a.swaps == b.swaps == a.others == b.others == a.ghosts == a.lost == 0
    assert a.errors.max() == 0 and b.errors == pytest.approx(9 / 225, rel=0.03)


def test_a_hop(crowd):
    who = np.repeat([0, 1, -2, -1], (15, 10, 10, 5))
    a, b = scores(crowd, [track(crowd, who)])
    assert (a.kept, a.right, a.points, a.theirs, a.others, a.ghosts) == (30, 15, 30, 15, 10, 5)
    assert a.swaps == 1 and a.lost == 10 and len(a.errors) == 15 * 12
    assert a.swapped == (15,)
    assert a.silent([], 25) == 1 and a.silent([41], 25) == 1, "a warning about another time tells nothing of it"
    assert a.silent([40], 25) == 0 and a.silent([39, 200], 25) == 0
    assert (b.person, b.label, b.visible, b.kept, b.points, b.lost) == (1, "", 30, 0, 0, 20)


def test_tracks_beyond_the_people(crowd):
    """Two tracks of A, the longer one counts; a track of nobody."""
    a, b, twice, nobody = scores(crowd, [track(crowd, np.repeat([0, -2], 20), "short"), track(crowd, 0, "long"),
                                         track(crowd, -1, "ghost")])
    assert a.label == "long" and b.label == "" and (twice.label, nobody.label) == ("short", "ghost")
    assert twice.person is None and (twice.others, twice.ghosts) == (20, 0)
    assert nobody.person is None and (nobody.others, nobody.ghosts) == (0, 40)


def test_times_need_not_agree(crowd):
    """A track of every second frame, and one that begins later."""
    whole = track(crowd, 0)
    half = Track("0", whole.times[::2], whole.xy[::2], whole.score[::2])
    late = Track("0", whole.times[25:], whole.xy[25:], whole.score[25:])
    assert scores(crowd, [half])[0].points == 20 and scores(crowd, [late])[0].lost == 25
    nothing = Track("0", np.zeros(0), np.zeros((0, 33, 2)), np.zeros((0, 33)))
    assert scores(crowd, [nothing])[0].points == 0


def test_near_enough_is_right():
    """Of two people close together, the followed one has points that fit both."""
    distance = np.array([[0.05, 0.05, 0.2, 0.3, 0.9], [0.03, 0.2, 0.03, 0.2, 0.9]])
    has = np.array([True, True, True, True, True])
    assert owners(distance, has, 0).tolist() == [0, 0, 1, 1, -1]
    assert owners(distance, has, 1).tolist() == [1, 0, 1, 1, -1]
    assert owners(distance, ~has, 0).tolist() == [-2] * 5


@pytest.mark.parametrize(("owner", "count"), [
    ([0] * 9, 0), ([0, 0, 1, 1, 0, 0, 0], 0), ([0, 0, 1, 1, 1, 0, 0, 0], 1), ([0, 1, 1, 1, 2, 2, 2], 2),
    ([0, 1, -1, 1, -2, 1, 0], 1), ([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1], 2), ([-1, -2], 0)])
def test_swaps(owner, count):
    """Three frames with somebody else are a swap, the way back is none."""
    assert len(swaps(np.array(owner), 0)) == count


def test_longest():
    assert longest(np.array([True, True, False, True])) == 2 and longest(np.zeros(3, bool)) == 0
