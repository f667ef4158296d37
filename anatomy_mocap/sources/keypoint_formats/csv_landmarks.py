"""Reads keypoints from tables: a keypoint a line (frame, landmark, x, y, score) or a frame a line (x0, y0, nose_x ...).

Tables of DeepLabCut, with several lines of header, are read as a frame a line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Generator
from pathlib import Path

import numpy as np

from ...core.progress import Progress, part_of
from .csv_columns import (
    PERSONS,
    Points,
    body_rows,
    column,
    frame_column,
    joined,
    long_columns,
    time_column,
    wide_columns,
)
from .frame_keys import clock_time
from .records import STEP, Collector, FormatError, UnstatedTime
from .table_shapes import spread, ungrouped
from .text_files import read_plain_text

LINES = 4096
"""Lines that are read between two steps."""

_WHOLE = Progress("read", 0, 1000)
_NOTHING = {"", "nan", "null", "none", "na", "n/a", "-"}


def read_csv(path: Path) -> Generator[Progress, None, Collector]:
    """A table with a header line."""
    try:
        text, delimiter = _table_text(read_plain_text(path, "save the table as UTF-8 text"))
        rows = yield from part_of(_rows(text, delimiter), _WHOLE, 0.0, 0.3)
    except csv.Error as error:
        raise FormatError(f"not a CSV table ({error}); save it as UTF-8 text") from error
    if rows and all(len(row) > len(rows[0]) and not any(map(str.strip, row[len(rows[0]):])) for row in rows[1:]):
        rows = [row[:len(rows[0])] for row in rows]  # each line but the header ends with a delimiter
    if not rows:
        raise FormatError("an empty table; give a file with at least one frame")
    if joined(rows[0][0]) == "scorer" or (len(rows) > 2 and joined(rows[0][0]) == "bodyparts"):
        return (yield from part_of(_deeplabcut(rows), _WHOLE, 0.3, 1.0))
    header = [name.strip() for name in rows[0]]
    if len(rows) == 1:
        raise FormatError("a table without rows; give a file with at least one frame")
    if all(_is_number(name) for name in header):
        raise FormatError("a table without a header line; give a header of frame, landmark, x, y, visibility or of "
                          "x0, y0, v0, x1, y1, v1 ...")
    return (yield from part_of(read_table(header, rows[1:]), _WHOLE, 0.3, 1.0))


def read_table(header: list[str], rows: list[list[str]]) -> Generator[Progress, None, Collector]:
    """A table with the names of its columns."""
    wrong = next((i for i, row in enumerate(rows) if len(row) != len(header)), None)
    if wrong is not None:
        grouped = ungrouped(header, rows)
        if grouped is None:
            raise FormatError(f"line {wrong + 2} has {len(rows[wrong])} cells, the header has {len(header)}; "
                              "the file is cut off or damaged, or the header lacks columns: export it again")
        header, rows, _ = grouped
    long = long_columns(header)
    if long is not None:
        return (yield from _long(header, rows, *long))
    header, rows, unsure = spread(header, rows)
    columns = wide_columns(header)
    if columns is not None:
        return (yield from _wide(header, rows, columns, unsure))
    raise FormatError(f"unknown columns ({', '.join(header[:6])} ...); give a header of frame, landmark, x, y, "
                      "visibility, of x0, y0, v0, x1, y1, v1 ... or of names such as nose_x, nose_y, nose_score")


def _table_text(text: str) -> tuple[str, str]:
    """The table's text without what Excel and loggers write before the header, and its delimiter."""
    stated = re.match(r"sep=(.)\n", text)
    if stated:
        return text[stated.end():], stated[1]
    while text.startswith("#") and "\n" in text and not re.match(r"#\s*frame", text, re.IGNORECASE):
        text = text[text.index("\n") + 1:]
    sample = text[:text.find("\n")] if "\n" in text else text
    return text, max(",;\t|", key=sample.count)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _rows(text: str, delimiter: str) -> Generator[Progress, None, list[list[str]]]:
    """The rows that are not empty."""
    rows: list[list[str]] = []
    lines = text.count("\n") + 1
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
        if any(row):
            rows.append(row)
        if number % LINES == 0:
            yield Progress("read", number, lines)
    return rows


def _cell(value: str, line: int, name: str) -> float:
    value = value.strip()
    if value.lower() in _NOTHING:
        return np.nan
    try:
        return float(value)
    except ValueError:
        pass
    if re.fullmatch(r"[-+]?\d*,\d+(e[-+]?\d+)?", value, re.IGNORECASE):
        return float(value.replace(",", "."))  # a decimal comma; the table has another delimiter
    raise FormatError(f"line {line}: {name} is {value[:40]!r}, not a number; export the file again")


def _key(value: str):
    """A frame's or a person's number, or its text."""
    value = value.strip()
    if re.fullmatch(r"[-+]?\d{1,15}(\.0+)?", value, re.ASCII):
        return int(value.partition(".")[0])
    return value


def _owner(row: list[str], person: int | None):
    owner = _key(row[person]) if person is not None else None
    return None if owner == "" or str(owner).lower() in _NOTHING else owner


def _time(row: list[str], line: int, header: list[str], time: int | None, unit: float | None) -> float | None:
    if time is None:
        return None
    clock = clock_time(row[time])
    if clock is not None:
        return clock
    if unit is None:
        try:
            return UnstatedTime(_cell(row[time], line, header[time]))
        except FormatError:
            return None
    return _cell(row[time], line, header[time]) * unit


