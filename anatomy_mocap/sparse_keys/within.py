"""A curve with keys enough for its limits, and without those that the limits do not need."""

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


def thinned(values: np.ndarray, state: State, keep: np.ndarray, excess: Excess) -> Generator[None, None, State]:
    """The state without keys that the limits do not need; many are tried at once, and put back where they are.

    values, excess: as of `within`. keep: (T,) bool, frames that are keys in any case.
    """
    needed = keep[state.curve.at].copy()
    needed[[0, -1]] = True
    for _ in range(TUNING.thinning_rounds):
        gone = _candidates(state.curve.at, needed)
        if not gone.any():
            break
        while gone.any():
            trial = yield from _fitted(values, state, ~gone, excess)
            if trial.within:
                state, needed = trial, needed[~gone]
                break
            back = _blamed(state.curve.at, gone, trial)
            needed |= back
            gone &= ~back
    return state


def _candidates(at: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """(K,) bool, keys to try without: those with the nearest neighbours, none of them near another."""
    inner, gone = np.flatnonzero(~needed), np.zeros(len(at), bool)
    order = inner[np.argsort(at[inner + 1] - at[inner - 1], kind="stable")] if len(inner) else inner
    for key in order[:max(1, int(TUNING.thinned_share * len(at)))]:
        gone[key] = not gone[max(key - 2, 0):key + 3].any()
    return gone


def _fitted(values: np.ndarray, state: State, stays: np.ndarray, excess: Excess) -> Generator[None, None, State]:
    """The state with some of its keys, after fits in which frames with large errors count more each time."""
    importance, at = state.importance, state.curve.at[stays]
    for _ in range(TUNING.trials):
        curve = fit(values, at, importance)
        trial = State(curve, excess(curve), importance)
        yield
        if trial.within:
            break
        importance = heavier(importance, trial.excess)
    return trial


def _blamed(at: np.ndarray, gone: np.ndarray, trial: State) -> np.ndarray:
    """(K,) bool, the missing keys in and beside segments with too large an error; all where there are none."""
    fewer = trial.curve.at
    wrong = np.clip(np.searchsorted(fewer, np.flatnonzero(trial.excess > 1.0), side="right") - 1, 0, len(fewer) - 2)
    near = np.unique(np.concatenate([wrong - 1, wrong, wrong + 1]))
    back = gone & np.isin(np.searchsorted(fewer, at, side="right") - 1, near)
    return back if back.any() else gone.copy()
