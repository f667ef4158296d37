"""A curve with keys enough for its limits."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple

import numpy as np

from .bezier_fit import Curve, fit
from .tuning import TUNING

Excess = Callable[[Curve], np.ndarray]
"""A curve -> (T,) its error at each frame in multiples of the allowed one."""


class State(NamedTuple):
    """A curve, its (T,) excess, and the (T,) weights of the frames with which it was fitted."""

    curve: Curve
    excess: np.ndarray
    importance: np.ndarray

    @property
    def within(self) -> bool:
        """Whether the error is nowhere larger than allowed."""
        return bool(self.excess.max() <= 1.0)


def heavier(importance: np.ndarray, excess: np.ndarray) -> np.ndarray:
    """(T,) weights with which frames with large errors count more in the next fit."""
    return importance * np.clip(excess, 0.5, 2.0) ** TUNING.push


def within(values: np.ndarray, at: np.ndarray, importance: np.ndarray,
           excess: Excess) -> Generator[None, None, State]:
    """A curve within the limits, with more keys where that is needed; each step is one fit.

    values: (T, C) channels. at: (K,) frames of the first keys. importance: (T,) weights of the frames.
    """
    for number in range(TUNING.most_rounds):
        curve = fit(values, at, importance)
        state = State(curve, excess(curve), importance)
        yield
        if state.within:
            return state
        if number % TUNING.refits:
            importance = heavier(importance, state.excess)
        else:
            at = _with_more(at, state.excess > 1.0)
    curve = fit(values, np.arange(len(values)), importance)
    return State(curve, excess(curve), importance)


def _with_more(at: np.ndarray, over: np.ndarray) -> np.ndarray:
    """The keys, and one more in the middle of each segment with too large an error."""
    segments = np.unique(np.clip(np.searchsorted(at, np.flatnonzero(over), side="right") - 1, 0, len(at) - 2))
    wide = segments[np.diff(at)[segments] > 1]
    if not len(wide):  # the error is at keys: neighbouring segments must follow the data more closely
        near = np.unique(np.clip(np.concatenate([segments - 1, segments, segments + 1]), 0, len(at) - 2))
        wide = near[np.diff(at)[near] > 1]
    return np.union1d(at, (at[wide] + at[wide + 1]) // 2)
