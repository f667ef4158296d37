"""Decides in which unit a keypoint file gives x and y, and converts them to pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..core.errors import MocapError
from ..core.keypoint_layouts import LAYOUTS
from .keypoint_formats.records import FormatError, Hints

UNITS = {"auto": "decided by the file", "pixels": "pixels", "shares": "fractions of the picture size (0..1)",
         "percent": "percent of the picture size (0..100)", "centred": "-1 to 1 over the picture",
         "screen": "-1 to 1 over the width of the picture, y at the same scale, from its middle"}
"""The units that a user may state, and what they mean."""

# Coordinates whose median lies within this range are fractions of the picture size: no person is so few pixels large.
_SHARE_MOST = 2.0
# Fraction of negative coordinates: from here on OpenPose's range is -1..1, and the origin is no corner of a picture.
_NEGATIVE_RANGE, _NEGATIVE_MOST = 0.02, 0.35
_BESIDE = -0.1  # fractions that are less negative are keypoints just beside the picture
_SMALLEST = 8.0  # pixels: no body is so small in a picture
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


def picture_size(hints: Hints, size: tuple[int, int] | None) -> tuple[tuple[int, int] | None, str]:
    """Return the picture's (width, height) and a note. The user's size overrides the file's; both None gives None."""
    known = (hints.width, hints.height) if hints.width and hints.height else None
    if size is None:
        if known and max(known) > _MOST_PIXELS:
            raise FormatError(f"it states a picture of {known[0]}x{known[1]} pixels; give the true size, for example "
                              "1920x1080")
        return known, ""
    try:
        width, height = (int(value) for value in size)
    except (TypeError, ValueError) as error:
        raise MocapError(f"size {size!r} is not a width and a height in pixels; give for example 1920x1080") from error
    if not (2 <= width <= _MOST_PIXELS and 2 <= height <= _MOST_PIXELS):
        raise MocapError(f"size {width}x{height} is not usable; give width and height in pixels")
    differs = known is not None and known != (width, height)
    return (width, height), (f"size {width}x{height} as given, the file has {known[0]}x{known[1]}" if differs else "")


def in_pixels(points: np.ndarray, size: tuple[int, int] | None, note: str, format_name: str,
              unit: str = "auto") -> PixelPoints:
    """Convert points to pixels.

    unit: a key of UNITS; "auto" decides by the bulk of the coordinates. Raises FormatError if the size is needed and
    unknown, or if the coordinates contradict the unit.
    """
    notes = [note] if note else []
    present = points[..., 2] > 0
    if not present.any():
        raise FormatError("no frame has a keypoint; give a file with a person in it")
    xy = points[present, :2]
    if np.abs(xy).max() > 1e7:
        raise FormatError(f"coordinates reach {np.abs(xy).max():.3g} pixels; export the file again")
    evidence = "" if unit == "auto" else ", as given"
    if unit == "auto":
        unit = _unit_of(xy, format_name)
    else:
        _check_unit(xy, unit)
    if unit == "pixels":
        _check_extent(points)
        if size is None:
            size, why = _estimated_size(xy)
            notes.append(f"the file does not state the picture size: {size[0]}x{size[1]} is assumed, {why}; "
                         "give the true size if it differs")
        notes.append(f"x and y are pixels{evidence}")
        if not evidence and xy.min() >= 0 and xy.max() <= 100:
            notes.append("no coordinate is above 100; if they are percent of the picture size, give the unit percent")
        return PixelPoints(points, size, notes)
    if size is None:
        raise FormatError(f"x and y are {UNITS[unit]}, which the file does not state; "
                          "give the size of the video, for example 1920x1080")
    points = points.copy()
    points[present, :2] = _scaled(xy, unit, size)
    meaning = "range from -1 to 1 over the picture" if unit == "centred" else f"are {UNITS[unit]}"
    notes.append(f"x and y {meaning}{evidence}: converted to pixels")
    outside = float(np.mean(((points[present, :2] < -np.array(size))
                             | (points[present, :2] > 2 * np.array(size))).any(axis=-1)))
    if outside > 0:
        notes.append(f"{outside:.1%} of the keypoints lie more than a picture's size outside the picture")
    return PixelPoints(points, size, notes)


def _unit_of(xy: np.ndarray, format_name: str) -> str:
    """The unit of (N, 2) coordinates by their bulk. Raises FormatError where they are no picture's."""
    small, negative = float(np.median(np.abs(xy))) <= _SHARE_MOST, float(np.mean(xy < 0))
    # OpenPose's keypoints lie inside the picture, so clearly negative values come from keypoint_scale 4 (-1..1).
    if small and format_name.startswith("OpenPose") and negative >= _NEGATIVE_RANGE \
            and np.quantile(xy, _NEGATIVE_RANGE) < _BESIDE:
        return "centred"
    if negative >= _NEGATIVE_MOST:
        more = " If they are -1 to 1 over the picture, give the unit centred or screen" if np.abs(xy).max() < 2 else ""
        raise FormatError(f"{negative:.0%} of all x and y are negative: they are metres about the hips (world "
                          "landmarks) or another form of 3D, not a picture; export the landmarks of the picture, in "
                          f"pixels or as fractions of its size.{more}".removesuffix("."))
    return "shares" if small else "pixels"


def _check_extent(points: np.ndarray) -> None:
    """Raise FormatError where a body (N, K, 3) is too small for pixels, as one in metres is."""
    xy = np.where(points[..., 2:] > 0, points[..., :2], np.nan)[(points[..., 2] > 0).sum(axis=1) > 5]
    if not len(xy):
        return
    extent = float(np.median((np.nanmax(xy, axis=1) - np.nanmin(xy, axis=1)).max(axis=-1)))
    if extent < _SMALLEST:
        raise FormatError(f"its people are {extent:.2g} wide or high, which are no pixels but metres or another form "
                          "of 3D; export the landmarks of the picture, in pixels or as fractions of its size")


def _check_unit(xy: np.ndarray, unit: str) -> None:
    """Raise FormatError where (N, 2) coordinates contradict the stated unit."""
    middle, most = float(np.median(np.abs(xy))), {"pixels": np.inf, "percent": 200.0}.get(unit, _SHARE_MOST)
    if middle > most or (unit in ("pixels", "percent") and middle <= _SHARE_MOST):
        raise FormatError(f"half of all x and y are beyond {middle:.3g}, so they are not {UNITS[unit]}; "
                          "leave the unit out, or give the right one")


def _scaled(xy: np.ndarray, unit: str, size: tuple[int, int]) -> np.ndarray:
    """(N, 2) pixels of coordinates in a unit other than pixels."""
    if unit == "screen":
        return (xy * size[0] + size) / 2
    return xy * size / 100 if unit == "percent" else (xy + 1) / 2 * size if unit == "centred" else xy * size


def _estimated_size(xy: np.ndarray) -> tuple[tuple[int, int], str]:
    """Return the smallest common video size, wide or high, that contains 99 % of the keypoints, and the reason."""
    right, bottom = np.percentile(xy, 99, axis=0)
    shapes = sorted({shape for w, h in _COMMON_SIZES for shape in ((w, h), (h, w))}, key=lambda s: (s[0] * s[1], -s[0]))
    for width, height in shapes:
        if right <= width and bottom <= height:
            return (width, height), "the smallest common size that contains the keypoints"
    extent = (min(_MOST_PIXELS, int(np.ceil(max(far, 2)))) for far in (right, bottom))
    return tuple(extent), "the extent of the keypoints, which exceeds all common sizes"
