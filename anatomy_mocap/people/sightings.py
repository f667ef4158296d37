"""Look over a whole clip: who is seen where in frames spread over it, more densely where people move or touch."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np

from ..core.progress import Progress, ahead
from .appearance import describe
from .crop import Region
from .detect_people import Detection, PersonDetector
from .pose2d import PoseEstimator, is_person, seed_region
from .same_person import grown, nearness, overlap, without_doubles
from .tuning import TUNING

SMALL = 640
"""Longer side of the pictures that are looked over, pixels. Chosen: the detector uses 256, clothes of small people
need more."""


class Glance(Protocol):
    """A frame: a `sources.picture.Glance`, or anything with its attributes."""

    thumbnail: np.ndarray
    rgb: np.ndarray


@dataclass(frozen=True)
class Sighting:
    """One person in one frame. detection: pixels of the whole picture. look: see `appearance.describe`.

    alone: nobody else's box covers torso or knees, so that the look is the person's own.
    """

    frame: int
    detection: Detection
    look: np.ndarray
    alone: bool


@dataclass
class Overview:
    """What was seen of a clip of T frames.

    times: T seconds. shots: the first frame of each shot. looked: frame -> its sightings; frames that nobody looked at
    are absent. step: frames between two looks where nothing happens.
    """

    step: int
    times: list[float] = field(default_factory=list)
    shots: list[int] = field(default_factory=list)
    looked: dict[int, list[Sighting]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.times)

    def in_company(self, first: int, last: int | None = None) -> bool:
        """Whether a look at these frames, or shortly before or after them, shows more than one person."""
        around = TUNING.remember_others
        from_, until = self.times[first] - around, self.times[first if last is None else last] + around
        times = self._company_times
        return bool(np.searchsorted(times, from_) < np.searchsorted(times, until, "right"))

    def is_apart(self, first: int, later: int) -> bool:
        """Whether somebody may have gone anywhere between two frames: by a cut, or a gap that is long."""
        return later > first and (bisect_right(self.shots, first) != bisect_right(self.shots, later)
                                  or self.times[later] - self.times[first] >= TUNING.long_gap)

    def fewest_looks(self, frame: int) -> int:
        """How many looks the shot of a frame has at least: at its first and its last frame, or 1 where it has one."""
        number = bisect_right(self.shots, frame)
        end = self.shots[number] if number < len(self.shots) else len(self)
        return min(2, end - self.shots[number - 1])

    @cached_property
    def _company_times(self) -> np.ndarray:
        """The times of the looks that show more than one person; to be asked for when all looks are taken."""
        return np.array([self.times[frame] for frame in sorted(self.looked) if len(self.looked[frame]) > 1])

    def spans(self) -> Iterator[tuple[int, int]]:
        """First frame and end of each shot."""
        return pairwise([*self.shots, len(self)])


def step_of(fps: float) -> int:
    """Frames between two looks where nothing happens, for a frame rate."""
    return max(2, round(TUNING.look_every * fps))


class _Next(NamedTuple):
    """The next frame. cut: a shot begins with it. found: the job that detects people there, if it is a frame in which
    they are looked for anyway."""

    time: float
    glance: Glance
    cut: bool
    found: Future | None


def look_over(glances: Iterator[tuple[float, Glance]], scale: float, fps: float, stage: Progress,
              looker: Looker) -> Generator[Progress, None, Overview]:
    """See who is in a clip, step by step.

    glances: (time, glance) of all frames, their pictures scaled by `scale`. stage: a step, for its total and message.
    """
    overview = Overview(step_of(fps))
    window: dict[int, Glance] = {}

    def look(frame: int, found: Future | None = None) -> None:
        overview.looked[frame] = looker.look(window[frame].rgb, frame, scale, found)
        for sighting in looker.earlier():
            overview.looked[sighting.frame].append(sighting)

    def close(found: Future | None = None) -> Generator[Progress, None, None]:
        """Look at the window's last frame, and between its ends where the people there do not tell it all."""
        first, last = min(window), max(window)
        if last not in overview.looked:
            look(last, found)
        yield from _between(first, last)

    def _between(first: int, last: int) -> Generator[Progress, None, None]:
        yield replace(stage, done=len(overview))
        finest = max(1, round(TUNING.look_finest * fps))
        if last - first <= finest or not is_lively(overview.looked[first], overview.looked[last]):
            return
        middle = (first + last) // 2
        look(middle)
        yield from _between(first, middle)
        yield from _between(middle, last)

    with ThreadPoolExecutor(1, "anatomy_mocap look") as pool, \
            closing(ahead(_with_jobs(glances, overview.step, looker, pool), overview.step + 1)) as frames:
        for time, glance, cut, found in frames:
            frame = len(overview.times)
            if cut:
                if window:
                    yield from close()
                    window.clear()
                overview.shots.append(frame)
                looker.forget()
            overview.times.append(time)
            window[frame] = glance
            if cut:
                look(frame, found)
            elif found:
                yield from close(found)
                for old in [f for f in window if f < frame]:
                    del window[old]
            yield replace(stage, done=len(overview))
        if window:
            yield from close()
    return overview


