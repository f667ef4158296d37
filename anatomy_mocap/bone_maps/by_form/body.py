"""Finds the body in a rig by its form alone: names are not looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.skeleton import SIDES
from ...maths.rotations import unit
from ...rigs.rig import TargetRig
from .facing import front_of
from .form import Form, read_form
from .limbs import Limb, read_arms, read_legs
from .mirror_plane import Halves, find_halves
from .spine_and_head import head_and_neck, hips_of

_EVEN, _UNEVEN = 0.6, 0.55
"""Of bodies of which less than this share is alike on both sides, no bone scores (uncalibrated) more than that."""
_QUITE_EVEN = 0.8
"""Below this share bones may lie off their places by as much as makes the difference between two readings."""
_LONG = 0.08
"""Share of the rig's size: chains shorter than this are no limbs."""
_READINGS = 3
_PLAIN = 8.0
"""What speaks against a limb at most whose length is a measure for others."""
_UNTOLD, _SHIFT = 0.45, 8.0
_MEASURED = ((0.0, 0.15, 0.25, 0.35, 0.45, 0.59, 0.61, 0.7, 1.0),
             (0.05, 0.45, 0.60, 0.65, 0.86, 0.92, 0.97, 0.99, 1.0))
"""Scores by margins, and how often bones with them were right."""
_TRUST = 0.6
"""Hair and skirts come close to arms and legs more often than their costs tell."""
_NO_RIVAL = 12.0
"""What speaks against a reading that does not exist."""


@dataclass(frozen=True)
class Body:
    """A body found by form.

    bones: part -> bone names. scores: bone name -> 0..1 (not calibrated), on whichever side. cost: what speaks
    against it in all.
    facing: 0..1, how sure front and back, and with them left and right, are.
    """

    bones: dict[str, tuple[str, ...]]
    scores: dict[str, float]
    cost: float
    facing: float

    def sided_scores(self, facing: float) -> dict[str, float]:
        """Bone name -> 0..1, how sure part and side are, where left and right are so sure (0..1)."""
        scores = dict(self.scores)
        for part, names in self.bones.items():
            if part.startswith(SIDES):
                scores |= {name: scores[name] * (0.2 + 0.8 * facing ** 1.5) for name in names}
        return {name: calibrated(score) for name, score in scores.items()}


@dataclass(frozen=True)
class _Pair:
    parent: int
    first: int
    second: int
    limbs: list[Limb]


def find_body(rig: TargetRig, left_out=frozenset()) -> Body | None:
    """The body by chains, symmetry and proportions, whatever its names, scale and facing; None where there is none.

    left_out: names of bones that are known to be no part of it.
    """
    form = read_form(rig, left_out)
    if len(form) < 8 or not np.isfinite(form.heads).all() or form.size <= 0:
        return None
    halves = find_halves(form)
    if halves is None:
        return None
    long = [pair for pair in halves.pairs if form.reach[pair[1]] > _LONG * form.size and form.children[pair[1]]]
    legs = [_better(pair, lambda root: read_legs(form, root)) for pair in long]
    arms = [_better(pair, lambda root: read_arms(form, root, halves)) for pair in long]
    longest = max((pair.limbs[0].length for pair in (*legs, *arms) if pair.limbs and pair.limbs[0].cost < _PLAIN),
                  default=0.0)
    ways = [_together(form, halves, leg, arm, longest) for leg in legs for arm in arms
            if not {leg.first, leg.second} & {arm.first, arm.second} and leg.limbs and arm.limbs]
    ways = sorted((way for way in ways if way), key=lambda way: way[0])
    return _told(rig, form, halves, ways) if ways else None


def _better(pair: tuple[int, int, int], read) -> _Pair:
    """The pair, read on the side that is plainer: the other hand may hold something."""
    parent, first, second = pair
    ways = [(read(first), first, second), (read(second), second, first)]
    limbs, first, second = min(ways, key=lambda way: way[0][0].cost if way[0] else np.inf)
    return _Pair(parent, first, second, limbs)


def _together(form: Form, halves: Halves, leg: _Pair, arm: _Pair, longest: float) -> tuple | None:
    """(cost, leg reading, arm reading, leg pair, arm pair) of the readings that go together best."""
    best = None
    for low in leg.limbs[:_READINGS]:
        for high in arm.limbs[:_READINGS]:
            hips, shoulders, ankles = (_middle(halves, point) for point in (low.start, high.start, low.end))
            torso, down = shoulders - hips, ankles - hips
            length = max(np.linalg.norm(torso), 1e-9)
            angle = np.degrees(np.arccos(np.clip(-unit(torso) @ unit(down), -1, 1)))
            cost = low.cost + high.cost + (angle / 30) ** 2 \
                + (np.log(length / (0.6 * low.length)) / 0.45) ** 2 \
                + (np.log(high.length / (0.62 * low.length)) / 0.4) ** 2 + _hang(form, leg.parent, arm.parent) \
                + 1.5 * max(0.0, np.log(0.7 * longest / max(low.length, high.length))) ** 2 \
                + (1.5 if _above(form, halves, shoulders, unit(torso)) < 0.15 * length else 0.0)
            if best is None or cost < best[0]:
                best = (float(cost), low, high, leg, arm)
    return best


