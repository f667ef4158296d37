"""The plane that halves a body, and which bones answer to which across it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ...maths.rotations import unit
from .form import Form

_TOLERANCE = 0.02
"""Share of the rig's size by which a bone may miss its mirror image."""
_MOST_PLANES, _MOST_NODES = 24, 240
_MANY, _NEAREST = 60, 6
"""Bones on one from which on each is only paired with so many of the others."""
_ALIKE = 0.12
"""Share of what lies off the plane that must have its like: legs alone, where the arms are posed."""


@dataclass(frozen=True)
class Halves:
    """normal: (3,) unit, across the body. offset: of the plane along it. central: nodes on the plane that no other
    node answers to. pairs: (parent, node, node) where limbs leave the middle. mates: node -> node across the plane.
    quality: 0..1, share of what lies off the plane that has its like on the other side. loose: nodes of pairs that
    are alike in their bones' lengths only, as one of them is posed otherwise.
    """

    normal: np.ndarray
    offset: float
    central: frozenset[int]
    pairs: tuple[tuple[int, int, int], ...]
    mates: dict[int, int]
    quality: float
    loose: frozenset[int] = frozenset()

    def away(self, points) -> np.ndarray:
        """(...) signed distance of points (..., 3) from the plane."""
        return np.asarray(points) @ self.normal - self.offset

    def reflected(self, points) -> np.ndarray:
        """(..., 3) points on the other side."""
        return np.asarray(points) - 2 * self.away(points)[..., None] * self.normal


def find_halves(form: Form) -> Halves | None:
    """The halves of a body; None where nothing in the rig is alike on two sides."""
    best, quality, value = None, 0.0, (False, -np.inf)
    sample = np.argsort(-form.reach, kind="stable")[:_MOST_NODES]
    for normal, offset, above in _planes(form):
        plane = Halves(normal, offset, frozenset(), (), {}, 0.0)
        got, share = _agreement(form, plane, sample)
        # What carries two limbs lies between them: where an arm is posed, no plane between the arms has that.
        between = np.abs(plane.away(form.heads[above])) < 2 * _TOLERANCE * form.size
        rank = (not above or bool(between.mean() > 0.7), got)
        if share >= _ALIKE and rank > value:
            best, quality, value = plane, share, rank
    return None if best is None else _paired(form, best, quality)


def _planes(form: Form) -> list[tuple[np.ndarray, float, list[int]]]:
    """Planes (normal, offset) between limbs that hang on the same bone and reach about equally far, the longest limbs
    first; with each the bones above the limbs."""
    groups = [*form.children, form.roots]
    couples = []
    for group in groups:
        long = [node for node in group if form.reach[node] > 0.04 * form.size]
        couples += [(min(form.reach[a], form.reach[b]), a, b) for a, b in combinations(long[:40], 2)
                    if min(form.reach[a], form.reach[b]) > 0.6 * max(form.reach[a], form.reach[b])]
    planes = []
    for _, first, second in sorted(couples, reverse=True)[:_MOST_PLANES]:
        lines = zip(form.chain(first), form.chain(second), strict=False)
        lines = list(lines)[:6]
        between = np.array([(form.heads[a] - form.heads[b], (form.heads[a] + form.heads[b]) / 2) for a, b in lines])
        wide = np.linalg.norm(between[:, 0], axis=-1) > 0.02 * form.size
        if wide.any():
            normal = unit((between[wide, 0] * np.sign(between[wide, 0] @ between[wide, 0][0])[:, None]).sum(axis=0))
            above = form.line_up(int(form.parents[first]))
            planes.append((normal, float(np.median(between[:, 1] @ normal)), above))
    return planes


def _agreement(form: Form, plane: Halves, sample: np.ndarray) -> tuple[float, float]:
    """How much lies off the plane and has its like across it (more is better), and the share of it that has."""
    heads = form.heads[sample]
    away = np.abs(plane.away(heads))
    missed = np.linalg.norm(plane.reflected(heads)[:, None] - heads[None], axis=-1).min(axis=1)
    good = np.exp(-0.5 * (missed / (_TOLERANCE * form.size)) ** 2)
    weight = np.where(away > _TOLERANCE * form.size, np.minimum(away, 0.2 * form.size), 0.0)
    total = weight.sum()
    return float((weight * (1.5 * good - 0.5)).sum()), float((weight * good).sum() / total) if total else 0.0


