"""Reads clips as lists of frames: MediaPipe, TensorFlow.js, ml5, PoseNet, Ultralytics, EasyMocap, plain points.

`person_forms` has the forms of a person. A frame is a person, a list of people, None, or an object that has one of
these under a well-known name. A clip is a list of frames, an object with such a list, or frames by number or picture.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from typing import Any, NamedTuple

from ...core.progress import Progress
from .frame_keys import frame_key
from .person_forms import (
    MEDIAPIPE_COUNT,
    POSE_NAMES,
    is_columns,
    is_flat,
    is_labelled,
    is_landmark,
    is_person,
    read_person,
    with_scores,
)
from .records import STEP, Collector, FormatError, UnstatedTime, hints_from

_LIST_NAMES = ("frames", "results", "data", "predictions", "poses", "landmarks", "keypoints", "sequence", "detections")
# Names between a frame and its people that are too common to recognise a clip by them.
_INNER_NAMES = (*POSE_NAMES, "persons", "person", "result", "results", "detections", "skeletons", "humans", "objects",
                "tracks", "outputs")
_TRACKS = ("track_id", "person_id", "personID", "trackId", "idx", "id")
_FRAME_NAME = re.compile(r"(?:[A-Za-z]+[ _-]?)*\d{1,15}|\d{1,9}\.\d{1,9}|"
                         r".*\d.*\.(?:jpe?g|png|bmp|webp|tiff?)", re.IGNORECASE)
_PEOPLE_LISTS = ("persons", "people", "tracks", "skeletons", "subjects", "players", "instances")
_FRAME_LISTS = ("frames", "keypoints", "poses", "trajectory", "detections", "data")
_DEPTH = 6
"""Objects and lists between a frame and its people."""


class _Member(NamedTuple):
    """One person of a frame: the landmarks, the track's id or None, and the object that holds the landmarks."""

    landmarks: list | dict
    track: int | str | None
    holder: dict


def is_landmarks(document: object) -> bool:
    """Return whether the document contains landmarks in one of the forms above."""
    if isinstance(document, dict):
        found = (_by_person(document), _frame_list(document), _by_number(document))
        return (any(frames is not None for frames in found) or is_person(document)
                or any(name in document for name in POSE_NAMES))
    return isinstance(document, list) and bool(document) and any(_looks_like_frame(item) for item in document)


def _by_person(document: object) -> list | None:
    """The frames of {"persons": [{"id": 1, "frames": [frame, ...]}]} or {"tracks": {"1": [frame, ...]}}."""
    if not isinstance(document, dict):
        return None
    people = next((document[name] for name in _PEOPLE_LISTS if isinstance(document.get(name), (list, dict))), None)
    if not people:
        return None
    members = list(people.items()) if isinstance(people, dict) else list(enumerate(people))
    frames: dict = {}
    for number, person in members:
        track = number
        if isinstance(person, dict):
            track = next((person[name] for name in _TRACKS if isinstance(person.get(name), (int, str))), number)
            person = next((person[name] for name in _FRAME_LISTS if isinstance(person.get(name), list)), None)
        if not isinstance(person, list) or not person or not all(
                isinstance(frame, dict) and frame_key(frame, -1)[0] != -1 and any(name in frame for name in POSE_NAMES)
                for frame in person):
            return None
        for frame in person:
            key, seconds = frame_key(frame, -1)
            held = frames.setdefault(key, {"frame_id": key, "persons": []})
            held["persons"].append({**frame, "track_id": track})
            if seconds is not None:
                held["timestamp" if isinstance(seconds, UnstatedTime) else "timestamp_s"] = float(seconds)
    return list(frames.values())


def is_people(document: object) -> bool:
    """Return whether a picture's document is a list of people with keypoints."""
    return isinstance(document, list) and bool(document) and all(
        isinstance(person, dict) and any(name in person for name in POSE_NAMES) for person in document)


def read_landmarks(document: list | dict) -> Generator[Progress, None, Collector]:
    """A whole clip, or one frame of it."""
    hints = hints_from(document)
    frames = document
    if isinstance(document, dict):
        frames = _by_person(document)
        if frames is None:
            frames = _frame_list(document)
        if frames is None:
            frames = _by_number(document)
        if frames is None:
            frames = [document]
    if is_person(frames):
        frames = [frames]
    collector = Collector("landmark JSON", hints)
    for position, frame in enumerate(frames):
        frame = _unpacked(frame)
        key, seconds = frame_key(frame, position) if isinstance(frame, dict) else (position, None)
        add_frame(collector, key, frame, seconds)
        if position % STEP == 0:
            yield Progress("read", position, len(frames))
    return collector


def add_frame(collector: Collector, key: int | str, frame: list | dict | None, seconds: float | None = None) -> None:
    """Add one frame's people."""
    collector.frame(key, seconds)
    if isinstance(frame, dict):
        collector.hints.add(hints_from(frame))
    for person, track, holder in _people(key, frame):
        found = with_scores(key, read_person(key, person), holder)
        _name_format(collector, person, holder, len(found.points))
        collector.mediapipe |= found.visibility or holder.get("mediapipe", False) is True
        collector.person(key, found.points, track, found.labels, found.unsure and "personID" not in holder)


def _name_format(collector: Collector, person, holder: dict, count: int) -> None:
    """Name the tool that writes such people, for messages."""
    if count == MEDIAPIPE_COUNT:
        collector.format = "MediaPipe JSON"
    elif "keypoint_scores" in holder:
        collector.format = "MMPose JSON"
    elif is_columns(person):
        collector.format = "Ultralytics JSON"
    elif "personID" in holder:
        collector.format = "EasyMocap JSON"
    elif is_flat(person) and "category_id" in holder:
        collector.format = "OpenPifPaf JSON"
    elif is_flat(person) and ("scores" in holder or "idx" in holder):
        collector.format = "AlphaPose-PoseFlow JSON"
    elif isinstance(person, list) and isinstance(person[0], dict) and "part" in person[0]:
        collector.format = "PoseNet JSON"


