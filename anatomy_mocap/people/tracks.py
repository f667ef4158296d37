"""Join the sightings of a clip to people: by place, size and speed from look to look, by looks over gaps and cuts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

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


def find_tracks(overview: Overview) -> list[Track]:
    """The people of a clip, by weight, the greatest first."""
    pieces: list[Track] = []
    shots: list[int] = []
    looked = sorted(overview.looked)
    for number, (first, end) in enumerate(overview.spans()):
        found = _pieces(overview, looked[bisect_left(looked, first):bisect_left(looked, end)])
        pieces += found
        shots += [number] * len(found)
    people = _joined(pieces, shots, overview)
    lasting = [t for t in people if t.last - t.first >= overview.step and len(t.sightings) > 2]
    return sorted(lasting or people, key=lambda t: -t.weight)


def _pieces(overview: Overview, frames: list[int]) -> list[Track]:
    """Tracks within a shot that nobody can doubt: a sighting is joined to the look before only where no other pair
    comes close. frames: those of the shot that were looked at."""
    done: list[Track] = []
    recent: list[Track] = []
    for frame in frames:
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


def _joined(pieces: list[Track], shots: list[int], overview: Overview) -> list[Track]:
    """Whole tracks of pieces: first over short gaps within a shot, by place and look, then over all others, by look."""
    near: Costs = {}
    order = np.argsort([piece.first for piece in pieces], kind="stable")
    begins = np.array([overview.times[pieces[j].first] for j in order])
    for i, before in enumerate(pieces):
        end = overview.times[before.last]
        for j in order[np.searchsorted(begins, end, "right"):np.searchsorted(begins, end + TUNING.long_gap)].tolist():
            if shots[i] == shots[j]:
                near[i, j] = _near_cost(before, pieces[j], overview)
    chains = _chained(pieces, near)
    # Only who is seen for some time can be known again, or in every look at a shot that is shorter.
    known = sorted((n for n, chain in enumerate(chains)
                    if len(chain.sightings) >= min(TUNING.known_sightings, overview.fewest_looks(chain.first))),
                   key=lambda n: -chains[n].weight)[:TUNING.most_known]
    looks = {n: _own_look(chains[n]) for n in known}
    far = {(i, j): TUNING.long_gap_cost + TUNING.looks_over_long_gap * _unlike(looks[i], looks[j])
           for i in known for j in known if overview.is_apart(chains[i].last, chains[j].first)}
    return _chained(chains, far)


Costs = dict[tuple[int, int], float]
"""(index of the earlier track, of the later one) -> cost of their being the same person."""


def _chained(tracks: list[Track], costs: Costs) -> list[Track]:
    """The tracks joined where that costs least, all ends and beginnings that compete together."""
    costs = {pair: cost for pair, cost in costs.items() if cost < TUNING.join_cost}
    following: dict[int, int] = {}
    for ends, begins in _rivals(costs, len(tracks)):
        cost = np.array([[costs.get((i, j), np.inf) for j in begins] for i in ends])
        pairs = pair_or_leave(cost, TUNING.join_cost)
        for index, (a, b) in enumerate(pairs):
            for c, d in pairs[:index]:
                # Two people at once, who might as well have changed places.
                (i, j), (k, m) = (ends[a], begins[b]), (ends[c], begins[d])
                together = max(tracks[i].last, tracks[k].last) < min(tracks[j].first, tracks[m].first)
                if together and cost[a, d] + cost[c, b] < cost[a, b] + cost[c, d] + TUNING.doubt_margin:
                    tracks[j].doubts.append(tracks[j].first)
                    tracks[m].doubts.append(tracks[m].first)
        following |= {ends[a]: begins[b] for a, b in pairs}
    people = []
    for start in sorted(set(range(len(tracks))) - set(following.values())):
        chain = [start]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        people.append(Track([s for i in chain for s in tracks[i].sightings],
                            [f for i in chain for f in tracks[i].doubts]))
    return people


def _rivals(costs: Costs, count: int) -> Iterator[tuple[list[int], list[int]]]:
    """Groups of ends and beginnings that compete for each other, as indices of tracks."""
    if not costs:
        return
    pairs = np.array(list(costs))
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], count + pairs[:, 1])), shape=(2 * count, 2 * count))
    group = connected_components(links, directed=False)[1]
    for number in np.unique(group[pairs[:, 0]]).tolist():
        members = np.flatnonzero(group == number)
        yield members[members < count].tolist(), (members[members >= count] - count).tolist()


def _near_cost(before: Track, after: Track, overview: Overview) -> float:
    """Cost of one person who is not seen for a moment. Infinite where it cannot be the same one."""
    seconds = overview.times[after.first] - overview.times[before.last]
    looks = _unlike(_own_look(before), _own_look(after))
    if not overview.in_company(before.last, after.first):
        looks = min(looks, 0.5)
    if looks > TUNING.join_cost:
        return np.inf
    place = (_distance(_predicted(before, after.first, overview), after.sightings[0].detection, seconds)
             + _distance(_predicted(after, before.last, overview), before.sightings[-1].detection, seconds)) / 2
    if place > 1:
        return np.inf
    return (place + _level(before.sightings[-1].detection, after.sightings[0].detection)
            + TUNING.looks_over_gap * looks)


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
