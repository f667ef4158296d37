"""Hips, spine, neck and head of a body whose limbs are known."""

from __future__ import annotations

import numpy as np

from ...core.skeleton import SIDES
from .form import Form
from .mirror_plane import Halves

_SURE, _FAIR, _POOR = 3.0, 0.9, 0.3
"""Margins, on the scale of what speaks against a limb."""
_BARE = 0.4
"""Of a head on which nothing hangs: it might be a neck or an end bone."""
_SAME_RISE, _SAME_PLACE = 0.02, 2e-3
"""Arm lengths by which bones that lie equally high may differ; parts of the rig's size by which those of one place
may."""
_NECK, _NEAR_NECK = 0.02, 0.05
"""Leg lengths above the shoulders from which a bone that carries the arms is a neck, and how far from there it is
fairly clear which it is."""


def hips_of(form: Form, sided: dict[str, int], up: np.ndarray,
            leg: float) -> tuple[dict | None, dict[str, float]]:
    """({hips: node, chest: node, spine: nodes from the hips upwards}, margins of hips, spine_chain and neck);
    (None, {}) where the arms share no bone.

    The chest is the lowest bone that carries both arms (one above the shoulders is the neck, from which some rigs hang
    their collar bones); the hips carry legs and chest, or are the bone nearest to the hip joints on the way from there
    to the chest. leg: its length.
    """
    arms = [form.line_up(sided[f"{side}_upper_arm"]) for side in SIDES]
    legs = [form.line_up(sided[f"{side}_upper_leg"]) for side in SIDES]
    line = next((arms[0][place:] for place, node in enumerate(arms[0]) if node in arms[1]), None)
    if line is None:
        return None, {}
    line, parted = _without_neck(form, sided, line, legs[0], up, leg)
    middle = np.mean([form.heads[sided[f"{side}_upper_leg"]] for side in SIDES], axis=0)
    carrier = next((node for node in line if node in legs[0] and node in legs[1]), None)
    path = line[:line.index(carrier) + 1][::-1] if carrier is not None else line[::-1]
    near = [float(np.linalg.norm(form.heads[node] - middle)) for node in path]
    legs_on = next((node for node in legs[0] if node in legs[1]), None)
    if carrier is not None and near[0] < 0.5 * leg:
        hips, margin = path[0], _SURE
    elif legs_on is not None and legs_on not in path:
        hips, margin = legs_on, _FAIR
    else:
        hips, margin = path[int(np.argmin(np.array(near) + 0.05 * leg * np.arange(len(near))))], _FAIR
    if hips == carrier and legs_on not in (carrier, None):
        margin = _POOR  # the legs hang on a bone beside the spine, and both on this one: either may be the hips
    spine = path[path.index(hips) + 1:] if hips in path else path[1:]
    return {"hips": hips, "chest": line[0], "spine": tuple(spine)}, {
        "hips": margin, "spine_chain": min(margin, parted) if margin != _POOR else parted, "neck": parted}


def _without_neck(form: Form, sided: dict[str, int], line: list[int], legs: list[int], up: np.ndarray,
                  leg: float) -> tuple[list[int], float]:
    """(the line of bones that carry both arms, downwards from the chest; margin): above the shoulders is neck."""
    shoulders = np.mean([form.heads[sided[f"{side}_upper_arm"]] for side in SIDES], axis=0)
    margin = _SURE
    while len(line) > 2 and line[1] not in legs:
        rise = float((form.heads[line[0]] - shoulders) @ up) / leg
        margin = min(margin, _FAIR * abs(rise - _NECK) / _NEAR_NECK)
        if rise <= _NECK:
            break
        line = line[1:]
    return line, margin


def head_and_neck(form: Form, sided: dict[str, int], chest: int, up: np.ndarray,
                  arm: float, halves: Halves) -> tuple[dict[str, tuple[int, ...]], float]:
    """({neck, head: nodes}, margin): what goes up from the chest.

    The head carries the face, or lies about as far above the shoulders as heads do.
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
    margin = min((c for place, c in enumerate(cost) if place != best), default=cost[best] + _SURE) - cost[best]
    apart = np.linalg.norm(form.heads[line] - form.heads[line[best]], axis=-1)
    beside = (np.abs(rise - rise[best]) < _SAME_RISE) & (apart > _SAME_PLACE * form.size)
    if (not plain and len(line) > 1) or beside.any():
        margin = min(margin, _BARE)
    found = {"head": (line[best],)}
    if best:
        found["neck"] = tuple(line[:best])
    return found, float(margin)


def _faces(form: Form, line: list[int], arms: set[int]) -> tuple[list[bool], bool]:
    """(whether a face seems to hang on each of a line of bones, whether one plainly does).

    Two bones beside the line are more than one, which may be of the throat or a helper.
    """
    beside = [len(set(form.children[node]) - arms - set(line)) for node in line]
    hang = [len(set(form.children[node]) - arms) >= 2 for node in line]
    plain = [some and count >= 2 for some, count in zip(hang, beside, strict=True)]
    return (plain, True) if any(plain) else (hang, False)


def _head_cost(form: Form, line: list[int], faces: list[bool], rise: np.ndarray, place: int) -> float:
    """What speaks against a bone of the line that goes up from the chest as the head.

    faces: whether several bones hang on each of the line. rise: of each above the shoulders, in arm lengths.
    """
    node, last = line[place], place == len(line) - 1
    cost = ((rise[place] - 0.28) / (0.1 if rise[place] < 0.28 else 0.2)) ** 2 + 0.25 * place
    same = [other for other in range(len(line)) if abs(rise[other] - rise[place]) < _SAME_RISE]
    if any(faces[other] for other in same) and place == same[0]:
        cost -= 2.0
    if place > same[0] or any(faces[other] for other in range(same[0])):
        cost += 3.0  # the face hangs on a bone before
    if last and place and not form.children[node]:
        cost += (max(0.0, rise[place] - 0.38) / 0.1) ** 2
    if last and place > 1 and not form.children[node]:
        # An end bone lies a head's height above the head, the bones of a neck lie evenly.
        step = np.log(max(rise[place] - rise[place - 1], 1e-6) / max(rise[place - 1] - rise[place - 2], 1e-6))
        cost += -0.5 if abs(step) < 0.15 else 0.3 + max(0.0, step - 0.3)
    return float(cost)


def _upwards(form: Form, chest: int, limbs: set[int], shoulders: np.ndarray, up: np.ndarray) -> list[int]:
    """From the chest's child that goes highest above the shoulders, up to where the chain parts or ends."""
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
