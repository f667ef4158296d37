"""Recognises the format of a JSON file, or of a folder with one JSON file per frame, and reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from pathlib import Path

from ...core.progress import Progress, drain, part_of
from . import coco, csv_landmarks, kinetics, landmarks, mmpose, openpose, table_shapes, vitpose
from .records import STEP, Collector, Detections, FormatError, hints_from
from .text_files import read_plain_text

KNOWN_FORMATS = ("JSON of OpenPose, AlphaPose, MMPose, rtmlib, COCO, MediaPipe, Ultralytics, OpenPifPaf, PoseNet or "
                 "EasyMocap, keypoint .csv, .npz or .npy, pixel .trc, Ultralytics .txt")

FILES = 16
"""Files of a folder that are read between two steps."""

_PIECE = 200_000  # letters of JSON between two steps, some 20 ms
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_WHOLE = Progress("read", 0, 1000)


def load_json(path: Path) -> Generator[Progress, None, object]:
    """The document of a file, step by step. Raises FormatError with the line and the column of a fault."""
    text = read_plain_text(path, "give a JSON file")
    if not text.strip():
        raise FormatError("the file is empty; export it again")
    try:
        return (yield from parse_json(text))
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return (yield from _documents(text))
        if error.msg.startswith("Expecting property name") and text[error.pos:error.pos + 1] == "'":
            raise FormatError("written in Python's notation, which is no JSON; write it with json.dump") from error
        raise FormatError(f"incomplete JSON (line {error.lineno}, column {error.colno}: {error.msg}); "
                          "the file is cut off or damaged, export it again") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"unusable JSON ({type(error).__name__}); export it again") from error


def _documents(text: str) -> Generator[Progress, None, list]:
    """JSON lines, or documents that were written one after the other, as a list."""
    documents, at, reported = [], _space(text, 0), 0
    while at < len(text):
        try:
            document, at = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise FormatError(f"incomplete JSON lines (line {error.lineno}, column {error.colno}: {error.msg}); "
                              "the file is cut off or damaged, export it again") from error
        documents.append(document)
        at = _space(text, at)
        if text[at:at + 1] == ",":
            at = _space(text, at + 1)
        if at - reported > _PIECE:
            reported = at
            yield Progress("read", at, len(text))
    return documents


def parse_json(text: str) -> Generator[Progress, None, object]:
    """As json.loads, in pieces: the items of the outermost list or object, and of the lists that this object holds."""
    try:
        document, end = yield from _value(text, _space(text, 0), 2)
        if _space(text, end) == len(text):
            return document
    except (IndexError, ValueError):
        pass
    return json.loads(text)  # fails at the same fault, with the standard message


def _space(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()


def _value(text: str, at: int, depth: int) -> Generator[Progress, None, tuple[object, int]]:
    """The value that begins at an index of a JSON text, and the index of its end; in pieces down to this depth."""
    opening = text[at]
    if depth == 0 or opening not in "[{":
        return _DECODER.raw_decode(text, at)
    closing, found = ("]", []) if opening == "[" else ("}", {})
    at = _space(text, at + 1)
    reported = at
    while text[at] != closing or found:
        if opening == "[":
            item, at = _DECODER.raw_decode(text, at)
            found.append(item)
        else:
            key, at = _DECODER.raw_decode(text, at)
            at = _space(text, at)
            if not isinstance(key, str) or text[at] != ":":
                raise ValueError
            found[key], at = yield from _value(text, _space(text, at + 1), depth - 1)
        if at - reported > _PIECE:
            reported = at
            yield Progress("read", at, len(text))
        at = _space(text, at)
        if text[at] == closing:
            break
        if text[at] != ",":
            raise ValueError
        at = _space(text, at + 1)
    return found, at + 1


def read_json(path: Path) -> Generator[Progress, None, Detections]:
    """A whole clip in one file."""
    document = yield from part_of(load_json(path), _WHOLE, 0.0, 0.5)
    if document in ([], {}, None):
        raise FormatError("no frames; give a file with at least one frame")
    collector = yield from part_of(_clip(document), _WHOLE, 0.5, 1.0)
    return collector.detections()


def _clip(document) -> Generator[Progress, None, Collector]:
    if coco.is_annotations(document):
        return (yield from coco.read_annotations(document))
    if coco.is_results(document):
        return (yield from coco.read_results(document))
    if mmpose.is_demo(document):
        return (yield from mmpose.read_demo(document))
    if mmpose.is_dumped(document):
        return (yield from mmpose.read_dumped(document))
    if mmpose.is_frames(document):
        return (yield from mmpose.read_frames(document))
    if vitpose.is_vitpose(document):
        return (yield from vitpose.read_vitpose(document))
    if kinetics.is_kinetics(document):
        return (yield from kinetics.read_kinetics(document))
    if mmpose.is_instances(document) or openpose.is_frame(document):
        return _single(document)
    if openpose.is_frames_by_name(document):
        collector = Collector("AlphaPose JSON (OpenPose form)")
        for position, (name, frame) in enumerate(document.items()):
            openpose.add_frame(collector, name, frame)
            if position % STEP == 0:
                yield Progress("read", position, len(document))
        return collector
    if isinstance(document, list) and all(openpose.is_frame(frame) for frame in document):
        collector = Collector("OpenPose JSON", hints_from(document[0]))
        for number, frame in enumerate(document):
            openpose.add_frame(collector, number, frame)
            if number % STEP == 0:
                yield Progress("read", number, len(document))
        return collector
    if mmpose.is_array_frames(document):
        return (yield from mmpose.read_array_frames(document))
    table = table_shapes.json_table(document)
    if table is not None:
        collector = yield from csv_landmarks.read_table(table.header, table.rows)
        collector.format = "table in JSON"
        return collector
    if landmarks.is_landmarks(document):
        return (yield from landmarks.read_landmarks(document))
    _refuse_3d(document)
    raise FormatError(f"not a known keypoint format ({_look(document)}); give {KNOWN_FORMATS}")


def _single(document) -> Collector:
    collector = Collector("OpenPose JSON" if openpose.is_frame(document) else "MMPose JSON", hints_from(document))
    _add_frame(collector, 0, document)
    return collector


def _add_frame(collector: Collector, key, document) -> None:
    """Add one frame's document of a folder."""
    if openpose.is_frame(document):
        collector.format = "OpenPose JSON folder"
        collector.hints.add(hints_from(document))
        openpose.add_frame(collector, key, document)
    elif mmpose.is_demo(document):
        mmpose.add_demo_picture(collector, key, document)
    elif mmpose.is_instances(document):
        collector.format = "MMPose JSON folder"
        mmpose.add_instances(collector, key, document)
    elif document in ([], {}, None):
        collector.frame(key)
    elif landmarks.is_landmarks(document) or landmarks.is_people(document):
        if isinstance(document, dict):
            collector.hints.add(hints_from(document))
        landmarks.add_frame(collector, key, document)
    else:
        _refuse_3d(document)
        raise FormatError(f"unknown keypoint format ({_look(document)}); "
                          "give a folder with one OpenPose or MMPose JSON file per frame")


