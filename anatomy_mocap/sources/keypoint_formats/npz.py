"""Reads keypoint arrays from .npz: our own form, rtmlib's arrays, VideoPose3D's data sets, detectron's detections."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np

from ...core.progress import Progress
from .npz_members import member_names, read_member, read_members
from .records import (
    DEPTH_NOTE,
    NO_SCORES_NOTE,
    STEP,
    Collector,
    Detections,
    FormatError,
    Hints,
    hints_from,
    is_depth,
    present_scores,
)

_XY = ("xy", "keypoints", "kpts", "points", "keypoints_2d", "keypoints2d", "landmarks", "pose_landmarks", "kp2d",
       "joints2d", "joints_2d", "pose2d", "poses", "pose", "arr_0")
_SCORE = ("score", "scores", "keypoint_scores", "confidence", "confidences", "conf", "visibility", "likelihood")
FREEMOCAP_LEAST = 500  # points of body, hands and face
TAKE_MARK = "schema"


def is_take(path: Path) -> bool:
    """Return whether the file is a take of `capture`, which is an .npz but not a keypoint file."""
    names = member_names(path)
    return TAKE_MARK in names and "directions" in names


def read_npz(path: Path) -> Generator[Progress, None, Detections]:
    """Read an .npz file in the form that its arrays' names show."""
    names = member_names(path)
    if is_take(path):
        raise FormatError("the file is a take, not a keypoint file; retarget it, or capture its source")
    if "positions_2d" in names:
        return _read_videopose3d(path)
    if "boxes" in names and "keypoints" in names:
        return (yield from _read_detectron(path))
    xy_name = next((name for name in _XY if name in names), None)
    if xy_name is None:
        raise FormatError(f"no array xy or keypoints (found: {', '.join(sorted(names)[:8]) or 'nothing'}); "
                          "save xy (T, K, 2) in pixels, score (T, K), layout and fps")
    yield Progress("read", 0, 1)
    return _read_arrays(path, xy_name)


def read_npy(path: Path) -> Generator[Progress, None, Detections]:
    """Read one array: (T, K, 2 or 3), (T, N, K, 2 or 3) of N people, or FreeMoCap's (cameras, T, K, 2 or 3)."""
    yield Progress("read", 0, 1)
    try:
        array = np.array(np.load(path, mmap_mode="r", allow_pickle=False))  # mapped: a false size takes no memory
    except Exception as error:  # numpy raises many kinds of errors on damaged headers
        raise FormatError(f"not a readable .npy array ({error}); save plain numbers with numpy.save") from error
    notes = []
    if array.ndim == 4 and array.shape[2] > FREEMOCAP_LEAST:
        notes.append(f"{array.shape[0]} cameras: the first is read")
        array = array[0]
    if array.ndim == 3 and array.shape[1] > FREEMOCAP_LEAST:
        notes.append(f"{array.shape[1]} points of MediaPipe Holistic: the first 33, the body, are read")
        array = array[:, :33]
    if "3d" in path.stem.lower():
        raise FormatError("an array of 3D points by its name; give the 2D data of one camera "
                          "(FreeMoCap: mediapipe_2dData ..._pixelXY.npy)")
    found = _from_arrays("keypoint npy", "the array", array, None, None, Hints())
    found.notes[:0] = notes
    return found


def _scalar(value):
    """Return the Python value of a zero-dimensional or one-element array."""
    if isinstance(value, np.ndarray):
        return value.reshape(-1)[0].item() if value.size == 1 and value.dtype.kind in "biufUS" else None
    return value


def _read_arrays(path: Path, xy_name: str) -> Detections:
    score_name = next((name for name in _SCORE if name in member_names(path)), None)
    arrays = read_members(path, lambda name: name in (xy_name, score_name))
    xy, score = arrays[xy_name], arrays.get(score_name)
    small = ("layout", "fps", "width", "height", "frame_rate", "size", "keypoint_names", "format", "times")
    extra = read_members(path, lambda name: name in small)
    hints = hints_from({name: _scalar(value) for name, value in extra.items()})
    if isinstance(extra.get("size"), np.ndarray) and extra["size"].shape == (2,):
        hints.add(hints_from({"size": extra["size"].tolist()}))
    hints.layout = _text(extra.get("layout")) or None
    if isinstance(extra.get("keypoint_names"), np.ndarray) and extra["keypoint_names"].dtype.kind in "US":
        hints.keypoint_names = tuple(str(name) for name in extra["keypoint_names"].reshape(-1))
    detections = _from_arrays("keypoint npz", xy_name, xy, score_name, score, hints)
    times = extra.get("times")
    if isinstance(times, np.ndarray) and times.dtype.kind in "fiu":
        if times.shape != (len(detections.listed),):
            raise FormatError(f"times has shape {times.shape} for {len(detections.listed)} frames; "
                              "save one time in seconds per frame")
        detections.seconds = dict(zip(detections.listed, (float(t) for t in times), strict=True))
    return detections


