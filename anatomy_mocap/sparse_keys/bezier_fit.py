"""Curves through few keys: their values, slopes and handles.

Each channel is a Bezier curve as Blender evaluates it. Both handles of a key lie on one line, its slope; each handle
has a length of its own, which is given as a share of the distance to the next key. Where both shares of a segment are
1/3, its curve is the cubic with the values and slopes of both keys:

    y(k) = h00(s) v0 + h01(s) v1 + L (h10(s) m0 + h11(s) m1),  s = k / L
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import solveh_banded

from .handles import THIRD, handle_curve
from .tuning import TUNING


class Curve(NamedTuple):
    """K keys of C channels.

    at: (K,) rising indices of frames. values: (K, C). slopes: (K, C) a frame.
    out, into: (K - 1, C) share of each segment's length that the handle at its start and at its end take; None for a
    third everywhere.
    """

    at: np.ndarray
    values: np.ndarray
    slopes: np.ndarray
    out: np.ndarray | None = None
    into: np.ndarray | None = None

    def handles_out(self, channel: int) -> np.ndarray:
        """(K,) frames from each key to the end of its right handle; the last one's is as long as the one before."""
        lengths = self._handles(self.out, channel)
        return np.append(lengths, lengths[-1:])[:len(self.at)]

    def handles_into(self, channel: int) -> np.ndarray:
        """(K,) frames from the end of each key's left handle to the key."""
        lengths = self._handles(self.into, channel)
        return np.append(lengths[:1], lengths)[:len(self.at)]

    def _handles(self, shares: np.ndarray | None, channel: int) -> np.ndarray:
        if len(self.at) < 2:
            return np.ones(1)
        return np.diff(self.at) * (THIRD if shares is None else shares[:, channel])

    def part(self, channels: slice) -> Curve:
        """Some of the channels."""
        return Curve(self.at, *(each if each is None else each[:, channels] for each in self[1:]))


def basis(s: np.ndarray, length: np.ndarray | float) -> np.ndarray:
    """(N, 4) weights of value and slope at the start, value and slope at the end, at shares s (N,) of a segment."""
    s = np.asarray(s, dtype=float)
    rest = 1.0 - s
    return np.stack([(1 + 2 * s) * rest**2, length * s * rest**2, s**2 * (3 - 2 * s), -length * s**2 * rest], axis=-1)


def evaluate(curve: Curve, frames: int) -> np.ndarray:
    """(T, C) the curve at the frames 0 to T - 1, of which the first and the last are keys."""
    if len(curve.at) == 1:
        return np.repeat(curve.values, frames, axis=0)
    if curve.out is not None:
        return handle_curve(curve.at, *(each.T for each in curve[1:]), frames).T
    start, weights = _rows(curve.at, frames)
    packed = np.stack([curve.values, curve.slopes], axis=1)
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
    """The curve with keys at `at` and handles of a third that is nearest to (T, C) values in the least squares sense.

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