def _long(header: list[str], rows: list, label: int, x: int, y: int, score: int | None
          ) -> Generator[Progress, None, Collector]:
    frame, person = frame_column(header), column(header, PERSONS)
    time, unit = time_column(header)
    person = None if person == label else person
    rows, notes = body_rows(header, rows, label)
    if frame is None and time is None:
        frame, rows = len(header), _numbered(rows, label)
        notes.append("the table has no column of frames: a frame begins where the landmarks start again")
    people: dict = {}
    seconds: dict = {}
    moments: dict = {}
    for line, row in enumerate(rows, start=2):
        key = _key(row[frame]) if frame is not None else moments.setdefault(row[time].strip(), len(moments))
        owner, name = _owner(row, person), _key(row[label])
        seconds[key] = _time(row, line, header, time, unit)
        point = [_cell(row[x], line, "x"), _cell(row[y], line, "y")]
        if score is not None:
            point.append(_cell(row[score], line, header[score]))
        points = people.setdefault((key, owner), {})
        if name in points:
            raise FormatError(f"line {line}: frame {key} has landmark {name} twice; add a column person_id "
                              "if there are several people")
        points[name] = point
        if line % LINES == 0:
            yield Progress("read", line, 2 * len(rows))
    collector = Collector("landmark CSV")
    collector.notes += notes
    collector.mediapipe = "landmark" in joined(header[label]) or (
        score is not None and joined(header[score]) == "visibility")
    numbered = all(isinstance(name, int) and name >= 0 for points in people.values() for name in points)
    for position, ((key, owner), points) in enumerate(people.items()):
        collector.frame(key, seconds.get(key))
        collector.person(key, list(points.values()), owner, points if numbered else map(str, points))
        if position % STEP == 0:
            yield Progress("read", len(people) + position, 2 * len(people))
    return collector


def _numbered(rows: list[list[str]], label: int) -> list[list[str]]:
    """The rows with the number of their frame at the end. A frame begins where the first label comes again."""
    seen: set = set()
    number, found = 0, []
    for row in rows:
        if row[label] in seen:
            number, seen = number + 1, set()
        seen.add(row[label])
        found.append([*row, str(number)])
    if not number:
        raise FormatError("no frame column; add a column named frame")
    return found


def _wide(header: list[str], rows: list, found: Points, unsure: bool = False) -> Generator[Progress, None, Collector]:
    frame, person = frame_column(header), column(header, PERSONS)
    time, unit = time_column(header)
    columns = np.array([found.x, found.y] + ([found.scores] if found.scores else []))
    collector = Collector("landmark CSV")
    collector.notes += found.notes
    collector.mediapipe = found.visibility
    for position, row in enumerate(rows):
        line = position + 2
        key = _key(row[frame]) if frame is not None else position
        values = np.array([[_cell(row[c], line, header[c]) for c in axis] for axis in columns]).T
        collector.frame(key, _time(row, line, header, time, unit))
        if not np.isnan(values).all():
            collector.person(key, values, _owner(row, person), found.labels, unsure)
        if position % STEP == 0:
            yield Progress("read", position, len(rows))
    return collector


def _deeplabcut(rows: list) -> Generator[Progress, None, Collector]:
    """DeepLabCut's table: lines scorer, individuals (of several people), bodyparts, coords; then a frame a line."""
    heads: dict[str, list[str]] = {}
    while rows and joined(rows[0][0]) in ("scorer", "individuals", "bodyparts", "coords"):
        heads[joined(rows[0][0])] = rows[0]
        rows = rows[1:]
    if "bodyparts" not in heads or "coords" not in heads or not rows:
        raise FormatError("a DeepLabCut table without bodyparts, coords or frames; export it again")
    width = len(heads["coords"])
    for i, row in enumerate([*heads.values(), *rows], start=1):
        if len(row) != width:
            raise FormatError(f"line {i} has {len(row)} cells, the header has {width}; "
                              "the file is cut off or damaged, export it again")
    if any(joined(name) == "z" for name in heads["coords"]):
        raise FormatError("a table of 3D points, with x, y and z; export the 2D points of one camera")
    first = next((i for i, name in enumerate(heads["coords"]) if name.strip() in ("x", "y")), 1)
    owners = heads.get("individuals", [""] * width)
    collector = Collector("DeepLabCut CSV")
    columns: dict = {}
    for owner in dict.fromkeys(owners[first:]):
        mine = [i for i in range(first, width) if owners[i] == owner]
        columns[owner] = (mine, wide_columns([f"{heads['bodyparts'][i]}_{heads['coords'][i]}" for i in mine]))
    if not any(found for _, found in columns.values()):
        names = list(dict.fromkeys(heads["bodyparts"][first:]))
        raise FormatError(f"its body parts ({', '.join(names[:6])} ...) are not those of a person; name them as "
                          "left_shoulder, left_elbow ...")
    for position, row in enumerate(rows):
        key = _key(row[first - 1]) if row[first - 1].strip() else position
        collector.frame(key)
        for owner, (mine, found) in columns.items():
            if found is None:
                continue
            axes = [found.x, found.y] + ([found.scores] if found.scores else [])
            values = np.array([[_cell(row[mine[c]], position + 1, "a cell") for c in axis] for axis in axes]).T
            if not np.isnan(values).all():
                collector.person(key, values, owner or None, found.labels)
        if position % STEP == 0:
            yield Progress("read", position, len(rows))
    return collector
