"""Reads keypoint arrays from .npz: our own form, rtmlib's arrays, VideoPose3D's data sets, detectron's detections."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...core.progress import Progress
from .npz_members import member_names, read_member, read_members
from .records import (
    NO_SCORES_NOTE,
    STEP,
    Collector,
    Detections,
    FormatError,
    Hints,
    UnstatedTime,
    hints_from,
    in_seconds,
    is_fourth_score,
    present_scores,
    refuse_clip,
)

_XY = ("xy", "keypoints", "kpts", "points", "keypoints_2d", "keypoints2d", "landmarks", "pose_landmarks", "kp2d",
       "joints2d", "joints_2d", "pose2d", "poses", "pose", "arr_0")
_SCORE = ("score", "scores", "keypoint_scores", "confidence", "confidences", "conf", "visibility", "likelihood")
_TIMES = {"times": 1.0, "time_s": 1.0, "seconds": 1.0, "timestamp_ms": 1e-3, "timestamps_ms": 1e-3, "times_ms": 1e-3,
          "timestamps": None, "timestamp": None, "time": None}
"""Names of arrays of times, and their unit in seconds; None if the name says none."""
_SMALL = ("layout", "fps", "width", "height", "frame_rate", "size", "keypoint_names", "format", *_TIMES)
FREEMOCAP_LEAST = 500  # points of body, hands and face
TAKE_MARK = "schema"


def is_take(path: Path) -> bool:
    """Return whether the file is a take of `capture`, which is an .npz but not a keypoint file."""
    names = member_names(path)
    return TAKE_MARK in names and "directions" in names


def read_npz(path: Path, clip: str | None = None) -> Generator[Progress, None, Detections]:
    """Read an .npz file in the form that its arrays' names show. clip: one of several clips, see `chosen`."""
    names = member_names(path)
    if is_take(path):
        raise FormatError("the file is a take, not a keypoint file; retarget it, or capture its source")
    if "positions_2d" in names:
        yield Progress("read", 0, 1)
        return _read_videopose3d(path, clip)
    if "boxes" in names and "keypoints" in names:
        refuse_clip(clip)
        return (yield from _read_detectron(path))
    xy_name = next((name for name in _XY if name in names), None)
    if xy_name is None:
        raise FormatError(f"no array xy or keypoints (found: {', '.join(sorted(names)[:8]) or 'nothing'}); "
                          "save xy (T, K, 2) in pixels, score (T, K), layout and fps")
    yield Progress("read", 0, 1)
    return _read_arrays(path, xy_name, clip)


def read_npy(path: Path, clip: str | None = None) -> Generator[Progress, None, Detections]:
    """Read one array: (T, K, 2 or 3), (T, N, K, 2 or 3) of N people, or FreeMoCap's (cameras, T, K, 2 or 3).

    clip: the number of FreeMoCap's camera, from 0.
    """
    yield Progress("read", 0, 1)
    try:
        array = np.array(np.load(path, mmap_mode="r", allow_pickle=False))  # mapped: a false size takes no memory
    except Exception as error:  # numpy raises many kinds of errors on damaged headers
        raise FormatError(f"not a readable .npy array ({error}); save plain numbers with numpy.save") from error
    if "3d" in path.stem.lower():
        raise FormatError("an array of 3D points by its name; give the 2D data of one camera "
                          "(FreeMoCap: mediapipe_2dData ..._pixelXY.npy)")
    return _read_array("keypoint npy", "the array", array, clip, by_camera="numcams" in path.stem.lower())


def _read_array(form: str, name: str, array, clip: str | None, by_camera: bool = False) -> Detections:
    """An array of points without scores, layout and rate. by_camera: its first axis is the camera."""
    notes, clips = [], ()
    if array.ndim == 4 and (array.shape[2] > FREEMOCAP_LEAST or by_camera):
        clips = tuple(f"camera {i}" for i in range(array.shape[0]))
        at = chosen(clips, clip, "camera")
        notes.append(f"{len(clips)} cameras: {clips[at]} is read; the option clip chooses another")
        array = array[at]
    else:
        refuse_clip(clip)
    found = _from_arrays(form, name, array, None, None, Hints())
    found.notes[:0] = notes
    return replace(found, clips=clips)


def chosen(clips: tuple[str, ...], wanted: str | None, what: str) -> int:
    """The index of the clip that a user asks for: by its name, a part of it that is unique, or its number from 0.

    wanted: None takes the first. what: "clip" or "camera", for messages. Raises FormatError.
    """
    if wanted is None:
        return 0
    plain, names = str(wanted).strip().lower(), [name.lower() for name in clips]
    found = [i for i, name in enumerate(names) if name == plain]
    if not found and plain.isdecimal() and plain.isascii():
        found = [int(plain[:9])] if int(plain[:9]) < len(clips) else []
    elif not found and plain:
        words = plain.split("/")
        found = [i for i, name in enumerate(names) if _within(words, name.split("/"))] or \
            [i for i, name in enumerate(names) if plain in name]
    if len(found) == 1:
        return found[0]
    listed = ", ".join((clips[i] for i in found[:8]) if found else clips[:8]) + (" ..." if len(clips) > 8 else "")
    raise FormatError(f"{len(found)} {what}s of the file are meant by {str(wanted)!r:.60}; give one of {listed}, or a "
                      f"number from 0 to {len(clips) - 1}")


