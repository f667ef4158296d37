"""Readings of a chain of bones as a leg or an arm, each with a cost.

    cost = sum_i ((measure_i - usual_i) / spread_i)^2

over measures such as the ratio of the two segments, with usual values and spreads of human bodies. A cost of about 1 is
a plain limb, 6 an odd one. The usual values and spreads in the formulas are guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ...maths.rotations import unit
from ..tuning import TUNING
from .form import Form
from .mirror_plane import Halves


@dataclass(frozen=True)
class Limb:
    """One reading of a chain.

    nodes: part ("upper_leg", "lower_leg", "foot", "toes" or "shoulder", "upper_arm" ...) -> node. cost: see the module.
    start, end: (3,) world, hip and ankle or shoulder and wrist. length: of both segments, world units.
    open: parts that may as well be the next bone.
    """

    nodes: dict[str, int]
    cost: float
    start: np.ndarray
    end: np.ndarray
    length: float
    open: tuple[str, ...] = ()


def read_legs(form: Form, root: int) -> list[Limb]:
    """The readings of the chain below `root` as a leg, the lowest cost first."""
    line = form.chain(root)[:TUNING.limb_nodes]
    points = np.array([*form.heads[line], form.tails[line[-1]]])
    found = []
    for hip, knee, ankle in combinations(range(len(points)), 3):
        upper, lower = points[knee] - points[hip], points[ankle] - points[knee]
        thigh, shin = np.linalg.norm(upper), np.linalg.norm(lower)
        if knee == len(line) or min(thigh, shin) < 0.02 * form.size or max(thigh, shin) > 4 * min(thigh, shin):
            continue
        cost = (np.log(thigh / shin) / 0.3) ** 2 + _skipped(points, hip, thigh, 0.0) \
            + _between(points, hip, knee, ankle) + 0.5 * (_angle(upper, lower) / 45) ** 2
        nodes, unclear = {"upper_leg": line[hip], "lower_leg": line[knee]}, ()
        if ankle < len(line):
            nodes["foot"] = line[ankle]
            cost += _foot_cost(form, line[ankle], lower)
            toes = _toes(form, line[ankle], shin)
            if toes is not None:
                nodes["toes"], clear = _ball(form, line[ankle], toes)
                unclear = () if clear else ("toes",)
        else:
            cost += TUNING.no_foot
        found.append(Limb(nodes, float(cost), points[hip], points[ankle], float(thigh + shin), unclear))
    return sorted(found, key=lambda limb: limb.cost)


def read_arms(form: Form, root: int, halves: Halves) -> list[Limb]:
    """The readings of the chain below `root` as an arm, the lowest cost first. halves: of the body."""
    line = form.chain(root)[:TUNING.limb_nodes]
    points = np.array([*form.heads[line], form.tails[line[-1]]])
    fans = [_fan(form, node) for node in line]
    found = []
    for shoulder, elbow, wrist in combinations(range(len(points)), 3):
        first, second = points[elbow] - points[shoulder], points[wrist] - points[elbow]
        upper, lower = np.linalg.norm(first), np.linalg.norm(second)
        if elbow == len(line) or min(upper, lower) < 0.02 * form.size or max(upper, lower) > 4 * min(upper, lower):
            continue
        off = abs(halves.away(points[shoulder])) / upper
        bent = ((np.log(upper / lower) - 0.08) / 0.3) ** 2 + 0.5 * (max(0.0, _angle(first, second) - 30) / 40) ** 2
        if wrist == len(line):  # importers invent the tails of end bones
            bent = min(bent, 2.0)
        cost = bent + _skipped(points, shoulder, upper, 0.9) + ((off - 0.6) / 0.35) ** 2 \
            + _between(points, shoulder, elbow, wrist) \
            + 1.5 * sum(fan >= 3 for fan in fans[shoulder:min(wrist, len(line))])
        nodes = {}
        if shoulder:  # of several bones before the arm, the first of a notable length is the collar bone
            steps = np.linalg.norm(np.diff(points[:shoulder + 1], axis=0), axis=-1)
            nodes["shoulder"] = line[int(np.argmax(steps > 0.4 * steps.max()))]
        nodes |= {"upper_arm": line[shoulder], "lower_arm": line[elbow]}
        if wrist < len(line):
            nodes["hand"] = line[wrist]
            cost += _hand_cost(form, line[wrist], second) - 0.7 * (fans[wrist] >= 3)
        else:
            cost += TUNING.no_hand
        found.append(Limb(nodes, float(cost), points[shoulder], points[wrist], float(upper + lower)))
    return sorted(found, key=lambda limb: limb.cost)


def _skipped(points: np.ndarray, first: int, length: float, free: float) -> float:
    """Cost of bones before the limb's first (collar bones, halves of the pelvis), by their length and number."""
    way = np.linalg.norm(np.diff(points[:first + 1], axis=0), axis=-1).sum() / length
    return (max(0.0, way - free) / 0.35) ** 2 + (0.7 if free else 0.3) * max(0, first - (1 if free else 0))


