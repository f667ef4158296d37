"""Recognises the format of a JSON file, or of a folder with one JSON file per frame, and reads it."""

from __future__ import annotations

import json
from pathlib import Path

from . import coco, landmarks, mmpose, openpose
from .records import Collector, Detections, FormatError, hints_from

KNOWN_FORMATS = ("OpenPose, AlphaPose, MMPose, rtmlib, COCO or MediaPipe JSON, VideoPose3D or keypoint .npz, "
                 "landmark .csv")


def load_json(path: Path):
    """Read a JSON document. Raises FormatError with line and column of the fault."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"not UTF-8 text (byte {error.start}); give a JSON file") from error
    except OSError as error:
        raise FormatError(f"the file cannot be read ({error.strerror}); check it") from error
    if not text.strip():
        raise FormatError("the file is empty; export it again")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"incomplete JSON (line {error.lineno}, column {error.colno}: {error.msg}); "
                          "the file is cut off or damaged, export it again") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"unusable JSON ({type(error).__name__}); export it again") from error


def read_json(path: Path) -> Detections:
    """Read a whole clip from one file."""
    document = load_json(path)
    if document in ([], {}, None):
        raise FormatError("no frames; give a file with at least one frame")
    return _clip(document).detections()


def _clip(document) -> Collector:
    if coco.is_annotations(document):
        return coco.read_annotations(document)
    if coco.is_results(document):
        return coco.read_results(document)
    if mmpose.is_demo(document):
        return mmpose.read_demo(document)
    if mmpose.is_frames(document):
        return mmpose.read_frames(document)
    if mmpose.is_instances(document) or openpose.is_frame(document):
        return _single(document)
    if openpose.is_frames_by_name(document):
        collector = Collector("AlphaPose JSON (OpenPose form)")
        for name, frame in document.items():
            openpose.add_frame(collector, name, frame)
        return collector
    if isinstance(document, list) and all(openpose.is_frame(frame) for frame in document):
        collector = Collector("OpenPose JSON", hints_from(document[0]))
        for number, frame in enumerate(document):
            openpose.add_frame(collector, number, frame)
        return collector
    if mmpose.is_array_frames(document):
        return mmpose.read_array_frames(document)
    if landmarks.is_landmarks(document):
        return landmarks.read_landmarks(document)
    raise FormatError(f"unknown keypoint format ({_look(document)}); give {KNOWN_FORMATS}")


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
    elif mmpose.is_instances(document):
        collector.format = "MMPose JSON folder"
        mmpose.add_instances(collector, key, document)
    elif document in ([], {}, None):
        collector.frame(key)
    elif landmarks.is_landmarks(document):
        collector.format = "landmark JSON folder"
        if isinstance(document, dict):
            collector.hints.add(hints_from(document))
        landmarks.add_frame(collector, key, document)
    else:
        raise FormatError(f"unknown keypoint format ({_look(document)}); "
                          "give a folder with one OpenPose or MMPose JSON file per frame")


def read_folder(folder: Path) -> Detections:
    """Read a folder with one JSON file per frame. The file's name contains the frame's number."""
    files = json_files(folder)
    if not files:
        raise FormatError("no .json files in the folder; give a folder with one JSON file per frame")
    if len(files) == 1:
        return read_json(files[0])
    collector = Collector("JSON folder")
    for file in files:
        try:
            _add_frame(collector, file.name.removesuffix(".json"), load_json(file))
        except FormatError as error:
            raise FormatError(f"{file.name}: {error}") from error
    return collector.detections()


def json_files(folder: Path) -> list[Path]:
    """Return the folder's JSON files, sorted by name."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() == ".json" and not file.name.startswith("."))


def _look(document) -> str:
    """Describe a document in a few words for messages."""
    if isinstance(document, dict):
        return f"an object with {', '.join(list(map(str, document))[:5]) or 'nothing'}"[:120]
    if isinstance(document, list):
        inner = document[0] if document else None
        return f"a list of {type(inner).__name__}" + (f" with {', '.join(list(map(str, inner))[:5])}"[:100]
                                                      if isinstance(inner, dict) else "")
    return f"a single {type(document).__name__}"
