"""Finds the body in a rig: by what its names say and by its form, each checked against the other."""

from __future__ import annotations

from ..core.errors import MocapError
from ..core.rig import TargetRig
from .agreement import doubted, fits_form, named_sides, with_words
from .body import Body, find_body
from .bone_map import PARTS, REQUIRED, BoneMap
from .names import is_helper
from .reading import best_table, by_words, conventions_of
from .tables import CONVENTIONS
from .topology import checked, hangs_together

__all__ = ["conventions_of", "match"]
_SURE, _BY_WORDS = 1.0, 0.75
_CONTROLS = frozenset(table.name for table in CONVENTIONS if table.controls)
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
    if table in _CONTROLS and all(found.get(part) for part in REQUIRED):
        return _finished(rig, table, *checked(rig, found, _all(found, _SURE), True))
    scores = _all(found, _SURE)
    for part, names in by_words(rig, found).items():
        if part not in found:
            found[part] = names
            scores |= dict.fromkeys(names, _BY_WORDS)
    named = {name for names in found.values() for name in names}
    body = find_body(rig, frozenset(name for name in rig.bone_names if is_helper(name) and name not in named))
    complete = all(found.get(part) for part in REQUIRED)
    if complete and (body is None or table != "names" and hangs_together(rig, found) or fits_form(found, body)):
        return _by_names(rig, table, found, scores, body)
    if body is None:
        raise MocapError(_refusal(rig, found))
    return _by_form(rig, body, found if table == "names" or hangs_together(rig, found) else {}, bool(named))


def _all(found: dict[str, tuple[str, ...]], score: float) -> dict[str, float]:
    return {name: score for names in found.values() for name in names}


def _by_names(rig: TargetRig, table: str, found: dict, scores: dict, body: Body | None) -> BoneMap:
    """The map that names give; bones that stand where the form shows another part are doubtful."""
    bones, scores, warnings = checked(rig, found, scores)
    if body is not None:
        scores, more = doubted(bones, scores, body, table == "names")
        warnings = [*warnings, *more]
    return _finished(rig, table, bones, scores, warnings)


def _by_form(rig: TargetRig, body: Body, found: dict, named: bool) -> BoneMap:
    """The map that the form gives; words tell the sides where it does not, and confirm or question bones."""
    bones, facing, warnings = named_sides(body, rig)
    scores = with_words(bones, body.sided_scores(facing), found)
    if named:
        warnings.insert(0, "the names do not tell a body that hangs together; it is mapped by its form")
    return _finished(rig, BY_FORM, bones, scores, warnings)


def _finished(rig: TargetRig, convention: str, bones: dict, scores: dict, warnings: list) -> BoneMap:
    bones = {part: bones[part] for part in PARTS if bones.get(part)}
    used = {name for names in bones.values() for name in names}
    return BoneMap(convention, bones, {name: score for name, score in scores.items() if name in used},
                   (*warnings, *_constraint_warnings(rig, bones)))


def _refusal(rig: TargetRig, found: dict) -> str:
    missing = [part for part in REQUIRED if not found.get(part)]
    seen = [f"{part} ({' > '.join(found[part])})" for part in PARTS if found.get(part)]
    return (f"{rig.name}: too few bones are recognised to animate it: no {', '.join(missing)}; "
            f"found {', '.join(seen) or 'none'}; its rest pose shows no body either; "
            "map the bones by hand and give that map")


def _constraint_warnings(rig: TargetRig, bones: dict) -> list[str]:
    """Keys on a bone that a constraint drives do not show: name such bones."""
    driven = [name for names in bones.values() for name in names if rig.constraints.get(name)]
    if not driven:
        return []
    shown = ", ".join(f"{name} ({', '.join(rig.constraints[name])})" for name in driven[:4])
    return [f"constraints may keep the keys of {len(driven)} bones from showing: {shown}"
            f"{' ...' if len(driven) > 4 else ''}; mute them, or animate the skeleton without its controls"]
