"""Checks and converts the numbers of a keypoint file: NaN, scores, pixels, picture size and frame rate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..core.errors import MocapError
from ..core.keypoint_layouts import LAYOUTS
from ..core.keypoints import usual_rate
from .keypoint_formats.frame_numbers import FrameOrder, most_missing
from .keypoint_formats.records import Detections, FormatError, Hints

DEFAULT_FPS = 30.0
# Coordinates whose median lies within this range are fractions of the picture size: no person is so few pixels large.
_SHARE_MOST = 2.0
# Fraction of negative coordinates: from here on OpenPose's range is -1..1, and the origin is no corner of a picture.
_NEGATIVE_RANGE, _NEGATIVE_MOST = 0.02, 0.35
_COMMON_SIZES = ((640, 360), (640, 480), (854, 480), (960, 540), (1280, 720), (1920, 1080), (2560, 1440),
                 (3840, 2160), (7680, 4320))
_MOST_PIXELS = 100_000


class PixelPoints(NamedTuple):
    """Keypoints in pixels.

    points: (N, K, 3) x, y in pixels and score. size: width and height of the picture in pixels. notes: assumptions.
    """

    points: np.ndarray
    size: tuple[int, int]
    notes: list[str]


class Timing(NamedTuple):
    """When the rows of a clip were filmed.

    fps: rows per second. times: (T,) seconds from the first row. notes: assumptions as sentences.
    """

    fps: float
    times: np.ndarray
    notes: list[str]


def checked_points(found: Detections, names: tuple[str, ...]) -> tuple[np.ndarray, list[str]]:
    """Return points (N, K, 3) with finite x, y (0 where missing) and scores clipped to 0..1, and notes.

    A keypoint whose x and y are both NaN is missing. Raises FormatError with frame and keypoint if another value is
    NaN or infinite and the score is not 0.
    """
    points, notes = found.points.astype(float, copy=True), []
    points[np.isnan(points[..., :2]).all(axis=-1)] = 0
    score = points[..., 2]
    nowhere = (points[..., :2] == -1).all(axis=-1) & (score != 0)
    if nowhere.any():
        points[nowhere] = 0
        notes.append(f"{int(nowhere.sum())} keypoints at (-1, -1) count as missing")
    finite = np.isfinite(points[..., :2]).all(axis=-1)
    bad = ~np.isfinite(score) | (~finite & ~(score <= 0))
    if bad.any():
        row, k = np.argwhere(bad)[0]
        raise FormatError(f"frame {found.frame_keys[row]}, keypoint {names[k]}: NaN or infinite value "
                          f"({int(bad.sum())} in total); set the score of missing keypoints to 0, or export again")
    low, high = float(score.min()), float(score.max())
    if low < 0 or high > 1:
        notes.append(f"scores range from {low:.3g} to {high:.3g}: values below 0 become 0, values above 1 become 1")
    points[..., 2] = np.clip(score, 0, 1)
    points[points[..., 2] <= 0, :2] = 0
    return points, notes


def refuse_about_hips(points: np.ndarray, layout: str) -> None:
    """Raise FormatError if the middle of the hips, or the pelvis, is the origin in nearly all rows of (N, K, 3)."""
    names = LAYOUTS[layout].keypoint_names
    hips = [names.index(name) for name in ("left_hip", "right_hip") if name in names]
    rows = (points[:, hips, 2] > 0).all(axis=1)
    if len(hips) < 2 or not rows.any():
        return
    xy = np.where(points[rows, :, 2:] > 0, points[rows, :, :2], np.nan)
    extent = np.nanmax(xy, axis=1) - np.nanmin(xy, axis=1)
    middle = np.abs(xy[:, hips].mean(axis=1)).max(axis=-1)
    if np.mean(middle <= 0.01 * extent.max(axis=-1)) > 0.9 and np.nanmin(xy) < 0:
        raise FormatError("the middle of the hips is at 0, 0 in all frames: x and y are metres about the hips (world "
                          "landmarks) or another form of 3D, not a picture; export the landmarks of the picture, in "
                          "pixels or as fractions of its size")


def posture_notes(points: np.ndarray, layout: str) -> list[str]:
    """Notes about (N, K, 3) points whose body lies or stands on its head: x and y swapped, or y upwards."""
    names = LAYOUTS[layout].keypoint_names
    parts = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
    if any(name not in names for name in parts):
        return []
    four = points[:, [names.index(name) for name in parts]]
    four = four[(four[..., 2] > 0).all(axis=1), :, :2]
    if not len(four):
        return []
    across, down = (np.median(values) for values in (four[:, 2:].mean(axis=1) - four[:, :2].mean(axis=1)).T)
    if abs(across) > 2 * abs(down):
        return ["the body lies on its side in most frames; if the person stands, the file has y before x: swap them"]
    if down < 0:
        return ["the body is upside down in most frames; if the person stands, y points up in the file: turn it"]
    return []


def picture_size(hints: Hints, size: tuple[int, int] | None) -> tuple[tuple[int, int] | None, str]:
    """Return the picture's (width, height) and a note. The user's size overrides the file's; both None gives None."""
    known = (hints.width, hints.height) if hints.width and hints.height else None
    if size is None:
        return known, ""
    try:
        width, height = (int(value) for value in size)
    except (TypeError, ValueError) as error:
        raise MocapError(f"size {size!r} is not a width and a height in pixels; give for example 1920x1080") from error
    if not (2 <= width <= _MOST_PIXELS and 2 <= height <= _MOST_PIXELS):
        raise MocapError(f"size {width}x{height} is not usable; give width and height in pixels")
    differs = known is not None and known != (width, height)
    return (width, height), (f"size {width}x{height} as given, the file has {known[0]}x{known[1]}" if differs else "")


