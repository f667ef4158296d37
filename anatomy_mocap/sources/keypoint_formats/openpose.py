"""Reads OpenPose's JSON (one document per frame) and AlphaPose's results in that form ("open" and "cmu")."""

from __future__ import annotations

from .records import Collector, FormatError

_OTHER = ("keypoints", "landmarks", "pose", "pose_landmarks")
_PEOPLE = {"people": ("pose_keypoints_2d", "pose_keypoints"), "bodies": ("joints",)}


def is_frame(document: object) -> bool:
    """Recognise a frame: {"people": [{"pose_keypoints_2d": [x, y, score, ...]}]} or {"bodies": [{"joints": [...]}]}."""
    return isinstance(document, dict) and any(
        isinstance(document.get(key), list) and not any(map(_is_other, document[key])) for key in _PEOPLE)


def _is_other(person: object) -> bool:
    """Whether a person has keypoints under another tool's name."""
    return isinstance(person, dict) and any(name in person for name in _OTHER) \
        and not any(name in person for names in _PEOPLE.values() for name in names)


def is_frames_by_name(document: object) -> bool:
    """Recognise AlphaPose's "open" and "cmu" results: {picture name: frame}."""
    return isinstance(document, dict) and bool(document) and all(is_frame(value) for value in document.values())


def add_frame(collector: Collector, key: int | str, document: dict) -> None:
    """Add one frame's people. A missing keypoint is 0, 0, 0."""
    collector.frame(key)
    people_key = next(name for name in _PEOPLE if isinstance(document.get(name), list))
    for person in document[people_key]:
        if not isinstance(person, dict):
            raise FormatError(f"frame {key}: a person is {type(person).__name__}, not an object; export the file again")
        name = next((n for n in _PEOPLE[people_key] if n in person), None)
        if name is None:
            raise FormatError(f"frame {key}: a person without {_PEOPLE[people_key][0]} (found: "
                              f"{', '.join(map(str, person)) or 'nothing'}); export with body keypoints")
        collector.person(key, [] if person[name] is None else person[name], _track(person.get("person_id")))


def _track(person_id):
    """Return the track id. Without tracking, OpenPose writes [-1] or no person_id."""
    value = person_id[0] if isinstance(person_id, list) and person_id else person_id
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e15:
        return int(value)
    return None