def _within(words: list[str], name: list[str]) -> bool:
    """Whether a clip's name has these parts one after the other."""
    return any(name[i:i + len(words)] == words for i in range(len(name) - len(words) + 1))


def _scalar(value):
    """Return the Python value of a zero-dimensional or one-element array."""
    if isinstance(value, np.ndarray):
        return value.reshape(-1)[0].item() if value.size == 1 and value.dtype.kind in "biufUS" else None
    return value


def _read_arrays(path: Path, xy_name: str, clip: str | None) -> Detections:
    score_name = next((name for name in _SCORE if name in member_names(path)), None)
    arrays = read_members(path, lambda name: name in (xy_name, score_name))
    xy, score = arrays[xy_name], arrays.get(score_name)
    extra = read_members(path, lambda name: name in _SMALL)
    hints = hints_from({name: _scalar(value) for name, value in extra.items()})
    if isinstance(extra.get("size"), np.ndarray) and extra["size"].shape == (2,):
        hints.add(hints_from({"size": extra["size"].tolist()}))
    hints.layout = _text(extra.get("layout")) or None
    if isinstance(extra.get("keypoint_names"), np.ndarray) and extra["keypoint_names"].dtype.kind in "US":
        hints.keypoint_names = tuple(str(name) for name in extra["keypoint_names"].reshape(-1))
    if score is None and isinstance(xy, np.ndarray) and xy.ndim == 4 and xy.shape[2] > FREEMOCAP_LEAST:
        detections = _read_array("keypoint npz", xy_name, xy, clip)
        detections.hints.add(hints)
    else:
        refuse_clip(clip)
        detections = _from_arrays("keypoint npz", xy_name, xy, score_name, score, hints)
    return _with_times(detections, extra)


def _with_times(found: Detections, extra: dict) -> Detections:
    """The detections with the times of the frames, where an array has them."""
    name, times = next(((name, extra[name]) for name in _TIMES if isinstance(extra.get(name), np.ndarray)
                        and extra[name].dtype.kind in "fiu" and extra[name].ndim), ("", None))
    if times is None:
        return found
    if times.shape != (len(found.listed),):
        raise FormatError(f"{name} has shape {times.shape} for {len(found.listed)} frames; "
                          "save one time in seconds per frame")
    unit = _TIMES[name]
    if unit is None or (len(times) > 1 and np.median(np.abs(np.diff(times.astype(float)))) > 2):
        stated = {key: UnstatedTime(t) for key, t in zip(found.listed, times, strict=True)}
        seconds, notes = in_seconds(stated, found.listed)
        return replace(found, seconds=seconds, notes=[*found.notes, *notes])
    return replace(found, seconds={key: float(t) * unit for key, t in zip(found.listed, times, strict=True)})


def _text(value) -> str:
    value = _scalar(value)
    return value.decode("latin1") if isinstance(value, bytes) else value if isinstance(value, str) else ""


def _numbers(name: str, value) -> np.ndarray:
    """An array of real numbers as floats. Other numbers (complex, dates) are refused: a part of them would be lost."""
    if not isinstance(value, np.ndarray) or value.dtype.kind == "O":
        try:
            value = np.array(value.tolist() if isinstance(value, np.ndarray) else value, dtype=float)
        except (TypeError, ValueError, OverflowError) as error:
            raise FormatError(f"{name} is not an array of numbers ({error}); save plain arrays") from error
    if value.dtype.kind not in "fiub":
        kind = "complex numbers" if value.dtype.kind == "c" else f"{value.dtype}"
        raise FormatError(f"{name} is an array of {kind:.60}, not of real numbers; save x and y as two numbers each")
    return value.astype(float)


def _from_arrays(form: str, xy_name: str, xy, score_name, score, hints: Hints) -> Detections:
    """Convert arrays to detections.

    xy: (T, K, 2 or 3), or (T, N, K, 2 or 3) of N people. score: the same shape without the last axis, or None.
    """
    points = _numbers(xy_name, xy)
    if points.ndim == 2 and points.shape[1] in (2, 3):
        points = points[None]
    if points.ndim not in (3, 4) or points.shape[-1] not in (2, 3, 4):
        raise FormatError(f"{xy_name} has shape {points.shape}; save (T, K, 2): frames, keypoints, x and y in pixels")
    if 0 in points.shape[:1]:
        raise FormatError("no frames; give a file with at least one frame")
    if 0 in points.shape:
        raise FormatError(f"{xy_name} has shape {points.shape}, which has no person; give a file with a person in it")
    notes, unsure, scored = [], False, True
    if score is not None:
        score = _numbers(score_name, score)
        if score.ndim == points.ndim and score.shape[-1] == 1:
            score = score[..., 0]
        if score.ndim == 1 and points.ndim == 3 and len(points) == 1:
            score = score[None]
        if score.shape != points.shape[:-1]:
            raise FormatError(f"{score_name} has shape {score.shape}, expected {points.shape[:-1]}; "
                              "save one score per keypoint")
    elif points.shape[-1] == 4 and is_fourth_score(points[..., 3]):
        score = points[..., 3]
        notes.append("the fourth value of each keypoint is its score, the third its depth")
    elif points.shape[-1] >= 3:
        score, unsure = points[..., 2], True
        if points.shape[-1] == 4:
            notes.append("the fourth value of each keypoint is no score and is not used")
    else:
        scored = False
        score = present_scores(points)
        notes.append(NO_SCORES_NOTE)
    points = np.concatenate((points[..., :2], score[..., None]), axis=-1)
    if points.ndim == 3:
        points = points[:, None]
    elif people_first(points):
        points = points.swapaxes(0, 1)
        notes.append(f"the array has {points.shape[1]} people of {points.shape[0]} frames each, by its motion")
    frames, people = points.shape[:2]
    keys = np.repeat(np.arange(frames), people).tolist()
    return Detections(form, keys, points.reshape(-1, *points.shape[2:]), [None] * len(keys), list(range(frames)),
                      {}, scored, hints, notes, unsure=unsure)


