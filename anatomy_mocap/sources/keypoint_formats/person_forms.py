"""Reads one person's keypoints in JSON, in the forms of the tools: landmarks, rows, flat lists, columns; with names."""

from __future__ import annotations

import numpy as np

from .records import FormatError, is_fourth_score

MEDIAPIPE_COUNT = 33
SCORE_NAMES = ("visibility", "score", "confidence", "conf", "likelihood", "visible", "presence", "prob", "probability",
               "p", "c", "v", "s", "conf_score", "confidence_score", "keypoint_score", "accuracy",
               "inFrameLikelihood", "inframelikelihood")
# Where a person's keypoints lie in an object, in the order of preference.
POSE_NAMES = ("pose_landmarks", "poseLandmarks", "landmarks", "pose", "keypoints", "keypoints2d", "keypoints_2d",
              "people", "poses", "landmark", "annots", "instances", "predictions", "normalized_landmarks",
              "normalizedLandmarks", "skeleton")
_NAMES = ("name", "part", "bodyPart", "bodypart", "body_part", "joint",
          "label", "keypoint", "landmark", "landmark_name")
_IDS = ("id", "index", "type", "landmark_type", "landmarktype", "landmarkType", "landmark_id",
        "landmark_index", "idx", "keypoint_id", "number")
_PLACES = ("position", "coordinates", "coords", "coordinate", "xy", "pos", "point", "location", "pixel", "pt")
_SCORE_LISTS = ("keypoint_scores", "scores", "keypoint_score", "score", "confidence", "confidences")


class Person:
    """One person's keypoints.

    points: (K, 2 or 3) x, y, score. labels: K names or K numbers, or None. unsure: the third values may be depths.
    visibility: whether the landmarks have a visibility or a depth, as MediaPipe's.
    """

    def __init__(self, points: np.ndarray, labels: list[str] | list[int] | None = None, unsure: bool = False,
                 visibility: bool = False) -> None:
        self.points, self.labels, self.unsure, self.visibility = points, labels, unsure, visibility


def is_number(value: object) -> bool:
    """Whether a JSON value is a number or null."""
    return value is None or type(value) in (int, float)


def plain_landmark(item: dict) -> dict:
    """A landmark with x and y at its top, in small letters, wherever they stand: {"Position": {"X": .., "Y": ..}}."""
    if "x" in item:
        return item
    item = {str(name).lower(): value for name, value in item.items()}
    for name in _PLACES:
        place = item.get(name)
        if isinstance(place, dict):
            place = {str(axis).lower(): value for axis, value in place.items()}
            if "x" in place and "y" in place:
                return {**item, **place}
        if isinstance(place, list) and 2 <= len(place) <= 3 and all(map(is_number, place)):
            return {**item, **dict(zip("xyz", place, strict=False))}
    return item


def is_landmark(item: object) -> bool:
    """Recognise {"x": .., "y": ..}, {"position": {"x": .., "y": ..}} or a row of two to five numbers."""
    if isinstance(item, dict):
        place = plain_landmark(item)
        return "x" in place and "y" in place and is_number(place["x"]) and is_number(place["y"])
    return isinstance(item, list) and 2 <= len(item) <= 6 and all(map(is_number, item))


def is_columns(item: object) -> bool:
    """Recognise {"x": [...], "y": [...]}, Ultralytics' keypoints."""
    return (isinstance(item, dict) and isinstance(item.get("x"), list) and isinstance(item.get("y"), list)
            and len(item["x"]) == len(item["y"]) > 5)


def is_named(item: object) -> bool:
    """Recognise {"nose": {"x": .., "y": ..}, ...} or {"nose": [x, y], ...}: more than five keypoints by name."""
    return (isinstance(item, dict) and len(item) > 5 and sum(is_landmark(value) for value in item.values()) > 5
            and all(value is None or is_landmark(value) for value in item.values()))


def is_flat(item: object) -> bool:
    """Recognise [x, y, score, x, y, score, ...] of more than five keypoints."""
    return isinstance(item, list) and len(item) > 15 and len(item) % 3 == 0 and all(map(is_number, item))


def is_person(item: object) -> bool:
    """Recognise a list of more than five landmarks, or another form of all keypoints of one person."""
    if isinstance(item, list):
        return len(item) > 5 and any(map(is_landmark, item)) and all(part is None or is_landmark(part) for part in item)
    return is_columns(item) or is_named(item)


