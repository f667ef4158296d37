"""Reads .trc files of 2D points in pixels, as Sports2D and Pose2Sim write them."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np

from ...core.progress import Progress
from .records import STEP, Collector, Detections, FormatError, rate

_PIXELS = {"px", "pixel", "pixels", "pix"}


def read_trc(path: Path) -> Generator[Progress, None, Detections]:
    """Lines: type, names and values of the header, names of the markers, axes; then frame, time and X Y Z a marker."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise FormatError(f"not a text (byte {error.start}); a .trc file is text, export it again") from error
    if len(lines) < 6 or not lines[0].startswith("PathFileType"):
        raise FormatError("not a .trc file of markers; export it again")
    head = dict(zip(lines[1].split(), lines[2].split(), strict=False))
    unit = head.get("Units", "").lower()
    if unit not in _PIXELS:
        raise FormatError(f"a .trc file of markers in {unit or 'an unknown unit'}, so 3D; give the file in pixels "
                          "(Sports2D: ..._px_person00.trc), or the 2D keypoints of one camera")
    names = [name.strip() for name in lines[3].split("\t")[2:] if name.strip()]
    collector = Collector("pixel .trc")
    collector.hints.fps = rate(head.get("DataRate", ""))
    for position, line in enumerate(lines[4:], start=5):
        cells = line.split("\t")
        if not cells[0].strip():
            continue
        values = [_number(cell, position) for cell in cells[2:2 + 3 * len(names)]]
        values += [np.nan] * (3 * len(names) - len(values))
        frame = _number(cells[0], position)
        if not np.isfinite(frame):
            raise FormatError(f"line {position}: a line without a frame number; export the file again")
        points = np.array(values).reshape(-1, 3)[:, :2]
        collector.frame(int(frame))
        if np.isfinite(points).any() and len(names):
            collector.person(int(frame), points, None, names)
        if position % STEP == 0:
            yield Progress("read", position, len(lines))
    return collector.detections()


def _number(cell: str, line: int) -> float:
    try:
        return float(cell) if cell.strip() else np.nan
    except ValueError:
        raise FormatError(f"line {line}: {cell[:40]!r} is not a number; export the file again") from None
