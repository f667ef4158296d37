"""Join the sightings of a clip to people: by place, size and speed from look to look, by looks over gaps and cuts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..maths.assignment import pair_or_leave
from .appearance import likeness
from .detect_people import Detection
from .sightings import Overview, Sighting
from .tuning import TUNING


@dataclass
class Track:
    """Sightings of one person, in the order of their frames.

    doubts: frames at which this person may have been confused with another one.
    """

    sightings: list[Sighting]
    doubts: list[int] = field(default_factory=list)

    @property
    def first(self) -> int:
        """The first frame."""
        return self.sightings[0].frame

    @property
    def last(self) -> int:
        """The last frame."""
        return self.sightings[-1].frame

    @property
    def weight(self) -> float:
        """Mean size, pixels, times the number of frames from the first to the last: who is in the picture most."""
        return float(np.mean([s.detection.size for s in self.sightings])) * (self.last - self.first + 1)

    def at(self, frame: int) -> Sighting | None:
        """The sighting of a frame, if there is one."""
        return next((s for s in self.sightings if s.frame == frame), None)


def find_tracks(overview: Overview) -> list[Track]:
    """The people of a clip, by weight, the greatest first."""
    pieces: list[Track] = []
    shots: list[int] = []
    for number, (first, end) in enumerate(overview.spans()):
        found = _pieces(overview, first, end)
        pieces += found
        shots += [number] * len(found)
    people = _joined(pieces, np.array(shots), overview)
    lasting = [t for t in people if t.last - t.first >= overview.step and len(t.sightings) > 2]
    return sorted(lasting or people, key=lambda t: -t.weight)


def _pieces(overview: Overview, first: int, end: int) -> list[Track]:
    """Tracks within a shot that nobody can doubt: a sighting is joined to the look before only where no other pair
    comes close."""
    done: list[Track] = []
    recent: list[Track] = []
    for frame in sorted(f for f in overview.looked if first <= f < end):
        seen, now = overview.looked[frame], overview.times[frame]
        # Who has just gone out of sight may be the one who comes back in sight.
        done += [track for track in recent if now - overview.times[track.last] > TUNING.out_of_sight]
        recent = [track for track in recent if now - overview.times[track.last] <= TUNING.out_of_sight]
        company = overview.in_company(frame)
        cost = np.array([[_step_cost(track, s, overview, company) for s in seen] for track in recent])
        cost = cost.reshape(len(recent), len(seen))
        joined, doubted = set(), set()
        for i, j in pair_or_leave(cost, TUNING.join_cost):
            rivals = np.flatnonzero(np.delete(cost[:, j], i) < cost[i, j] + TUNING.join_margin)
            if not len(rivals) and not np.any(np.delete(cost[i], j) < cost[i, j] + TUNING.join_margin):
                joined.add(j)
                recent[i].sightings.append(seen[j])
            else:
                doubted |= {k for k in range(len(recent)) if cost[k, j] < cost[i, j] + TUNING.join_margin}
        done += [track for i, track in enumerate(recent) if i in doubted]
        recent = [track for i, track in enumerate(recent) if i not in doubted]
        recent += [Track([s]) for j, s in enumerate(seen) if j not in joined]
    return done + recent


def _step_cost(track: Track, sighting: Sighting, overview: Overview, company: bool) -> float:
    """Cost of a pair of one look and the next: by place, size and, in company, look. Infinite where nobody moves so
    far. Somebody alone keeps being the same one: people look unlike themselves as they turn upside down."""
    last = track.sightings[-1]
    seconds = overview.times[sighting.frame] - overview.times[last.frame]
    place = _distance(_predicted(track, sighting.frame, overview), sighting.detection, seconds)
    if place > 1:
        return np.inf
    unlike = _unlike(_own_look(track, 5), sighting.look) if company and sighting.alone else 0.0
    return place + _level(last.detection, sighting.detection) + unlike


def _joined(pieces: list[Track], shots: np.ndarray, overview: Overview) -> list[Track]:
    """Whole tracks of pieces: the ends and beginnings are paired at the lowest total cost of all pairs together."""
    count = len(pieces)
    cost = np.full((count, count), np.inf)
    for i, before in enumerate(pieces):
        for j, after in enumerate(pieces):
            if before.last < after.first:
                cost[i, j] = _join_cost(before, after, shots[i] == shots[j], overview)
    pairs = pair_or_leave(cost, TUNING.join_cost)
    for index, (i, j) in enumerate(pairs):
        for k, m in pairs[:index]:
            # Two people at once, who might as well have changed places.
            together = max(pieces[i].last, pieces[k].last) < min(pieces[j].first, pieces[m].first)
            if together and cost[i, m] + cost[k, j] < cost[i, j] + cost[k, m] + TUNING.doubt_margin:
                pieces[j].doubts.append(pieces[j].first)
                pieces[m].doubts.append(pieces[m].first)
    following = dict(pairs)
    people = []
    for start in sorted(set(range(count)) - set(following.values())):
        chain = [start]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        people.append(Track([s for i in chain for s in pieces[i].sightings],
                            [f for i in chain for f in pieces[i].doubts]))
    return people


def _join_cost(before: Track, after: Track, same_shot: bool, overview: Overview) -> float:
    """Cost of one person who is not seen between two pieces. Infinite where it cannot be the same one."""
    seconds = overview.times[after.first] - overview.times[before.last]
    looks = _unlike(_own_look(before), _own_look(after))
    if same_shot and seconds < TUNING.long_gap and not overview.in_company(before.last, after.first):
        looks = min(looks, 0.5)
    if looks > TUNING.join_cost:
        return np.inf
    if same_shot and seconds < TUNING.long_gap:
        place = (_distance(_predicted(before, after.first, overview), after.sightings[0].detection, seconds)
                 + _distance(_predicted(after, before.last, overview), before.sightings[-1].detection, seconds)) / 2
        level = _level(before.sightings[-1].detection, after.sightings[0].detection)
        return np.inf if place > 1 else place + level + TUNING.looks_over_gap * looks
    # Whoever was away for long may return anywhere; the look alone has to tell.
    return TUNING.long_gap_cost + TUNING.looks_over_long_gap * looks


def _predicted(track: Track, frame: int, overview: Overview) -> Detection:
    """Where a track goes on to, or came from: the box at the track's mean speed near that end."""
    later = frame > track.last
    end = track.sightings[-1 if later else 0]
    times = overview.times
    near = [s for s in track.sightings if abs(times[s.frame] - times[end.frame]) <= TUNING.speed_over]
    if len(near) < 2:
        return end.detection
    when = np.array([times[s.frame] - times[end.frame] for s in near])
    where = np.array([middle(s.detection) for s in near])
    spread = when - when.mean()
    speed = spread @ (where - where.mean(axis=0)) / (spread @ spread)
    # A speed is not kept for long: people turn and stop.
    seconds = np.clip(times[frame] - times[end.frame], -TUNING.keep_speed, TUNING.keep_speed)
    return _moved(end.detection, speed * seconds * min(1.0, np.ptp(when) / TUNING.speed_over * 2))