def _text(value) -> str:
    value = _scalar(value)
    return value.decode("latin1") if isinstance(value, bytes) else value if isinstance(value, str) else ""


def _numbers(name: str, value) -> np.ndarray:
    if isinstance(value, np.ndarray) and value.dtype.kind == "c":
        raise FormatError(f"{name} has complex numbers; save x and y as real ones")
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
        try:
            value = np.array(value, dtype=float)
        except (TypeError, ValueError, OverflowError) as error:
            raise FormatError(f"{name} is not an array of numbers ({error}); save plain arrays") from error
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
    scored, notes = True, []
    if points.shape[-1] == 4 and score is None:
        points, score, score_name = points[..., :3], points[..., 3], "the fourth value"
        notes.append("the fourth value of each keypoint is its score, the third its depth")
    if score is not None:
        score = _numbers(score_name, score)
        if score.ndim == points.ndim and score.shape[-1] == 1:
            score = score[..., 0]
        if score.ndim == 1 and points.ndim == 3 and len(points) == 1:
            score = score[None]
        if score.shape != points.shape[:-1]:
            raise FormatError(f"{score_name} has shape {score.shape}, expected {points.shape[:-1]}; "
                              "save one score per keypoint")
    elif points.shape[-1] == 3 and is_depth(points[..., 2]):
        notes.append(DEPTH_NOTE)
        score = present_scores(points)
    elif points.shape[-1] == 3:
        score = points[..., 2]
    else:
        scored = False
        score = present_scores(points)
        notes.append(NO_SCORES_NOTE)
    points = np.concatenate((points[..., :2], score[..., None]), axis=-1)
    if points.ndim == 3:
        points = points[:, None]
    frames, people = points.shape[:2]
    keys = np.repeat(np.arange(frames), people).tolist()
    return Detections(form, keys, points.reshape(-1, *points.shape[2:]), [None] * len(keys), list(range(frames)),
                      {}, scored, hints, notes)


def _read_videopose3d(path: Path) -> Detections:
    """Read positions_2d: {subject: {action: [camera's (T, K, 2), ...]}}, metadata: {layout_name, video_metadata}."""
    names = member_names(path)
    positions = read_member(path, "positions_2d")
    metadata = read_member(path, "metadata") if "metadata" in names else {}
    clips = list(_clips(positions, ()))
    if not clips:
        raise FormatError("positions_2d has no keypoints; give a file with at least one clip")
    hints = Hints()
    if isinstance(metadata, dict):
        layout = metadata.get("layout_name", metadata.get("layout"))
        hints.layout = layout if isinstance(layout, str) and layout != "custom" else None
        videos = metadata.get("video_metadata")
        if isinstance(videos, dict):
            hints.add(hints_from(videos.get(clips[0][0][0] if clips[0][0] else None)))
    detections = _from_arrays("VideoPose3D npz", "positions_2d", clips[0][1], None, None, hints)
    if len(clips) > 1:
        detections.notes.append(f"the file has {len(clips)} clips: {'/'.join(clips[0][0]) or 'the first'} is read")
    return detections


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
    for frame, entry in enumerate(keypoints):
        collector.frame(frame)
        people = entry[1] if isinstance(entry, (list, tuple, np.ndarray)) and len(entry) > 1 else []
        for person in people:
            rows = _numbers(f"keypoints of frame {frame}", person)
            if rows.ndim != 2 or rows.shape[0] not in (3, 4):
                raise FormatError(f"keypoints of frame {frame} have shape {rows.shape}, not (4, K); export them again")
            collector.person(frame, rows[[0, 1, -1]].T)
        if frame % STEP == 0:
            yield Progress("read", frame, len(keypoints))
    return collector.detections()
