"""Reads landmark lists: MediaPipe's 33 landmarks (Solutions, Tasks, and users' own dumps) and plain lists of points.

A landmark is {"x", "y", "z", "visibility"} or a row of numbers. A frame is a list of landmarks, a list of such lists
(several people), None, or an object that has one of these under a well-known name.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from ...core.progress import Progress
from .frame_keys import frame_key
from .records import STEP, Collector, FormatError, hints_from

MEDIAPIPE_COUNT = 33
_POSE_NAMES = ("pose_landmarks", "poseLandmarks", "landmarks", "pose", "keypoints", "people", "poses")
_LIST_NAMES = ("frames", "results", "data", "predictions", "poses", "landmarks")
_SCORE_NAMES = ("visibility", "score", "confidence", "likelihood", "presence")


def is_landmarks(document) -> bool:
    """Return whether the document contains landmarks in one of the forms above."""
    if isinstance(document, dict):
        return (_frame_list(document) is not None or _by_number(document) is not None
                or any(name in document for name in _POSE_NAMES))
    return isinstance(document, list) and bool(document) and any(_looks_like_frame(item) for item in document)


def read_landmarks(document) -> Generator[Progress, None, Collector]:
    """A whole clip, or one frame of it."""
    hints = hints_from(document)
    frames = document
    if isinstance(document, dict):
        frames = _frame_list(document)
        if frames is None:
            frames = _by_number(document)
        if frames is None:
            frames = [document]
    if _is_person(frames):
        frames = [frames]
    collector = Collector("landmark JSON", hints)
    for position, frame in enumerate(frames):
        key, seconds = frame_key(frame, position) if isinstance(frame, dict) else (position, None)
        add_frame(collector, key, frame, seconds)
        if position % STEP == 0:
            yield Progress("read", position, len(frames))
    return collector


def add_frame(collector: Collector, key, frame, seconds: float | None = None) -> None:
    """Add one frame's people."""
    collector.frame(key, seconds)
    for person, track in _people(key, frame):
        points = _points(key, person)
        if len(points) == MEDIAPIPE_COUNT:
            collector.format = "MediaPipe JSON"
        collector.person(key, points, track)


def _frame_list(document: dict):
    """Return the clip's frames if the document has them under a well-known name. One frame's people do not count."""
    for name in _LIST_NAMES:
        value = document.get(name)
        if not isinstance(value, list) or not value or _is_person(value):
            continue
        if all(item is None or isinstance(item, dict) or _is_person(item) or item == [] for item in value) \
                and not (name in _POSE_NAMES and any(_is_person(item) for item in value)):
            return value
    return None


def _by_number(document: dict):
    """Convert {"0": frame, "1": frame, ...} to a list of frames with their numbers."""
    if not document or not all(isinstance(key, str) and key.isdigit() and len(key) < 15 for key in document):
        return None
    frames = []
    for key, value in document.items():
        frame = dict(value) if isinstance(value, dict) else {"landmarks": value}
        frames.append({**frame, "frame_id": int(key)})
    return frames


def _looks_like_frame(item) -> bool:
    if isinstance(item, dict):
        return _is_landmark(item) or any(name in item for name in _POSE_NAMES)
    if _is_landmark(item) or _is_person(item):
        return True
    return isinstance(item, list) and bool(item) and all(
        _is_person(part) or (isinstance(part, dict) and any(name in part for name in _POSE_NAMES)) for part in item)


def _is_landmark(item) -> bool:
    """Recognise {"x": .., "y": ..} or a row of two to five numbers."""
    if isinstance(item, dict):
        return "x" in item and "y" in item
    return (isinstance(item, list) and 2 <= len(item) <= 5
            and all(value is None or type(value) in (int, float) for value in item))


def _is_person(item) -> bool:
    return isinstance(item, list) and len(item) > 5 and all(_is_landmark(part) for part in item)


def _people(key, frame, track=None) -> list:
    """Return (landmarks, track id) of each person in a frame of any form above."""
    for _ in range(4):
        if frame is None or frame == []:
            return []
        if _is_person(frame):
            return [(frame, track)]
        if isinstance(frame, dict):
            track = frame.get("track_id", frame.get("person_id", track))
            name = next((n for n in (*_POSE_NAMES, "landmark") if n in frame), None)
            if name is None:
                break
            frame = frame[name]
            continue
        if isinstance(frame, list) and all(isinstance(part, (dict, list)) or part is None for part in frame):
            if any(_is_landmark(part) for part in frame):
                raise FormatError(f"frame {key}: {len(frame)} landmarks are not a body; "
                                  "export all landmarks of a model")
            return [found for part in frame
                    for found in _people(key, part, part.get("id") if isinstance(part, dict) else None)]
        break
    raise FormatError(f"frame {key} has no landmark list; export a list of landmarks with x, y and visibility")


def _points(key, person: list) -> np.ndarray:
    """Return (K, 3) x, y, score, or (K, 2) if there are no scores."""
    if all(isinstance(landmark, dict) for landmark in person):
        name = next((n for n in _SCORE_NAMES if any(n in landmark for landmark in person)), None)
        columns = ("x", "y") if name is None else ("x", "y", name)
        rows = [[landmark.get(column) for column in columns] for landmark in person]
        if name is not None:
            # Some serialisers omit zeros, so an absent visibility among present ones is 0.
            rows = [[x, y, 0.0 if score is None else score] for x, y, score in rows]
        return _numbers(key, rows)
    rows = _numbers(key, person)
    if rows.shape[1] <= 2:
        return rows
    if rows.shape[1] >= 4:
        return rows[:, [0, 1, 3]]
    depth = len(rows) == MEDIAPIPE_COUNT and (rows[:, 2] < 0).any()
    return rows[:, :2] if depth else rows


def _numbers(key, rows: list) -> np.ndarray:
    try:
        values = np.array(rows, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise FormatError(f"frame {key}: the landmarks are not plain numbers ({error}); "
                          "export the file again") from error
    if values.ndim != 2:
        raise FormatError(f"frame {key}: landmarks have different numbers of values; export the file again")
    return values