@np.errstate(all="ignore")
def people_first(points: np.ndarray) -> bool:
    """Whether points (A, B, K, 3) are those of A people in B frames: the steps along the second axis are smaller."""
    xy = np.where((points[..., 2:] > 0) & ~(points[..., :2] == 0).all(axis=-1, keepdims=True), points[..., :2], np.nan)
    steps = []
    for axis in (0, 1):
        moved = np.abs(np.diff(xy, axis=axis)).sum(axis=-1)
        moved = moved[np.isfinite(moved)]
        steps.append(float(np.median(moved)) if len(moved) else np.inf)
    seen = xy[np.isfinite(xy).all(axis=-1)]
    if points.shape[0] == 1 and len(seen):
        steps[0] = float(np.ptp(seen, axis=0).max()) / 2  # no second frame: people stand apart
    return points.shape[1] > 1 and np.isfinite(steps[1]) and steps[1] < 0.5 * steps[0]


def _read_videopose3d(path: Path, clip: str | None) -> Detections:
    """Read positions_2d: {subject: {action: [camera's (T, K, 2), ...]}}, metadata: {layout_name, video_metadata}."""
    names = member_names(path)
    positions = read_member(path, "positions_2d")
    metadata = read_member(path, "metadata") if "metadata" in names else {}
    clips = list(_clips(positions, ()))
    if not clips:
        raise FormatError("positions_2d has no keypoints; give a file with at least one clip")
    labels = tuple("/".join(names) for names, _ in clips)
    names, array = clips[at := chosen(labels, clip, "clip")]
    hints = Hints()
    if isinstance(metadata, dict):
        layout = metadata.get("layout_name", metadata.get("layout"))
        hints.layout = layout if isinstance(layout, str) and layout != "custom" else None
        videos = metadata.get("video_metadata")
        if isinstance(videos, dict):
            hints.add(hints_from(videos.get(names[0] if names else None)))
    detections = _from_arrays("VideoPose3D npz", "positions_2d", array, None, None, hints)
    if len(clips) > 1:
        detections.notes.append(f"the file has {len(clips)} clips: {labels[at] or 'the first'} is read; the option "
                                "clip chooses another")
    return replace(detections, clips=labels if len(clips) > 1 else ())


def _clips(value, path: tuple):
    """Yield (path of names, array) of every array in nested dicts and lists, in the file's order."""
    if isinstance(value, np.ndarray):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _clips(item, (*path, str(key)))
    elif isinstance(value, (list, tuple)) and len(path) < 8:
        for i, item in enumerate(value):
            yield from _clips(item, (*path, str(i)))


def _read_detectron(path: Path) -> Generator[Progress, None, Detections]:
    """VideoPose3D's detectron files: per frame [[], (N, 5) boxes] and [[], (N, 4, K) x, y, logit, probability]."""
    names = member_names(path)
    keypoints = read_member(path, "keypoints")
    metadata = read_member(path, "metadata") if "metadata" in names else {}
    collector = Collector("detectron npz", hints_from(metadata))
    if not _is_list(keypoints):
        raise FormatError(f"keypoints is a single {type(keypoints).__name__}, not a list of frames; export them again")
    for frame, entry in enumerate(keypoints):
        collector.frame(frame)
        people = entry[1] if _is_list(entry) and len(entry) > 1 else []
        if not _is_list(people):
            raise FormatError(f"frame {frame} has a {type(people).__name__} in place of people; export it again")
        for person in people:
            rows = _numbers(f"keypoints of frame {frame}", person)
            if rows.ndim != 2 or rows.shape[0] not in (3, 4):
                raise FormatError(f"keypoints of frame {frame} have shape {rows.shape}, not (4, K); export them again")
            collector.person(frame, rows[[0, 1, -1]].T)
        if frame % STEP == 0:
            yield Progress("read", frame, len(keypoints))
    return collector.detections()


def _is_list(value) -> bool:
    """Whether a value is a list or an array of several values."""
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 0)
