"""Finds the columns of a keypoint table: frame, time, person, and x, y and score of each keypoint."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ..keypoint_names import is_keypoint_name, layout_by_names, plain_name, words_of
from .frame_keys import MILLISECONDS, NUMBERS, SECONDS, UNSTATED
from .records import FormatError

LABELS = ("landmark_index", "landmark_id", "landmark", "landmark_name", "keypoint_index", "keypoint_id", "keypoint",
          "keypoint_name", "keypoint_idx", "landmark_idx", "landmark_number", "kp_index", "kp_id", "kp", "joint_id",
          "joint_index", "joint", "joint_name", "bodypart", "body_part", "part", "node", "marker", "label", "name",
          "point", "point_id", "index", "idx", "id")
SCORES = ("visibility", "score", "confidence", "conf", "likelihood", "visible", "vis", "v", "c", "s", "presence",
          "prob", "probability", "p")
PERSONS = ("track_id", "person_id", "person", "pose_id", "pose", "track", "subject", "player_id", "player", "instance",
           "instance_id", "individual", "person_index", "id")
_UNITS = {"px", "pixel", "pixels", "coord", "coords", "coordinate", "pos", "position", "norm", "normalized",
          "normalised", "image", "img", "twod", "loc"}
# Columns of these words are no points of the body in the picture.
_OTHER = {"world", "threed", "bbox", "box", "hand", "hands", "face", "iris", "gaze", "velocity", "speed", "angle"}
_BODY = {"pose", "body"}
_LEAST = 8  # keypoints of a body
_AXES = {"py": "y", "xpos": "x", "ypos": "y", "posx": "x", "posy": "y", "xcoord": "x", "ycoord": "y"}
_PIXELS, _FRACTIONS = {"px", "pixel", "pixels"}, {"norm", "normalized", "normalised"}
_PREFERENCE = {("in pixels",): 2, ("in fractions",): 0}
_ENDS = ("x", "y", "z", "score", "confidence", "conf", "visibility", "likelihood")
KINDS = ("type", "kind", "landmark_type", "group", "body_part_type", "model", "source")


@dataclass
class Points:
    """The columns of K keypoints: labels (K names or K numbers), x, y; scores None if the table has none."""

    labels: list
    x: list[int]
    y: list[int]
    scores: list[int] | None
    notes: list[str]
    visibility: bool


class LongColumns(NamedTuple):
    """The columns of a table with one keypoint a line; score is None if the table has none."""

    label: int
    x: int
    y: int
    score: int | None


class _KeypointColumn(NamedTuple):
    """What a column's name says.

    group: words of the set of keypoints, such as "body". label: name or number of the keypoint. axis: x, y, z or a
    score's name.
    """

    group: tuple[str, ...]
    label: str | int
    axis: str


def joined(name: str) -> str:
    """A column's name without case and punctuation."""
    return "".join(words_of(name))


def column(header: list[str], names: Iterable[str]) -> int | None:
    """The first column with one of these names, in the names' order."""
    plain = [joined(name) for name in header]
    return next((plain.index(joined(name)) for name in names if joined(name) in plain), None)


def body_rows(header: list[str], rows: list[list[str]], label: int) -> tuple[list[list[str]], list[str]]:
    """The rows of the body, and notes, of a table with a column of kinds (pose, face, left_hand) beside the label."""
    at = column(header, KINDS)
    if at is None or at == label:
        return rows, []
    kinds = {row[at]: set(words_of(row[at])) for row in rows}
    bodies = [kind for kind, words in kinds.items() if words & _BODY and not words & _OTHER]
    if len(kinds) < 2 or len(bodies) != 1:
        return rows, []
    others = sorted(set(kinds) - set(bodies))
    return [row for row in rows if row[at] == bodies[0]], [
        f"the body is read from the rows of {header[at]} {bodies[0]!r}; others are not used: {', '.join(others[:6])}"]