def _unpacked(frame):
    """A frame that is a JSON text in a JSON file, as Ultralytics' to_json writes it, as its value."""
    if isinstance(frame, str) and frame[:1] in ("[", "{"):
        try:
            return json.loads(frame)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"a frame is a text that is no JSON ({type(error).__name__}); "
                              "export the file again") from error
    return frame


def _frame_list(document: dict):
    """Return the clip's frames if the document has them under a well-known name. One frame's people do not count."""
    for name in _LIST_NAMES:
        value = document.get(name)
        if isinstance(value, dict) and not is_person(value) and _by_number(value) is not None:
            return _by_number(value)
        if not isinstance(value, list) or not value or is_person(value) or is_flat(value):
            continue
        if all(item is None or item == [] or isinstance(item, dict) or is_person(item) or is_flat(item)
               or _is_people(item) for item in value) \
                and not (name in POSE_NAMES and any(is_person(item) for item in value)):
            return value
    return None


def _is_people(item) -> bool:
    return isinstance(item, list) and all(is_person(part) or isinstance(part, dict) for part in item)


def _by_number(document: dict):
    """Convert {"0": frame, "frame_1": frame, "2.jpg": frame, ...} to a list of frames with their numbers or names."""
    if not document or not all(isinstance(key, str) and len(key) < 200 and _FRAME_NAME.fullmatch(key)
                               for key in document) or all(is_landmark(value) for value in document.values()):
        return None
    if any(not isinstance(value, (dict, list, type(None))) for value in document.values()):
        return None
    frames = []
    for key, value in document.items():
        frame = dict(value) if isinstance(value, dict) and not is_person(value) else {"landmarks": value}
        frames.append({**frame, "frame_id": int(key) if key.isdecimal() and key.isascii() else key})
    if all(re.fullmatch(r"\d+\.\d+", key, re.ASCII) for key in document):  # moments, such as "0.04"
        moments = sorted(map(float, document))
        return [{**frame, "frame_id": moments.index(float(frame["frame_id"])), "timestamp": float(frame["frame_id"])}
                for frame in frames]
    return frames


def _by_id(frame: dict) -> dict[str, list | dict]:
    """The people of {"1": person, "2": person}; empty for another object. Numbers and times may stand beside them."""
    people = {key: value for key, value in frame.items() if is_person(value) or is_flat(value)}
    rest = [value for key, value in frame.items() if key not in people]
    named = all(re.fullmatch(r"(?:[A-Za-z]+[ _-]?)?\d{1,9}", key, re.ASCII) for key in people)
    return people if people and named and not any(isinstance(value, (dict, list)) for value in rest) else {}


def _looks_like_frame(item) -> bool:
    item = _unpacked(item)
    if isinstance(item, dict):
        return is_landmark(item) or is_person(item) or any(name in item for name in POSE_NAMES)
    if is_landmark(item) or is_person(item) or is_flat(item):
        return True
    return isinstance(item, list) and bool(item) and all(
        is_person(part) or (isinstance(part, dict) and any(name in part for name in POSE_NAMES)) for part in item)


def _people(key: int | str, frame: Any, track: int | str | None = None, holder: dict | None = None, depth: int = 0
            ) -> list[_Member]:
    """Return the people of a frame of any form above."""
    holder = holder or {}
    if frame is None or frame in ([], {}):
        return []
    if is_person(frame) or is_flat(frame):
        return [_Member(frame, track, holder)]
    if isinstance(frame, dict) and (by_id := _by_id(frame)):
        return [_Member(person, int(key) if key.isdecimal() and key.isascii() and len(key) < 16 else key, {})
                for key, person in by_id.items()]
    if depth < _DEPTH and isinstance(frame, dict):
        track = next((frame[name] for name in _TRACKS if isinstance(frame.get(name), (int, str, float))
                      and not isinstance(frame[name], bool) and (name != "id" or depth)), track)
        track = int(track) if isinstance(track, float) and track.is_integer() else track
        name = next((n for n in _INNER_NAMES if isinstance(frame.get(n), (list, dict))
                     and not (n == "skeleton" and any(other in frame for other in POSE_NAMES[:-1]))), None)
        if name is None and any(n in frame for n in POSE_NAMES):
            name = next(n for n in POSE_NAMES if n in frame)
            if frame[name] is not None:
                raise FormatError(f"frame {key} has no landmark list under {name}; export a list of landmarks with x, "
                                  "y and visibility")
            return []
        if name is not None:
            mark = {**frame, "mediapipe": True} if name in ("pose_landmarks", "poseLandmarks") else frame
            return _people(key, frame[name], track, mark, depth + 1)
    if depth < _DEPTH and isinstance(frame, list) and all(isinstance(part, (dict, list)) or part is None
                                                         for part in frame):
        if is_labelled(frame):
            return [_Member(frame, track, holder)]
        if any(is_landmark(part) and not (isinstance(part, dict) and set(part) & set(_INNER_NAMES)) for part in frame):
            raise FormatError(f"frame {key}: {len(frame)} landmarks are not a body; "
                              "export all landmarks of a model")
        return [found for part in frame for found in _people(key, part, None, None, depth + 1)]
    raise FormatError(f"frame {key} has no landmark list; export a list of landmarks with x, y and visibility")
