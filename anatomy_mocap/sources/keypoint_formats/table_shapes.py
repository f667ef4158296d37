"""Brings unusual tables of keypoints into the usual shapes: repeated groups, points in one cell, tables in JSON."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..keypoint_names import is_keypoint_name, words_of
from .csv_columns import LABELS, column, frame_column, long_columns, time_column, wide_columns

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_LABELLED = re.compile(r"\b([a-z]+)\W{0,3}[:=]\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)", re.IGNORECASE)
_LEAST = 8  # keypoints of a body
_SCALARS = (str, int, float, bool, type(None))


class Table(NamedTuple):
    """A header and rows of as many cells. unsure: the scores may be depths."""

    header: list[str]
    rows: list[list[str]]
    unsure: bool = False


def json_table(document: object) -> Table | None:
    """The table that a JSON document holds, as pandas writes it (records, columns, split); None for others."""
    header, rows = [], []
    if isinstance(document, list) and document and all(
            isinstance(row, dict) and all(isinstance(cell, _SCALARS) for cell in row.values()) for row in document):
        header = list(dict.fromkeys(key for row in document for key in row))
        rows = [[row.get(key) for key in header] for row in document]
    elif isinstance(document, dict) and {"columns", "data"} <= set(document) and _is_grid(document["data"]):
        header, rows = document["columns"], document["data"]
        if not isinstance(header, list) or any(len(row) != len(header) for row in rows):
            return None
    elif isinstance(document, dict) and (spots := _over_time(document)):
        header, rows = spots
    elif isinstance(document, dict) and len(document) > 2 * _LEAST:
        columns = [list(value.values()) if isinstance(value, dict) else value for value in document.values()]
        if not _is_grid(columns) or len({len(values) for values in columns}) != 1:
            return None
        header, rows = list(document), [list(row) for row in zip(*columns, strict=True)]
    if not header or not rows:
        return None
    header = [str(name) for name in header]
    if wide_columns(header) is None and (long_columns(header) is None or (
            frame_column(header) is None and time_column(header)[0] is None)):
        return None
    return Table(header, [["" if cell is None else str(cell) for cell in row] for row in rows])


def _over_time(document: dict) -> tuple[list[str], list[list]] | None:
    """Header and rows of {"nose": [[x, y, score], ...], ...} or {"nose": {"x": [...], "y": [...]}, ...}."""
    columns: dict[str, list] = {}
    for name, value in document.items():
        if not is_keypoint_name(str(name)):
            continue
        if isinstance(value, dict) and {"x", "y"} <= set(value) and all(isinstance(v, list) for v in value.values()):
            columns |= {f"{name}_{axis}": values for axis, values in value.items()}
        elif _is_grid(value) and len({len(row) for row in value}) == 1 and 2 <= len(value[0]) <= 3:
            columns |= {f"{name}_{axis}": [row[i] for row in value]
                        for i, axis in enumerate(("x", "y", "score")[:len(value[0])])}
    if len(columns) < 2 * _LEAST or not _is_grid(list(columns.values())):
        return None
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        return None
    return list(columns), [list(row) for row in zip(*columns.values(), strict=True)]


def _is_grid(rows: object) -> bool:
    return isinstance(rows, list) and bool(rows) and all(
        isinstance(row, list) and all(isinstance(cell, _SCALARS) for cell in row) for row in rows)


def ungrouped(header: list[str], rows: list[list[str]]) -> Table | None:
    """A row for each keypoint, of a table whose rows repeat the columns of one; None for another table.

    For instance the header frame, landmark, x, y over rows of 0, 11, x, y, 12, x, y.
    """
    label = column(header, LABELS)
    if label is None or long_columns(header) is None or label == 0 and len(rows[0]) > 60_000:
        return None
    width = len(header) - label
    if any(len(row) <= label or (len(row) - label) % width for row in rows):
        return None
    return Table(header, [row[:label] + row[at:at + width] for row in rows for at in range(label, len(row), width)])


def spread(header: list[str], rows: list[list[str]]) -> Table:
    """The table with a column for x, y and score of each keypoint, where cells hold whole points.

    Cells such as "[640, 210, 0.9]", "(640, 210)" and "x: 0.5 y: 0.3 visibility: 0.9" are read.
    """
    named = [i for i, name in enumerate(header) if is_keypoint_name(name) and words_of(name)[-1] not in ("x", "y", "z")]
    if len(named) < _LEAST:
        return Table(header, rows)
    points = {i: [_point(row[i]) for row in rows] for i in named}
    widths = {len(point) for column_ in points.values() for point in column_ if point}
    if not widths or min(widths) < 2 or max(widths) > 3:
        return Table(header, rows)
    width, others = max(widths), [i for i in range(len(header)) if i not in points]
    head = [header[i] for i in others] + [f"{header[i]}_{axis}" for i in named for axis in ("x", "y", "score")[:width]]
    body = [[row[i] for i in others] + [cell for i in named for cell in (*points[i][at], *[""] * width)[:width]]
            for at, row in enumerate(rows)]
    return Table(head, body, width == 3 and ":" not in "".join(rows[0][i] for i in named))


def _point(cell: str) -> list[str]:
    """x, y and perhaps the score of a cell; empty where it holds no point."""
    named = {name.lower(): value for name, value in _LABELLED.findall(cell)}
    if "x" in named or "y" in named:
        score = next((named[name] for name in ("visibility", "score", "confidence", "v") if name in named), None)
        return [named.get("x", "0"), named.get("y", "0"), *([score] if score is not None else [])]
    numbers = _NUMBER.findall(cell)
    return [*numbers[:2], numbers[3]] if len(numbers) == 4 else numbers if 2 <= len(numbers) <= 3 else []