def frame_column(header: list[str]) -> int | None:
    """The column of the frame's number or picture."""
    return column(header, NUMBERS)


def time_column(header: list[str]) -> tuple[int | None, float | None]:
    """The column of the frame's time and its unit in seconds; None for a unit that is not stated."""
    for names, unit in ((MILLISECONDS, 1e-3), (SECONDS, 1.0), (UNSTATED, None)):
        found = column(header, names)
        if found is not None:
            return found, unit
    return None, None


def long_columns(header: list[str]) -> LongColumns | None:
    """The columns of a table with one keypoint a line; None for another table."""
    axes: dict[str, int] = {}
    for i, name in enumerate(header):
        words = [word for word in words_of(name) if word not in _UNITS]
        if len(words) == 1 and (words[0] in ("x", "y") or words[0] in SCORES):
            axes.setdefault(words[0], i)
    label = column(header, LABELS)
    if label is None or "x" not in axes or "y" not in axes:
        return None
    return LongColumns(label, axes["x"], axes["y"], next((axes[name] for name in SCORES if name in axes), None))


def wide_columns(header: list[str]) -> Points | None:
    """The columns of a table with one frame a line; None for another table."""
    sets: dict[tuple, dict] = {}
    for i, name in enumerate(header):
        found = _keypoint_column(name)
        if found is None:
            continue
        group, label, axis = found
        group += _unit_words(name, axis)
        axes = sets.setdefault((group, isinstance(label, int)), {}).setdefault(label, {})
        if axis in axes and axis in ("x", "y"):
            raise FormatError(f"columns {header[axes[axis]]!r} and {name!r} hold the same value; give one of them")
        axes.setdefault(axis, i)
    _share_scores(sets)
    whole = {key: {label: axes for label, axes in labels.items() if "x" in axes and "y" in axes}
             for key, labels in sets.items()}
    whole = {key: labels for key, labels in whole.items() if labels}
    bodies = [key for key, labels in whole.items() if not set(key[0]) & _OTHER and len(labels) >= _LEAST
              and (key[1] or layout_by_names(labels) is not None)]
    if not bodies:
        if whole:
            _explain(whole, header)
        return _without_prefix(header)
    bodies.sort(key=lambda key: (bool(set(key[0]) & _BODY), not key[1], len(whole[key]),
                                 _PREFERENCE.get(key[0][-1:], 1)), reverse=True)
    if len(bodies) > 1 and bodies[0][1] == bodies[1][1] and len(whole[bodies[0]]) == len(whole[bodies[1]]) \
            and bool(set(bodies[0][0]) & _BODY) == bool(set(bodies[1][0]) & _BODY) \
            and _without_unit(bodies[0][0]) != _without_unit(bodies[1][0]):
        raise FormatError("it has the columns of several bodies ("
                          + ", ".join(" ".join(key[0]) or "no prefix" for key in bodies[:4])
                          + "); give the columns of one, or a line for each with a column person_id")
    return _points(whole, bodies[0], header)


def _without_prefix(header: list[str]) -> Points | None:
    """The points of columns that begin with the same unknown word, such as "pred_nose_x"."""
    parts = [re.match(r"([A-Za-z]+\d*)[ _.-](?=.)", name) for name in header]
    found: dict[str, Points] = {}
    for prefix in dict.fromkeys(part[1] for part in parts if part):
        if not is_keypoint_name(prefix) and joined(prefix) not in ("x", "y", "z", "left", "right", "l", "r"):
            rest = [name[part.end():] if part and part[1] == prefix else "" for name, part in zip(header, parts,
                                                                                                 strict=True)]
            points = wide_columns(rest) if sum(map(bool, rest)) >= 2 * _LEAST else None
            if points is not None:
                found[prefix] = points
    if len(found) > 1:
        raise FormatError(f"it has the columns of several bodies ({', '.join(list(found)[:4])}); give the columns of "
                          "one, or a line for each with a column person_id")
    return next(iter(found.values()), None)


