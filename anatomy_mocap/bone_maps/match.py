"""Finds the body in a rig: by what its names say and by its form, each checked against the other."""

from __future__ import annotations

from ..core.errors import MocapError
from ..rigs.rig import TargetRig
from .bone_map import PARTS, REQUIRED, BoneMap
from .bone_name import is_end, is_helper
from .by_form.body import Body, find_body
from .by_name.read_names import best_table, by_words, conventions_of
from .check_structure import checked, hangs_together
from .conventions.registry import CONVENTIONS
from .fingerprint import fingerprint
from .names_against_form import agrees, completed, doubted, facing_warnings, fits_form, named_sides, with_words

__all__ = ["conventions_of", "match"]
_SURE, _BY_WORDS, _CONTRADICTED = 1.0, 0.9, 0.3
_CONTROLS = frozenset(table.name for table in CONVENTIONS if table.controls)
_ADD = "; a character that lacks a limb needs bones for it, which need not deform anything"
BY_FORM = "form"
"""The convention of a map that names had no part in."""


def match(rig: TargetRig, convention: str | None = None) -> BoneMap:
    """The bone map of a rig, with a score for every bone; MocapError says what was and was not found if it has no body.

    convention: a table's name where the rig fits several (see `conventions_of`); an animator's FK controls come before
    the deform bones that they move, if it is None.

    Tables of conventions come first, then words in the names; the body that the rig's form shows (chains, symmetry,
    proportions) checks both, and is the map where names say nothing or contradict how the bones hang.
    """
    table, found = best_table(rig, convention)
    if table in _CONTROLS and all(found.get(part) for part in REQUIRED) and hangs_together(rig, found):
        return _finished(rig, table, *checked(rig, found, _all(found, _SURE), True))
    scores = _all(found, _SURE)
    words = by_words(rig, found)
    claimed = {name for names in words.values() for name in names}
    found = {part: names for part, names in found.items() if not claimed.intersection(names)}
    for part, names in words.items():
        if part not in found:
            found[part] = names
            scores |= dict.fromkeys(names, _BY_WORDS)
    hangs, complete = hangs_together(rig, found), all(found.get(part) for part in REQUIRED)
    named = {name for names in found.values() for name in names} if hangs else set()
    told_apart = frozenset(name for name in rig.bone_names if _helps(rig, name) and name not in named)
    body = (find_body(rig, told_apart) if hangs else None) or find_body(rig)
    if complete and hangs and (body is None or table != "names" or fits_form(found, body)):
        return _by_names(rig, table, found, scores, body)
    if body is not None:
        return _by_form(rig, body, found)
    if complete:  # nothing shows what the bones are but names that contradict how they hang
        return _by_names(rig, table, found, {name: min(score, _CONTRADICTED) for name, score in scores.items()}, None)
    raise MocapError(_refusal(rig, found))


def _helps(rig: TargetRig, name: str) -> bool:
    """Whether a bone is no body by its name; what is called an end is one only if no more than ends hang on it."""
    if not is_helper(name) or not is_end(name):
        return is_helper(name)
    return all(is_helper(rig.bone_names[bone]) for bone in rig.subtree(rig.index(name)))


def _all(found: dict[str, tuple[str, ...]], score: float) -> dict[str, float]:
    return {name: score for names in found.values() for name in names}


def _by_names(rig: TargetRig, table: str, found: dict, scores: dict, body: Body | None) -> BoneMap:
    """The map that names give; bones that stand where the form shows another part are doubtful."""
    bones, scores, warnings = checked(rig, found, scores)
    if body is not None:
        scores, more = doubted(bones, scores, body)
        bones, scores = completed(bones, scores, body)
        warnings = [*warnings, *more]
    return _finished(rig, table, bones, scores, warnings)


def _by_form(rig: TargetRig, body: Body, found: dict) -> BoneMap:
    """The map that the form gives; names that mostly agree tell the sides where it does not, and confirm bones."""
    if any(found.values()) and not agrees(found, body):
        warning = "the names do not tell a body that hangs together; it is mapped by its form"
        return _finished(rig, BY_FORM, body.bones, body.sided_scores(body.facing),
                         [warning, *facing_warnings(body.facing)])
    bones, facing, warnings = named_sides(body)
    return _finished(rig, BY_FORM, bones, with_words(bones, body.sided_scores(facing), found), warnings)


def _finished(rig: TargetRig, convention: str, bones: dict, scores: dict, warnings: list) -> BoneMap:
    bones = {part: bones[part] for part in PARTS if bones.get(part)}
    used = {name for names in bones.values() for name in names}
    return BoneMap(convention, bones, {name: score for name, score in scores.items() if name in used},
                   (*warnings, *_constraint_warnings(rig, bones)), fingerprint(rig))


def _refusal(rig: TargetRig, found: dict) -> str:
    missing = [part for part in REQUIRED if not found.get(part)]
    seen = [f"{part} ({' > '.join(found[part])})" for part in PARTS if found.get(part)]
    return (f"{rig.name}: too few bones are recognised to animate it: no {', '.join(missing)}; "
            f"found {', '.join(seen) or 'none'}; its rest pose shows no body either; "
            f"map the bones by hand and give that map{_ADD if any(found.values()) else ''}")


def _constraint_warnings(rig: TargetRig, bones: dict) -> list[str]:
    """Keys on a bone that a constraint drives do not show: name such bones."""
    driven = [name for names in bones.values() for name in names if rig.constraints.get(name)]
    if not driven:
        return []
    shown = ", ".join(f"{name} ({', '.join(rig.constraints[name])})" for name in driven[:4])
    return [f"constraints may keep the keys of {len(driven)} bones from showing: {shown}"
            f"{' ...' if len(driven) > 4 else ''}; mute them, or animate the skeleton without its controls"]
