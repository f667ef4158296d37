"""Which frames are keys: the fewest whose curve, with the values and slopes of the data, stays near the data."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np

from ..core.progress import chunks
from .bezier_fit import basis, slopes_of
from .tuning import TUNING

_WORK = 100_000
"""Frames of segments that one step looks at. Chosen: some milliseconds."""
_PATHS = 1000
"""Frames to which one step finds the shortest path. Chosen: some milliseconds."""


def choose(values: np.ndarray, parts: list[tuple[slice, np.ndarray]],
           keep: np.ndarray) -> Generator[None, None, np.ndarray]:
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
    cost = yield from _costs(values, parts, lengths)
    before = np.concatenate([[0], np.cumsum(keep)])
    for row, length in enumerate(lengths):
        ends = np.arange(length, frames)
        cost[row, ends[before[ends] > before[ends - length + 1]]] = np.inf
    total, came = np.full(frames, np.inf), np.zeros(frames, dtype=int)
    total[0] = 0.0
    for frame in range(1, frames):
        usable = lengths[:np.searchsorted(lengths, frame, side="right")]
        sums = total[frame - usable] + cost[:len(usable), frame]
        best = int(sums.argmin())
        total[frame], came[frame] = sums[best], frame - usable[best]
        if frame % _PATHS == 0:
            yield
    path = [frames - 1]
    while path[-1] > 0:
        path.append(came[path[-1]])
    return np.array(path[::-1])


def _lengths(frames: int) -> Iterator[int]:
    length = 1
    while length < min(frames, TUNING.longest + 1):
        yield length
        length += max(1, length // TUNING.length_steps)


def _costs(values: np.ndarray, parts: list[tuple[slice, np.ndarray]],
           lengths: np.ndarray) -> Generator[None, None, np.ndarray]:
    """(N, T) the cost, in keys, of a segment of each length that ends at each frame; inf where it is too far off.

    A start is given up once its segments are far off: longer ones are worse.
    """
    slopes, frames = slopes_of(values), len(values)
    cost, starts = np.full((len(lengths), frames), np.inf), np.arange(frames)
    for row, length in enumerate(lengths):
        starts = starts[starts < frames - length]
        ratio = np.zeros(len(starts))
        if length > 1:
            for some in chunks(len(starts), max(1, _WORK // length)):
                ratio[some] = _errors(values, slopes, parts, starts[some], length) / TUNING.fit_gain
                yield
        near = ratio <= 1.0
        cost[row, starts[near] + length] = 1.0 + TUNING.evenness * ratio[near] ** 2
        starts = starts[ratio < TUNING.hopeless]
    return cost


def _errors(values: np.ndarray, slopes: np.ndarray, parts: list[tuple[slice, np.ndarray]], starts: np.ndarray,
            length: int) -> np.ndarray:
    """(N,) the largest error of the segments from N starts, relative to the allowed one."""
    weights = basis(np.arange(1, length) / length, length)
    ends = np.stack([values[starts], slopes[starts], values[starts + length], slopes[starts + length]], axis=1)
    inside = starts[:, None] + np.arange(1, length)
    off = (weights @ ends - values[inside]) ** 2
    return np.sqrt(np.max([(off[..., part].sum(axis=-1) / allowed[inside] ** 2).max(axis=1)
                           for part, allowed in parts], axis=0))
