"""Comparison of a map by names with the body found by form, and the scores that follow."""

from __future__ import annotations

from typing import NamedTuple

from ..core.skeleton import SIDES
from ..rigs.sides import SWAPPED, other_side
from .bone_map import CHAINS, SIDED_PARTS
from .bone_name import names_unmapped_part, part_of, side_of
from .by_form.body import Body, calibrated
from .tuning import TUNING

_LIMB_JOINTS = ("upper_arm", "lower_arm", "upper_leg", "lower_leg")
_ENDS = {"shoulder": "upper_arm", "hand": "lower_arm", "foot": "lower_leg", "toes": "lower_leg"}
"""Parts that names may miss -> the part of the same limb by which they are found."""


def fits_form(found: dict[str, tuple[str, ...]], body: Body) -> bool:
    """Whether most limb bones by name are those of the form, on either side."""
    same = count = 0
    for side in SIDES:
        for part in _LIMB_JOINTS:
            own = found.get(f"{side}_{part}")
            shown = {body.bones.get(f"{other}_{part}") for other in SIDES}
            count += 1
            same += own in shown
    return same >= TUNING.names_fit_form * count


def names_agree(found: dict[str, tuple[str, ...]], body: Body) -> bool:
    """Whether most single bones by name are those of the form, on either side; otherwise the names mislead."""
    single = {part: names for part, names in found.items() if part not in CHAINS and names}
    same = sum(names in {body.bones.get(part), body.bones.get(other_side(part))} for part, names in single.items())
    return same > TUNING.names_agree * len(single)


def facing_warnings(facing: float) -> list[str]:
    """The warning for a front with this confidence, 0..1; [] if it is clear."""
    unclear = "it is not clear which way the rig faces; check that left and right are correct"
    return [] if facing >= TUNING.facing_sure else [unclear]


def check_against_form(bones: dict, scores: dict[str, float], body: Body) -> tuple[dict[str, float], list[str]]:
    """(scores of a map by names after comparison with the form, warnings).

    A limb bone becomes doubtful if the form clearly shows another bone there, or shows it as another part. A bone by
    word that the form confirms is nearly certain.
    """
    scores, warnings = dict(scores), []
    by_words = {name for name, score in scores.items() if TUNING.score_unconfirmed <= score < 1}
    for part, names in bones.items():
        plain_part = part.split("_", 1)[1] if part.startswith(SIDES) else part
        shown = {body.bones.get(f"{side}_{plain_part}") for side in SIDES} | {body.bones.get(part)}
        if names in shown:
            scores |= {name: max(scores[name], TUNING.score_confirmed) for name in names if name in by_words}
            continue
        clear = body.bones.get(part) and calibrated(body.scores[body.bones[part][0]]) > TUNING.score_clear
        if plain_part in _LIMB_JOINTS and clear:
            scores |= {name: min(scores[name], TUNING.score_questioned) for name in names}
            shown = ", ".join(body.bones[part])
            warnings.append(f"{part} ({', '.join(names)}): by the rig's form the bone is {shown}; check both")
        elif part not in CHAINS:
            scores |= {name: min(scores[name], TUNING.score_unconfirmed) for name in names if name in by_words}
        if part.startswith(SIDES):
            scores |= {name: min(scores[name], TUNING.score_questioned) for name in names
                       if _part_by_form(body, name) not in (None, plain_part)}
    return scores, warnings


def _part_by_form(body: Body, name: str) -> str | None:
    """The part of a limb, without its side, that a bone clearly is by form; None if it is not clear."""
    for side in SIDES:
        for part in SIDED_PARTS:
            if body.bones.get(f"{side}_{part}") == (name,) and calibrated(body.scores[name]) > TUNING.score_clear:
                return part
    return None


def add_limb_ends(bones: dict, scores: dict[str, float], body: Body) -> tuple[dict, dict[str, float]]:
    """(bones, scores) of a map by names, with ends of limbs added from the form; these are doubtful."""
    bones, scores = dict(bones), dict(scores)
    for side in SIDES:
        for part, joint in _ENDS.items():
            own = next((other for other in SIDES
                        if body.bones.get(f"{other}_{joint}") == bones.get(f"{side}_{joint}", ())), None)
            shown = body.bones.get(f"{own}_{part}", ())
            if bones.get(f"{side}_{part}") or not shown or shown[0] in scores or names_unmapped_part(shown[0]):
                continue
            bones[f"{side}_{part}"] = shown
            scores[shown[0]] = min(calibrated(body.scores[shown[0]]), TUNING.score_unconfirmed)
    return bones, scores


class SidedBody(NamedTuple):
    """bones: part -> bone names. facing: 0..1, the confidence of left and right. warnings: for the user."""

    bones: dict[str, tuple[str, ...]]
    facing: float
    warnings: list[str]


def choose_sides(body: Body) -> SidedBody:
    """Left and right of a body by its feet, or by words in the names if the feet are not clear."""
    words = [(part.split("_", 1)[0], side_of(name)) for part, names in body.bones.items() if part.startswith(SIDES)
             for name in names]
    agreement = sum((1 if own == word else -1) for own, word in words if word)
    clear = abs(agreement) > TUNING.side_words * len(words)
    if clear and agreement < 0 and body.facing < TUNING.facing_sure:
        return SidedBody({other_side(part): names for part, names in body.bones.items()}, 1.0, [])
    if clear and agreement < 0:
        return SidedBody(body.bones, 1.0, [SWAPPED])
    facing = 1.0 if clear else body.facing
    return SidedBody(body.bones, facing, facing_warnings(facing))


def score_by_words(bones: dict, scores: dict[str, float],
                   found: dict[str, tuple[str, ...]]) -> dict[str, float]:
    """Scores of a map by form, raised for bones whose name has the word of their part, lowered for another word.

    found: part -> bones by name.
    """
    scores = dict(scores)
    for part, names in bones.items():
        plain_part = part.split("_", 1)[1] if part.startswith(SIDES) else part
        for name in names:
            word = part_of(name)
            if word == plain_part or name in found.get(part, ()):
                scores[name] = max(scores[name], TUNING.score_confirmed)
            elif word or names_unmapped_part(name):
                scores[name] = min(scores[name], TUNING.score_unconfirmed)
    return scores
