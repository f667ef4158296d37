"""Fewer keys by handles of other lengths: keys are tried in windows, each of which is accepted on its own."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from .bezier_fit import Curve
from .handle_fit import inside, refit
from .handles import THIRD
from .tuning import TUNING
from .within import Excess, State, heavier


def thinned_by_handles(values: np.ndarray, state: State, keep: np.ndarray,
                       excess: Excess) -> Generator[None, None, State]:
    """The state without keys that handles of other lengths make up for; each step is a round of a fit.

    values: (T, C) channels. keep: (T,) bool, frames that are keys in any case.
    """
    needed = keep.copy()
    needed[[0, -1]] = True
    state = state._replace(curve=_with_shares(state.curve))
    for turn in range(TUNING.windows * TUNING.handle_passes):
        at = state.curve.at
        tried = np.arange(1 + turn % TUNING.windows, len(at) - 1, TUNING.windows)
        tried = tried[~needed[at[tried]]]
        if len(tried):
            curve, works, importance = yield from _tried(values, state, tried, excess)
            needed[at[tried[~works]]] = True
            state = State(curve, excess(curve), importance)
    return state


def _with_shares(curve: Curve) -> Curve:
    third = np.full((len(curve.at) - 1, curve.values.shape[1]), THIRD)
    return curve._replace(out=third, into=third.copy())


def _tried(values: np.ndarray, state: State, tried: np.ndarray,
           excess: Excess) -> Generator[None, None, tuple[Curve, np.ndarray, np.ndarray]]:
    """The curve without those of the (N,) tried keys for which that works, (N,) whether it does, new importance."""
    old, importance = state.curve, state.importance
    windows = np.full(len(old.at) - 1, -1)
    for number, key in enumerate(tried):
        windows[max(key - TUNING.windows // 2, 0):key + TUNING.windows // 2] = number
    stays = np.ones(len(old.at), bool)
    stays[tried] = False
    kept = np.flatnonzero(stays)
    new, open_ = _with_fewer(old, kept), windows[kept[:-1]]
    of_frame = windows[np.clip(np.searchsorted(old.at, np.arange(len(values)), side="right") - 1, 0, len(old.at) - 2)]
    works = np.zeros(len(tried), bool)
    for _ in range(TUNING.trials):
        new = yield from refit(new, values, importance, open_)
        now = excess(new)
        worst = np.zeros(len(tried))
        np.maximum.at(worst, of_frame[of_frame >= 0], now[of_frame >= 0])
        works |= worst <= 1.0
        done = np.append(works | (worst > TUNING.hopeless_window), True)  # a window that works stays as it is
        if done.all():
            break
        open_ = np.where(done[open_], -1, open_)
        importance = np.where(done[of_frame], importance, heavier(importance, now))
    changed = np.append(works, False)
    return _mixed(old, new, windows, tried[works], changed), works, \
        np.where(changed[of_frame], importance, state.importance)


def _with_fewer(curve: Curve, kept: np.ndarray) -> Curve:
    """The curve with some of its keys, those of (N,) indices; joined segments begin with handles of a third."""
    joined = np.diff(kept) > 1
    shares = [share[kept[:-1]].copy() for share in curve[3:]]
    for share in shares:
        share[joined] = THIRD
    return Curve(curve.at[kept], curve.values[kept], curve.slopes[kept], *shares)


def _mixed(old: Curve, new: Curve, windows: np.ndarray, gone: np.ndarray, works: np.ndarray) -> Curve:
    """The new curve in the windows that work, the old one elsewhere.

    windows: (K - 1,) of the old segments. gone: indices of the old keys that are left out. works: (W + 1,) bool, the
    last one False.
    """
    kept = np.setdiff1d(np.arange(len(old.at)), gone)
    segments = windows[kept[:-1]]
    by_key, by_segment = works[inside(segments)][:, None], works[segments][:, None]
    there = np.searchsorted(new.at, old.at[kept])
    return Curve(old.at[kept], np.where(by_key, new.values[there], old.values[kept]),
                 np.where(by_key, new.slopes[there], old.slopes[kept]),
                 *(np.where(by_segment, fresh[np.minimum(there[:-1], len(fresh) - 1)], was[kept[:-1]])
                   for fresh, was in zip(new[3:], old[3:], strict=True)))
