"""Mirror plane: the plane of symmetry of a body, and the pairs of bones that mirror each other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from ...maths.rotations import unit
from ..tuning import TUNING
from .form import Form


class Pair(NamedTuple):
    """Two limbs that leave the middle of a body. parent: the node between them, -1 for none. first, second: nodes."""

    parent: int
    first: int
    second: int


class _Plane(NamedTuple):
    """A candidate. normal: (3,) unit. offset: along the normal. above: ancestors of the two limbs."""

    normal: np.ndarray
    offset: float
    above: list[int]


@dataclass(frozen=True)
class Halves:
    """The halves of a body.

    normal: (3,) unit, across the body. offset: of the plane along the normal.
    central: nodes on the plane. pairs: of limbs that leave the middle. mates: node -> its mirror node.
    quality: 0..1, the share of the weight off the plane that has a mirror image.
    loose: nodes of pairs with equal bone lengths alone, since one of the two is posed differently.
    """

    normal: np.ndarray
    offset: float
    central: frozenset[int]
    pairs: tuple[Pair, ...]
    mates: dict[int, int]
    quality: float
    loose: frozenset[int] = frozenset()

    def away(self, points: np.ndarray) -> np.ndarray:
        """(...) signed distance of points (..., 3) from the plane."""
        return np.asarray(points) @ self.normal - self.offset

    def reflected(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) points mirrored at the plane."""
        return np.asarray(points) - 2 * self.away(points)[..., None] * self.normal


def find_halves(form: Form) -> Halves | None:
    """The halves of a body; None if the rig has no plane of symmetry."""
    best, quality, value = None, 0.0, (False, -np.inf)
    sample = np.argsort(-form.reach, kind="stable")[:TUNING.most_mirrored]
    for normal, offset, above in _planes(form):
        plane = Halves(normal, offset, frozenset(), (), {}, 0.0)
        got, share = _agreement(form, plane, sample)
        # The parent of two limbs lies between them; this fails for every plane between arms of which one is posed.
        between = np.abs(plane.away(form.heads[above])) < 2 * TUNING.mirror_tolerance * form.size
        rank = (not above or bool(between.mean() > 0.7), got)
        if share >= TUNING.mirrored_share and rank > value:
            best, quality, value = plane, share, rank
    return None if best is None else _paired(form, best, quality)


def _planes(form: Form) -> list[_Plane]:
    """Planes between two limbs of one parent that reach about equally far, the longest limbs first."""
    groups = [*form.children, form.roots]
    couples = []
    for group in groups:
        long = [node for node in group if form.reach[node] > 0.04 * form.size]
        couples += [(min(form.reach[a], form.reach[b]), a, b) for a, b in combinations(long[:40], 2)
                    if min(form.reach[a], form.reach[b]) > 0.6 * max(form.reach[a], form.reach[b])]
    planes = []
    for _, first, second in sorted(couples, reverse=True)[:TUNING.most_planes]:
        lines = zip(form.chain(first), form.chain(second), strict=False)
        lines = list(lines)[:6]
        between = np.array([(form.heads[a] - form.heads[b], (form.heads[a] + form.heads[b]) / 2) for a, b in lines])
        wide = np.linalg.norm(between[:, 0], axis=-1) > 0.02 * form.size
        if wide.any():
            normal = unit((between[wide, 0] * np.sign(between[wide, 0] @ between[wide, 0][0])[:, None]).sum(axis=0))
            above = form.line_up(int(form.parents[first]))
            planes.append(_Plane(normal, float(np.median(between[:, 1] @ normal)), above))
    return planes


