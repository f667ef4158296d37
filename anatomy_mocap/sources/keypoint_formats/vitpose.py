"""Reads easy_ViTPose's JSON: {"keypoints": [{"0": [[y, x, score], ...]}, ...], "skeleton": {"0": name, ...}}."""

from __future__ import annotations

from collections.abc import Generator

from ...core.progress import Progress
from .records import STEP, Collector, FormatError, hints_from


def is_vitpose(document: object) -> bool:
    """Recognise the file by its skeleton of names and its frames of people by number."""
    return (isinstance(document, dict) and isinstance(document.get("skeleton"), dict)
            and isinstance(document.get("keypoints"), list)
            and all(frame is None or isinstance(frame, (dict, list)) for frame in document["keypoints"])
            and any(isinstance(frame, dict) for frame in document["keypoints"]))


def read_vitpose(document: dict) -> Generator[Progress, None, Collector]:
    """The file's rows are y, x, score; its people are tracks."""
    collector = Collector("easy_ViTPose JSON", hints_from(document))
    names = document["skeleton"]
    try:
        labels = [str(names[number]) for number in sorted(names, key=int)]
    except ValueError as error:
        raise FormatError("its skeleton has no numbers; export the file again") from error
    collector.notes.append("rows are y, x, score, as easy_ViTPose writes them")
    for number, frame in enumerate(document["keypoints"]):
        collector.frame(number)
        for track, rows in (frame.items() if isinstance(frame, dict) else ()):
            if not isinstance(rows, list) or len(rows) != len(labels) \
                    or not all(isinstance(row, list) and len(row) == 3 for row in rows):
                raise FormatError(f"frame {number}: person {track!r:.40} has no {len(labels)} rows of y, x, score; "
                                  "export the file again")
            collector.person(number, [[x, y, score] for y, x, score in rows], track, labels)
        if number % STEP == 0:
            yield Progress("read", number, len(document["keypoints"]))
    return collector
