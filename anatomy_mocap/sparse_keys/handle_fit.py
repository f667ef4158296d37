"""The fit of curves to data with the lengths of handles, in separate windows of a clip.

A window is a run of segments. Its segments and the keys inside it change; the keys at its borders stay, and so does all
between windows. The Levenberg-Marquardt rounds take or refuse the step of each window and channel on its own.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from scipy.linalg import solveh_banded

from .bezier_fit import Curve, slopes_of
from .handles import THIRD, Grid, Sample, Shape, grid_of, sample_of
from .tuning import TUNING

_STILL = 1e12
"""Weight that keeps an unknown where it is."""


def inside(windows: np.ndarray) -> np.ndarray:
    """(K,) the window of each key, -1 at borders and outside. windows: (K - 1,) those of the segments, -1 for none."""
    before, after = np.append(windows[:1], windows), np.append(windows, windows[-1:])
    return np.where(before == after, before, -1)


def refit(curve: Curve, values: np.ndarray, importance: np.ndarray,
          windows: np.ndarray) -> Generator[None, None, Curve]:
    """The curve after some rounds in its windows, in none of which it is farther from the data; each step is a round.

    curve: with shares of handles, K > 1. values: (T, C). importance: (T,) weights of the frames, 1 on average.
    windows: (K - 1,) the number of each segment's window, -1 for none.
    """
    if (windows < 0).all():
        return curve
    fit = _Fit(curve, values, importance, windows)
    for _ in range(TUNING.handle_rounds):
        fit.advance()
        yield
    return Curve(curve.at, *(each.T for each in fit.shape))


class _Fit:
    """The state of a fit. shape: the curve so far."""

    def __init__(self, curve: Curve, values: np.ndarray, importance: np.ndarray, windows: np.ndarray):
        whole = grid_of(curve.at, len(values))
        open_ = windows[whole.start] >= 0  # frames outside all windows take no part
        self.grid = Grid(curve.at, *(each[open_] for each in whole[1:]))
        self.shape = Shape(*(each.T for each in curve[1:]))
        self.data, self.importance, self.at_keys = values[open_].T, importance[open_], values[curve.at].T
        self.slopes = slopes_of(values)[curve.at].T
        self.size = np.maximum(np.ptp(values, axis=0), 1e-9)[:, None] ** 2
        self.segments, self.keys = windows, inside(windows)
        self.count = int(windows.max()) + 1
        self.places = windows[self.grid.start] + (self.count + 1) * np.arange(values.shape[1])[:, None]
        self.sample = sample_of(self.grid, self.shape, True)
        self.cost = self._cost(self.sample)
        self.damping = np.full(self.cost.shape, TUNING.damping)

    def _cost(self, sample: Sample) -> np.ndarray:
        """(C, W + 1) of each window; the last column stands for what is in none."""
        squares = (sample.values - self.data) ** 2 * self.importance
        size = (self.count + 1) * len(self.data)
        return np.bincount(self.places.ravel(), squares.ravel(), size).reshape(len(self.data), -1)

    def advance(self) -> None:
        """Take one step in each window in which it brings the curve nearer to the data."""
        trial = _step(self)
        there = sample_of(self.grid, trial, True)
        cost = self._cost(there)
        better = cost < self.cost
        better[:, -1] = False
        by_key, by_segment, by_frame = better[:, self.keys], better[:, self.segments], better.ravel()[self.places]
        self.shape = Shape(*(np.where(by, new, old) for by, new, old in zip(
            (by_key, by_key, by_segment, by_segment), trial, self.shape, strict=True)))
        self.sample = Sample(np.where(by_frame, there.values, self.sample.values),
                             np.where(by_frame, there.jacobian, self.sample.jacobian))
        self.cost = np.where(better, cost, self.cost)
        self.damping = np.where(better, self.damping * 0.3, self.damping * 10.0)


def _step(fit: _Fit) -> Shape:
    """The curve after one step. Unknowns of channel and key: v, m, and a, b of the segment behind the key."""
    values, slopes, out, into = fit.shape
    channels, keys = values.shape
    bands, right = np.zeros((6, channels, 4 * keys - 2)), np.zeros((channels, 4 * keys - 2))
    segments, starts = np.unique(fit.grid.start, return_index=True)
    first = 4 * segments
    weighed = fit.sample.jacobian * fit.importance
    pulls = np.add.reduceat(weighed * (fit.data - fit.sample.values), starts, axis=2)
    for row in range(6):
        right[:, first + row] += pulls[row]
        blocks = np.add.reduceat(weighed[row] * fit.sample.jacobian[row:], starts, axis=2)
        for step, block in enumerate(blocks):
            bands[5 - step][:, first + row + step] += block
    damping = fit.damping[:, fit.segments]
    for place, pull, wanted, now in ((0, TUNING.value_pull, fit.at_keys, values),
                                     (1, TUNING.slope_pull, fit.slopes, slopes),
                                     (2, TUNING.share_pull * fit.size, THIRD, out),
                                     (3, TUNING.share_pull * fit.size, THIRD, into)):
        bands[5, :, place::4] += pull + (damping * bands[5, :, place::4] if place > 1 else 0.0)
        right[:, place::4] += pull * (wanted - now)
        still = (fit.segments if place > 1 else fit.keys) < 0
        bands[5, :, place::4][:, still] = _STILL
    # The channels do not touch each other, so one system holds them all.
    change = solveh_banded(bands.reshape(6, -1), right.ravel(), check_finite=False).reshape(right.shape)
    most = TUNING.share_step
    out, into = (np.clip(share + np.clip(change[:, place::4], -most, most), TUNING.least_share, 1.0)
                 for share, place in ((out, 2), (into, 3)))
    over = np.maximum(out + into, 1.0)  # Blender shortens handles that overlap
    return Shape(values + change[:, 0::4], slopes + change[:, 1::4], out / over, into / over)
