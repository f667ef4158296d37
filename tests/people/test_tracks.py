"""Sightings become people: by place, size, speed and looks."""

import numpy as np
import pytest

from anatomy_mocap.people.choice import by_place, letter, parse_choice
from anatomy_mocap.people.crop import Region
from anatomy_mocap.people.detect_people import Detection
from anatomy_mocap.people.regions import Whereabouts, between, telling
from anatomy_mocap.people.sightings import Overview, Sighting
from anatomy_mocap.people.tracks import Track, find_tracks

FPS, STEP = 25.0, 3


def look(kind: int) -> np.ndarray:
    """Clothes of one colour; those of different kinds have nothing in common."""
    histograms = np.zeros((2, 3, 16))
    histograms[..., kind] = 1.0
    return histograms


def sighting(frame, x, y=300.0, kind=0, height=200.0, alone=True):
    box = np.array([x - 40, y - height / 2, x + 40, y + height / 2])
    xy = np.tile((x, y), (17, 1)) + np.linspace(-0.5, 0.5, 17)[:, None] * (20, 0.8 * height)
    return Sighting(frame, Detection(box, 0.6, xy, np.full(17, 0.7)), look(kind), alone)


def overview(frames, seen, shots=(0,)):
    """seen: frame -> [Sighting]."""
    found = Overview(STEP, [n / FPS for n in range(frames)], list(shots))
    found.looked = {frame: seen.get(frame, []) for frame in range(0, frames, STEP)}
    return found


def paths(tracks):
    return [[(s.frame, round(float(s.detection.centre[0]))) for s in track.sightings] for track in tracks]


def crossing(kinds, hidden=range(42, 58), frames=100):
    """Two people who walk towards and past each other at 5 pixels a frame; while one hides the other one is seen."""
    seen = {}
    for frame in range(0, frames, STEP):
        people = [sighting(frame, 100 + 5 * frame, kind=kinds[0]), sighting(frame, 600 - 5 * frame, kind=kinds[1])]
        if frame in hidden:
            people = [sighting(frame, 350, kind=kinds[0], alone=False)]
        seen[frame] = people
    return overview(frames, seen)


@pytest.mark.parametrize("kinds", [(0, 1), (0, 0)])
def test_people_who_cross_go_on_as_they_walked(kinds):
    tracks = find_tracks(crossing(kinds))
    assert len(tracks) == 2
    for path in paths(tracks):
        moves = np.sign(np.diff([x for _, x in path]))
        assert np.all((moves == moves[0]) | (moves == 0)), "nobody turns back"
    if kinds == (0, 1):
        assert not any(track.doubts for track in tracks)


def test_people_alike_who_stand_still_meanwhile_are_in_doubt():
    """Both stop behind a pillar for a second and come out on either side: nothing tells who is who."""
    seen = {}
    for frame in range(0, 80, STEP):
        before, after = frame < 24, frame > 48
        if before or after:
            seen[frame] = [sighting(frame, 320), sighting(frame, 380)]
    tracks = find_tracks(overview(80, seen))
    assert len(tracks) == 2 and all(track.doubts for track in tracks)


def test_nobody_jumps():
    """Somebody leaves; a moment later somebody in the same clothes is seen far away, too far to have walked there."""
    seen = {frame: [sighting(frame, 100)] for frame in range(0, 40, STEP)}
    seen |= {frame: [sighting(frame, 1100)] for frame in range(42, 80, STEP)}
    tracks = find_tracks(overview(80, seen))
    assert sorted(len(track.sightings) for track in tracks) == [13, 14]


def test_who_returns_after_long_is_known_by_the_clothes():
    seen = {frame: [sighting(frame, 100 + frame)] for frame in range(0, 60, STEP)}
    seen |= {frame: [sighting(frame, 900)] for frame in range(150, 200, STEP)}
    assert len(find_tracks(overview(200, seen))) == 1
    seen |= {frame: [sighting(frame, 900, kind=5)] for frame in range(150, 200, STEP)}
    assert len(find_tracks(overview(200, seen))) == 2


