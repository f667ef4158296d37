"""The common result of all keypoint readers: one row per person and frame, and the file's metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

STEP = 64
"""Frames that a reader turns into records between two steps."""


class FormatError(ValueError):
    """The content violates the format. The message is "cause; remedy"; the caller adds the file's name."""


@dataclass
class Hints:
    """The file's metadata; None for absent values.

    layout: name of a layout or data set in the file's spelling. keypoint_names: K names in order.
    """

    fps: float | None = None
    width: int | None = None
    height: int | None = None
    layout: str | None = None
    keypoint_names: tuple[str, ...] | None = None

    def add(self, other: Hints) -> None:
        """Copy the values of `other` that are absent here."""
        for name in ("fps", "width", "height", "layout", "keypoint_names"):
            if getattr(self, name) is None:
                setattr(self, name, getattr(other, name))


@dataclass
class Detections:
    """All detections of a file: N rows, one per person and frame, in the file's order.

    format: the format's name for display. frame_keys: N frame numbers or picture names.
    points: (N, K, 3) x, y, score as in the file (pixels or fractions of the picture size; may contain NaN).
    tracks: the file's N track ids, or None. listed: all frames of the file, those without people included.
    seconds: time of each listed frame if the file has times. scored: False if the file has no scores.
    ids: K numbers of the keypoints in their layout, if the file numbers them. mediapipe: the landmarks have MediaPipe's
    form (with visibility or depth). unsure: the third values are scores or depths. clips: names of all clips of a file
    with several, of which this is one.
    """

    format: str
    frame_keys: list
    points: np.ndarray
    tracks: list
    listed: list
    seconds: dict = field(default_factory=dict)
    scored: bool = True
    hints: Hints = field(default_factory=Hints)
    notes: list[str] = field(default_factory=list)
    ids: tuple[int, ...] | None = None
    mediapipe: bool = False
    unsure: bool = False
    clips: tuple[str, ...] = ()


class Collector:
    """Collects people frame by frame. Their keypoints agree in number, or each has a label (a name or a number)."""

    def __init__(self, format_name: str, hints: Hints | None = None) -> None:
        self.format = format_name
        self.hints = hints or Hints()
        self.notes: list[str] = []
        self.mediapipe = False
        self._keys, self._points, self._tracks, self._labels = [], [], [], []
        self._listed: dict = {}
        self._seconds: dict = {}
        self._unscored = self._scored = self._unsure = False

    def frame(self, key: int | float | str, seconds: float | None = None) -> None:
        """Add a frame, with or without people in it. seconds: its time; UnstatedTime if the file names no unit."""
        if isinstance(key, float) and key.is_integer():
            key = int(key)
        if isinstance(key, bool) or not isinstance(key, (int, str)):
            raise FormatError(f"a frame has the number {key!r:.40}, neither a whole number nor a picture's name; "
                              "number the frames")
        self._listed[key] = None
        if seconds is not None:
            self._seconds[key] = seconds

    def person(self, key: int | float | str, points: np.ndarray | list, track: object = None,
               labels: Iterable[str | int] | None = None, unsure: bool = False) -> None:
        """Add a person.

        points: K rows (or one flat list) of x, y, score; (K, 2) rows if the file has no scores. labels: K names or K
        numbers of the keypoints. unsure: the third values are scores or depths; the whole file decides.
        """
        self.frame(key)
        rows = self._rows(key, points)
        if rows is None:
            return
        if rows.shape[1] == 2:
            self._unscored = True
            rows = np.column_stack((rows, present_scores(rows)))
        else:
            self._scored = True
            self._unsure |= unsure
        labels = None if labels is None else tuple(labels)
        if labels is not None and len(labels) != len(rows):
            raise FormatError(f"frame {key}: {len(labels)} names for {len(rows)} keypoints; export the file again")
        if self._points and (labels is None) != (self._labels[0] is None):
            raise FormatError(f"frame {key}: some people have named keypoints, others not; "
                              "give files of one model only")
        if labels is None and self._points and len(rows) != len(self._points[0]):
            raise FormatError(f"frame {key} has a person with {len(rows)} keypoints, frame {self._keys[0]} has "
                              f"{len(self._points[0])}; give files of one model only")
        self._keys.append(key if not isinstance(key, float) else int(key))
        self._points.append(rows)
        self._labels.append(labels)
        self._tracks.append(track if isinstance(track, (int, str)) and not isinstance(track, bool) else None)

    @staticmethod
    def _rows(key, points) -> np.ndarray | None:
        """The points as (K, 2 or 3), None where there are none."""
        try:
            rows = np.asarray(points, dtype=float)
        except (TypeError, ValueError, OverflowError) as error:
            raise FormatError(f"frame {key}: the keypoints are not plain numbers ({error}); "
                              "export the file again") from error
        if rows.size == 0:
            return None
        if rows.ndim == 1:
            if rows.size % 3:
                raise FormatError(f"frame {key}: {rows.size} keypoint values are not x, y, score triplets; "
                                  "export the file again")
            rows = rows.reshape(-1, 3)
        if rows.ndim != 2 or rows.shape[1] not in (2, 3):
            raise FormatError(f"frame {key}: keypoints of shape {rows.shape}, not K x (x, y, score); "
                              "export 2D keypoints")
        return rows

    def detections(self) -> Detections:
        """Return all detections. Raises FormatError if there is no frame or no person."""
        if not self._listed:
            raise FormatError("no frames; give a file with at least one frame")
        if not self._points:
            raise FormatError(f"no person in any of its {len(self._listed)} frames; give a file with a person in it")
        notes = list(self.notes)
        points, ids = self._together()
        if self._unscored:
            notes.append(NO_SCORES_NOTE)
        seconds, more = in_seconds(self._seconds, list(self._listed))
        return Detections(self.format, self._keys, points, self._tracks, list(self._listed),
                          seconds, self._scored, self.hints, notes + more, ids, self.mediapipe, self._unsure)

    def _together(self) -> tuple[np.ndarray, tuple[int, ...] | None]:
        """Points (N, K, 3), and the K numbers if the labels are numbers. Names become those of the hints."""
        if self._labels[0] is None:
            return np.stack(self._points), None
        known = dict.fromkeys(label for labels in self._labels for label in labels)
        if len(known) > MOST_LABELS:
            raise FormatError(f"{len(known)} different keypoints; give the landmarks of one body")
        numbered = all(isinstance(label, int) for label in known)
        order = sorted(known) if numbered else list(known)
        place = {label: i for i, label in enumerate(order)}
        points = np.full((len(self._points), len(order), 3), np.nan)
        for row, labels in enumerate(self._labels):
            points[row, [place[label] for label in labels]] = self._points[row]
        if numbered:
            return points, tuple(order)
        self.hints.keypoint_names = tuple(map(str, order))
        return points, None