def read_folder(folder: Path) -> Generator[Progress, None, Detections]:
    """One JSON file a frame; the frame's number is in the file's name."""
    files = json_files(folder)
    if not files:
        raise FormatError("no .json files in the folder; give a folder with one JSON file per frame")
    if len(files) == 1:
        return (yield from read_json(files[0]))
    collector = Collector("landmark JSON folder")
    for position, file in enumerate(files):
        try:
            _add_frame(collector, file.name.removesuffix(".json").removesuffix(".predictions"), drain(load_json(file)))
        except FormatError as error:
            raise FormatError(f"{file.name}: {error}") from error
        if position % FILES == 0:
            yield Progress("read", position, len(files))
    return collector.detections()


def json_files(folder: Path) -> list[Path]:
    """Return the folder's JSON files, sorted by name."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() == ".json" and not file.name.startswith("."))


def _refuse_3d(document) -> None:
    """Raise FormatError about a document that has 3D points alone."""
    if re.search("world|3d", _look(document), re.IGNORECASE):
        raise FormatError(f"it has points in 3D alone ({_look(document)}), in metres about the hips; export the "
                          "landmarks of the picture, in pixels or as fractions of its size")


def _look(document) -> str:
    """Describe a document in a few words for messages."""
    if isinstance(document, dict):
        return f"an object with {', '.join(list(map(str, document))[:5]) or 'nothing'}"[:120]
    if isinstance(document, list):
        inner = document[0] if document else None
        return f"a list of {type(inner).__name__}" + (f" with {', '.join(list(map(str, inner))[:5])}"[:100]
                                                      if isinstance(inner, dict) else "")
    return f"a single {type(document).__name__}"
