"""Check and complete a keypoint file's numbers: NaN, scores in 0..1, pixels, picture size, frame rate."""

from __future__ import annotations

import numpy as np

from ..core.errors import MocapError
from ..core.keypoints import usual_rate
from .keypoint_formats.frame_numbers import FrameOrder, most_missing
from .keypoint_formats.records import Detections, FormatError, Hints

DEFAULT_FPS = 30.0
# Coordinates within this range are shares of the picture, not pixels: nobody is three pixels tall.
_SHARE_MOST = 2.0
_COMMON_SIZES = ((640, 360), (640, 480), (854, 480), (960, 540), (1280, 720), (1920, 1080), (2560, 1440),
                 (3840, 2160), (7680, 4320))
_MOST_PIXELS = 100_000


def checked_points(found: Detections, names: tuple[str, ...]) -> tuple[np.ndarray, list[str]]:
    """(N, K, 3) finite x, y (0 where missing) and scores in 0..1, and notes.

    names: of the K keypoints, for messages. Raises FormatError with the frame and the keypoint of a NaN.
    """
    points, notes = found.points.astype(float, copy=True), []
    score = points[..., 2]
    finite = np.isfinite(points[..., :2]).all(axis=-1)
    bad = ~np.isfinite(score) | (~finite & ~(score <= 0))
    if bad.any():
        row, k = np.argwhere(bad)[0]
        raise FormatError(f"frame {found.frame_keys[row]}, keypoint {names[k]}: NaN or infinite "
                          f"({int(bad.sum())} in all); give a missing keypoint the score 0, or export the file again")
    low, high = float(score.min()), float(score.max())
    if low < 0 or high > 1:
        notes.append(f"scores run from {low:.3g} to {high:.3g}: below 0 counts as 0, above 1 as 1")
    points[..., 2] = np.clip(score, 0, 1)
    points[points[..., 2] <= 0, :2] = 0
    return points, notes


def picture_size(hints: Hints, size) -> tuple[tuple[int, int] | None, str]:
    """The picture's (width, height), the user's before the file's, and a note where they differ; None where unknown."""
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
    note = f"the given size {width}x{height} is used; the file has {known[0]}x{known[1]}" if differs else ""
    return (width, height), note


def in_pixels(points: np.ndarray, size: tuple[int, int] | None, note: str, format_name: str
              ) -> tuple[np.ndarray, tuple[int, int], list[str]]:
    """Points in pixels, the picture's size and notes. Raises FormatError for shares of the picture without its size."""
    notes = [note] if note else []
    present = points[..., 2] > 0
    if not present.any():
        raise FormatError("no frame has a keypoint; give a file that contains a person")
    xy = points[present, :2]
    if np.abs(xy).max() > 1e7:
        raise FormatError(f"coordinates reach {np.abs(xy).max():.3g} pixels; export the file again")
    if np.abs(xy).max() > _SHARE_MOST:
        if size is None:
            size, why = _estimated_size(xy)
            notes.append(f"the file does not contain the picture's size: {size[0]}x{size[1]} is assumed, {why}; "
                         "give the true size if it differs")
        return points, size, notes
    if size is None:
        raise FormatError("x and y are shares of the picture (0..1), and the file does not contain its size; "
                          "give the size of the video, for example 1920x1080")
    points = points.copy()
    if format_name.startswith("OpenPose") and xy.min() < 0:
        # OpenPose has no points outside the picture: negative values come from keypoint_scale 4, -1..1.
        xy = (xy + 1) / 2
        notes.append("x and y run from -1 to 1 over the picture and were converted to pixels")
    else:
        notes.append("x and y are shares of the picture (0..1) and were converted to pixels")
    points[present, :2] = xy * size
    return points, size, notes


def _estimated_size(xy: np.ndarray) -> tuple[tuple[int, int], str]:
    """The smallest common picture size that contains 99 % of the keypoints, and the reason for messages."""
    right, bottom = np.percentile(xy, 99, axis=0)
    shapes = sorted({shape for w, h in _COMMON_SIZES for shape in ((w, h), (h, w))}, key=lambda s: (s[0] * s[1], -s[0]))
    for width, height in shapes:
        if right <= width and bottom <= height:
            return (width, height), "the smallest common size around all keypoints"
    extent = (min(_MOST_PIXELS, int(np.ceil(max(far, 2)))) for far in (right, bottom))
    return tuple(extent), "the extent of the keypoints, which exceeds all common sizes"


def frame_rate(found: Detections, order: FrameOrder, fps) -> tuple[float, np.ndarray, list[str]]:
    """Frames per second of the rows, the times (T,) in seconds, and notes. fps: the user's, or None."""
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
        notes.append(f"the given rate of {fps:g} frames per second is used; the file has {found.hints.fps:g}")
    if rate is None:
        rate = DEFAULT_FPS
        notes.append(f"the file does not contain its frame rate: {DEFAULT_FPS:g} frames per second are assumed; "
                     "give the video's rate if it differs")
    return rate / order.step, order.numbers / rate, notes


def _from_seconds(found: Detections, order: FrameOrder) -> tuple[float, np.ndarray, list[str]]:
    """As `frame_rate`, from the file's own times."""
    if len(found.seconds) < len(found.listed):
        raise FormatError("only some frames have a time; give a time to all frames, or to none")
    times = np.zeros(len(order.numbers))
    for key in found.listed:
        times[order.index[key]] = found.seconds[key]
    times -= times[0]
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise FormatError("the times of the frames do not rise; number the frames in the order of their times")
    if len(times) == 1:
        return found.hints.fps or DEFAULT_FPS, times, []
    rate = usual_rate(times)
    if times[-1] * rate > len(times) + most_missing(len(times)):
        raise FormatError(f"{len(times)} frames last {times[-1]:g} s at {rate:.4g} frames per second, which is not one "
                          "clip; give the frames of one video, with times in seconds (timestamp_ms: milliseconds)")
    return rate, times, ["the times are the file's own"]
