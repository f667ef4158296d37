"""Bezier curves with handles of free length: their values at frames, and how these change with the curve.

All arrays have the channels first: (C, K) of keys, (C, K - 1) of segments, (C, T) of frames.

A segment from frame 0 to L has the control points (0, v0), (a L, v0 + a L m0), (L - b L, v1 - b L m1), (L, v1). At
share s of its length the parameter t of the curve solves x(t) = 3 (1-t)^2 t a + 3 (1-t) t^2 (1 - b) + t^3 = s.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

THIRD = 1.0 / 3.0
_STEPS, _EXACT = 3, 12
"""Newton steps for the parameter of a frame, during a fit and of its result. They start at the frame's share."""


class Grid(NamedTuple):
    """The frames in their segments. start: (T,) segment. length: (T,) of it. share: (T,) of the way along it."""

    at: np.ndarray
    start: np.ndarray
    length: np.ndarray
    share: np.ndarray


class Shape(NamedTuple):
    """A curve of C channels. values, slopes: (C, K). out, into: (C, K - 1) shares of the segments' lengths."""

    values: np.ndarray
    slopes: np.ndarray
    out: np.ndarray
    into: np.ndarray


class Sample(NamedTuple):
    """A curve at the frames. values: (C, T). jacobian: (6, C, T) by v0, m0, a, b, v1, m1 of the frame's segment."""

    values: np.ndarray
    jacobian: np.ndarray | None


def handle_curve(at: np.ndarray, values: np.ndarray, slopes: np.ndarray, out: np.ndarray, into: np.ndarray,
                 frames: int) -> np.ndarray:
    """(C, T) the curve at the frames 0 to T - 1.

    at: (K,) frames of the keys. values, slopes: (C, K). out, into: (C, K - 1) shares of the segments' lengths that the
    handles at their starts and ends take.
    """
    return sample_of(grid_of(at, frames), Shape(values, slopes, out, into), False).values


def grid_of(at: np.ndarray, frames: int) -> Grid:
    """The frames 0 to `frames` - 1 in the segments between (K,) keys, K > 1."""
    start = np.clip(np.searchsorted(at, np.arange(frames), side="right") - 1, 0, len(at) - 2)
    length = np.diff(at)[start].astype(float)
    return Grid(at, start, length, (np.arange(frames) - at[start]) / length)


def sample_of(grid: Grid, curve: Shape, with_jacobian: bool) -> Sample:
    """The curve at the frames; with the Jacobian its parameters are found with fewer steps."""
    values, slopes, out, into = curve
    start = grid.start
    first, last, a, b = values[:, start], values[:, start + 1], out[:, start], into[:, start]
    rise, fall = grid.length * slopes[:, start], grid.length * slopes[:, start + 1]
    t = _parameter(grid.share, a, b, _STEPS if with_jacobian else _EXACT)
    rest = 1.0 - t
    near, far = 3.0 * rest * rest * t, 3.0 * rest * t * t
    ends = (rest**3 + near, near * a, far + t**3, -far * b)
    found = ends[0] * first + ends[1] * rise + ends[2] * last + ends[3] * fall
    if not with_jacobian:
        return Sample(found, None)
    x_slope = 3.0 * (rest * rest * a + 2.0 * rest * t * (1.0 - a - b) + t * t * b)
    y_slope = 3.0 * (rest * rest * a * rise + 2.0 * rest * t * (last - b * fall - first - a * rise) + t * t * b * fall)
    slope = y_slope / np.maximum(x_slope, 1e-2)
    return Sample(found, np.stack([ends[0], ends[1] * grid.length, near * (rise - slope), far * (slope - fall),
                                    ends[2], ends[3] * grid.length]))


def _parameter(share: np.ndarray, a: np.ndarray, b: np.ndarray, steps: int) -> np.ndarray:
    """(C, T) the parameter at each frame."""
    one, two, three = 3.0 * a, 3.0 - 3.0 * b - 6.0 * a, 3.0 * (a + b) - 2.0
    t = np.broadcast_to(share, a.shape).copy()
    for _ in range(steps):
        off = t * (one + t * (two + t * three)) - share
        t -= off / np.maximum(one + t * (2.0 * two + 3.0 * three * t), 1e-2)
        np.clip(t, 0.0, 1.0, out=t)
        if np.abs(off).max() < 1e-7:
            break
    return t
