"""Pair two sets at the lowest total cost."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

_FORBIDDEN = 1e6


def pair(cost: np.ndarray, most: np.ndarray | float) -> list[tuple[int, int]]:
    """(row, column) pairs of the lowest total cost, each row and column at most once.

    cost: (A, B), well below 1e6. most: highest cost of a pair, one number or broadcast to (A, B). As many pairs as
    possible are made of those that cost no more.
    """
    if not cost.size:
        return []
    allowed = cost <= most
    rows, columns = linear_sum_assignment(np.where(allowed, cost, _FORBIDDEN))
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if allowed[i, j]]


def pair_or_leave(cost: np.ndarray, leave: float) -> list[tuple[int, int]]:
    """(row, column) pairs of the lowest total cost, each row and column at most once, where a row that is left without
    a column costs `leave`.

    cost: (A, B); infinite for pairs that are not possible.
    """
    if not cost.size:
        return []
    rows, columns = cost.shape
    both = np.concatenate([np.minimum(cost, _FORBIDDEN), np.full((rows, rows), leave)], axis=1)
    return [(int(i), int(j)) for i, j in zip(*linear_sum_assignment(both), strict=True) if j < columns]