def _above(form: Form, halves: Halves, shoulders: np.ndarray, up: np.ndarray) -> float:
    """How far the body's middle goes on above the shoulders: neck and head do, nothing does above hair."""
    middle = [*halves.central]
    return float(((form.heads[middle] - shoulders) @ up).max()) if middle else 0.0


def _middle(halves: Halves, point: np.ndarray) -> np.ndarray:
    return point - halves.away(point) * halves.normal


def _hang(form: Form, legs: int, arms: int) -> float:
    """Arms hang on a bone above that of the legs."""
    if arms < 0 or legs == arms:
        return 2.0
    if legs < 0 or legs in form.line_up(arms):
        return 0.0
    return 2.5 if arms in form.line_up(legs) else 0.3


def _told(rig: TargetRig, form: Form, halves: Halves, ways: list[tuple]) -> Body | None:
    """The best way as bone names with scores: by what the next best way that has another bone there costs more."""
    cost, low, high, leg, arm = ways[0]
    others = {"leg": [way[0] for way in ways if leg.first not in (way[3].first, way[3].second)],
              "arm": [way[0] for way in ways if arm.first not in (way[4].first, way[4].second)]}
    rivals = {limb: _TRUST * (min(costs, default=cost + _NO_RIVAL) - cost) for limb, costs in others.items()}
    front, facing = front_of(rig, form, halves, low, high)
    hips, shoulders = _middle(halves, low.start), _middle(halves, high.start)
    up = unit(shoulders - hips)
    left = np.cross(up, front)  # facing -Y with Z up, left is +X
    sided, margins = {}, {}
    for limb, limbs, key, pair in ((low, leg.limbs, "leg", leg), (high, arm.limbs, "arm", arm)):
        names = dict(zip(SIDES, (1, -1), strict=True))
        own = "left" if halves.away(limb.start) * (left @ halves.normal) > 0 else "right"
        for part, node in limb.nodes.items():
            margin = min(rivals[key], _rival(limbs, limb, part), _bare(form, limb, limbs))
            margin = min(margin, _UNTOLD) if pair.first in halves.loose or part in limb.open else margin
            for side in names:
                mate = node if side == own else halves.mates.get(node)
                if mate is not None:
                    sided[f"{side}_{part}"], margins[f"{side}_{part}"] = mate, margin
    if "left_upper_leg" not in sided or "right_upper_leg" not in sided or "right_upper_arm" not in sided \
            or "left_upper_arm" not in sided:
        return None
    return _named(rig, form, halves, cost, facing, sided, margins, min(rivals.values()), up, low.length, high.length)


def _named(rig, form, halves, cost, facing, sided, margins, rival, up, leg, arm) -> Body | None:
    """The body with its column: hips, spine, neck and head. rival: what other legs or arms would cost more."""
    nodes = {part: (node,) for part, node in sided.items()}
    column, sure = hips_of(form, sided, up, leg)
    if column is None:
        return None
    top, how = head_and_neck(form, sided, column["chest"], up, arm, halves)
    nodes |= {"hips": (column["hips"],), "spine_chain": column["spine"]} | top
    margins = margins | sure | {part: min(how, sure.get(part, how)) for part in top}
    trust = float(np.clip((halves.quality - _EVEN) / (_QUITE_EVEN - _EVEN), 0, 1))
    used: set[int] = set()
    bones, scores = {}, {}
    for part, found in nodes.items():
        found = tuple(node for node in found if node not in used)
        used.update(found)
        if found:
            bones[part] = tuple(rig.bone_names[form.bones[node]] for node in found)
            score = score_of(trust * min(margins[part], rival + (2.0 if part.startswith(SIDES) else 0.3)), cost)
            scores |= dict.fromkeys(bones[part], score if halves.quality > _EVEN else min(score, _UNEVEN))
    return Body(bones, scores, cost, facing)


def score_of(margin: float, cost: float) -> float:
    """0..1: how sure a bone is whose next best rival costs `margin` more, in a body that `cost` speaks against."""
    sure = 0.97 / (1 + np.exp(-(margin - 0.35) / 0.35))
    return float(np.clip(sure * np.exp(-(max(0.0, cost - 4.0) / 14) ** 2), 0, 1))


def calibrated(score: float) -> float:
    """The share of bones with such a score that were right, of procedural rigs with names that say nothing (measured by
    benchmarks/bone_maps.py)."""
    return float(np.interp(score, *_MEASURED))


def _bare(form: Form, limb: Limb, limbs: list[Limb]) -> float:
    """A limb that begins or ends with nothing that tells: [collar bone, arm, forearm] or [arm, forearm, hand]? A hand
    with no more than an end on it, or a forearm?"""
    hand = limb.nodes.get("hand", -1)
    if "lower_arm" not in limb.nodes or (hand >= 0 and len(form.below[hand]) > 2):
        return _NO_RIVAL
    shifted = any(other.nodes["lower_arm"] == hand and other.cost < limb.cost + _SHIFT for other in limbs)
    return _UNTOLD if shifted or "shoulder" not in limb.nodes else _NO_RIVAL


def _rival(limbs: list[Limb], best: Limb, part: str) -> float:
    """How much more the best reading costs that has another bone, or none, for a part."""
    others = [limb.cost for limb in limbs if limb.nodes.get(part) != best.nodes.get(part)]
    return min(others, default=best.cost + _NO_RIVAL) - best.cost
