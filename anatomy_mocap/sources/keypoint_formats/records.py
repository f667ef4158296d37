"""The common result of all keypoint readers: one row per person and frame, and the file's metadata."""

from __future__ import annotations

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


class Collector:
    """Collects people frame by frame and checks that all have the same number of keypoints."""

    def __init__(self, format_name: str, hints: Hints | None = None):
        self.format = format_name
        self.hints = hints or Hints()
        self.notes: list[str] = []
        self._keys, self._points, self._tracks = [], [], []
        self._listed: dict = {}
        self._seconds: dict = {}
        self._unscored = self._scored = False

    def frame(self, key, seconds: float | None = None) -> None:
        """Add a frame, with or without people in it."""
        if isinstance(key, float) and key.is_integer():
            key = int(key)
        if isinstance(key, bool) or not isinstance(key, (int, str)):
            raise FormatError(f"a frame has the number {key!r:.40}, neither a whole number nor a picture's name; "
                              "number the frames")
        self._listed[key] = None
        if seconds is not None:
            self._seconds[key] = float(seconds)

    def person(self, key, points, track=None) -> None:
        """Add a person. points: K rows (or one flat list) of x, y, score; (K, 2) rows if the file has no scores."""
        self.frame(key)
        try:
            rows = np.asarray(points, dtype=float)
        except (TypeError, ValueError, OverflowError) as error:
            raise FormatError(f"frame {key}: the keypoints are not plain numbers ({error}); "
                              "export the file again") from error
        if rows.size == 0:
            return
        if rows.ndim == 1:
            if rows.size % 3:
                raise FormatError(f"frame {key}: {rows.size} keypoint values are not x, y, score triplets; "
                                  "export the file again")
            rows = rows.reshape(-1, 3)
        if rows.ndim != 2 or rows.shape[1] not in (2, 3):
            raise FormatError(f"frame {key}: keypoints of shape {rows.shape}, not K x (x, y, score); "
                              "export 2D keypoints")
        if rows.shape[1] == 2:
            self._unscored = True
            rows = np.column_stack((rows, np.where(np.all(rows == 0, axis=1), 0.0, 1.0)))
        else:
            self._scored = True
        if self._points and len(rows) != len(self._points[0]):
            raise FormatError(f"frame {key} has a person with {len(rows)} keypoints, frame {self._keys[0]} has "
                              f"{len(self._points[0])}; give files of one model only")
        self._keys.append(key if not isinstance(key, float) else int(key))
        self._points.append(rows)
        self._tracks.append(track if isinstance(track, (int, str)) and not isinstance(track, bool) else None)

    def detections(self) -> Detections:
        """Return all detections. Raises FormatError if there is no frame or no person."""
        if not self._listed:
            raise FormatError("no frames; give a file with at least one frame")
        if not self._points:
            raise FormatError(f"no person in any of its {len(self._listed)} frames; give a file with a person in it")
        notes = list(self.notes)
        if self._unscored:
            notes.append("the file gives no confidence: keypoints get the score 1, or 0 at (0, 0)")
        return Detections(self.format, self._keys, np.stack(self._points), self._tracks, list(self._listed),
                          self._seconds, self._scored, self.hints, notes)


def joined(points, scores) -> np.ndarray:
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


_FPS = ("fps", "frame_rate", "frameRate", "framerate", "video_fps")
_SIZES = (("width", "height"), ("image_width", "image_height"), ("video_width", "video_height"),
          ("canvas_width", "canvas_height"), ("img_width", "img_height"), ("w", "h"))
_PAIRS = ("resolution", "size", "image_size", "video_size")
_NESTED = ("meta", "metadata", "info", "video", "video_info", "meta_info")


def number(value) -> float | None:
    """Return the value if it is a positive finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        return None
    if not 0 < value < 1e9:
        return None
    return float(value)


def hints_from(mapping) -> Hints:
    """Read frame rate and picture size under the names that tools use, from a dict or its `meta`-like child."""
    hints = Hints()
    if not isinstance(mapping, dict):
        return hints
    hints.fps = next((number(mapping[key]) for key in _FPS if number(mapping.get(key))), None)
    pairs = [(mapping.get(w), mapping.get(h)) for w, h in _SIZES]
    pairs += [tuple(mapping[key]) for key in _PAIRS
              if isinstance(mapping.get(key), (list, tuple)) and len(mapping[key]) == 2]
    for width, height in pairs:
        if number(width) and number(height) and width >= 2 and height >= 2:
            hints.width, hints.height = int(width), int(height)
            break
    for key in _NESTED:
        if isinstance(mapping.get(key), dict):
            hints.add(hints_from({k: v for k, v in mapping[key].items() if k not in _NESTED}))
    return hints