def read_person(key: int | str, person: list | dict) -> Person:
    """Read one person that `is_person` or `is_flat` accepts. key: the frame, for messages."""
    if is_flat(person):
        return Person(_numbers(key, person).reshape(-1, 3))
    if is_columns(person):
        name = next((n for n in SCORE_NAMES if isinstance(person.get(n), list)), None)
        columns = [person["x"], person["y"]] + ([person[name]] if name else [])
        if len({len(column) for column in columns}) > 1:
            raise FormatError(f"frame {key}: x, y and {name} have different lengths; export the file again")
        return Person(_numbers(key, columns).T)
    if isinstance(person, dict):
        found = read_person(key, list(person.values()))
        numbered = all(str(name).isdecimal() and str(name).isascii() and len(name) < 6 for name in person)
        return Person(found.points, list(map(int if numbered else str, person)), found.unsure, found.visibility)
    if any(isinstance(part, dict) for part in person):
        return _landmarks(key, person)
    width = next(len(part) for part in person if part is not None)
    return _rows(_numbers(key, [[None] * width if part is None else part for part in person]))


def with_scores(key: int | str, person: Person, holder: dict) -> Person:
    """The person with the scores that stand beside the points in a list of their own."""
    points = np.asarray(person.points)
    for name in _SCORE_LISTS:
        scores = holder.get(name)
        if isinstance(scores, list) and len(scores) == len(points) and all(map(is_number, scores)):
            return Person(np.column_stack((points[:, :2], _numbers(key, scores))), person.labels)
    return person


def _landmarks(key, person: list) -> Person:
    if not all(part is None or isinstance(part, dict) for part in person):
        raise FormatError(f"frame {key}: some landmarks are objects, others rows; export the file again")
    person = [plain_landmark(part) if part else {} for part in person]
    name = next((n for n in SCORE_NAMES if any(n in landmark for landmark in person)), None)
    rows = []
    for landmark in person:
        row = [landmark.get("x"), landmark.get("y")]
        # Some serialisers omit zeros, so an absent visibility among present ones is 0.
        rows.append(row if name is None else [*row, 0.0 if landmark.get(name) is None else landmark[name]])
    return Person(_numbers(key, rows), _labels(person), visibility=name in ("visibility", "presence")
                  or any("z" in landmark for landmark in person))


def is_labelled(person: list) -> bool:
    """Whether these are landmarks that each have a name or a number: some of a body's, in any order."""
    return all(isinstance(part, dict) and is_landmark(part) for part in person) \
        and _labels([plain_landmark(part) for part in person]) is not None


def _labels(person: list):
    """The names, or the numbers, that stand beside x and y; None if some have none or two are the same."""
    for options, kind in ((_NAMES, str), (_IDS, int)):
        for name in options:
            labels = [landmark.get(name) for landmark in person]
            if all(type(label) is kind for label in labels) and len(set(labels)) == len(labels) \
                    and (kind is str or min(labels) >= 0):
                return labels
    return None


def _rows(rows: np.ndarray) -> Person:
    """Rows of x, y; x, y, score or depth; x, y, z, visibility; each with a number before it or not."""
    labels = None
    if rows.shape[1] >= 3 and _counts_up(rows[:, 0]):
        labels, rows = [int(value) for value in rows[:, 0]], rows[:, 1:]
    if rows.shape[1] <= 2:
        return Person(rows, labels)
    if rows.shape[1] >= 4 and is_fourth_score(rows[:, 3]):
        return Person(rows[:, [0, 1, 3]], labels, visibility=True)
    rows = rows[:, :3]
    return Person(rows, labels, unsure=True)


def _counts_up(column: np.ndarray) -> bool:
    """Whether the values are whole numbers that rise from 0 or 1, as numbers of keypoints do."""
    return bool(np.isfinite(column).all() and (column == np.round(column)).all() and 0 <= column[0] <= 5
                and (np.diff(column) >= 1).all() and column[-1] <= 3 * len(column))


def _numbers(key, rows: list) -> np.ndarray:
    try:
        values = np.array(rows, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise FormatError(f"frame {key}: the landmarks are not plain numbers ({error}); "
                          "export the file again") from error
    return values
