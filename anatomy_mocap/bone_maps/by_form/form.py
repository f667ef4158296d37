"""Form: the bones of a rig that may be body, as a tree in space."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...rigs.rig import TargetRig
from ..tuning import TUNING


@dataclass(frozen=True)
class Form:
    """N nodes, one for each bone that may be body; parents come first.

    bones: (N,) indices of the rig's bones. parents: (N,) nodes, -1 for roots. heads, tails: (N, 3) world.
    """

    bones: np.ndarray
    parents: np.ndarray
    heads: np.ndarray
    tails: np.ndarray

    def __len__(self) -> int:
        return len(self.bones)

    @cached_property
    def size(self) -> float:
        """The rig's largest extent, world units."""
        return float(np.ptp(self.heads, axis=0).max()) if len(self) else 0.0

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each node, its children."""
        found: list[list[int]] = [[] for _ in range(len(self))]
        for node, parent in enumerate(self.parents):
            if parent >= 0:
                found[parent].append(node)
        return tuple(map(tuple, found))

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """Nodes without a parent."""
        return tuple(np.flatnonzero(self.parents < 0).tolist())

    @cached_property
    def below(self) -> tuple[tuple[int, ...], ...]:
        """For each node, itself and its descendants."""
        found = [[node] for node in range(len(self))]
        for node in reversed(range(len(self))):
            if self.parents[node] >= 0:
                found[self.parents[node]].extend(found[node])
        return tuple(map(tuple, found))

    @cached_property
    def reach(self) -> np.ndarray:
        """(N,) length of the longest chain below each node, from head to head."""
        found = np.zeros(len(self))
        for node in reversed(range(len(self))):
            parent = self.parents[node]
            if parent >= 0:
                found[parent] = max(found[parent], found[node] + self.step(node))
        return found

    def step(self, node: int) -> float:
        """Distance between a node's head and its parent's."""
        return float(np.linalg.norm(self.heads[node] - self.heads[self.parents[node]]))

    def chain(self, node: int) -> list[int]:
        """The longest chain down from a node, itself included."""
        line = [node]
        while self.children[line[-1]]:
            line.append(max(self.children[line[-1]], key=lambda child: self.reach[child] + self.step(child)))
        return line

    def furthest(self, node: int, but: Collection[int] = ()) -> tuple[np.ndarray, bool]:
        """((3,) the furthest head among a node's descendants, True), or (its own tail, False) for an end node.

        but: descendants that do not count.
        """
        rest = [other for other in self.below[node][1:] if other not in but]
        if rest:
            away = np.linalg.norm(self.heads[rest] - self.heads[node], axis=-1)
            if away.max() > 1e-3 * self.size:
                return self.heads[rest[int(np.argmax(away))]], True
        return self.tails[node], False

    def line_up(self, node: int) -> list[int]:
        """The node and its ancestors, upwards."""
        line = []
        while node >= 0:
            line.append(int(node))
            node = self.parents[node]
        return line


def read_form(rig: TargetRig, left_out: Collection[str] = ()) -> Form:
    """The form of a rig without the bones in `left_out`; their children move to the next ancestor.

    Of control rigs (some bones deform, others have constraints) only the deform bones are read. Loose roots, and bones
    far from their parent (feet on the root, as in games), are attached to the nearest bone.
    """
    kept = np.array([name not in left_out for name in rig.bone_names])
    if rig.constraints and 12 <= (rig.deform & kept).sum() < 0.8 * kept.sum():
        kept &= rig.deform
    bones = np.flatnonzero(kept)
    place = {int(bone): node for node, bone in enumerate(bones)}
    parents = np.array([_kept_above(rig, int(bone), place) for bone in bones], dtype=int)
    heads, tails = rig.in_world(rig.heads[bones]), rig.in_world(rig.tails[bones])
    return _reattached(Form(bones, parents, heads, tails))


def _kept_above(rig: TargetRig, bone: int, place: dict[int, int]) -> int:
    bone = int(rig.parents[bone])
    while bone >= 0 and bone not in place:
        bone = int(rig.parents[bone])
    return place.get(bone, -1)


def _reattached(form: Form) -> Form:
    """The form with loose parts attached to the bone whose end they touch; nodes sorted again, parents first."""
    parents = form.parents.copy()
    trunk = _trunk(form)
    loose = [root for root in form.roots if root != trunk]
    far = [node for node in range(len(form)) if form.parents[node] >= 0 and form.parents[form.parents[node]] < 0
           and form.step(node) > TUNING.far_from_parent * form.size and len(form.below[node]) < 0.3 * len(form)]
    for node in (*loose, *far):
        others = np.setdiff1d(np.arange(len(form)), form.below[node])
        if node in far:
            others = np.array([other for other in others if not form.children[other]], dtype=int)
        near = _nearest(form, parents, node, others, trunk, ends_only=node in far)
        if near is not None:
            parents[node] = near
    return _parents_first(form, parents)


def _trunk(form: Form) -> int:
    """The root of the main tree: of the roots that reach far, the one in the middle."""
    far = [root for root in form.roots if form.reach[root] >= 0.3 * form.reach[list(form.roots)].max()]
    midst = form.heads[far].mean(axis=0)
    middles = [form.heads[list(form.below[root])].mean(axis=0) for root in far]
    return far[int(np.argmin(np.linalg.norm(np.array(middles) - midst, axis=-1) - 0.5 * form.size
                             * (np.array([len(form.below[root]) for root in far]) > 0.6 * len(form))))]


def _nearest(form: Form, parents: np.ndarray, node: int, others: np.ndarray, trunk: int,
             ends_only: bool) -> int | None:
    """The bone that a loose part touches; None if there is none."""
    if not len(others):
        return None
    away = np.linalg.norm(form.tails[others] - form.heads[node], axis=-1)
    if not ends_only:
        # Loose parts are attached at each other's ends, or anywhere on the trunk; IK targets lie on their bone.
        starts = np.linalg.norm(form.heads[others] - form.heads[node], axis=-1)
        away = np.where(np.isin(others, form.below[trunk]), np.minimum(away, starts), away)
        away = np.where(starts < 1e-3 * form.size, -1.0, away)
    for place in np.argsort(away, kind="stable")[:8]:
        if away[place] > (TUNING.near_end if ends_only else TUNING.near_root) * form.size:
            return None
        if not _above(parents, int(others[place]), node):
            return int(others[place])
    return None


def _above(parents: np.ndarray, node: int, wanted: int) -> bool:
    while node >= 0:
        if node == wanted:
            return True
        node = int(parents[node])
    return False


def _parents_first(form: Form, parents: np.ndarray) -> Form:
    depth = np.array([_depth(parents, node) for node in range(len(form))])
    order = np.argsort(depth, kind="stable")
    place = np.empty(len(form) + 1, dtype=int)
    place[order], place[-1] = np.arange(len(form)), -1
    return Form(form.bones[order], place[parents[order]], form.heads[order], form.tails[order])


def _depth(parents: np.ndarray, node: int) -> int:
    depth = 0
    while parents[node] >= 0:
        node, depth = int(parents[node]), depth + 1
    return depth