def _with_jobs(glances: Iterator[tuple[float, Glance]], step: int, looker: Looker, pool: ThreadPoolExecutor
               ) -> Generator[_Next, None, None]:
    """The frames, with the shot cuts, and a job of the pool for the first frame of a shot and every `step` frames."""
    before, since = None, 0
    for time, glance in glances:
        thumbnail = _pattern(glance.thumbnail)
        cut = before is None or _is_cut(before, thumbnail)
        before, since = thumbnail, 0 if cut else since + 1
        job = pool.submit(looker.detect, glance) if since % step == 0 else None
        yield _Next(time, glance, cut, job)


class Looker:
    """Finds the people in single pictures, which come in the order of a clip, those between two looks after them.

    Small people are looked for in parts of the picture from time to time; who is found so is looked for in the
    pictures before. A picture that does not show somebody who was just there is looked at again around that place,
    also turned, since the detector misses many people who are upside down.
    """

    def __init__(self, detector: PersonDetector, estimator: PoseEstimator, tiles_every: int):
        """tiles_every: frames between two looks for small people where somebody is seen."""
        self._detector, self._estimator, self._tiles_every = detector, estimator, tiles_every
        self._earlier: list[Sighting] = []
        self.forget()

    def forget(self) -> None:
        """Another shot begins."""
        self._known: list[Detection] = []
        self._tries: list[int] = []
        self._past: list[tuple[int, np.ndarray, list[Detection]]] = []
        self._tiled: int | None = None

    def detect(self, glance: Glance) -> list[Detection]:
        """What the detector finds in one picture, the largest first; may run on a thread of its own."""
        return self._detector.detect(glance.rgb)

    def look(self, rgb: np.ndarray, frame: int, scale: float, found: Future | None = None) -> list[Sighting]:
        """The people in one picture, scaled by `scale`, the largest first. found: the job of `detect`, if any."""
        detections = found.result() if found else self._detector.detect(rgb)
        people = without_doubles([d for d in detections if self._is_real(rgb, d)])
        small = self._small(rgb, frame, scale, people)
        people = people + small
        people += self._again(rgb, people)
        self._past = [each for each in self._past if each[0] >= frame - self._tiles_every]
        self._past.append((frame, rgb, people))
        return _sightings(rgb, frame, scale, people)

    def earlier(self) -> list[Sighting]:
        """The people of the last look in pictures before it, where they had been missed; each is given once."""
        found, self._earlier = self._earlier, []
        return found

    def _small(self, rgb, frame: int, scale: float, people: list[Detection]) -> list[Detection]:
        """People in parts of the picture who are not in `people`."""
        if people and self._tiled is not None and frame - self._tiled < self._tiles_every:
            return []
        self._tiled = frame if self._tiled is None else max(frame, self._tiled)
        detected = without_doubles([*people, *(d for d in self._detector.detect_small(rgb) if self._is_real(rgb, d))])
        known = {id(person) for person in people}
        found = [d for d in detected if id(d) not in known
                 and not any(overlap(d.box, other.box) > TUNING.same_small for other in people)]
        for person in found:
            if not any(nearness(old, person) < 1 for old in self._known):
                self._look_back(person, frame, scale)
        return found

    def _look_back(self, person: Detection, frame: int, scale: float) -> None:
        """Look for somebody in the pictures before, as long as they are found."""
        for past, rgb, people in sorted(self._past, key=lambda each: -each[0]):
            if past >= frame:
                continue
            again = self._best_around(rgb, person, (0,))
            if again is None or any(overlap(again.box, other.box) > TUNING.same_small for other in people):
                return
            people.append(again)
            self._earlier += _sightings(rgb, past, scale, people)[-1:]
            person = again

    def _is_real(self, rgb, detection: Detection) -> bool:
        """Whether a weak detection is a person for the keypoint network as well."""
        if detection.score >= TUNING.sure_detection:
            return True
        pose = self._estimator.estimate(rgb, seed_region(detection))
        return is_person(pose, rgb)

    def _again(self, rgb, people: list[Detection]) -> list[Detection]:
        """People who were there at the look before and are found around that place alone."""
        found, known, tries = [], list(people), [0] * len(people)
        limit = np.array(rgb.shape[1::-1])
        for old, tried in zip(self._known, self._tries, strict=True):
            inside = (old.box[:2] > 0.02 * limit).any() and (old.box[2:] < 0.98 * limit).any()
            if tried >= TUNING.turned_tries or not inside or any(nearness(old, d) < 1 for d in people + found):
                continue
            again = self._best_around(rgb, old, (0, 1, 2, 3))
            if again is None:
                known.append(old)
                tries.append(tried + 1)
            elif not any(overlap(again.box, d.box) > TUNING.same_detection for d in people):
                found.append(again)
                known.append(again)
                tries.append(0)
        self._known, self._tries = known, tries
        return found

    def _best_around(self, rgb, old: Detection, quarters: tuple[int, ...]) -> Detection | None:
        """Somebody about where `old` was, upright or else with the picture turned by quarters of a turn."""
        best = None
        for quarter in quarters:
            region = Region(tuple(old.centre), TUNING.turned_region * old.size, quarter * np.pi / 2)
            for d in self._detector.detect_in(rgb, region):
                if nearness(old, d) < 1 and (best is None or d.score > best.score) and self._is_real(rgb, d):
                    best = d
            if best is not None and quarter == 0:
                break
        return best


