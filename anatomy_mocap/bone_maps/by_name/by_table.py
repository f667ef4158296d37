"""The table of a naming convention that fits a rig's bone names best."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...core.errors import MocapError
from ...rigs.rig import TargetRig
from ..bone_map import CHAINS, REQUIRED
from ..bone_name import plain, spellings
from ..conventions.registry import CONVENTIONS
from ..tuning import TUNING

Bones = dict[str, tuple[str, ...]]


class TableFit(NamedTuple):
    """What a table finds in a rig.

    rank: compared in this order: share of required parts, FK controls first, number of bones, share of the table's
        parts, the table's own prefix first. convention: the table's name. bones: part -> bone names.
    """

    rank: tuple
    convention: str
    bones: Bones


def conventions_of(rig: TargetRig) -> tuple[str, ...]:
    """Names of the conventions whose table finds all required parts in the rig, the best fit first."""
    fits = [fit for fit in _table_fits(rig) if fit.rank[0] == 1.0]
    return tuple(dict.fromkeys(fit.convention for fit in sorted(fits, key=lambda fit: fit.rank, reverse=True)))


def best_table(rig: TargetRig, wanted: str | None = None) -> tuple[str, Bones]:
    """(name of the convention that fits best, its bones); ("names", {}) if no table finds enough parts.

    wanted: the convention to use. Raises MocapError if the rig's bones are not named by it.
    """
    best = TableFit((0.0,), "names", {})
    for fit in _table_fits(rig):
        if fit.convention == (wanted or fit.convention) and fit.rank > best.rank:
            best = fit
    if wanted and best.convention != wanted:
        raise MocapError(f"{rig.name}: its bones are not named by the convention {wanted}; choose one of "
                         f"{', '.join(conventions_of(rig)) or 'none'}, or leave the choice to the program")
    return best.convention, dict(best.bones)


def _table_fits(rig: TargetRig) -> Iterator[TableFit]:
    """For each table that finds enough parts, its best fit over all spellings of the names.

    A table whose own prefix occurs in the names is read with it: "DEF-hand.L" then differs from "ORG-hand.L".
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
        if required >= TUNING.table_share:
            yield TableFit((required, table.controls, bones, len(found) / len(table.bones), place), table.name, found)


def _look_up(table: Bones, by_spelling: dict[str, str]) -> Bones:
    """Part -> bones of a table whose spellings occur; each bone is used once."""
    found, taken = {}, set()
    for part, spelled in table.items():
        names = [by_spelling[text] for text in spelled if text in by_spelling and by_spelling[text] not in taken]
        if names:
            found[part] = tuple(dict.fromkeys(names)) if part in CHAINS else tuple(names[:1])
            taken.update(found[part])
    return found
