"""Match: find the body in a rig, by bone names and by form, each checked against the other."""

from __future__ import annotations

from dataclasses import replace

from ..core.errors import MocapError
from ..rigs.rig import TargetRig
from ..rigs.sides import toes_behind
from .bone_map import PARTS, REQUIRED, BoneMap
from .bone_name import is_end, is_helper
from .by_form.body import Body, find_body
from .by_name.by_table import best_table, conventions_of
from .by_name.by_words import by_words
from .check_structure import check_structure, joints_in_order, limbs_in_order
from .conventions.registry import CONVENTIONS
from .fingerprint import fingerprint
from .fingers import find_fingers
from .names_against_form import (
    add_limb_ends,
    check_against_form,
    choose_sides,
    facing_warnings,
    fits_form,
    names_agree,
    score_by_words,
)
from .non_bipeds import other_parts, require_two_legs
from .stub_bones import without_stubs
from .tuning import TUNING

__all__ = ["conventions_of", "match"]
_CONTROLS = frozenset(table.name for table in CONVENTIONS if table.controls)
_ADD = "; a character without a limb still needs bones for it, which need not deform anything"
BY_FORM = "form"
"""The convention of a map that was found without names."""


def match(rig: TargetRig, convention: str | None = None) -> BoneMap:
    """The bone map of a rig, with a score for every bone.

    Tables of conventions come first, then words in the names. The body found by form (chains, symmetry, proportions)
    checks both; it is the map if names find too little or contradict the hierarchy.
    convention: name of a table, if the rig fits several (see `conventions_of`); with None an animator's FK controls
    come before the deform bones that they move.
    Raises MocapError, with the parts that were found and not found, if the rig has no body, or stands on four legs.
    """
    found = _matched(without_stubs(rig), convention)
    require_two_legs(rig, found.bones)
    fingers = find_fingers(rig, found.bones, found.convention)
    return replace(found, fingerprint=fingerprint(rig), fingers=fingers)


def _matched(rig: TargetRig, convention: str | None) -> BoneMap:
    """The map of a rig without stub bones; see `match`."""
    table, found = best_table(rig, convention)
    if table in _CONTROLS and all(found.get(part) for part in REQUIRED) and limbs_in_order(rig, found):
        return _finished(rig, table, *check_structure(rig, found, _all(found, 1.0), True))
    scores = _all(found, 1.0)
    words = by_words(rig, found)
    claimed = {name for names in words.values() for name in names}
    found = {part: names for part, names in found.items() if not claimed.intersection(names)}
    for part, names in words.items():
        if part not in found:
            found[part] = names
            scores |= dict.fromkeys(names, TUNING.score_by_word)
    complete = all(found.get(part) for part in REQUIRED)
    sure = complete and joints_in_order(rig, found)
    hangs = sure or limbs_in_order(rig, found)
    named = {name for names in found.values() for name in names} if hangs else set()
    helpers = frozenset(name for name in rig.bone_names if _is_helper(rig, name) and name not in named)
    body = (find_body(rig, helpers) if hangs else None) or find_body(rig)
    if sure and body is not None and other_parts(body.bones):
        body = None  # a form that names contradict so clearly says nothing about a rig with a whole body by names
    if complete and hangs and (body is None or table != "names" or fits_form(found, body)):
        return _by_names(rig, table, found, scores, body)
    if body is not None:
        return _by_form(rig, body, found)
    if complete:  # the only evidence is names that contradict the hierarchy
        scores = {name: min(score, TUNING.score_contradicted) for name, score in scores.items()}
        return _by_names(rig, table, found, scores, None)
    raise MocapError(_refusal(rig, found))


def _is_helper(rig: TargetRig, name: str) -> bool:
    """Whether a bone is a helper by its name; a bone named "end" is one only if all its descendants are."""
    if not is_helper(name) or not is_end(name):
        return is_helper(name)
    return all(is_helper(rig.bone_names[bone]) for bone in rig.subtree(rig.index(name)))


def _all(found: dict[str, tuple[str, ...]], score: float) -> dict[str, float]:
    return {name: score for names in found.values() for name in names}


def _by_names(rig: TargetRig, table: str, found: dict, scores: dict, body: Body | None) -> BoneMap:
    """The map by names; bones that the form shows as another part become doubtful."""
    bones, scores, warnings = check_structure(rig, found, scores)
    if body is not None:
        scores, more = check_against_form(bones, scores, body)
        bones, scores = add_limb_ends(bones, scores, body)
        for part in toes_behind(rig, {part: tuple(map(rig.index, names)) for part, names in bones.items() if names}):
            del bones[part]
        warnings = [*warnings, *more]
    return _finished(rig, table, bones, scores, warnings)


def _by_form(rig: TargetRig, body: Body, found: dict) -> BoneMap:
    """The map by form; names that mostly agree with it decide unclear sides and confirm bones."""
    if others := other_parts(body.bones):
        raise MocapError(f"{rig.name}: no body on two legs: by its form only a body of bones that are named otherwise "
                         f"was found ({others}); choose a character with two arms and two legs, or map the bones by "
                         "hand and load that map")
    if any(found.values()) and not names_agree(found, body):
        warning = "the bone names do not form a body; the map is made from the rig's form"
        return _finished(rig, BY_FORM, body.bones, body.sided_scores(body.facing),
                         [warning, *facing_warnings(body.facing)])
    sides = choose_sides(body)
    scores = score_by_words(sides.bones, body.sided_scores(sides.facing), found)
    return _finished(rig, BY_FORM, sides.bones, scores, sides.warnings)


def _finished(rig: TargetRig, convention: str, bones: dict, scores: dict, warnings: list) -> BoneMap:
    """The BoneMap, with its parts in order and the warnings about constraints."""
    bones = {part: bones[part] for part in PARTS if bones.get(part)}
    used = {name for names in bones.values() for name in names}
    return BoneMap(convention, bones, {name: score for name, score in scores.items() if name in used},
                   (*warnings, *_constraint_warnings(rig, bones)))


def _refusal(rig: TargetRig, found: dict) -> str:
    """The error message for a rig without a body."""
    missing = [part for part in REQUIRED if not found.get(part)]
    seen = [f"{part} ({' > '.join(found[part])})" for part in PARTS if found.get(part)]
    return (f"{rig.name}: too few bones are recognised: no {', '.join(missing)}; "
            f"found {', '.join(seen) or 'none'}; its form is no body either; "
            f"map the bones by hand and load that map{_ADD if any(found.values()) else ''}")


def _constraint_warnings(rig: TargetRig, bones: dict) -> list[str]:
    """A warning that names mapped bones with constraints, which may override keys; [] for none."""
    driven = [name for names in bones.values() for name in names if rig.constraints.get(name)]
    if not driven:
        return []
    shown = ", ".join(f"{name} ({', '.join(rig.constraints[name])})" for name in driven[:4])
    return [f"constraints may override the keys of {len(driven)} bones: {shown}"
            f"{' ...' if len(driven) > 4 else ''}; mute them, or animate the skeleton without its controls"]