def test_somebody_alone_stays_the_same_whatever_the_look():
    """Upside down, clothes show other colours where the detector takes them for torso and legs."""
    seen = {frame: [sighting(frame, 300, kind=frame // 15)] for frame in range(0, 90, STEP)}
    assert len(find_tracks(overview(90, seen))) == 1


def test_a_cut_joins_by_the_clothes_alone():
    seen = {frame: [sighting(frame, 200, kind=1), sighting(frame, 500, kind=2)] for frame in range(0, 48, STEP)}
    seen |= {frame: [sighting(frame, 200, kind=2), sighting(frame, 500, kind=1)] for frame in range(48, 99, STEP)}
    tracks = find_tracks(overview(99, seen, shots=(0, 48)))
    assert len(tracks) == 2
    assert all(len({s.look.argmax() for s in track.sightings}) == 1 for track in tracks)


def test_a_strobe_makes_one_person_not_many():
    """Every second picture is black, so each of the others is a shot of its own."""
    found = Overview(STEP, [n / FPS for n in range(20)], list(range(20)))
    found.looked = {n: [sighting(n, 300 + n)] if n % 2 else [] for n in range(20)}
    (track,) = find_tracks(found)
    assert len(track.sightings) == 10


def test_a_flash_is_no_person():
    seen = {frame: [sighting(frame, 200)] for frame in range(0, 60, STEP)}
    seen[30].append(sighting(30, 900, kind=7, height=60))
    assert len(find_tracks(overview(60, seen))) == 1


def test_whereabouts_end_at_cuts_and_gaps():
    seen = {frame: [sighting(frame, 100 + 10 * frame)] for frame in (0, 3, 6, 21, 24, 27, 30, 33, 36)}
    tracks = find_tracks(overview(60, seen, shots=(0, 30)))
    assert len(tracks) == 1
    where = Whereabouts(tracks, 2 * STEP, [0, 30])
    assert where.of(0, 4).centre[0] == pytest.approx(140)
    assert where.of(0, 13) is None, "the gap is too long"
    assert where.of(0, 28) is None, "a cut is between"
    assert where.of(0, 31).centre[0] == pytest.approx(410)


def test_regions_turn_the_shorter_way():
    region = between(Region((0, 0), 100, np.radians(170)), Region((10, 0), 400, np.radians(-170)), 0.5)
    assert region.centre == (5, 0) and region.size == pytest.approx(200)
    assert np.cos(region.angle) == pytest.approx(-1)


def test_letters_and_choices():
    assert [letter(n) for n in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]
    assert parse_choice(" 12.5, 40 @7").place == (12.5, 40.0, 7)
    assert parse_choice("all").everybody and parse_choice("2").number == 2 and parse_choice("largest").number == 0


def test_letters_go_from_left_to_right_where_most_are_together():
    seen = {frame: [sighting(frame, 800, kind=1)] for frame in range(0, 30, STEP)}
    seen |= {frame: [sighting(frame, 800, kind=1), sighting(frame, 300, kind=4), sighting(frame, 500, kind=8)]
             for frame in range(30, 60, STEP)}
    tracks = find_tracks(overview(60, seen))
    order = [round(float(tracks[n].sightings[-1].detection.centre[0])) for n in by_place(tracks)]
    assert order == [300, 500, 800]


def _line(frames, centres):
    return Track([sighting(frame, x) for frame, x in zip(frames, centres, strict=True)])


def test_sightings_on_the_way_are_left_out_and_turns_kept():
    frames = range(0, 41, 2)
    steady = telling(_line(frames, [100 + 3 * f for f in frames]), 10, [0])
    assert steady == {0, 10, 20, 30, 40}
    turning = telling(_line(frames, [100 + 12 * min(f, 40 - f) for f in frames]), 10, [0])
    assert {0, 20, 40} <= turning


def test_no_sighting_is_left_out_across_a_cut():
    frames = range(0, 21, 2)
    kept = telling(_line(frames, [100 + 3 * f for f in frames]), 20, [0, 7])
    assert {6, 8} <= kept


def test_a_lone_sighting_is_kept():
    assert telling(_line([5], [100.0]), 10, [0]) == {5}