MOST_LABELS = 2000
NO_SCORES_NOTE = "the file gives no confidence: keypoints get the score 1, or 0 at (0, 0)"


def present_scores(points: np.ndarray) -> np.ndarray:
    """Scores (..., K) of points (..., K, 2 or more) without confidences: 0 at (0, 0) and where NaN, else 1."""
    xy = points[..., :2]
    return np.where(np.all(xy == 0, axis=-1) | np.isnan(xy).all(axis=-1), 0.0, 1.0)


def is_fourth_score(values: np.ndarray) -> bool:
    """Whether the fourth values of keypoints are scores: within 0..1, and not all 0."""
    values = values[np.isfinite(values)]
    return bool(len(values)) and float(values.min()) >= 0 and 0 < float(values.max()) <= 1.05


def refuse_clip(clip: str | None) -> None:
    """Raise FormatError if a clip is asked for in a file with one."""
    if clip is not None:
        raise FormatError(f"clip {clip!r:.60} is asked for, and the file has one clip; leave the clip out")


class UnstatedTime(float):
    """A time in a unit that the file does not name."""


# Interval between two frames from 1 to 1000 per second, in each unit; between them lie whole frame numbers.
_UNITS = (("seconds", 1.0), ("milliseconds", 1e-3), ("microseconds", 1e-6), ("nanoseconds", 1e-9))


def in_seconds(times: dict, listed: list) -> tuple[dict, list[str]]:
    """Times in seconds of each frame, and notes. Times without a unit get it by the usual interval, or are left out."""
    if not any(isinstance(value, UnstatedTime) for value in times.values()):
        return {key: float(value) for key, value in times.items()}, []
    values = np.array([times.get(key, np.nan) for key in listed], dtype=float)
    if len(values) < 2:
        return {}, []
    steps = np.diff(np.sort(values))
    if not np.isfinite(values).all() or (steps <= 0).any():
        return {}, ["the frames' times are not used: some are absent or the same"]
    usual = float(np.median(steps))
    for name, unit in _UNITS:
        if 1.5e-3 <= usual * unit <= 0.7:
            return ({key: float(value) * unit for key, value in zip(listed, values, strict=True)},
                    [f"the frames' times are {name}, {1 / (usual * unit):.4g} frames per second"])
    return {}, [f"the frames' times are not used: their usual step of {usual:g} fits no unit"]