def in_pixels(points: np.ndarray, size: tuple[int, int] | None, note: str, format_name: str) -> PixelPoints:
    """Convert points to pixels.

    Raises FormatError if the coordinates are fractions of the picture size and the size is unknown.
    """
    notes = [note] if note else []
    present = points[..., 2] > 0
    if not present.any():
        raise FormatError("no frame has a keypoint; give a file with a person in it")
    xy = points[present, :2]
    if np.abs(xy).max() > 1e7:
        raise FormatError(f"coordinates reach {np.abs(xy).max():.3g} pixels; export the file again")
    small, negative = float(np.median(np.abs(xy))) <= _SHARE_MOST, float(np.mean(xy < 0))
    openpose_range = small and format_name.startswith("OpenPose") and negative >= _NEGATIVE_RANGE
    if negative >= _NEGATIVE_MOST and not openpose_range:
        raise FormatError(f"{negative:.0%} of all x and y are negative: they are metres about the hips (world "
                          "landmarks) or another form of 3D, not a picture; export the landmarks of the picture, in "
                          "pixels or as fractions of its size")
    if not small:
        if size is None:
            size, why = _estimated_size(xy)
            notes.append(f"the file does not state the picture size: {size[0]}x{size[1]} is assumed, {why}; "
                         "give the true size if it differs")
        notes.append("x and y are pixels")
        return PixelPoints(points, size, notes)
    if size is None:
        raise FormatError("x and y are fractions of the picture size (0..1), which the file does not state; "
                          "give the size of the video, for example 1920x1080")
    points = points.copy()
    if openpose_range:
        # OpenPose's keypoints lie inside the picture, so negative values come from keypoint_scale 4 (-1..1).
        xy = (xy + 1) / 2
        notes.append("x and y range from -1 to 1 over the picture: converted to pixels")
    else:
        notes.append("x and y are fractions of the picture size (0..1): converted to pixels")
    outside = float(np.mean(((xy < -1) | (xy > 2)).any(axis=-1)))
    if outside > 0:
        notes.append(f"{outside:.1%} of the keypoints lie more than a picture's size outside the picture")
    points[present, :2] = xy * size
    return PixelPoints(points, size, notes)


def _estimated_size(xy: np.ndarray) -> tuple[tuple[int, int], str]:
    """Return the smallest common video size, wide or high, that contains 99 % of the keypoints, and the reason."""
    right, bottom = np.percentile(xy, 99, axis=0)
    shapes = sorted({shape for w, h in _COMMON_SIZES for shape in ((w, h), (h, w))}, key=lambda s: (s[0] * s[1], -s[0]))
    for width, height in shapes:
        if right <= width and bottom <= height:
            return (width, height), "the smallest common size that contains the keypoints"
    extent = (min(_MOST_PIXELS, int(np.ceil(max(far, 2)))) for far in (right, bottom))
    return tuple(extent), "the extent of the keypoints, which exceeds all common sizes"


def frame_rate(found: Detections, order: FrameOrder, fps: float | None) -> Timing:
    """Return the frame rate of the rows and their times. The user's rate overrides the file's."""
    if fps is not None:
        try:
            fps = float(fps)
        except (TypeError, ValueError) as error:
            raise MocapError(f"frame rate {fps!r} is not a number; give frames per second") from error
        if not (np.isfinite(fps) and 0 < fps <= 10_000):
            raise MocapError(f"frame rate {fps:g} is not usable; give a positive number of frames per second")
    if found.seconds and fps is None:
        return _from_seconds(found, order)
    notes = []
    rate = fps or found.hints.fps
    if fps and found.hints.fps and abs(fps - found.hints.fps) > 0.01:
        notes.append(f"{fps:g} frames per second as given, the file has {found.hints.fps:g}")
    if rate is None:
        rate = DEFAULT_FPS
        notes.append(f"the file does not state its frame rate: {DEFAULT_FPS:g} frames per second are assumed; "
                     "give the video's rate if it differs")
    return Timing(rate / order.step, order.numbers / rate, notes)


def _from_seconds(found: Detections, order: FrameOrder) -> Timing:
    """Return frame rate and times from the file's own times."""
    if len(found.seconds) < len(found.listed):
        raise FormatError("only some frames have a time; give all frames a time, or none")
    times = np.zeros(len(order.numbers))
    for key in found.listed:
        times[order.index[key]] = found.seconds[key]
    times -= times[0]
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise FormatError("the frames' times do not increase; number the frames in the order of their times")
    if len(times) == 1:
        return Timing(found.hints.fps or DEFAULT_FPS, times, [])
    rate = usual_rate(times)
    if times[-1] * rate > len(times) + most_missing(len(times)):
        raise FormatError(f"{len(times)} frames over {times[-1]:g} s at {rate:.4g} frames per second are not one "
                          "clip; give the frames of one video, with times in seconds (timestamp_ms: milliseconds)")
    return Timing(rate, times, ["the times come from the file"])