def _unit_words(name: str, axis: str) -> tuple[str, ...]:
    """A word that keeps pixels and fractions of the same point apart, where a column's name has such a unit."""
    words = set(words_of(name))
    if axis not in ("x", "y"):
        return ()
    return ("in pixels",) if words & _PIXELS else ("in fractions",) if words & _FRACTIONS else ()


def _without_unit(group: tuple[str, ...]) -> tuple[str, ...]:
    return group[:-1] if group[-1:] in _PREFERENCE else group


def _share_scores(sets: dict[tuple, dict]) -> None:
    """Give points in a stated unit the scores that stand beside them without a unit."""
    for (group, numbered), labels in sets.items():
        plain = sets.get((_without_unit(group), numbered), {})
        if plain is not labels:
            for label, axes in labels.items():
                for axis, at in plain.get(label, {}).items():
                    if axis not in ("x", "y"):
                        axes.setdefault(axis, at)


def _points(whole: dict, chosen: tuple, header: list[str]) -> Points:
    labels = whole[chosen]
    notes = []
    order = sorted(labels) if chosen[1] else list(labels)
    score = next((name for name in SCORES if all(name in labels[label] for label in order)), None)
    if score is None and any(name in labels[label] for name in SCORES for label in order):
        notes.append("only some keypoints have a column of scores: these columns are not used")
    others = [" ".join(key[0]) or "other" for key in whole if key != chosen]
    if others:
        first = labels[order[0]]
        notes.append(f"the body is read from columns such as {header[first['x']]!r}; other columns are not used: "
                     f"{', '.join(sorted(set(others))[:6])}")
    return Points(order, [labels[label]["x"] for label in order], [labels[label]["y"] for label in order],
                  [labels[label][score] for label in order] if score else None, notes,
                  score in ("visibility", "presence") or any("z" in labels[label] for label in order))


def _explain(whole: dict, header: list[str]) -> None:
    """Raise FormatError about a table whose points are no body in the picture."""
    kinds = sorted({word for key in whole for word in key[0] if word in _OTHER})
    if kinds and all(set(key[0]) & _OTHER for key in whole):
        raise FormatError(f"its points are those of {', '.join(kinds)}, not of a body in the picture; export the "
                          "body's 2D keypoints in pixels or as fractions of the picture's size")


def _keypoint_column(name: str) -> _KeypointColumn | None:
    """Read the name of a column such as "left_eye_x"; None where it names no keypoint."""
    text = re.sub(r"(?i)3d", "_threed_", re.sub(r"(?i)2d", "_twod_", name))
    words = [_AXES.get(word, word) for word in words_of(text)]
    words = [word for word in words if word not in _UNITS]
    if not words:
        return None
    together = [(axis, [*words[:-1], words[-1].removesuffix(axis)]) for axis in _ENDS
                if words[-1].endswith(axis) and words[-1] != axis]  # such as "LKneex"
    for axis, rest in [(words[-1], words[:-1]), (words[0], words[1:])][:2 * (len(words) > 1)] + together:
        if axis in ("x", "y", "z") or axis in SCORES:
            found = _label(rest)
            if found is not None:
                return _KeypointColumn(*found, axis)
    return None


def _label(words: list[str]) -> tuple[tuple[str, ...], str | int] | None:
    """Return (words of the set, label) of a column's words without its axis; None where they name no keypoint."""
    for without in (_BODY, _BODY | _OTHER):
        rest = [word for word in words if word not in without]
        if rest and is_keypoint_name("_".join(rest)) and not (rest[-1].isdigit() and len(rest) == 1):
            return tuple(word for word in words if word in without), plain_name("_".join(rest))
    digits = [i for i, word in enumerate(words) if word.isdecimal() and word.isascii() and len(word) < 6]
    if not digits:
        return None
    at = digits[-1]
    return tuple(word for i, word in enumerate(words) if i != at), int(words[at])