def joined(points: np.ndarray | list, scores: np.ndarray | list) -> np.ndarray:
    """Join lists of K x 2 points and K scores to an array (K, 3) of x, y, score."""
    try:
        xy, score = np.asarray(points, dtype=float), np.asarray(scores, dtype=float).reshape(-1)
    except (TypeError, ValueError, OverflowError) as error:
        raise FormatError(f"keypoints or scores are not plain numbers ({error}); export the file again") from error
    if xy.size == 0:
        return np.zeros((0, 3))
    if xy.ndim != 2 or len(xy) != len(score):
        raise FormatError(f"keypoints of shape {xy.shape} do not fit {len(score)} scores; export the file again")
    if xy.shape[1] == 3:
        raise FormatError("the keypoints are 3D; export 2D keypoints in pixels")
    if xy.shape[1] != 2:
        raise FormatError(f"keypoints with {xy.shape[1]} values each, not x and y; export 2D keypoints in pixels")
    return np.column_stack((xy, score))


_FPS = ("fps", "frame_rate", "frameRate", "framerate", "video_fps", "FPS", "r_frame_rate", "avg_frame_rate")
_SIZES = (("width", "height"), ("image_width", "image_height"), ("video_width", "video_height"),
          ("canvas_width", "canvas_height"), ("videoWidth", "videoHeight"), ("img_width", "img_height"), ("w", "h"))
_NAME_LISTS = ("keypoint_names", "keypointNames", "joint_names", "landmark_names", "keypoints_names", "body_parts",
               "node_names", "landmarkNames", "joints", "bodyparts", "keypoint_order", "joint_order", "labels")
_LAYOUTS = ("keypoint_layout", "keypoint_format", "layout")
_PAIRS = ("resolution", "size", "image_size", "video_size")
_NESTED = ("meta", "metadata", "info", "video", "video_info", "meta_info")


def number(value: object) -> float | None:
    """Return the value if it is a positive finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        return None
    if not 0 < value < 1e9:
        return None
    return float(value)


def rate(value: object) -> float | None:
    """Frames per second from a number, or from a text such as "25", "29.97 fps" or "30000/1001"."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*(?:[/:]\s*(\d{1,9}(?:\.\d{1,9})?))?\s*(?:fps|hz)?\s*",
                             value, re.IGNORECASE)
        if not match or float(match[2] or 1) == 0:
            return None
        value = float(match[1]) / float(match[2] or 1)
    value = number(value)
    return value if value and value <= 10_000 else None


def _pair(value) -> tuple:
    """A width and a height from two numbers, or from a text such as "1280x720"."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d{1,6})\s*[x*,]\s*(\d{1,6})\s*", value, re.IGNORECASE)
        return (int(match[1]), int(match[2])) if match else ()
    if isinstance(value, dict):
        return (value.get("width"), value.get("height"))
    return tuple(value) if isinstance(value, (list, tuple)) else ()


def hints_from(mapping: object) -> Hints:
    """Read frame rate and picture size under the names that tools use, from a dict or its `meta`-like child."""
    hints = Hints()
    if not isinstance(mapping, dict):
        return hints
    hints.fps = next((rate(mapping[key]) for key in _FPS if rate(mapping.get(key))), None)
    pairs = [(mapping.get(w), mapping.get(h)) for w, h in _SIZES]
    pairs += [_pair(mapping[key]) for key in _PAIRS if len(_pair(mapping.get(key))) == 2]
    for width, height in pairs:
        if number(width) and number(height) and width >= 2 and height >= 2:
            hints.width, hints.height = int(width), int(height)
            break
    names = next((mapping[key] for key in _NAME_LISTS if isinstance(mapping.get(key), list)), [])
    if len(names) > 5 and all(isinstance(name, str) for name in names):
        hints.keypoint_names = tuple(names)
    layout = next((mapping[key] for key in _LAYOUTS if isinstance(mapping.get(key), str)), None)
    hints.layout = layout
    for key in _NESTED:
        if isinstance(mapping.get(key), dict):
            hints.add(hints_from({k: v for k, v in mapping[key].items() if k not in _NESTED}))
    return hints
