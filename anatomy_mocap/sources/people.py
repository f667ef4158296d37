"""Joins the detections of several people to tracks and chooses one person.

The file's track ids are used if they distinguish the people. Otherwise each detection joins the track whose predicted
keypoints are nearest. The prediction assumes a constant velocity of the whole body.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from ..core.errors import MocapError
from ..core.progress import Progress
from ..maths.assignment import pair

# Largest distance between a detection and its prediction, in units of the person's extent.
GATE = 0.5
GATE_PER_MISSED_FRAME = 0.05
GATE_MOST = 1.5
# Frames without a detection after which a returning person counts as a new one.
FORGET_AFTER = 90
# Frames without a detection over which the velocity is extrapolated.
COAST = 10
STEP = 64
"""Frames whose people are paired between two steps."""
# Detections that may share a track id within a frame before the ids are taken to mean nothing.
DOUBLE_IDS = 0.1


@dataclass(frozen=True)
class Person:
    """One tracked person.

    label: the file's id or a number. rows: (n,) indices of the detections, at most one a frame, ordered by frame.
    frames: (n,) their frames. size: mean diagonal of the keypoints' box in pixels.
    """

    label: str
    rows: np.ndarray
    frames: np.ndarray
    size: float

    @property
    def weight(self) -> float:
        """Product of the size and the number of detections, which orders the people."""
        return self.size * len(self.rows)


def find_people(frames: np.ndarray, points: np.ndarray, ids: list
                ) -> Generator[Progress, None, tuple[list[Person], list[str]]]:
    """Tracks of all people, the longest and largest first, and notes.

    frames: (N,) frame of each detection. points: (N, K, 3) x, y, score in 0..1. ids: N track ids or None.
    """
    boxes = _boxes(points)
    seen = np.flatnonzero(np.isfinite(boxes[:, 0]))
    if not len(seen):
        return [], []
    notes: list[str] = []
    counts = np.bincount(frames[seen])
    if all(ids[i] is not None for i in seen):
        labels, note = _by_id(frames, points, ids, seen)
        notes += note
    else:
        labels = None
    if labels is None and counts.max() == 1:
        labels = dict.fromkeys(seen.tolist(), "0")
    if labels is None:
        labels = yield from _by_distance(frames, points, boxes, seen)
    tracks: dict[str, list[int]] = {}
    for row in seen.tolist():
        if row in labels:
            tracks.setdefault(labels[row], []).append(row)
    size = np.hypot(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    people = []
    for label, members in tracks.items():
        rows = np.array(sorted(members, key=lambda row: frames[row]))
        people.append(Person(label, rows, frames[rows], float(size[rows].mean())))
    people.sort(key=lambda person: -person.weight)
    return people, notes


def choose(people: list[Person], person: str | int) -> Person:
    """Return the person that the user chose: "largest", or a number from 0 (the largest). Raises MocapError."""
    if isinstance(person, str) and person.strip().isdigit():
        person = int(person)
    if person == "largest":
        return people[0]
    if isinstance(person, bool) or not isinstance(person, int):
        raise MocapError(f"person {person!r} is unknown; use \"largest\" or a number from 0")
    if not 0 <= person < len(people):
        raise MocapError(f"person {person} is not in the file; it has {len(people)} (0 to {len(people) - 1})")
    return people[person]


def _boxes(points: np.ndarray) -> np.ndarray:
    """Return the boxes (N, 4) x0, y0, x1, y1 of the present keypoints; NaN for a detection without keypoints."""
    present = points[..., 2] > 0
    low = np.where(present[..., None], points[..., :2], np.inf).min(axis=1)
    high = np.where(present[..., None], points[..., :2], -np.inf).max(axis=1)
    boxes = np.concatenate((low, high), axis=1)
    boxes[~present.any(axis=1)] = np.nan
    return boxes


def _by_id(frames: np.ndarray, points: np.ndarray, ids: list, seen: np.ndarray) -> tuple[dict | None, list[str]]:
    """Return row -> label by the file's ids and notes; None if the ids do not distinguish the people of a frame."""
    best: dict[tuple, int] = {}
    for row in seen.tolist():
        place = (int(frames[row]), str(ids[row]))
        other = best.get(place)
        if other is None or points[row, :, 2].sum() > points[other, :, 2].sum():
            best[place] = row
    doubles = len(seen) - len(best)
    if doubles > DOUBLE_IDS * len(seen):
        return None, ["the file's person ids do not distinguish the people: people are tracked by position"]
    notes = [f"{doubles} detections share a person id within a frame: the higher score wins"] if doubles else []
    return {row: str(ids[row]) for row in best.values()}, notes