def _agreement(form: Form, plane: Halves, sample: np.ndarray) -> tuple[float, float]:
    """(score of a plane, share of the weight off it that has a mirror image); a higher score is better."""
    heads = form.heads[sample]
    away = np.abs(plane.away(heads))
    missed = np.linalg.norm(plane.reflected(heads)[:, None] - heads[None], axis=-1).min(axis=1)
    good = np.exp(-0.5 * (missed / (TUNING.mirror_tolerance * form.size)) ** 2)
    weight = np.where(away > TUNING.mirror_tolerance * form.size, np.minimum(away, 0.2 * form.size), 0.0)
    total = weight.sum()
    return float((weight * (1.5 * good - 0.5)).sum()), float((weight * good).sum() / total) if total else 0.0


def _paired(form: Form, plane: Halves, quality: float) -> Halves:
    """The halves of a plane, with nodes paired from the roots down."""
    central: set[int] = set()
    pairs: list[Pair] = []
    mates: dict[int, int] = {}
    loose: set[int] = set()
    groups = [(-1, list(form.roots))]
    while groups:
        parent, group = groups.pop()
        couples, posed = _couples(form, plane, group)
        loose.update(posed)
        taken = {node for couple in couples for node in couple}
        for first, second in couples:
            pairs.append(Pair(parent, first, second))
            _mate(form, plane, mates, first, second)
        middle = [node for node in group if node not in taken
                  and abs(plane.away(form.heads[node])) < 2 * TUNING.mirror_tolerance * form.size]
        central.update(middle)
        groups += [(node, list(form.children[node])) for node in middle]
    return Halves(plane.normal, plane.offset, frozenset(central), tuple(pairs), mates, quality, frozenset(loose))


def _couples(form: Form, plane: Halves, group: list[int]) -> tuple[list[tuple[int, int]], set[int]]:
    """(pairs of a group's nodes that mirror each other, the best first; nodes of pairs with equal lengths alone).

    The median over their descendants decides, since one hand may hold a sword.
    """
    tolerance = TUNING.mirror_tolerance * form.size
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
    """Candidate pairs of a group: all, or of many bones (a face) each bone with those nearest to its mirror image."""
    if len(group) <= TUNING.many_siblings:
        return list(combinations(group, 2))
    heads = form.heads[group]
    off = np.linalg.norm(plane.reflected(heads)[:, None] - heads[None], axis=-1)
    np.fill_diagonal(off, np.inf)
    near = np.argpartition(off, TUNING.nearest_siblings, axis=1)[:, :TUNING.nearest_siblings]
    pairs = {(min(a, int(b)), max(a, int(b))) for a, row in enumerate(near) for b in row}
    return [(group[a], group[b]) for a, b in sorted(pairs)]


def _width(form: Form, plane: Halves, node: int) -> float:
    """Distance of a bone, or of the end of its chain, from the plane; two bones of the middle are no pair."""
    end = form.heads[form.chain(node)[-1]] if form.children[node] else form.tails[node]
    return float(max(abs(plane.away(end)), abs(plane.away(form.heads[node]))))


def _same_lengths(form: Form, first: int, second: int) -> bool:
    """Whether the first bones of two long chains have equal lengths."""
    lines = [form.chain(node)[1:5] for node in (first, second)]
    steps = np.array([[form.step(node) for node in line[:min(map(len, lines))]] for line in lines])
    return steps.shape[1] >= 2 and bool(np.abs(steps[0] - steps[1]).max() < 0.1 * steps.max()) \
        and steps.sum(axis=1).min() > 0.12 * form.size


def _unlike(form: Form, plane: Halves, first: int, second: int) -> float:
    """Median distance of the descendants of each node from the mirror image of the other's."""
    heads = form.heads[list(form.below[first][:80])], form.heads[list(form.below[second][:80])]
    missed = np.linalg.norm(plane.reflected(heads[0])[:, None] - heads[1][None], axis=-1)
    return float(max(np.median(missed.min(axis=0)), np.median(missed.min(axis=1))))


def _mate(form: Form, plane: Halves, mates: dict[int, int], first: int, second: int) -> None:
    """Pair two nodes and their descendants, the nearest mirror images first."""
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