def _between(points: np.ndarray, first: int, middle: int, last: int) -> float:
    """Cost of bones inside the two segments (twist bones): off their lines, or unequal in number."""
    cost = 0.8 * abs((middle - first) - (last - middle)) + 0.3 * (last - first - 2)
    for start, end in ((first, middle), (middle, last)):
        inner, line = points[start + 1:end] - points[start], points[end] - points[start]
        length = max(float(np.linalg.norm(line)), 1e-12)
        along = inner @ line / length
        aside = np.linalg.norm(inner - along[:, None] * line / length, axis=-1)
        cost += float(((aside / (0.06 * length)) ** 2).sum())
    return cost


def _angle(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(unit(first) @ unit(second), -1.0, 1.0))))


def _foot_cost(form: Form, ankle: int, shin: np.ndarray) -> float:
    """Cost of a foot: it is shorter than the shin and at an angle to it."""
    end, known = form.furthest(ankle)
    foot = end - form.heads[ankle]
    size = np.linalg.norm(foot) / np.linalg.norm(shin)
    cost = ((size - 0.42) / 0.3) ** 2 + (min(0.0, _angle(foot, shin) - 65) / 30) ** 2 \
        + (max(0.0, _angle(foot, shin) - 90) / 30) ** 2
    return float(cost if known else 0.4 + 0.3 * min(cost, 4.0))


def _hand_cost(form: Form, wrist: int, forearm: np.ndarray) -> float:
    """Cost of a hand: it continues the forearm and is shorter."""
    end, known = form.furthest(wrist)
    hand = end - form.heads[wrist]
    size = np.linalg.norm(hand) / np.linalg.norm(forearm)
    cost = ((size - 0.55) / 0.35) ** 2 + (max(0.0, _angle(hand, forearm) - 30) / 35) ** 2
    return float(cost if known else 0.4 + 0.3 * min(cost, 4.0))


def _fan(form: Form, node: int) -> int:
    """Number of chains below a bone that are like fingers: of similar length."""
    ways = sorted(form.reach[child] + form.step(child) for child in form.children[node])
    ways = [way for way in ways if form.size * 0.005 < way]
    return sum(way > 0.45 * ways[-1] for way in ways) if ways else 0


def _toes(form: Form, ankle: int, shin: float) -> int | None:
    """The child of the foot that reaches furthest; None if there is none beyond the ankle."""
    ways = []
    for child in form.children[ankle]:
        node = child
        while np.linalg.norm(form.heads[node] - form.heads[ankle]) < 0.12 * shin and len(form.children[node]) == 1:
            node = form.children[node][0]
        ways.append((float(np.linalg.norm(form.heads[node] - form.heads[ankle])), node))
    ways = [(way, node) for way, node in ways if way >= 0.12 * shin]
    # Importers invent tails, so a tail decides between bones only: a lone bone below the ankle may be the toes.
    ways = [each for each in ways if not _opposite(form, ankle, each[1])] or ways
    if not ways:
        return None
    # A heel may be as far from the ankle as a ball, but it has no children.
    held = [(way, node) for way, node in ways if form.children[node]] or ways
    most = max(way for way, _ in held)
    return next(node for way, node in sorted(held, key=lambda each: -each[0]) if way > 0.999 * most)


def _opposite(form: Form, ankle: int, node: int) -> bool:
    """Whether an end bone lies opposite to where the foot points, seen along the shin: a heel or a pivot."""
    if form.children[node] or form.parents[ankle] < 0:
        return False
    along = unit(form.heads[ankle] - form.heads[form.parents[ankle]])
    out, tail = form.heads[node] - form.heads[ankle], form.tails[ankle] - form.heads[ankle]
    return bool((out - along * (out @ along)) @ (tail - along * (tail @ along)) < 0)


def _ball(form: Form, ankle: int, toes: int) -> tuple[int, bool]:
    """(the bone at the ball of the foot, whether it is clear) of a chain of middle foot, toes and an end."""
    line = form.chain(toes)
    away = np.linalg.norm(form.heads[line] - form.heads[ankle], axis=-1)
    off = np.abs(away / max(away.max(), 1e-9) - TUNING.ball)
    best = int(np.argmin(off))
    rival = min((each for place, each in enumerate(off) if abs(away[place] - away[best]) > 0.02 * away.max()),
                default=np.inf)
    return (line[best], bool(rival - off[best] > TUNING.ball_clear)) if len(line) > 1 else (toes, True)