def _sightings(rgb: np.ndarray, frame: int, scale: float, people: list[Detection]) -> list[Sighting]:
    return [Sighting(frame, d.scaled(1 / scale), describe(rgb, d.xy),
                     not any(_covers(other, d) for other in people if other is not d)) for d in people]


def _covers(other: Detection, person: Detection) -> bool:
    """Whether torso or knees are within the other one's box."""
    points = person.xy[[5, 6, 11, 12, 13, 14]]
    return bool(((points > other.box[:2]) & (points < other.box[2:])).all(axis=1).any())


def is_lively(before: list[Sighting], after: list[Sighting]) -> bool:
    """Whether somebody appeared, left, moved far or touched somebody between two looks."""
    old, new = [s.detection for s in before], [s.detection for s in after]
    if len(old) != len(new):
        return True
    for people in (old, new):
        for i, person in enumerate(people):
            if any(overlap(grown(person.box, TUNING.close_by), other.box) > TUNING.touching for other in people[:i]):
                return True
    return any(min((nearness(person, other) for other in new), default=9) > TUNING.lively_move for person in old)


def _pattern(thumbnail: np.ndarray) -> np.ndarray:
    """The brightness of a thumbnail's points against its mean."""
    return thumbnail.ravel() - thumbnail.mean()


def _is_cut(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether another shot begins. A change of light keeps the picture's pattern and is no cut."""
    norm = np.linalg.norm(before) * np.linalg.norm(after)
    return norm > 0 and float(before @ after) < TUNING.cut * norm
