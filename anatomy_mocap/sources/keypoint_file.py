"""Reads keypoint files of other tools as Keypoints2D of one person. docs/use/keypoint_files.md shows every format."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import MocapError
from ..core.keypoint_layouts import LAYOUTS
from ..core.keypoints import Keypoints2D
from ..core.progress import Progress, drain, part_of
from ..settings import EVERYBODY
from .keypoint_checks import THIRD, checked_points, posture_notes, settle_third
from .keypoint_formats.csv_landmarks import read_csv
from .keypoint_formats.frame_numbers import order_frames
from .keypoint_formats.json_files import KNOWN_FORMATS, read_folder, read_json
from .keypoint_formats.npz import is_take, read_npy, read_npz
from .keypoint_formats.records import Detections, FormatError, refuse_clip
from .keypoint_formats.trc import read_trc
from .keypoint_formats.yolo_text import is_text_folder, read_text, read_text_folder
from .keypoint_layout import arrange
from .keypoint_suffixes import READABLE, UNREADABLE
from .keypoint_times import timing
from .keypoint_units import UNITS, in_pixels, picture_size, refuse_about_hips
from .people import Person, choose, find_people

_READERS = {".json": read_json, ".jsonl": read_json, ".ndjson": read_json, ".txt": read_text, ".trc": read_trc}
_OF_CLIPS = {".npz": read_npz, ".npy": read_npy}
"""Readers of files that may have several clips."""
CLIPS = 200
"""Clips of a file that `describe` names."""
_WHOLE = Progress("read", 0, 1000)
_PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".exr"}


@dataclass(frozen=True)
class Reading:
    """What a user says of a keypoint file; None, "auto" and "largest" leave it to the file.

    layout: name of the keypoint layout. person: "largest", a number from 0, by size, or "all". fps: frames per second
    at which the source plays, and size: (width, height) of the picture in pixels; both override the file's.
    unit: of x and y, a key of UNITS. third: "score" or "depth", the third values of keypoints. shot_fps: frames per
    second at which a slow motion was filmed. clip: name or number of one of several clips or cameras.
    """

    layout: str | None = None
    person: str | int = "largest"
    fps: float | None = None
    size: tuple[int, int] | None = None
    unit: str = "auto"
    third: str = "auto"
    shot_fps: float | None = None
    clip: str | None = None

    def __post_init__(self) -> None:
        for name, allowed in (("unit", tuple(UNITS)), ("third", THIRD)):
            if getattr(self, name) not in allowed:
                raise MocapError(f"{name} can't be {getattr(self, name)!r}; choose one of {', '.join(allowed)}")


@dataclass(frozen=True)
class KeypointFile:
    """The chosen people of a keypoint file, with the reader's assumptions.

    chosen: each of them in all frames of the file. notes: assumptions as sentences. format: the format's name. people:
    all persons, the largest first; their index is their number. person: the first of the chosen. clips: names of the
    file's clips or cameras, if it has several.
    """

    chosen: tuple[Keypoints2D, ...]
    notes: list[str]
    format: str
    people: list[Person]
    person: Person
    clips: tuple[str, ...] = ()

    @property
    def keypoints(self) -> Keypoints2D:
        """The chosen person; the largest of several."""
        return self.chosen[0]


def is_keypoint_file(path: str | PathLike) -> bool:
    """Return whether to read a path as keypoints. The suffix decides, so damaged files give the reader's errors."""
    path = Path(path)
    if path.is_dir():
        try:
            files = [file.name for file in path.iterdir()]
        except OSError:
            return False
        names = [Path(name).suffix.lower() for name in files]
        if is_text_folder(files):
            return True
        return names.count(".json") > 0 and names.count(".json") >= sum(name in _PICTURES for name in names)
    suffix = path.suffix.lower()
    if suffix == ".npz" and path.is_file():
        try:
            return not is_take(path)
        except FormatError:
            return True
    return suffix in READABLE or suffix in UNREADABLE


def read_keypoints(path: str | PathLike, **reading: Any) -> Keypoints2D:
    """Read one person's keypoints. reading: fields of Reading, such as layout="COCO17"."""
    return open_keypoints(path, **reading).keypoints


def open_keypoints(path: str | PathLike, **reading: Any) -> KeypointFile:
    """Read a keypoint file or a folder of them; see `opening`."""
    return drain(opening(path, **reading))


def opening(path: str | PathLike, **reading: Any) -> Generator[Progress, None, KeypointFile]:
    """Read a keypoint file or a folder of them, step by step.

    reading: fields of Reading. Raises MocapError with the path, the cause and a remedy.
    """
    path = Path(path)
    try:
        return (yield from _open(path, Reading(**reading)))
    except FormatError as error:
        raise MocapError(f"{path}: {_one_line(error)}") from error
    except MocapError as error:
        raise MocapError(f"{path}: {_one_line(error)}") from error
    except OSError as error:
        raise MocapError(f"{path}: the file cannot be read ({error.strerror}); check it") from error
    except MemoryError as error:
        raise MocapError(f"{path}: the file is too large for this machine's memory; split the clip") from error


