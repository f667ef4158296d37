"""Rigs of conventions without a table of their own, from short descriptions of the bone names of tools and games.

A description (tests/data/foreign/NAME.txt) is one bone a line, "name ; parent ; place ; part", on a usual body. Names
with {s} (or {t}, {u}) stand for two bones, one a side. A place is a point of the body, "a>b:0.5" a point between two,
and "+x,y,z" is added to either. The part is that of the correct map; a bone without a part must stay unmapped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anatomy_mocap.rigs.rig import TargetRig, make_rig
from tests.support.made_rigs import SIDES

FOLDER = Path(__file__).parents[1] / "data" / "foreign"
FINGERS = ("thumb", "index", "middle", "ring", "pinky")
PLACES = {
    "root": (0, 0, 0), "hips": (0, 0.0, 0.98), "waist": (0, 0.01, 1.08), "belly": (0, 0.0, 1.16),
    "chest": (0, 0.02, 1.27), "high": (0, 0.03, 1.38), "neck": (0, 0.03, 1.5), "neck2": (0, 0.015, 1.55),
    "head": (0, 0.0, 1.6), "top": (0, 0, 1.8), "jaw": (0, -0.03, 1.6), "eye": (0.03, -0.08, 1.68),
    "ear": (0.08, 0, 1.67), "hair": (0.04, 0.08, 1.75), "collar": (0.025, 0.0, 1.46), "arm": (0.18, 0.03, 1.44),
    "elbow": (0.38, 0.05, 1.26), "wrist": (0.56, 0.0, 1.1), "knuckle": (0.63, -0.02, 1.03),
    "tip": (0.7, -0.03, 0.97), "butt": (0.07, 0.08, 0.95), "hip": (0.1, 0.0, 0.93), "knee": (0.11, -0.015, 0.51),
    "ankle": (0.12, 0.03, 0.09), "heel": (0.12, 0.07, 0.02), "ball": (0.125, -0.1, 0.02), "toe": (0.13, -0.17, 0.02),
    "breast": (0.08, -0.1, 1.33), "tail": (0, 0.1, 0.95), "skirt": (0.13, -0.06, 0.9), "wing": (0.08, 0.1, 1.4),
}


@dataclass(frozen=True)
class Foreign:
    """A described rig and its correct map: part -> bone names."""

    rig: TargetRig
    bones: dict[str, tuple[str, ...]]


def all_foreign() -> list[str]:
    """Return the names of the descriptions."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def foreign(name: str, rename=lambda bone: bone) -> Foreign:
    """Read the rig of a description. rename: function that is applied to each bone name."""
    return described(name, (FOLDER / f"{name}.txt").read_text(encoding="utf-8"), rename)


def described(name: str, text: str, rename=lambda bone: bone) -> Foreign:
    """Make the rig of a description's text. rename: function that is applied to each bone name."""
    sides: dict[str, list[str]] = {}
    lines = []
    for line in text.splitlines():
        if line.startswith("sides "):
            key, words = line.removeprefix("sides ").split(":")
            sides[key.strip()] = words.split()
        elif line.strip() and not line.startswith("#"):
            lines += _fingers(line) if line.startswith("fingers ") else [line]
    names, parents, heads, bones = [], [], [], {}
    for line in lines:
        columns = [column.strip() for column in line.split(";")]
        sided = "{" in columns[0]
        for number in range(2 if sided else 1):
            words = {key: both[number] for key, both in sides.items()}
            bone, parent, place, *part = (column.format(**words) for column in columns)
            names.append(rename(bone))
            parents.append(names.index(rename(parent)) if parent else -1)
            heads.append(_point(place) * ((-1.0, 1, 1) if number else (1, 1, 1)))
            if part:
                key = f"{SIDES[number]}_{part[0]}" if sided else part[0]
                bones[key] = (*bones.get(key, ()), names[-1])
    return Foreign(_rig(name, names, parents, np.array(heads)), bones)


def _fingers(line: str) -> list[str]:
    """Expand "fingers PATTERN ; parent ; words ..." to one line per bone: {f} is a finger's word, {n} counts from 1."""
    pattern, parent, words = (column.strip() for column in line.removeprefix("fingers ").split(";"))
    found = []
    for number, word in enumerate(words.split()):
        above = parent
        for joint in range(3):
            bone = pattern.replace("{f}", word).replace("{n}", str(joint + 1)).replace("{m}", str(joint))
            aside = (0.02 * joint, -0.06 - 0.02 * joint, 0) if number == 0 else (0.03 * joint, 0.05 - 0.025 * number,
                                                                                 -0.025 * joint)
            start = "wrist>knuckle:0.3" if number == 0 else "knuckle"
            found.append(f"{bone} ; {above} ; {start}+{','.join(map(str, aside))}")
            above = bone
    return found


def _point(place: str) -> np.ndarray:
    base, _, added = place.partition("+")
    if ">" in base:
        ends, share = base.split(":")
        first, second = (np.array(PLACES[end]) for end in ends.split(">"))
        point = first + float(share) * (second - first)
    else:
        point = np.array(PLACES[base], dtype=float)
    return point + np.array([float(number) for number in added.split(",")]) if added else point.astype(float)


def _rig(name: str, names: list[str], parents: list[int], heads: np.ndarray) -> TargetRig:
    rest = np.tile(np.eye(4), (len(names), 1, 1))
    rest[:, :3, 3] = heads
    return make_rig(name, names, parents, rest, np.full(len(names), 0.05))