def _paired(form: Form, plane: Halves, quality: float) -> Halves:
    """The halves with nodes paired from the roots down."""
    central: set[int] = set()
    pairs: list[tuple[int, int, int]] = []
    mates: dict[int, int] = {}
    loose: set[int] = set()
    groups = [(-1, list(form.roots))]
    while groups:
        parent, group = groups.pop()
        couples, posed = _couples(form, plane, group)
        loose.update(posed)
        taken = {node for couple in couples for node in couple}
        for first, second in couples:
            pairs.append((parent, first, second))
            _mate(form, plane, mates, first, second)
        middle = [node for node in group if node not in taken
                  and abs(plane.away(form.heads[node])) < 2 * _TOLERANCE * form.size]
        central.update(middle)
        groups += [(node, list(form.children[node])) for node in middle]
    return Halves(plane.normal, plane.offset, frozenset(central), tuple(pairs), mates, quality, frozenset(loose))


def _couples(form: Form, plane: Halves, group: list[int]) -> tuple[list[tuple[int, int]], set[int]]:
    """Pairs of a group's nodes that mirror each other, the best first: by most of what hangs on them, as one hand may
    hold a sword; and the nodes of those that do so by their bones' lengths only."""
    tolerance = _TOLERANCE * form.size
    apart = []
    for a, b in _candidates(form, plane, group):
        off = float(np.linalg.norm(plane.reflected(form.heads[a]) - form.heads[b]))
        if off > 4 * tolerance:
            continue
        wide = min(_width(form, plane, a), _width(form, plane, b))
        miss = off + _unlike(form, plane, a, b)
        if wide > 0.5 * tolerance and miss < 4 * tolerance:
            apart.append((miss, a, b))
        elif wide > tolerance and _same_lengths(form, a, b):
            apart.append((miss + form.size, a, b))
    found, used, posed = [], set(), set()
    for miss, a, b in sorted(apart):
        if not {a, b} & used:
            found.append((a, b))
            used |= {a, b}
            posed |= {a, b} if miss > form.size else set()
    return found, posed


def _candidates(form: Form, plane: Halves, group: list[int]) -> list[tuple[int, int]]:
    """Pairs of a group to be looked at: all, or of many bones (a face) each with those nearest to its mirror image."""
    if len(group) <= _MANY:
        return list(combinations(group, 2))
    heads = form.heads[group]
    off = np.linalg.norm(plane.reflected(heads)[:, None] - heads[None], axis=-1)
    np.fill_diagonal(off, np.inf)
    near = np.argpartition(off, _NEAREST, axis=1)[:, :_NEAREST]
    pairs = {(min(a, int(b)), max(a, int(b))) for a, row in enumerate(near) for b in row}
    return [(group[a], group[b]) for a, b in sorted(pairs)]


def _width(form: Form, plane: Halves, node: int) -> float:
    """How far a bone or the end of what hangs on it is from the plane: two bones of the middle are no pair."""
    end = form.heads[form.chain(node)[-1]] if form.children[node] else form.tails[node]
    return float(max(abs(plane.away(end)), abs(plane.away(form.heads[node]))))


def _same_lengths(form: Form, first: int, second: int) -> bool:
    """Whether the first bones of two long chains are equally long."""
    lines = [form.chain(node)[1:5] for node in (first, second)]
    steps = np.array([[form.step(node) for node in line[:min(map(len, lines))]] for line in lines])
    return steps.shape[1] >= 2 and bool(np.abs(steps[0] - steps[1]).max() < 0.1 * steps.max()) \
        and steps.sum(axis=1).min() > 0.12 * form.size


def _unlike(form: Form, plane: Halves, first: int, second: int) -> float:
    """How far the middling bone of either part is from its like in the other."""
    heads = form.heads[list(form.below[first][:80])], form.heads[list(form.below[second][:80])]
    missed = np.linalg.norm(plane.reflected(heads[0])[:, None] - heads[1][None], axis=-1)
    return float(max(np.median(missed.min(axis=0)), np.median(missed.min(axis=1))))


def _mate(form: Form, plane: Halves, mates: dict[int, int], first: int, second: int) -> None:
    """Pair two nodes and, nearest mirror image first, all below them."""
    waiting = [(first, second)]
    while waiting:
        first, second = waiting.pop()
        mates[first], mates[second] = second, first
        left, right = form.children[first], list(form.children[second])
        ranked = sorted((float(np.linalg.norm(plane.reflected(form.heads[a]) - form.heads[b])
                               + abs(form.reach[a] - form.reach[b])), a, b) for a in left for b in right)
        for _, a, b in ranked:
            if a not in mates and b not in mates:
                waiting.append((a, b))
                mates[a], mates[b] = b, a