@dataclass
class _Track:
    label: str
    frame: int
    points: np.ndarray
    extent: float
    velocity: np.ndarray

    def expected(self, frame: int) -> np.ndarray:
        """Predict the keypoints (K, 3) in a frame: the whole body moves with the track's velocity for COAST frames."""
        ahead = min(frame - self.frame, COAST)
        moved = self.points.copy()
        moved[:, :2] += self.velocity * ahead
        return moved


def _by_distance(frames: np.ndarray, points: np.ndarray, boxes: np.ndarray, seen: np.ndarray
                 ) -> Generator[Progress, None, dict]:
    """Row -> label, frame by frame: the assignment of detections to tracks with the least distance."""
    extents = np.maximum(np.hypot(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]), 1.0)
    order = seen[np.argsort(frames[seen], kind="stable")]
    starts = np.flatnonzero(np.diff(frames[order], prepend=-1))
    tracks: list[_Track] = []
    labels: dict = {}
    made = 0
    for number, rows in enumerate(np.split(order, starts[1:])):
        if number % STEP == 0:
            yield Progress("read", number, len(starts))
        frame = int(frames[rows[0]])
        tracks = [track for track in tracks if frame - track.frame <= FORGET_AFTER]
        for row, track in _assign(frame, rows, tracks, points, extents):
            if track is None:
                track = _Track(str(made), frame, points[row], float(extents[row]), np.zeros(2))
                made += 1
                tracks.append(track)
            else:
                _move_on(track, frame, points[row], float(extents[row]))
            labels[row] = track.label
    return labels


def _move_on(track: _Track, frame: int, points: np.ndarray, extent: float) -> None:
    both = (track.points[:, 2] > 0) & (points[:, 2] > 0)
    if both.any():
        step = np.median(points[both, :2] - track.points[both, :2], axis=0) / (frame - track.frame)
        track.velocity = 0.5 * track.velocity + 0.5 * step if track.velocity.any() else step
    track.frame, track.points, track.extent = frame, points, extent


def _assign(frame: int, rows: np.ndarray, tracks: list[_Track], points: np.ndarray, extents: np.ndarray):
    """Return (row, its track or None) for every detection of a frame."""
    taken: dict[int, _Track] = {}
    if tracks:
        expected = np.stack([track.expected(frame) for track in tracks])
        scale = np.maximum(np.array([track.extent for track in tracks])[:, None], extents[rows][None])
        distance = _distances(expected, points[rows]) / scale
        waited = np.array([frame - track.frame - 1 for track in tracks])
        gate = np.minimum(GATE + GATE_PER_MISSED_FRAME * waited, GATE_MOST)[:, None]
        taken = {int(rows[j]): tracks[i] for i, j in pair(distance, gate)}
    return [(row, taken.get(row)) for row in rows.tolist()]


def _distances(expected: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return mean distances (tracks, detections) of common keypoints; of the medians without common keypoints."""
    a, b = expected[:, None], found[None]
    both = (a[..., 2] > 0) & (b[..., 2] > 0)
    apart = np.hypot(a[..., 0] - b[..., 0], a[..., 1] - b[..., 1])
    shared = both.sum(axis=-1)
    mean = (apart * both).sum(axis=-1) / np.maximum(shared, 1)
    if (shared > 0).all():
        return mean
    middle_a, middle_b = (np.stack([_middle(person) for person in people]) for people in (expected, found))
    middles = np.linalg.norm(middle_a[:, None] - middle_b[None], axis=-1)
    return np.where(shared > 0, mean, middles)


def _middle(person: np.ndarray) -> np.ndarray:
    return np.median(person[person[:, 2] > 0, :2], axis=0)
