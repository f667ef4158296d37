"""Body: find the body in a rig by its form alone, without names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...core.skeleton import SIDES
from ...maths.rotations import unit
from ...rigs.rig import TargetRig
from ..tuning import TUNING
from .facing import front_of
from .form import Form, read_form
from .limbs import Limb, read_arms, read_legs
from .mirror_plane import Halves, Pair, find_halves
from .spine_and_head import find_trunk, head_and_neck


@dataclass(frozen=True)
class Body:
    """A body found by form.

    bones: part -> bone names. scores: bone name -> 0..1, not calibrated, whichever its side. cost: of all its parts.
    facing: 0..1, the confidence of front and back, and thus of left and right.
    """

    bones: dict[str, tuple[str, ...]]
    scores: dict[str, float]
    cost: float
    facing: float

    def sided_scores(self, facing: float) -> dict[str, float]:
        """Bone name -> 0..1, the calibrated score of part and side. facing: 0..1, the confidence of left and right."""
        scores = dict(self.scores)
        for part, names in self.bones.items():
            if part.startswith(SIDES):
                scores |= {name: scores[name] * (0.2 + 0.8 * facing ** 1.5) for name in names}
        return {name: calibrated(score) for name, score in scores.items()}


class _LimbPair(NamedTuple):
    """A pair of limbs, with the readings of its first one."""

    parent: int
    first: int
    second: int
    limbs: list[Limb]


class _Way(NamedTuple):
    """One combination: its cost, the readings of leg and arm, and their pairs."""

    cost: float
    low: Limb
    high: Limb
    leg: _LimbPair
    arm: _LimbPair


def find_body(rig: TargetRig, left_out: frozenset[str] = frozenset()) -> Body | None:
    """The body with the lowest cost of chains, symmetry and proportions; None if there is none.

    Names, scale and facing do not matter. left_out: names of bones that are known to be no part of the body.
    """
    form = read_form(rig, left_out)
    if len(form) < 8 or not np.isfinite(form.heads).all() or form.size <= 0:
        return None
    halves = find_halves(form)
    if halves is None:
        return None
    long = [pair for pair in halves.pairs if form.reach[pair.first] > TUNING.limb_length * form.size
            and form.children[pair.first]]
    legs = [_better(pair, lambda root: read_legs(form, root)) for pair in long]
    arms = [_better(pair, lambda root: read_arms(form, root, halves)) for pair in long]
    plain = [pair.limbs[0] for pair in (*legs, *arms) if pair.limbs and pair.limbs[0].cost < TUNING.plain_cost]
    longest = max((limb.length for limb in plain), default=0.0)
    ways = [_best_way(form, halves, leg, arm, longest) for leg in legs for arm in arms
            if not {leg.first, leg.second} & {arm.first, arm.second} and leg.limbs and arm.limbs]
    ways = sorted((way for way in ways if way), key=lambda way: way.cost)
    return _assembled(rig, form, halves, ways) if ways else None


def _better(pair: Pair, read: Callable[[int], list[Limb]]) -> _LimbPair:
    """The pair, with the side of the lower cost first: the other hand may hold something."""
    parent, first, second = pair
    ways = [(read(first), first, second), (read(second), second, first)]
    limbs, first, second = min(ways, key=lambda way: way[0][0].cost if way[0] else np.inf)
    return _LimbPair(parent, first, second, limbs)


def _best_way(form: Form, halves: Halves, leg: _LimbPair, arm: _LimbPair, longest: float) -> _Way | None:
    """The readings of a leg and an arm with the lowest cost together; usual values and spreads are guessed.

    Terms beside the limbs' own costs: the angle between torso and legs (usual 0, spread 30 degrees), the logarithms of
    torso / leg (0.6, 0.45) and arm / leg (0.62, 0.4), the hierarchy, limbs shorter than others, nothing above the
    shoulders. longest: length of the longest limb, world units.
    """
    best = None
    for low in leg.limbs[:TUNING.readings]:
        for high in arm.limbs[:TUNING.readings]:
            hips, shoulders, ankles = (_middle(halves, point) for point in (low.start, high.start, low.end))
            torso, down = shoulders - hips, ankles - hips
            length = max(np.linalg.norm(torso), 1e-9)
            angle = np.degrees(np.arccos(np.clip(-unit(torso) @ unit(down), -1, 1)))
            cost = low.cost + high.cost + (angle / 30) ** 2 \
                + (np.log(length / (0.6 * low.length)) / 0.45) ** 2 \
                + (np.log(high.length / (0.62 * low.length)) / 0.4) ** 2 + _hang(form, leg.parent, arm.parent) \
                + 1.5 * max(0.0, np.log(0.7 * longest / max(low.length, high.length))) ** 2 \
                + (1.5 if _above(form, halves, shoulders, unit(torso)) < 0.15 * length else 0.0)
            if best is None or cost < best.cost:
                best = _Way(float(cost), low, high, leg, arm)
    return best


def _above(form: Form, halves: Halves, shoulders: np.ndarray, up: np.ndarray) -> float:
    """Height of the body's middle above the shoulders: that of neck and head; above hair there is none."""
    middle = [*halves.central]
    return float(((form.heads[middle] - shoulders) @ up).max()) if middle else 0.0


