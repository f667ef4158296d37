"""Measures how many bones the bone maps get right: with the names of every convention, on every character in the shared
data, and with scrambled names; and checks the scores' calibration.

    python benchmarks/bone_maps.py [--data ../shared/data/rigs] [--rigs 300]
        [--write docs/measured/bone_maps.md] [--save docs/measured/bone_maps.txt]
    python -m benchmarks.bone_maps

The characters need the bpy module. Without it only the conventions and the procedural rigs are measured. Columns:

    right, flagged   parts with exactly the right bones and a score that needs no review; the same with a lower score
    wrong, flagged   parts with other bones and a score that needs no review; the same with a lower score
    missing          parts that the rig has and the map lacks
    right of all     both kinds of right parts as a percentage of all parts

A rig has at most 20 main parts. Spine and neck are one part each, whatever their number of bones. The calibration lists
for each range of scores the number of parts, their mean score and the fraction of them that is right.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from scipy.spatial.transform import Rotation  # noqa: E402

from anatomy_mocap.bone_maps.bone_map import PARTS, REVIEW_BELOW, BoneMap  # noqa: E402
from anatomy_mocap.bone_maps.conventions.registry import CONVENTIONS  # noqa: E402
from anatomy_mocap.bone_maps.match import match  # noqa: E402
from anatomy_mocap.core.errors import MocapError  # noqa: E402
from benchmarks.leaving import run_and_leave  # noqa: E402
from benchmarks.machine import machine  # noqa: E402
from benchmarks.rig_zoo import NO_BODY, zoo  # noqa: E402
from tests.support.made_rigs import Made  # noqa: E402
from tests.support.rigs_by_convention import as_convention, renamed  # noqa: E402
from tests.support.rigs_with_extras import any_plan, dressed, scrambled  # noqa: E402

KINDS = ("numbered", "random", "shuffled")
PREFIXES = ("", "mixamorig:", "hero_", "ns:sub:", "Armature|")
SEEDS = 3
HEADING = f"{'':28}{'right':>7}{'flagged':>9}{'wrong':>7}{'flagged':>9}{'missing':>9}{'right of all':>14}"
TEN = np.array([0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01])


@dataclass
class Tally:
    """Counts of parts by outcome, and (score, is right) of every part that the map fills."""

    parts: Counter = field(default_factory=Counter)
    scores: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, found: BoneMap | None, right: dict) -> None:
        """Compare a map with the right bones by part. found: None if the matcher refused the rig."""
        for part in PARTS:
            want, got = right.get(part), found.bones.get(part) if found else None
            if got is None:
                self.parts["missing"] += want is not None
                continue
            score = min(found.scores[name] for name in got)
            self.parts["right" if got == want else "wrong", score < REVIEW_BELOW] += 1
            self.scores.append((score, got == want))

    def line(self, name: str) -> str:
        """Format one row of the table."""
        counts = [self.parts[what] for what in (("right", False), ("right", True), ("wrong", False), ("wrong", True),
                                                "missing")]
        share = (counts[0] + counts[1]) / max(1, sum(counts))
        return f"{name:28}{counts[0]:7}{counts[1]:9}{counts[2]:7}{counts[3]:9}{counts[4]:9}{share:14.1%}"


def found_on(rig, convention=None) -> BoneMap | None:
    """Return the rig's bone map, or None if the matcher refuses the rig."""
    try:
        return match(rig, convention)
    except MocapError:
        return None


def conventions() -> list[str]:
    """Return one line a convention: a rig with its bone names, plain and with prefixes."""
    lines, total = [], Tally()
    for table in CONVENTIONS:
        tally = Tally()
        made, names, right = as_convention(table.name)
        for prefix in PREFIXES:
            called = {own: prefix + name for own, name in names.items()}
            truth = {part: tuple(prefix + name for name in bones) for part, bones in right.items()}
            for each in (tally, total):
                each.add(found_on(renamed(made, called)), truth)
        lines.append(tally.line(table.name))
    return [*lines, total.line(f"all {len(CONVENTIONS)}")]


def characters(data: Path) -> tuple[list[str], list[str], list[str]]:
    """Return the lines with the characters' own names, the lines with scrambled names, and the maps as Markdown."""
    named, blind, pages = [], [], []
    by_name, by_form = Tally(), Tally()
    for name, rig, right, convention in zoo(data):
        tally, found = Tally(), match(rig, convention)
        for each in (tally, by_name):
            each.add(found, right)
        named.append(tally.line(name))
        pages += page(name, rig, found)
        if name in NO_BODY or name.endswith("controls"):  # no shape to read, or the deform bones' again
            continue
        tally = Tally()
        for kind in KINDS:
            for seed in range(SEEDS):
                made = scrambled(Made(rig, right, {}), kind, seed)
                driven = dict(zip(rig.bone_names, made.rig.bone_names, strict=True))
                blindly = replace(made.rig, constraints={driven[n]: told for n, told in rig.constraints.items()})
                map_ = found_on(blindly)
                for each in (tally, by_form):
                    each.add(map_, made.bones)
        blind.append(tally.line(name))
    return [*named, by_name.line("all")], [*blind, by_form.line("all")], pages


