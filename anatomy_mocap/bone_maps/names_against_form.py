"""Where names and form agree on a rig's bones, and what follows where they do not."""

from __future__ import annotations

from ..core.skeleton import SIDES
from .bone_map import CHAINS, SIDED_PARTS
from .bone_name import part_of, side_of, speaks_of_no_part
from .by_form.body import Body, calibrated

_LIMB_JOINTS = ("upper_arm", "lower_arm", "upper_leg", "lower_leg")
_ENDS = {"shoulder": "upper_arm", "hand": "lower_arm", "foot": "lower_leg", "toes": "lower_leg"}
"""Parts that names may leave untold, with the joint by which the limb is known."""
_CLEAR, _QUESTIONED, _CONFIRMED, _UNCONFIRMED = 0.95, 0.5, 0.98, 0.85
_FACING_SURE = 0.5
"""From here on the feet are believed rather than the names."""


def fits_form(found: dict[str, tuple[str, ...]], body: Body) -> bool:
    """Whether most limb bones that the names tell are those that the form shows, on either side."""
    same = told = 0
    for side in SIDES:
        for part in _LIMB_JOINTS:
            own = found.get(f"{side}_{part}")
            shown = {body.bones.get(f"{other}_{part}") for other in SIDES}
            told += 1
            same += own in shown
    return same >= 0.75 * told


def agrees(found: dict[str, tuple[str, ...]], body: Body) -> bool:
    """Whether most of what names tell of single bones is what the form shows, on either side: else they mislead."""
    told = {part: names for part, names in found.items() if part not in CHAINS and names}
    same = sum(names in {body.bones.get(part), body.bones.get(other_side(part))} for part, names in told.items())
    return same > 0.6 * len(told)


def other_side(part: str) -> str:
    """The same part on the other side; parts of the middle are their own."""
    side, _, rest = part.partition("_")
    return {"left": f"right_{rest}", "right": f"left_{rest}"}.get(side, part)


def facing_warnings(facing: float) -> list[str]:
    """What to say where the front is not clear."""
    return [] if facing >= _FACING_SURE else ["nothing shows clearly which way it faces: look whether left and right "
                                              "are right"]


def doubted(bones: dict, scores: dict[str, float], body: Body) -> tuple[dict[str, float], list[str]]:
    """The scores of a map by names after a look at the form; and warnings.

    A limb's bone where the form clearly shows another is doubtful, and so is one that it shows as another part; words
    that the form confirms are nearly sure.
    """
    scores, warnings = dict(scores), []
    by_words = {name for name, score in scores.items() if _UNCONFIRMED <= score < 1}
    for part, names in bones.items():
        plain_part = part.split("_", 1)[1] if part.startswith(SIDES) else part
        shown = {body.bones.get(f"{side}_{plain_part}") for side in SIDES} | {body.bones.get(part)}
        if names in shown:
            scores |= {name: max(scores[name], _CONFIRMED) for name in names if name in by_words}
            continue
        clear = body.bones.get(part) and calibrated(body.scores[body.bones[part][0]]) > _CLEAR
        if plain_part in _LIMB_JOINTS and clear:
            scores |= {name: min(scores[name], _QUESTIONED) for name in names}
            warnings.append(f"{part} ({', '.join(names)}): by the rig's form it is {', '.join(body.bones[part])}; "
                            "check both")
        elif part not in CHAINS:
            scores |= {name: min(scores[name], _UNCONFIRMED) for name in names if name in by_words}
        if part.startswith(SIDES):
            scores |= {name: min(scores[name], _QUESTIONED) for name in names
                       if _shown_as(body, name) not in (None, plain_part)}
    return scores, warnings


def _shown_as(body: Body, name: str) -> str | None:
    """The part of a limb, without its side, that a bone clearly is by its form."""
    for side in SIDES:
        for part in SIDED_PARTS:
            if body.bones.get(f"{side}_{part}") == (name,) and calibrated(body.scores[name]) > _CLEAR:
                return part
    return None


def completed(bones: dict, scores: dict[str, float], body: Body) -> tuple[dict, dict[str, float]]:
    """The bones and scores of a map by names with the ends of limbs that only the form tells; these are doubtful."""
    bones, scores = dict(bones), dict(scores)
    for side in SIDES:
        for part, joint in _ENDS.items():
            own = next((other for other in SIDES
                        if body.bones.get(f"{other}_{joint}") == bones.get(f"{side}_{joint}", ())), None)
            shown = body.bones.get(f"{own}_{part}", ())
            if bones.get(f"{side}_{part}") or not shown or shown[0] in scores or speaks_of_no_part(shown[0]):
                continue
            bones[f"{side}_{part}"] = shown
            scores[shown[0]] = min(calibrated(body.scores[shown[0]]), _UNCONFIRMED)
    return bones, scores


def named_sides(body: Body) -> tuple[dict[str, tuple[str, ...]], float, list[str]]:
    """The body's bones with left and right told by the feet, or by words in the names where the feet do not tell;
    how sure they are, 0..1; and warnings."""
    words = [(part.split("_", 1)[0], side_of(name)) for part, names in body.bones.items() if part.startswith(SIDES)
             for name in names]
    told = sum((1 if own == word else -1) for own, word in words if word)
    clear = abs(told) > 0.75 * len(words)
    if clear and told < 0 and body.facing < _FACING_SURE:
        return {other_side(part): names for part, names in body.bones.items()}, 1.0, []
    if clear and told < 0:
        return body.bones, 1.0, ["left and right are swapped: the armature is mirrored, or its bones are named the "
                                 "other way"]
    facing = 1.0 if clear else body.facing
    return body.bones, facing, facing_warnings(facing)


def with_words(bones: dict, scores: dict[str, float], found: dict[str, tuple[str, ...]]) -> dict[str, float]:
    """Scores of a map by form: higher where the word in a bone's name is that of its part, lower where it is another's
    or that of a finger, a face, a helper.

    found: part -> bones, as far as names tell.
    """
    scores = dict(scores)
    for part, names in bones.items():
        plain_part = part.split("_", 1)[1] if part.startswith(SIDES) else part
        for name in names:
            word = part_of(name)
            if word == plain_part or name in found.get(part, ()):
                scores[name] = max(scores[name], _CONFIRMED)
            elif word or speaks_of_no_part(name):
                scores[name] = min(scores[name], _UNCONFIRMED)
    return scores
