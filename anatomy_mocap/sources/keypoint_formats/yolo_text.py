"""Reads the text files that Ultralytics writes with save_txt: a line a person, a file a picture."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import numpy as np

from ...core.progress import Progress
from .records import STEP, Collector, Detections, FormatError

_KEYPOINTS = 17
_BOX = 5  # class, centre x and y, width, height


def text_files(folder: Path) -> list[Path]:
    """Return the folder's text files of people, sorted by name."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() == ".txt" and not file.name.startswith(".")
                  and file.name.lower() not in ("classes.txt", "readme.txt", "labels.txt"))


def read_text(path: Path) -> Generator[Progress, None, Detections]:
    """One picture's file."""
    collector = Collector("Ultralytics text")
    _add(collector, path)
    yield Progress("read", 1, 1)
    return collector.detections()


def read_text_folder(folder: Path) -> Generator[Progress, None, Detections]:
    """A folder of such files; a picture without people has none."""
    files = text_files(folder)
    collector = Collector("Ultralytics text")
    for position, file in enumerate(files):
        _add(collector, file)
        if position % STEP == 0:
            yield Progress("read", position, len(files))
    return collector.detections()


def _add(collector: Collector, path: Path) -> None:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path.name}: not a readable text ({error}); give the labels of Ultralytics, JSON or CSV"
                          ) from error
    collector.frame(path.stem)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            points, track = _person(line.split(), f"{path.name}, line {number}")
            collector.person(path.stem, points, track)


def _person(cells: list[str], where: str) -> tuple[np.ndarray, int | None]:
    """Return points (K, 2 or 3) and the track of a line: class, box, keypoints, perhaps confidence and track."""
    try:
        values = np.array([float(cell) for cell in cells])
    except ValueError:
        raise FormatError(f"{where}: not a line of numbers; a .txt file is read as the labels of Ultralytics (class, "
                          "box, keypoints), give JSON or CSV for other data") from None
    for width in (3, 2):
        more = len(values) - _BOX - width * _KEYPOINTS
        if more in (0, 1, 2):
            points = values[_BOX:_BOX + width * _KEYPOINTS].reshape(_KEYPOINTS, width)
            rest = values[_BOX + width * _KEYPOINTS:]
            whole = len(rest) > 0 and np.isfinite(rest[-1]) and rest[-1] == np.round(rest[-1]) and rest[-1] >= 1
            return points, int(rest[-1]) if whole and (more == 2 or rest[-1] > 1 or "." not in cells[-1]) else None
    kind = "boxes without keypoints" if len(values) in (5, 6, 7) else f"{len(values)} numbers"
    raise FormatError(f"{where}: {kind}, not class, box and {_KEYPOINTS} keypoints; run a pose model of Ultralytics "
                      "with save_txt=True")


def is_text_folder(names: list[str]) -> bool:
    """Whether a folder's file names are those of such a clip: mostly numbered .txt files."""
    return sum(bool(re.search(r"\d.*\.txt$", name, re.IGNORECASE)) for name in names) > len(names) / 2
