"""Curves through few keys: which frames are keys, and their values and slopes.

Between two keys L frames apart the curve is the cubic with the values and slopes of both, which a Bezier segment with
handles at L / 3 is exactly:

    y(k) = h00(s) v0 + h01(s) v1 + L (h10(s) m0 + h11(s) m1),  s = k / L
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.linalg import solveh_banded

from .tuning import TUNING


class Curve(NamedTuple):
    """K keys of C channels. at: (K,) rising indices of frames. values: (K, C). slopes: (K, C) a frame."""

    at: np.ndarray
    values: np.ndarray
    slopes: np.ndarray


def basis(s: np.ndarray, length: np.ndarray | float) -> np.ndarray:
    """(N, 4) weights of value and slope at the start, value and slope at the end, at shares s (N,) of a segment."""
    s = np.asarray(s, dtype=float)
    rest = 1.0 - s
    return np.stack([(1 + 2 * s) * rest**2, length * s * rest**2, s**2 * (3 - 2 * s), -length * s**2 * rest], axis=-1)


def evaluate(curve: Curve, frames: int) -> np.ndarray:
    """(T, C) the curve at the frames 0 to T - 1, of which the first and the last are keys."""
    start, weights = _rows(curve.at, frames)
    packed = np.stack([curve.values, curve.slopes], axis=1)
    if len(curve.at) == 1:
        return np.repeat(curve.values, frames, axis=0)
    ends = np.concatenate([packed[start], packed[start + 1]], axis=1)
    return np.einsum("tn,tnc->tc", weights, ends)


def _rows(at: np.ndarray, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """(T,) the segment of each frame, and (T, 4) its weights."""
    start = np.clip(np.searchsorted(at, np.arange(frames), side="right") - 1, 0, max(len(at) - 2, 0))
    length = np.diff(at)[start] if len(at) > 1 else np.ones(frames)
    return start, basis((np.arange(frames) - at[start]) / length, length)


def slopes_of(values: np.ndarray) -> np.ndarray:
    """(T, C) slopes a frame of values over time: central differences."""
    return np.gradient(values, axis=0) if len(values) > 1 else np.zeros_like(values)


def fit(values: np.ndarray, at: np.ndarray, importance: np.ndarray) -> Curve:
    """The curve with keys at `at` that is nearest to (T, C) values in the least squares sense.

    importance: (T,) weights of the frames, 1 on average. Slopes that no frame between two keys determines are those of
    the values.
    """
    frames, keys = len(values), len(at)
    if keys < 2 or frames == keys:
        return Curve(at, values[at].copy(), slopes_of(values)[at])
    start, weights = _rows(at, frames)
    weighed = weights * importance[:, None]
    # Each segment adds a 4 x 4 block at its own rows; the sum of all blocks is banded.
    blocks = np.add.reduceat(weighed[:, :, None] * weights[:, None, :], at[:-1], axis=0)
    pulls = np.add.reduceat(weighed[:, :, None] * values[:, None, :], at[:-1], axis=0)
    bands, right = np.zeros((4, 2 * keys)), np.zeros((2 * keys, values.shape[1]))
    first = 2 * np.arange(keys - 1)
    for row in range(4):
        right[first + row] += pulls[:, row]
        for column in range(row, 4):
            bands[3 - (column - row), first + column] += blocks[:, row, column]
    bands[3, 1::2] += TUNING.slope_pull
    right[1::2] += TUNING.slope_pull * slopes_of(values)[at]
    bands[3, 0::2] += TUNING.value_pull
    right[0::2] += TUNING.value_pull * values[at]
    solved = solveh_banded(bands, right).reshape(keys, 2, -1)
    return Curve(at, solved[:, 0], solved[:, 1])


def choose(values: np.ndarray, parts: list[tuple[slice, np.ndarray]], keep: np.ndarray) -> np.ndarray:
    """(K,) the fewest frames whose curve stays near (T, C) values; of equally few the most evenly accurate.

    parts: some of the channels, and the (T,) length of the error that is allowed there. keep: (T,) bool, frames that
    are keys in any case; the first and the last are.
    The cost of a segment is known from its ends alone, with values and slopes of the data, so a shortest path over all
    frames finds the best choice. Values and slopes that are fitted afterwards are about twice as accurate, which
    `TUNING.fit_gain` makes use of.
    """
    frames = len(values)
    if frames <= 2:
        return np.arange(frames)
    lengths = np.array(list(_lengths(frames)))
    cost = np.full((len(lengths), frames), np.inf)
    for row, (starts, errors) in enumerate(_segment_errors(values, parts, lengths)):
        ratio = errors / TUNING.fit_gain
        near = ratio <= 1.0
        cost[row, starts[near] + lengths[row]] = 1.0 + TUNING.evenness * ratio[near] ** 2
    before = np.concatenate([[0], np.cumsum(keep)])
    for row, length in enumerate(lengths):
        ends = np.arange(length, frames)
        spans = before[ends] > before[ends - length + 1]
        cost[row, ends[spans]] = np.inf
    total, came = np.full(frames, np.inf), np.zeros(frames, dtype=int)
    total[0] = 0.0
    for frame in range(1, frames):
        usable = lengths[:np.searchsorted(lengths, frame, side="right")]
        sums = total[frame - usable] + cost[:len(usable), frame]
        best = int(sums.argmin())
        total[frame], came[frame] = sums[best], frame - usable[best]
    path = [frames - 1]
    while path[-1] > 0:
        path.append(came[path[-1]])
    return np.array(path[::-1])


def _lengths(frames: int) -> Iterator[int]:
    length = 1
    while length < min(frames, TUNING.longest + 1):
        yield length
        length += max(1, length // TUNING.length_steps)


def _segment_errors(values: np.ndarray, parts: list[tuple[slice, np.ndarray]],
                    lengths: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each length: (N,) starts of segments, and the largest error of each, relative to the allowed one.

    A start is given up once its segments are far off: longer ones are worse.
    """
    slopes, frames = slopes_of(values), len(values)
    starts, hopeless = np.arange(frames), TUNING.hopeless * TUNING.fit_gain
    for length in lengths:
        starts = starts[starts < frames - length]
        if length == 1 or not len(starts):
            yield starts, np.zeros(len(starts))
            continue
        weights = basis(np.arange(1, length) / length, length)
        ends = np.stack([values[starts], slopes[starts], values[starts + length], slopes[starts + length]], axis=1)
        inside = starts[:, None] + np.arange(1, length)
        off = (weights @ ends - values[inside]) ** 2
        errors = np.sqrt(np.max([(off[..., part].sum(axis=-1) / allowed[inside] ** 2).max(axis=1)
                                 for part, allowed in parts], axis=0))
        yield starts, errors
        starts = starts[errors < hopeless]
