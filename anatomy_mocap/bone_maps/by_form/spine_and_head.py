"""Hips, spine, neck and head of a body with known limbs.

A margin is the extra cost of the best rival; see limbs for costs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...core.skeleton import SIDES
from ..tuning import TUNING
from .form import Form
from .mirror_plane import Halves


class Trunk(NamedTuple):
    """hips, chest: nodes. spine: nodes from the hips upwards. margins: of "hips", "spine_chain" and "neck"."""

    hips: int
    chest: int
    spine: tuple[int, ...]
    margins: dict[str, float]


def find_trunk(form: Form, sided: dict[str, int], up: np.ndarray, leg: float) -> Trunk | None:
    """Hips, spine and chest of a body; None if its arms have no common ancestor.

    The chest is the lowest common ancestor of both arms (unless it is above the shoulders: some rigs put collar bones
    on the neck). The hips are the common ancestor of legs and chest, or the bone between that and the chest that is
    nearest to the hip joints. sided: "left_upper_arm" ... -> node. up: (3,) unit, world. leg: length of a leg.
    """
    arms = [form.line_up(sided[f"{side}_upper_arm"]) for side in SIDES]
    legs = [form.line_up(sided[f"{side}_upper_leg"]) for side in SIDES]
    line = next((arms[0][place:] for place, node in enumerate(arms[0]) if node in arms[1]), None)
    if line is None:
        return None
    line, parted = _without_neck(form, sided, line, legs[0], up, leg)
    middle = np.mean([form.heads[sided[f"{side}_upper_leg"]] for side in SIDES], axis=0)
    carrier = next((node for node in line if node in legs[0] and node in legs[1]), None)
    path = line[:line.index(carrier) + 1][::-1] if carrier is not None else line[::-1]
    near = [float(np.linalg.norm(form.heads[node] - middle)) for node in path]
    legs_on = next((node for node in legs[0] if node in legs[1]), None)
    if carrier is not None and near[0] < 0.5 * leg:
        hips, margin = path[0], TUNING.margin_sure
    elif legs_on is not None and legs_on not in path:
        hips, margin = legs_on, TUNING.margin_fair
    else:
        hips, margin = path[int(np.argmin(np.array(near) + 0.05 * leg * np.arange(len(near))))], TUNING.margin_fair
    if hips == carrier and legs_on not in (carrier, None):
        margin = TUNING.margin_poor  # the legs are below another bone beside the spine, which may be the hips
    spine = path[path.index(hips) + 1:] if hips in path else path[1:]
    return Trunk(hips, line[0], tuple(spine), {
        "hips": margin, "spine_chain": min(margin, parted) if margin != TUNING.margin_poor else parted, "neck": parted})


def _without_neck(form: Form, sided: dict[str, int], line: list[int], legs: list[int], up: np.ndarray,
                  leg: float) -> tuple[list[int], float]:
    """(common ancestors of both arms from the chest downwards, margin), without bones above the shoulders."""
    shoulders = np.mean([form.heads[sided[f"{side}_upper_arm"]] for side in SIDES], axis=0)
    margin = TUNING.margin_sure
    while len(line) > 2 and line[1] not in legs:
        rise = float((form.heads[line[0]] - shoulders) @ up) / leg
        margin = min(margin, TUNING.margin_fair * abs(rise - TUNING.neck_rise) / TUNING.neck_spread)
        if rise <= TUNING.neck_rise:
            break
        line = line[1:]
    return line, margin


def head_and_neck(form: Form, sided: dict[str, int], chest: int, up: np.ndarray,
                  arm: float, halves: Halves) -> tuple[dict[str, tuple[int, ...]], float]:
    """({"neck": nodes, "head": nodes}, margin): the chain up from the chest; ({}, 0) if there is none.

    The head is the parent of the face, or the bone at the usual height above the shoulders.
    sided, up: as in `find_trunk`. arm: length of an arm. halves: of the body.
    """
    shoulders = np.mean([form.heads[sided[f"{side}_upper_arm"]] for side in SIDES], axis=0)
    lines = [set(form.line_up(sided[f"{side}_upper_arm"])) for side in SIDES]
    arms = lines[0] ^ lines[1]
    limbs = arms | {node for pair in halves.pairs for node in pair[1:]}
    line = _upwards(form, chest, limbs, shoulders, up)
    if not line:
        return {}, 0.0
    rise = np.array([(form.heads[node] - shoulders) @ up / arm for node in line])
    faces, plain = _faces(form, line, arms)
    cost = [_head_cost(form, line, faces, rise, place) for place in range(len(line))]
    best = int(np.argmin(cost))
    rival = min((c for place, c in enumerate(cost) if place != best), default=cost[best] + TUNING.margin_sure)
    margin = rival - cost[best]
    apart = np.linalg.norm(form.heads[line] - form.heads[line[best]], axis=-1)
    beside = (np.abs(rise - rise[best]) < TUNING.same_rise) & (apart > TUNING.same_place * form.size)
    if (not plain and len(line) > 1) or beside.any():
        margin = min(margin, TUNING.margin_bare)
    found = {"head": (line[best],)}
    if best:
        found["neck"] = tuple(line[:best])
    return found, float(margin)


def _faces(form: Form, line: list[int], arms: set[int]) -> tuple[list[bool], bool]:
    """(for each bone of a line, whether it seems to have a face; whether one clearly has).

    Two bones beside the line are clear; a single one may be of the throat or a helper.
    """
    beside = [len(set(form.children[node]) - arms - set(line)) for node in line]
    hang = [len(set(form.children[node]) - arms) >= 2 for node in line]
    plain = [some and count >= 2 for some, count in zip(hang, beside, strict=True)]
    return (plain, True) if any(plain) else (hang, False)


def _head_cost(form: Form, line: list[int], faces: list[bool], rise: np.ndarray, place: int) -> float:
    """Cost of a bone of the line as the head; the usual height is 0.28 arm lengths, all numbers are guessed.

    faces: for each bone, whether it seems to have a face. rise: of each above the shoulders, in arm lengths.
    """
    node, last = line[place], place == len(line) - 1
    cost = ((rise[place] - 0.28) / (0.1 if rise[place] < 0.28 else 0.2)) ** 2 + 0.25 * place
    same = [other for other in range(len(line)) if abs(rise[other] - rise[place]) < TUNING.same_rise]
    if any(faces[other] for other in same) and place == same[0]:
        cost -= 2.0
    if place > same[0] or any(faces[other] for other in range(same[0])):
        cost += 3.0  # an earlier bone has the face
    if last and place and not form.children[node]:
        cost += (max(0.0, rise[place] - 0.38) / 0.1) ** 2
    if last and place > 1 and not form.children[node]:
        # An end bone is a head's height above the head, the bones of a neck are evenly spaced.
        step = np.log(max(rise[place] - rise[place - 1], 1e-6) / max(rise[place - 1] - rise[place - 2], 1e-6))
        cost += -0.5 if abs(step) < 0.15 else 0.3 + max(0.0, step - 0.3)
    return float(cost)


def _upwards(form: Form, chest: int, limbs: set[int], shoulders: np.ndarray, up: np.ndarray) -> list[int]:
    """The chain from the child of the chest that reaches highest, up to its end or a fork sideways."""
    line, node = [], chest
    while True:
        ways = []
        for child in form.children[node]:
            if child in limbs:
                continue
            top = max(float((form.heads[other] - shoulders) @ up) for other in form.below[child])
            rise = float((form.heads[child] - form.heads[node]) @ up)
            aside = np.linalg.norm((form.heads[child] - form.heads[node]) - rise * up)
            low = min(float((form.heads[other] - form.heads[child]) @ up) for other in form.below[child])
            grown = 0.2 * len(form.below[child]) / len(form) * form.size
            ways.append((top + 0.3 * low - 0.5 * aside + grown, rise, aside, child))
        if not ways:
            return line
        _, rise, aside, node = max(ways)
        if rise < -0.02 * form.size or (line and aside > 2.5 * max(rise, 0.0) + 0.02 * form.size) or len(line) > 5:
            return line
        line.append(node)
