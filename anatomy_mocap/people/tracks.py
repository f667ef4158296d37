"""Join the sightings of a clip to people: by place, size and speed from look to look, by looks over gaps and cuts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..maths.assignment import pair_or_leave
from .appearance import likeness
from .detect_people import Detection
from .same_person import overlap
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
    open_: list[Track] = []
    for frame in sorted(f for f in overview.looked if first <= f < end):
        seen = overview.looked[frame]
        company = len(open_) > 1 or len(seen) > 1
        cost = np.array([[_step_cost(track, s, overview, company) for s in seen] for track in open_])
        cost = cost.reshape(len(open_), len(seen))
        joined = {}
        for i, j in pair_or_leave(cost, TUNING.join_cost):
            others = np.concatenate([np.delete(cost[i], j), np.delete(cost[:, j], i)])
            if not np.any(others < cost[i, j] + TUNING.join_margin):
                joined[j] = open_[i]
                open_[i].sightings.append(seen[j])
        kept = {id(track) for track in joined.values()}
        done += [track for track in open_ if id(track) not in kept]
        open_ = [track for track in open_ if id(track) in kept]
        open_ += [Track([s]) for j, s in enumerate(seen) if j not in joined]
    return done + open_


def _step_cost(track: Track, sighting: Sighting, overview: Overview, company: bool) -> float:
    """Cost of a pair of one look and the next: by place, size and, in company, look. Infinite where nobody moves so
    far. Somebody alone keeps being the same one: people look unlike themselves as they turn upside down."""
    last = track.sightings[-1]
    seconds = overview.times[sighting.frame] - overview.times[last.frame]
    place = _distance(_predicted(track, sighting.frame), sighting.detection, seconds)
    if place > 1:
        return np.inf
    size = abs(np.log(last.detection.size / sighting.detection.size))
    unlike = _unlike(last.look, sighting.look) if company and last.alone and sighting.alone else 0.0
    return place + size + unlike


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
        people.append(Track([s for i in chain for s in pieces[i].sightings], [f for i in chain for f in pieces[i].doubts]))
    return people


def _join_cost(before: Track, after: Track, same_shot: bool, overview: Overview) -> float:
    """Cost of one person who is not seen between two pieces. Infinite where it cannot be the same one."""
    seconds = overview.times[after.first] - overview.times[before.last]
    looks = _unlike(_own_look(before), _own_look(after))
    if same_shot and seconds < TUNING.long_gap and _nobody_else(before, after, overview):
        looks = min(looks, 0.5)
    if looks > TUNING.join_cost:
        return np.inf
    if same_shot and seconds < TUNING.long_gap:
        place = (_distance(_predicted(before, after.first), after.sightings[0].detection, seconds)
                 + _distance(_predicted(after, before.last), before.sightings[-1].detection, seconds)) / 2
        return np.inf if place > 1 else place + TUNING.looks_over_gap * looks
    # Whoever was away for long may return anywhere; the look alone has to tell.
    return TUNING.long_gap_cost + TUNING.looks_over_long_gap * looks


def _nobody_else(before: Track, after: Track, overview: Overview) -> bool:
    """Whether nobody but these two is seen from the end of one to the beginning of the other."""
    return sum(len(seen) for frame, seen in overview.looked.items() if before.last <= frame <= after.first) == 2


def _predicted(track: Track, frame: int) -> Detection:
    """Where a track goes on to, or came from: the box at the track's speed near that end."""
    later = frame > track.last
    seen = track.sightings[-1:-4:-1] if later else track.sightings[:3]
    end, other = seen[0], seen[-1]
    if end.frame == other.frame:
        return end.detection
    # A speed is not kept for long: people turn and stop.
    steps = np.clip(frame - end.frame, -2 * abs(end.frame - other.frame), 2 * abs(end.frame - other.frame))
    move = (end.detection.centre - other.detection.centre) / (end.frame - other.frame) * steps
    return _moved(end.detection, TUNING.keep_speed * move)


def _moved(detection: Detection, by: np.ndarray) -> Detection:
    return Detection(detection.box + np.tile(by, 2), detection.score, detection.xy + by, detection.keypoint_score)


def _distance(predicted: Detection, seen: Detection, seconds: float) -> float:
    """Distance of two boxes as a share of what a person can move in that time; 1 is the limit."""
    reach = TUNING.reach_at_once + TUNING.reach_a_second * seconds
    away = float(np.linalg.norm(predicted.centre - seen.centre)) / max(predicted.size, seen.size)
    ratio = abs(np.log(predicted.size / seen.size)) / np.log(TUNING.most_growth)
    return max(away / reach, ratio) * (1 - 0.5 * overlap(predicted.box, seen.box))


def _own_look(track: Track) -> np.ndarray | None:
    """The mean look of the frames in which nobody touches the person; None without such frames."""
    looks = [s.look for s in track.sightings if s.alone]
    return np.mean(looks, axis=0) if looks else None


def _unlike(a: np.ndarray | None, b: np.ndarray | None) -> float:
    """How different two looks are: 0 for the same clothes, 1 at the usual limit, more for others; 0.5 for unknown."""
    if a is None or b is None:
        return 0.5
    like = likeness(a, b)
    return max(0.0, (TUNING.same_look - like) / (TUNING.same_look - TUNING.other_look))