def _moved(detection: Detection, by: np.ndarray) -> Detection:
    return Detection(detection.box + np.tile(by, 2), detection.score, detection.xy + by, detection.keypoint_score)


def _distance(predicted: Detection, seen: Detection, seconds: float) -> float:
    """Distance of two boxes as a share of what a person can move in that time; 1 is the limit."""
    reach = TUNING.reach_at_once + TUNING.reach_a_second * seconds
    size = max(predicted.size, seen.size)
    away = min(float(np.linalg.norm(predicted.centre - seen.centre)),
               float(np.linalg.norm(middle(predicted) - middle(seen)))) / size
    ratio = abs(np.log(predicted.size / seen.size)) / np.log(TUNING.most_growth)
    return max(away / reach, ratio)


def _level(a: Detection, b: Detection) -> float:
    """How different the heights of two people's feet in the picture, and their sizes, are, in body sizes."""
    return abs(a.box[3] - b.box[3]) / max(a.size, b.size) + abs(float(np.log(a.size / b.size)))


def middle(detection: Detection) -> np.ndarray:
    """(2,) the middle of the torso, pixels; of the box where the torso is not seen."""
    seen = detection.keypoint_score[_TORSO] > TUNING.seen_score
    return detection.xy[_TORSO].mean(axis=0) if seen.all() else detection.centre


_TORSO = np.array([5, 6, 11, 12])


def _own_look(track: Track, last: int = 0) -> np.ndarray:
    """The mean look of the frames in which nobody covers the person, else of all. last: of so many at the end; 0 for
    all."""
    looks = ([s.look for s in track.sightings if s.alone] or [s.look for s in track.sightings])[-last:]
    return np.mean(looks, axis=0)


def _unlike(a: np.ndarray, b: np.ndarray) -> float:
    """How different two looks are: 0 for the same clothes, 1 at the usual limit, more for others."""
    return max(0.0, (TUNING.same_look - likeness(a, b)) / (TUNING.same_look - TUNING.other_look))
