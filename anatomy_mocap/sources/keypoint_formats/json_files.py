"""A JSON file, or a folder with one JSON file a frame: find the format and read it."""

from __future__ import annotations

import json
from pathlib import Path

from . import coco, landmarks, mmpose, openpose
from .records import Collector, Detections, FormatError, hints_from

KNOWN_FORMATS = ("OpenPose, AlphaPose, MMPose, rtmlib, COCO or MediaPipe JSON, VideoPose3D or keypoint .npz, "
                 "landmark .csv")


def load_json(path: Path):
    """The document; FormatError with line and column where it breaks off."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"not UTF-8 text (byte {error.start}); give a JSON file") from error
    except OSError as error:
        raise FormatError(f"can't be read ({error.strerror}); check the file") from error
    if not text.strip():
        raise FormatError("the file is empty; export it again")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"not whole JSON (line {error.lineno}, column {error.colno}: {error.msg}); "
                          "the file is cut off or damaged, export it again") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not usable JSON ({type(error).__name__}); export it again") from error


def read_json(path: Path) -> Detections:
    """A whole clip in one file."""
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
    raise FormatError(f"no keypoint format that is known here ({_look(document)}); give {KNOWN_FORMATS}")


def _single(document) -> Collector:
    collector = Collector("OpenPose JSON" if openpose.is_frame(document) else "MMPose JSON", hints_from(document))
    _add_frame(collector, 0, document)
    return collector


def _add_frame(collector: Collector, key, document) -> None:
    """One frame's document from a folder of them."""
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
        raise FormatError(f"no keypoint format that is known here ({_look(document)}); "
                          "give a folder with one OpenPose or MMPose JSON file a frame")


def read_folder(folder: Path) -> Detections:
    """One JSON file a frame; the frame's number is in the file's name."""
    files = json_files(folder)
    if not files:
        raise FormatError("no .json files in the folder; give a folder with one JSON file a frame")
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
    """The folder's JSON files, by name."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() == ".json" and not file.name.startswith("."))


def _look(document) -> str:
    """What a document looks like, in a few words."""
    if isinstance(document, dict):
        return f"an object with {', '.join(list(map(str, document))[:5]) or 'nothing'}"[:120]
    if isinstance(document, list):
        inner = document[0] if document else None
        return f"a list of {type(inner).__name__}" + (f" with {', '.join(list(map(str, inner))[:5])}"[:100]
                                                      if isinstance(inner, dict) else "")
    return f"a single {type(document).__name__}"
