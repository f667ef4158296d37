"""Reads landmarks from CSV: one row per landmark (frame, landmark, x, y, visibility) or per frame (x0, y0, ...)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Generator
from pathlib import Path

import numpy as np

from ...core.progress import Progress, part_of
from .frame_keys import MILLISECONDS, NUMBERS, SECONDS
from .records import STEP, Collector, FormatError

LINES = 4096
"""Lines that are read between two steps."""

_WHOLE = Progress("read", 0, 1000)

_LANDMARK = ("landmark_index", "landmark_id", "landmark", "keypoint_index", "keypoint_id", "keypoint", "kp_index",
             "joint_id", "joint_index", "point", "index", "id")
_SCORE = ("visibility", "score", "confidence", "likelihood", "presence", "v", "c", "s")
_PERSON = ("track_id", "person_id", "person", "pose_id", "pose")
_WIDE = re.compile(r"(?:(?P<a>x|y|v|c|s|visibility|score|confidence)_?(?P<i>\d+)"
                   r"|[a-z_]*?(?P<j>\d+)_(?P<b>x|y|v|c|s|visibility|score|confidence))")


def read_csv(path: Path) -> Generator[Progress, None, Collector]:
    """A table with a header line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        sample = text[:text.find("\n")] if "\n" in text else text
        delimiter = max(",;\t", key=sample.count)
        rows = yield from part_of(_rows(text, delimiter), _WHOLE, 0.0, 0.3)
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"not a CSV table ({error}); save it as UTF-8 text") from error
    if not rows:
        raise FormatError("an empty table; give a file with at least one frame")
    header = [name.strip().lower() for name in rows[0]]
    if len(rows) == 1:
        raise FormatError("a table without rows; give a file with at least one frame")
    for i, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise FormatError(f"line {i} has {len(row)} cells, the header has {len(header)}; "
                              "the file is cut off or damaged, export it again")
    if {"x", "y"} <= set(header) and any(name in header for name in _LANDMARK):
        return (yield from part_of(_long(header, rows[1:]), _WHOLE, 0.3, 1.0))
    columns = _wide_columns(header)
    if columns is not None:
        return (yield from part_of(_wide(header, rows[1:], *columns), _WHOLE, 0.3, 1.0))
    raise FormatError(f"columns not known ({', '.join(header[:6])} ...); give a header of frame, landmark, x, y, "
                      "visibility or of x0, y0, v0, x1, y1, v1 ...")


def _rows(text: str, delimiter: str) -> Generator[Progress, None, list[list[str]]]:
    """The rows that are not empty."""
    rows: list[list[str]] = []
    lines = text.count("\n") + 1
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
        if row:
            rows.append(row)
        if number % LINES == 0:
            yield Progress("read", number, lines)
    return rows


def _cell(value: str, line: int, column: str) -> float:
    value = value.strip()
    if value == "":
        return np.nan
    try:
        return float(value)
    except ValueError:
        raise FormatError(f"line {line}: {column} is {value[:40]!r}, not a number; export the file again") from None


def _key(value: str):
    value = value.strip()
    try:
        return int(value) if len(value) < 16 else value
    except ValueError:
        return value


def _column(header: list[str], names) -> int | None:
    return next((header.index(name.lower()) for name in names if name.lower() in header), None)


def _seconds(header: list[str]) -> tuple[int | None, float]:
    milli, whole = _column(header, MILLISECONDS), _column(header, SECONDS)
    return (milli, 1e-3) if milli is not None else (whole, 1.0)


def _long(header: list[str], rows: list) -> Generator[Progress, None, Collector]:
    frame, landmark = _column(header, NUMBERS), _column(header, _LANDMARK)
    if frame is None:
        raise FormatError("no frame column; add a column named frame")
    x, y, score, person = header.index("x"), header.index("y"), _column(header, _SCORE), _column(header, _PERSON)
    time, unit = _seconds(header)
    people: dict = {}
    names: dict = {}
    seconds: dict = {}
    for line, row in enumerate(rows, start=2):
        key = _key(row[frame])
        who = _key(row[person]) if person is not None else None
        name = _key(row[landmark])
        names.setdefault(name, None)
        if time is not None:
            seconds[key] = _cell(row[time], line, header[time]) * unit
        point = [_cell(row[x], line, "x"), _cell(row[y], line, "y")]
        if score is not None:
            point.append(_cell(row[score], line, header[score]))
        points = people.setdefault((key, who), {})
        if name in points:
            raise FormatError(f"line {line}: frame {key} has landmark {name} twice; add a column person_id "
                              "if there are several people")
        points[name] = point
        if line % LINES == 0:
            yield Progress("read", line, 2 * len(rows))
    order = sorted(names) if all(isinstance(name, int) for name in names) else list(names)
    collector = Collector("landmark CSV")
    if all(isinstance(name, str) for name in names):
        collector.hints.keypoint_names = tuple(order)
    missing = [0.0, 0.0, 0.0] if score is not None else [0.0, 0.0]
    for position, ((key, who), points) in enumerate(people.items()):
        collector.frame(key, seconds.get(key))
        collector.person(key, [points.get(name, missing) for name in order], who)
        if position % STEP == 0:
            yield Progress("read", len(people) + position, 2 * len(people))
    return collector


def _wide_columns(header: list[str]):
    """Return the column numbers of x, y and score of the K landmarks; score is None if the table has no scores."""
    found: dict = {}
    for column, name in enumerate(header):
        match = _WIDE.fullmatch(name)
        if match:
            axis = (match["a"] or match["b"])[0]
            found.setdefault("x" if axis == "x" else "y" if axis == "y" else "s", {})[
                int(match["i"] or match["j"])] = column
    if not found.get("x") or set(found["x"]) != set(found.get("y", ())):
        return None
    order = sorted(found["x"])
    scores = [found["s"][i] for i in order] if set(found.get("s", ())) == set(order) else None
    return [found["x"][i] for i in order], [found["y"][i] for i in order], scores


def _wide(header: list[str], rows: list, x: list[int], y: list[int], scores: list[int] | None
          ) -> Generator[Progress, None, Collector]:
    frame, person = _column(header, NUMBERS), _column(header, _PERSON)
    time, unit = _seconds(header)
    columns = np.array([x, y] + ([scores] if scores else []))
    collector = Collector("landmark CSV")
    for position, row in enumerate(rows):
        line = position + 2
        key = _key(row[frame]) if frame is not None else position
        seconds = _cell(row[time], line, header[time]) * unit if time is not None else None
        values = np.array([[_cell(row[c], line, header[c]) for c in axis] for axis in columns]).T
        collector.frame(key, seconds)
        if not np.isnan(values).all():
            collector.person(key, values, _key(row[person]) if person is not None else None)
        if position % STEP == 0:
            yield Progress("read", position, len(rows))
    return collector
