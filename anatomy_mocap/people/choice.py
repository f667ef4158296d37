"""Which of the people in a clip are wanted: the largest, a number, everybody, or who is at a place at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.errors import MocapError
from ..settings import EVERYBODY, PLACE
from .regions import Whereabouts
from .tracks import Track


@dataclass(frozen=True)
class Choice:
    """The wanted people. number: counted from the largest, 0. everybody: all people. place: x and y, pixels, at frame.

    Exactly one of them is set.
    """

    number: int | None = None
    everybody: bool = False
    place: tuple[float, float, int] | None = None


def parse_choice(person: str | int) -> Choice:
    """The choice of "largest", "all", a number, or "x,y@frame". Raises MocapError for anything else."""
    if isinstance(person, str) and person.strip() == "largest":
        return Choice(number=0)
    if isinstance(person, str) and person.strip() == EVERYBODY:
        return Choice(everybody=True)
    if isinstance(person, int) and not isinstance(person, bool) and person >= 0:
        return Choice(number=person)
    if isinstance(person, str) and person.strip().isdecimal():
        return Choice(number=int(person))
    place = PLACE.fullmatch(person) if isinstance(person, str) else None
    if place:
        return Choice(place=(float(place[1]), float(place[2]), int(place[3])))
    raise MocapError(f'person {person!r} is unknown; use "largest", "all", a number from 0, or x,y@frame (a place in '
                     "pixels and the number of a frame)")


def choose(choice: Choice, tracks: list[Track], where: Whereabouts) -> list[int]:
    """Indices of the chosen tracks, which are ordered from the largest; empty where there is no such person."""
    if choice.everybody:
        return by_place(tracks)
    if choice.place is None:
        return [choice.number] if choice.number < len(tracks) else []
    x, y, frame = choice.place
    best = None
    for n in range(len(tracks)):
        detection = where.of(n, frame)
        if detection is None:
            continue
        away = float(np.linalg.norm(np.maximum(np.maximum(detection.box[:2] - (x, y), (x, y) - detection.box[2:]), 0)))
        middle = float(np.linalg.norm(detection.centre - (x, y)))
        if away <= 0.1 * detection.size and (best is None or (away, middle) < best[0]):
            best = (away, middle), n
    return [best[1]] if best else []


def by_place(tracks: list[Track]) -> list[int]:
    """All indices, from left to right in the first frame in which most of the people are seen together."""
    frames = sorted({s.frame for track in tracks for s in track.sightings})
    together = [sum(track.first <= f <= track.last for track in tracks) for f in frames]
    shared = frames[int(np.argmax(together))] if frames else 0

    def place(n: int) -> tuple[bool, float, float]:
        track = tracks[n]
        there = track.first <= shared <= track.last
        nearest = min(track.sightings, key=lambda s: abs(s.frame - shared))
        return not there, 0 if there else track.first, float(nearest.detection.centre[0])
    return sorted(range(len(tracks)), key=place)


def letter(number: int) -> str:
    """A, B, ... Z, AA, AB ... for 0, 1, ..."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