def describe(path: str | PathLike, **reading: Any) -> dict:
    """Return facts for `info` as JSON values. "missing" is the fraction of missing keypoints."""
    file = open_keypoints(path, **reading)
    clip = file.keypoints
    return {
        "format": file.format, "layout": clip.layout, "keypoints": len(LAYOUTS[clip.layout]),
        "frames": len(clip), "fps": clip.fps, "seconds": round(float(clip.times[-1] - clip.times[0]) + 1 / clip.fps, 3),
        "width": clip.width, "height": clip.height, "missing": float(np.mean(clip.score <= 0)),
        "people": [{"person": i, "id": _one_line(one.label), "frames": len(one.rows), "first": int(one.frames[0]),
                    "last": int(one.frames[-1]), "size": round(one.size, 1)} for i, one in enumerate(file.people)],
        "notes": list(file.notes),
        **({"clips": [_one_line(name) for name in file.clips[:CLIPS]]} if file.clips else {}),
    }


def _one_line(text) -> str:
    """Make a text that may contain parts of a file safe to print: one line, no control characters, 600 characters."""
    line = " ".join(str(text).split())
    return "".join(letter if letter.isprintable() else "?" for letter in line)[:600]


def _load(path: Path, clip: str | None) -> Generator[Progress, None, Detections]:
    if not path.exists():
        raise FormatError("no such file or folder; check the path")
    suffix = path.suffix.lower()
    if path.is_dir() or suffix not in _OF_CLIPS:
        refuse_clip(clip)
    if path.is_dir():
        if is_text_folder([file.name for file in path.iterdir()]):
            return (yield from read_text_folder(path))
        return (yield from read_folder(path))
    if path.stat().st_size == 0:
        raise FormatError("the file is empty; export it again")
    if suffix in UNREADABLE:
        kind, remedy = UNREADABLE[suffix]
        raise FormatError(f"{kind}: it cannot be read; {remedy}. {KNOWN_FORMATS} can be read")
    if suffix in (".csv", ".tsv"):
        return (yield from read_csv(path)).detections()
    if suffix in _OF_CLIPS:
        return (yield from _OF_CLIPS[suffix](path, clip))
    if suffix not in _READERS:
        raise FormatError(f"{suffix or 'a file without suffix'} is not a keypoint file; give {KNOWN_FORMATS}")
    return (yield from _READERS[suffix](path))


def _open(path: Path, reading: Reading) -> Generator[Progress, None, KeypointFile]:
    found = yield from part_of(_load(path, reading.clip), _WHOLE, 0.0, 0.8)
    found = settle_third(found, reading.third)
    yield (loaded := replace(_WHOLE, done=800))
    notes = list(found.notes)
    points, layout, more = arrange(found, reading.layout)
    notes += more
    yield loaded
    found = replace(found, points=points)
    points, more = checked_points(found, LAYOUTS[layout].keypoint_names)
    notes += more
    yield loaded
    order = order_frames(found.listed, fill_gaps=not found.seconds or reading.fps is not None)
    notes += order.notes
    refuse_about_hips(points, layout)
    yield loaded
    points, (width, height), more = in_pixels(points, *picture_size(found.hints, reading.size), found.format,
                                              reading.unit)
    notes += more
    yield loaded
    notes += posture_notes(points, layout)
    yield loaded
    rows = np.array([order.index[key] for key in found.frame_keys])
    people, more = yield from part_of(find_people(rows, points, found.tracks), _WHOLE, 0.8, 1.0)
    notes += more
    if not people:
        raise FormatError("no frame has a keypoint; give a file with a person in it")
    chosen = people if reading.person == EVERYBODY else [choose(people, reading.person)]
    rate, times, more = timing(found, order, reading.fps, reading.shot_fps)
    notes += more
    if len(people) > len(chosen):
        notes.append(f"{len(people)} people: person {people.index(chosen[0])} is used, who is in {len(chosen[0].rows)} "
                     f"of {len(order.numbers)} frames")
    yield replace(_WHOLE, done=1000)
    clips = []
    for one in chosen:
        clip = np.zeros((len(order.numbers), *points.shape[1:]))
        clip[one.frames] = points[one.rows]
        clips.append(Keypoints2D(clip[..., :2].copy(), clip[..., 2].copy(), layout, rate, times, width, height))
    return KeypointFile(tuple(clips), [_one_line(note) for note in notes], found.format, people, chosen[0],
                        found.clips)
