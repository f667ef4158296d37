"""What bone names say of a rig: by the table that fits them best, and by words in them."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.errors import MocapError
from ...core.skeleton import SIDES
from ...rigs.rig import TargetRig
from ..bone_map import CHAINS, REQUIRED
from ..bone_name import part_of, plain, side_of, spellings
from ..conventions.registry import CONVENTIONS

_ENOUGH = 0.5
"""Share of the required parts that a table must find to give its name to the map."""


def conventions_of(rig: TargetRig) -> tuple[str, ...]:
    """Names of the conventions whose table finds all required parts in the rig, the likeliest first."""
    fits = [(rank, name) for rank, name, _ in _tables_found(rig) if rank[0] == 1.0]
    return tuple(dict.fromkeys(name for _, name in sorted(fits, key=lambda fit: fit[0], reverse=True)))


def best_table(rig: TargetRig, wanted: str | None = None) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The convention's name and what its table finds; ("names", {}) where no table finds enough."""
    best: tuple[tuple, str, dict] = ((0.0,), "names", {})
    for rank, name, found in _tables_found(rig):
        if name == (wanted or name) and rank > best[0]:
            best = (rank, name, found)
    if wanted and best[1] != wanted:
        raise MocapError(f"{rig.name}: its bones are not named as {wanted}'s; choose one of "
                         f"{', '.join(conventions_of(rig)) or 'none'}, or let the map be found")
    return best[1], dict(best[2])


def _tables_found(rig: TargetRig) -> Iterator[tuple[tuple, str, dict[str, tuple[str, ...]]]]:
    """(rank, convention, part -> bones) for each table that finds enough, by the reading that fits it best.

    A table whose own prefix is in the names is read with it: "DEF-hand.L" is meant, and not "hand.L" or "ORG-hand.L".
    """
    readings = []
    for spelled in spellings(rig.bone_names):
        by_spelling: dict[str, str] = {}
        for name, text in spelled.items():
            by_spelling.setdefault(text, name)
        readings.append(by_spelling)
    for table in CONVENTIONS:
        fits = []
        for place, spelling in enumerate(table.spelled):
            for by_spelling in readings:
                found = _look_up(spelling, by_spelling)
                required = sum(part in found for part in REQUIRED) / len(REQUIRED)
                required *= all(plain(name) in by_spelling for name in table.needs)
                fits.append(((required, -place, sum(map(len, found.values()))), found))
        (required, place, bones), found = max(fits, key=lambda fit: fit[0])
        if required >= _ENOUGH:
            yield (required, table.controls, bones, len(found) / len(table.bones), place), table.name, found


def _look_up(table: dict[str, tuple[str, ...]], by_spelling: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found, taken = {}, set()
    for part, spelled in table.items():
        names = [by_spelling[text] for text in spelled if text in by_spelling and by_spelling[text] not in taken]
        if names:
            found[part] = tuple(dict.fromkeys(names)) if part in CHAINS else tuple(names[:1])
            taken.update(found[part])
    return found


def by_words(rig: TargetRig, found: dict) -> dict[str, tuple[str, ...]]:
    """Parts named by words in bone names that no table has claimed: the highest bone of each.

    found: part -> bones by a table. A collar bone there that words show to be the upper arm is among what is returned,
    as what it is.
    """
    taken = {name for names in found.values() for name in names}
    candidates: dict[str, list[str]] = {}
    for name in rig.bone_names:
        part, side = part_of(name), side_of(name)
        if name in taken or not part:
            continue
        if part in ("hips", "upper_leg") and "hip" in name.lower():
            part = "upper_leg" if side and "pelvis" not in name.lower() else "hips"
        sided = part not in ("hips", "spine_chain", "neck", "head")
        if bool(side) == sided:
            candidates.setdefault(f"{side}_{part}" if sided else part, []).append(name)
    for side in SIDES:
        _sort_out_limb(rig, candidates, side, "leg", found)
        _sort_out_limb(rig, candidates, side, "arm", found)
        _sort_out_foot(rig, candidates, side, found)
    return {part: tuple(names) if part in CHAINS else tuple(names[:1])
            for part, names in candidates.items() if names}


def _sort_out_limb(rig: TargetRig, candidates: dict[str, list[str]], side: str, limb: str, found: dict) -> None:
    """Where "leg" is the thigh, or "shoulder" the upper arm, because no other bone is: say so."""
    upper, lower = f"{side}_upper_{limb}", f"{side}_lower_{limb}"
    if upper in found or candidates.get(upper):
        return
    above, collar = candidates.get(lower, []), f"{side}_shoulder"
    if len(above) > 1 and _hangs_on(rig, above[1], above[0]):
        candidates[upper] = [above.pop(0)]
    elif limb == "arm" and candidates.get(collar):
        line = sorted({*found.get(collar, ()), *candidates[collar]}, key=lambda name: len(rig.lineage(rig.index(name))))
        if len(line) > 1 and not _hangs_on(rig, line[-1], line[0]):
            line = candidates[collar]
        candidates[upper], candidates[collar] = [line[-1]], line[:-1]


def _sort_out_foot(rig: TargetRig, candidates: dict[str, list[str]], side: str, found: dict) -> None:
    """Of an ankle and a foot that hangs on it, the foot is what bends at the ball, where nothing is called toes."""
    toes, feet = f"{side}_toes", [*found.get(f"{side}_foot", ()), *candidates.get(f"{side}_foot", [])]
    if toes not in found and not candidates.get(toes) and len(feet) == 2 and _hangs_on(rig, feet[1], feet[0]):
        candidates[toes] = [feet[1]]


def _hangs_on(rig: TargetRig, name: str, above: str) -> bool:
    return rig.index(above) in rig.lineage(rig.index(name))[1:]