def _middle(halves: Halves, point: np.ndarray) -> np.ndarray:
    """The point projected onto the mirror plane."""
    return point - halves.away(point) * halves.normal


def _hang(form: Form, legs: int, arms: int) -> float:
    """Cost of the hierarchy: the parent of the arms is below the parent of the legs."""
    if arms < 0 or legs == arms:
        return 2.0
    if legs < 0 or legs in form.line_up(arms):
        return 0.0
    return 2.5 if arms in form.line_up(legs) else 0.3


def _assembled(rig: TargetRig, form: Form, halves: Halves, ways: list[_Way]) -> Body | None:
    """The best way as bone names; a bone's score follows from the extra cost of the best rival for its part."""
    cost, low, high, leg, arm = ways[0]
    others = {"leg": [way.cost for way in ways if leg.first not in (way.leg.first, way.leg.second)],
              "arm": [way.cost for way in ways if arm.first not in (way.arm.first, way.arm.second)]}
    rivals = {limb: TUNING.trust * (min(costs, default=cost + TUNING.no_rival) - cost)
              for limb, costs in others.items()}
    front, facing = front_of(rig, form, halves, low, high)
    hips, shoulders = _middle(halves, low.start), _middle(halves, high.start)
    up = unit(shoulders - hips)
    left = np.cross(up, front)  # facing -Y with Z up, left is +X
    sided, margins = {}, {}
    for limb, limbs, key, pair in ((low, leg.limbs, "leg", leg), (high, arm.limbs, "arm", arm)):
        names = dict(zip(SIDES, (1, -1), strict=True))
        own = "left" if halves.away(limb.start) * (left @ halves.normal) > 0 else "right"
        for part, node in limb.nodes.items():
            margin = min(rivals[key], _rival(limbs, limb, part), _open_ends(form, limb, limbs))
            margin = min(margin, TUNING.open_margin) if pair.first in halves.loose or part in limb.open else margin
            for side in names:
                mate = node if side == own else halves.mates.get(node)
                if mate is not None:
                    sided[f"{side}_{part}"], margins[f"{side}_{part}"] = mate, margin
    if "left_upper_leg" not in sided or "right_upper_leg" not in sided or "right_upper_arm" not in sided \
            or "left_upper_arm" not in sided:
        return None
    return _named(rig, form, halves, cost, facing, sided, margins, min(rivals.values()), up, low.length, high.length)


def _named(rig, form, halves, cost, facing, sided, margins, rival, up, leg, arm) -> Body | None:
    """The body with its trunk added. rival: the extra cost of other legs or arms."""
    nodes = {part: (node,) for part, node in sided.items()}
    trunk = find_trunk(form, sided, up, leg)
    if trunk is None:
        return None
    top, margin = head_and_neck(form, sided, trunk.chest, up, arm, halves)
    nodes |= {"hips": (trunk.hips,), "spine_chain": trunk.spine} | top
    margins = margins | trunk.margins | {part: min(margin, trunk.margins.get(part, margin)) for part in top}
    uneven, even = TUNING.even
    trust = float(np.clip((halves.quality - uneven) / (even - uneven), 0, 1))
    used: set[int] = set()
    bones, scores = {}, {}
    for part, found in nodes.items():
        found = tuple(node for node in found if node not in used)
        used.update(found)
        if found:
            bones[part] = tuple(rig.bone_names[form.bones[node]] for node in found)
            score = score_of(trust * min(margins[part], rival + (2.0 if part.startswith(SIDES) else 0.3)), cost)
            scores |= dict.fromkeys(bones[part], score if halves.quality > uneven else min(score, TUNING.uneven_score))
    return Body(bones, scores, cost, facing)


def score_of(margin: float, cost: float) -> float:
    """0..1, not calibrated: the score of a bone whose best rival costs `margin` more, in a body of this cost.

    0.97 / (1 + exp(-(margin - 0.35) / 0.35)) * exp(-(max(0, cost - 4) / 14)^2), with guessed numbers; see `calibrated`.
    """
    sure = 0.97 / (1 + np.exp(-(margin - 0.35) / 0.35))
    return float(np.clip(sure * np.exp(-(max(0.0, cost - 4.0) / 14) ** 2), 0, 1))


def calibrated(score: float) -> float:
    """The share of bones with such a score that are right, on procedural rigs without usable names."""
    return float(np.interp(score, *TUNING.calibration))


def _open_ends(form: Form, limb: Limb, limbs: list[Limb]) -> float:
    """The margin of an arm whose ends are open, `no_rival` otherwise.

    A chain may be [collar bone, arm, forearm] or [arm, forearm, hand]; a bone with one end bone, a hand or a forearm.
    """
    hand = limb.nodes.get("hand", -1)
    if "lower_arm" not in limb.nodes or (hand >= 0 and len(form.below[hand]) > 2):
        return TUNING.no_rival
    shifted = any(other.nodes["lower_arm"] == hand and other.cost < limb.cost + TUNING.shift_cost for other in limbs)
    return TUNING.open_margin if shifted or "shoulder" not in limb.nodes else TUNING.no_rival


def _rival(limbs: list[Limb], best: Limb, part: str) -> float:
    """The extra cost of the best reading with another bone, or none, for a part."""
    others = [limb.cost for limb in limbs if limb.nodes.get(part) != best.nodes.get(part)]
    return min(others, default=best.cost + TUNING.no_rival) - best.cost