def page(name: str, rig, found: BoneMap) -> list[str]:
    """Format a character's map as Markdown lines."""
    rows = [f"| {part} | {' > '.join(f'`{bone}`' for bone in found.bones[part])} | "
            f"{min(found.scores[bone] for bone in found.bones[part]):.2f} |" for part in PARTS if found.bones.get(part)]
    told = [f"- {warning}" for warning in found.warnings]
    lacking = ", ".join(found.missing) or "none"
    return [f"## {name}", f"{len(rig)} bones, convention `{found.convention}`; parts without a bone: {lacking}.", "",
            "| part | bones | score |", "|---|---|---|", *rows, *([""] if told else []), *told, ""]


def write(path: Path, pages: list[str]) -> None:
    """Write the characters' maps to one Markdown file."""
    path.write_text("\n".join([
        "# Bone maps of the characters in the shared data", "",
        "Made by `python benchmarks/bone_maps.py --write docs/measured/bone_maps.md`; a part whose score is below "
        f"{REVIEW_BELOW} is flagged for review.", "", *pages]).rstrip() + "\n", encoding="utf-8")


def procedural(count: int) -> tuple[list[str], list[str], float]:
    """Return the lines of procedural rigs for each kind of names, the calibration's lines, and milliseconds a rig."""
    lines, total, seconds = [], Tally(), 0.0
    for number, kind in enumerate(KINDS):
        tally = Tally()
        for seed in range(20000 + 1000 * number, 20000 + 1000 * number + count):
            made = scrambled(dressed(*any_plan(seed)), kind, seed)
            started = time.perf_counter()
            found = found_on(made.rig)
            seconds += time.perf_counter() - started
            for each in (tally, total):
                each.add(found, made.bones)
        lines.append(tally.line(kind))
    return [*lines, total.line("all")], calibration(total), 1e3 * seconds / (count * len(KINDS))


def uneven(count: int) -> list[str]:
    """Return the lines of asymmetric procedural rigs: joints displaced relative to the rig's size, or an arm turned."""
    lines = []
    for name, noise, turn in (("joints off by 0.3 %", 0.003, 0), ("joints off by 0.6 %", 0.006, 0),
                              ("joints off by 1.2 %", 0.012, 0), ("one arm turned by 40 deg", 0.0, 40)):
        tally = Tally()
        for seed in range(30000, 30000 + count):
            made = dressed(*any_plan(seed))
            random, rest, rig = np.random.default_rng(seed), made.rig.rest.copy(), made.rig
            rest[:, :3, 3] += random.normal(0, noise * np.ptp(rig.heads, axis=0).max(), (len(rig), 3))
            arm = rig.subtree(rig.index("left_upper_arm"))
            way = random.normal(size=3)
            turned = Rotation.from_rotvec(np.radians(turn) * way / np.linalg.norm(way))
            rest[arm, :3, 3] = rest[arm[0], :3, 3] + turned.apply(rest[arm, :3, 3] - rest[arm[0], :3, 3])
            rest[arm, :3, :3] = turned.as_matrix() @ rest[arm, :3, :3]
            made = scrambled(replace(made, rig=replace(rig, rest=rest)), "random", seed)
            tally.add(found_on(made.rig), made.bones)
        lines.append(tally.line(name))
    return lines


def calibration(tally: Tally) -> list[str]:
    """Return the fraction of right parts in each range of scores, as lines."""
    scores, right = np.array([score for score, _ in tally.scores]), np.array([good for _, good in tally.scores])
    lines = [f"{'score':>14}{'parts':>8}{'mean score':>12}{'right':>8}"]
    for low, high in zip(TEN, TEN[1:], strict=False):
        inside = (scores >= low) & (scores < high)
        if inside.any():
            lines.append(f"{low:7.2f} - {min(high, 1):4.2f}{inside.sum():8}{scores[inside].mean():12.3f}"
                         f"{right[inside].mean():8.3f}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "rigs",
                        help="folder of the characters (default: %(default)s)")
    parser.add_argument("--rigs", type=int, default=300,
                        help="number of procedural rigs for each kind of names (default: %(default)s)")
    parser.add_argument("--write", type=Path, help="write the characters' maps to this Markdown file")
    parser.add_argument("--save", type=Path, help="also write the tables to this file, without Blender's output")
    options = parser.parse_args()
    told = [machine(), "", f"Conventions, by name, each with {len(PREFIXES)} prefixes", HEADING, *conventions()]
    if importlib.util.find_spec("bpy") and options.data.is_dir():
        named, blind, pages = characters(options.data)
        told += ["", "Characters, by name", HEADING, *named, "",
                 f"Characters, names scrambled ({', '.join(KINDS)}; {SEEDS} of each)", HEADING, *blind]
        if options.write:
            write(options.write, pages)
    lines, scores, wait = procedural(options.rigs)
    told += ["", f"Procedural rigs, names scrambled, {options.rigs} of each kind, {wait:.0f} ms a rig", HEADING, *lines,
             "", f"Procedural rigs, names scrambled, asymmetric, {options.rigs // 3} of each kind", HEADING,
             *uneven(options.rigs // 3), "", "Calibration of the scores (procedural rigs)", *scores]
    print(*told, sep="\n")
    if options.save:
        options.save.write_text("\n".join(told) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run_and_leave(main)
