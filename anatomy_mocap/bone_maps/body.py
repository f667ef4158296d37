"""Finds the body in a rig by its form alone: names are not looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.rig import TargetRig
from ..core.rotations import unit
from .bone_map import SIDES
from .column import head_and_neck, hips_of
from .form import Form, read_form
from .limbs import Limb, read_arms, read_legs
from .mirror import Halves, find_halves

_LONG = 0.08
"""Share of the rig's size: chains shorter than this are no limbs."""
_READINGS = 3
_USUAL_FRONT = np.array([0.0, -1.0, 0.0])
"""World: where characters face in Blender, where nothing about a rig says otherwise."""
_NO_RIVAL = 12.0
"""What speaks against a reading that does not exist."""


@dataclass(frozen=True)
class Body:
    """A body found by form.

    bones: part -> bone names. scores: bone name -> 0..1, on whichever side. cost: what speaks against it in all.
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
                scores |= {name: scores[name] * (0.35 + 0.65 * facing) for name in names}
        return scores


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
    long = [pair for pair in halves.pairs if form.reach[pair[1]] + np.linalg.norm(
        form.tails[pair[1]] - form.heads[pair[1]]) > _LONG * form.size and form.children[pair[1]]]
    legs = [_Pair(*pair, read_legs(form, pair[1])) for pair in long]
    arms = [_Pair(*pair, read_arms(form, pair[1], halves)) for pair in long]
    ways = [_together(form, halves, leg, arm) for leg in legs for arm in arms
            if leg.first != arm.first and leg.limbs and arm.limbs]
    ways = sorted((way for way in ways if way), key=lambda way: way[0])
    return _told(rig, form, halves, ways) if ways else None


def _together(form: Form, halves: Halves, leg: _Pair, arm: _Pair) -> tuple | None:
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
                + (np.log(high.length / (0.62 * low.length)) / 0.4) ** 2 + _hang(form, leg.parent, arm.parent)
            if best is None or cost < best[0]:
                best = (float(cost), low, high, leg, arm)
    return best


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
    rivals = {
        "leg": min((way[0] for way in ways if way[3].first != leg.first), default=cost + _NO_RIVAL) - cost,
        "arm": min((way[0] for way in ways if way[4].first != arm.first), default=cost + _NO_RIVAL) - cost}
    front, facing = _front(form, halves, low, high)
    hips, shoulders = _middle(halves, low.start), _middle(halves, high.start)
    up = unit(shoulders - hips)
    left = np.cross(up, front)  # facing -Y with Z up, left is +X
    sided, margins = {}, {}
    for limb, limbs, key in ((low, leg.limbs, "leg"), (high, arm.limbs, "arm")):
        names = dict(zip(SIDES, (1, -1), strict=True))
        own = "left" if halves.away(limb.start) * (left @ halves.normal) > 0 else "right"
        for part, node in limb.nodes.items():
            margin = min(rivals[key], _rival(limbs, limb, part))
            for side in names:
                mate = node if side == own else halves.mates.get(node)
                if mate is not None:
                    sided[f"{side}_{part}"], margins[f"{side}_{part}"] = mate, margin
    if "left_upper_leg" not in sided or "right_upper_leg" not in sided or "right_upper_arm" not in sided \
            or "left_upper_arm" not in sided:
        return None
    return _named(rig, form, cost, facing, sided, margins, up, low.length, high.length)


def _named(rig, form, cost, facing, sided, margins, up, leg, arm) -> Body | None:
    """The body with its column: hips, spine, neck and head."""
    nodes = {part: (node,) for part, node in sided.items()}
    column, sure = hips_of(form, sided, up, leg)
    if column is None:
        return None
    top, how = head_and_neck(form, sided, column["chest"], up, arm)
    nodes |= {"hips": (column["hips"],), "spine_chain": column["spine"]} | top
    margins = margins | {"hips": sure, "spine_chain": sure} | dict.fromkeys(top, how)
    used: set[int] = set()
    bones, scores = {}, {}
    for part, found in nodes.items():
        found = tuple(node for node in found if node not in used)
        used.update(found)
        if found:
            bones[part] = tuple(rig.bone_names[form.bones[node]] for node in found)
            score = score_of(min(margins[part], margins["left_upper_leg"] + 2, margins["left_upper_arm"] + 2), cost)
            scores |= dict.fromkeys(bones[part], score)
    return Body(bones, scores, cost, facing)


def score_of(margin: float, cost: float) -> float:
    """0..1: how sure a bone is whose next best rival costs `margin` more, in a body that `cost` speaks against."""
    sure = 0.97 / (1 + np.exp(-(margin - 0.35) / 0.35))
    return float(np.clip(sure * np.exp(-(max(0.0, cost - 4.0) / 14) ** 2), 0, 1))


def _rival(limbs: list[Limb], best: Limb, part: str) -> float:
    """How much more the best reading costs that has another bone, or none, for a part."""
    others = [limb.cost for limb in limbs if limb.nodes.get(part) != best.nodes.get(part)]
    return min(others, default=best.cost + _NO_RIVAL) - best.cost


def _front(form: Form, halves: Halves, low: Limb, high: Limb) -> tuple[np.ndarray, float]:
    """((3,) unit, 0..1): where the body faces, by feet, then knees, elbows and face; and how clearly."""
    up = unit(_middle(halves, high.start) - _middle(halves, low.start))
    ahead = unit(np.cross(halves.normal, up))
    votes, known = 0.0, False
    if "foot" in low.nodes:
        foot = low.nodes["foot"]
        end = form.heads[low.nodes["toes"]] if "toes" in low.nodes else form.furthest(foot)[0]
        known = "toes" in low.nodes or form.furthest(foot)[1]
        votes += (3.0 if known else 1.5) * float((end - form.heads[foot]) @ ahead) / low.length
    for limb, middle, way in ((low, "lower_leg", 1.0), (high, "lower_arm", -1.0)):
        knee, line = form.heads[limb.nodes[middle]] - limb.start, limb.end - limb.start
        bend = knee - line * (knee @ line) / max(line @ line, 1e-12)
        votes += way * 1.5 * float(bend @ ahead) / limb.length
    usual = _USUAL_FRONT @ ahead * 0.02
    sure = float(np.clip(abs(votes) / 0.12, 0, 1)) * (1.0 if known else 0.35)
    return ahead * (1.0 if votes + usual >= 0 else -1.0), sure
