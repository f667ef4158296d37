"""Left and right over time: limbs that the network takes for each other in single frames are put right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .tuning import TUNING

GROUPS = {"head and trunk": (1, 2, 3, 7, 9, 11, 23), "arms": (13, 15, 17, 19, 21), "legs": (25, 27, 29, 31)}
"""The left keypoints (MEDIAPIPE33) of the parts of the body that change sides together."""
_RIGHT = {1: 4, 2: 5, 3: 6, 7: 8, 9: 10} | {n: n + 1 for n in range(11, 33, 2)}


@dataclass(frozen=True)
class Swap:
    """A stretch of frames, first to last, in which left and right of a part of the body were exchanged."""

    part: str
    first: int
    last: int


def put_right(xy: np.ndarray, score: np.ndarray, others: tuple[np.ndarray, ...] = ()
              ) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...], list[Swap]]:
    """Keypoints (T, 33, 2) and scores (T, 33) of one shot with the sides exchanged in frames where all others tell it.

    Keypoints keep their places from frame to frame; two limbs that are apart do not change places at once. Of two
    readings of a clip, the one with fewer exchanged frames is right. Exchanged frames get a lower score. others:
    further arrays (T, 33, ...) that are exchanged alike. Also returns the stretches.
    """
    xy, score, others = xy.copy(), score.copy(), tuple(other.copy() for other in others)
    seen = np.flatnonzero((score > 0).any(axis=1))
    swaps: list[Swap] = []
    if len(seen) < 3:
        return xy, score, others, swaps
    size = np.maximum(np.ptp(xy[seen], axis=1).max(axis=1), 1.0)
    for part, left in GROUPS.items():
        left = np.array(left)
        right = np.array([_RIGHT[n] for n in left])
        exchanged = seen[_exchanged(xy[seen], score[seen], left, right, size, np.diff(seen))]
        for values in (xy, score, *others):
            values[np.ix_(exchanged, left)], values[np.ix_(exchanged, right)] = (
                values[np.ix_(exchanged, right)], values[np.ix_(exchanged, left)])
        score[np.ix_(exchanged, np.concatenate([left, right]))] *= TUNING.exchanged_factor
        swaps += [Swap(part, int(run[0]), int(run[-1])) for run in _runs(exchanged)]
    return xy, score, others, swaps


def _exchanged(xy, score, left, right, size, steps) -> np.ndarray:
    """(T,) bool: the frames whose sides are exchanged, by the cheapest path through the two states of every frame."""
    a, b = xy[:, left], xy[:, right]
    weight = np.minimum(score[:, left], score[:, right])
    weight = np.minimum(weight[1:], weight[:-1])
    scale = np.maximum(size[1:], size[:-1])[:, None]

    def moves(before, after) -> np.ndarray:
        return np.linalg.norm(after[1:] - before[:-1], axis=-1) / scale

    keep, change = moves(a, a) + moves(b, b), moves(a, b) + moves(b, a)
    total = np.maximum(weight.sum(axis=1), 1e-9)
    # Mean cost of a change of state against none; over a gap it tells less.
    gain = ((change - keep) * weight).sum(axis=1) / total / np.sqrt(steps)
    came = np.zeros((len(xy), 2), dtype=bool)
    same, other = 0.0, TUNING.exchanged_frame
    for t, g in enumerate(gain.tolist(), start=1):
        # From one state to the other the labels change places: the keypoints then move by `change`.
        switch = g + TUNING.exchange
        to_same = min((same, False), (other + switch, True))
        to_other = min((other, True), (same + switch, False))
        came[t] = to_same[1], to_other[1]
        same, other = to_same[0], to_other[0] + TUNING.exchanged_frame
    state, found = other < same, np.zeros(len(xy), dtype=bool)
    for t in range(len(xy) - 1, -1, -1):
        found[t] = state
        state = bool(came[t, int(state)])
    return found


def _runs(frames: np.ndarray) -> list[np.ndarray]:
    return [run for run in np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1) if len(run)]
