"""Keypoint names in any tool's spelling, and the layout that a set of names describes."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..core.keypoint_layouts import CANONICAL, LAYOUTS, keypoint_groups

_SIDES = {"l": "left", "r": "right", "lt": "left", "rt": "right", "lft": "left", "rgt": "right", "left": "left",
          "right": "right"}
_FILLERS = {"keypoint", "kp", "kpt", "joint", "landmark", "landmarks", "pose", "body", "knuckle", "finger", "of", "the",
            "marker", "point", "bodypart", "part", "center", "centre", "mid", "middle", "base"}
# Words after the side and the fillers are removed -> the same for the names of LAYOUTS.
_SAME = {
    "head": "headtop", "tophead": "headtop", "topofhead": "headtop", "vertex": "headtop", "pelvis": "hip",
    "root": "hip", "hips": "hip", "upperneck": "neck", "littletoe": "smalltoe",
    "footindex": "footindex", "forefinger": "index", "littlefinger": "pinky", "little": "pinky", "sho": "shoulder",
    "elb": "elbow", "wri": "wrist", "ank": "ankle", "kne": "knee", "torso": "spine", "pinkie": "pinky",
}
# Used where the first name is in no layout that the other names describe.
_SECOND = {"foot": "ankle", "hand": "wrist", "toe": "bigtoe", "toes": "bigtoe", "foottip": "footindex",
           "hip": "hip", "chest": "thorax", "forearm": "elbow", "upleg": "hip", "leg": "knee", "shoulder1": "shoulder",
           "neck1": "neck"}
_JOINED = re.compile(r"(left|right)([a-z]+\d*)|([a-z]+)(left|right)")
_ONE_LETTER = re.compile(r"([lr])(eye|ear|shoulder|sho|elbow|elb|wrist|hip|knee|ankle|heel|bigtoe|smalltoe|toe|foot|"
                         r"hand|thumb|index|pinky)")
# MMPose names Human3.6M's points so; "head" and "neck_base" mean other points there.
_WHOLE = {("root", "right_hip", "right_knee", "right_foot", "left_hip", "left_knee", "left_foot", "spine", "thorax",
           "neck_base", "head", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow",
           "right_wrist"): "H36M17"}


def words_of(text: str) -> list[str]:
    """The words of a name in lower case: "LShoulder", "left-shoulder" and "leftShoulder2" in two words and a number."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[LR])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", "_",
                  str(text))
    return [word for word in re.split(r"[\W_]+", text.lower()) if word]


def plain_name(name: str) -> str:
    """One spelling of a keypoint's name: side, part, number. "Left Shoulder" and "LShoulder" give "left shoulder"."""
    words = words_of(name)
    side = ""
    rest: list[str] = []
    for word in words:
        joined, letter = _JOINED.fullmatch(word), _ONE_LETTER.fullmatch(word)
        if word in _SIDES and not side:
            side = _SIDES[word]
        elif joined and not side:
            side, word = (joined[1], joined[2]) if joined[1] else (joined[4], joined[3])
            rest.append(word)
        elif letter and not side:
            side = _SIDES[letter[1]]
            rest.append(letter[2])
        else:
            rest.append(word)
    letter = None if side else _ONE_LETTER.fullmatch("".join(rest))
    if letter:
        side, rest = _SIDES[letter[1]], [letter[2]]
    if rest == ["middle", "finger"]:
        rest = ["middle", "finger", "1"]
    numbered = len(rest) > 1 and rest[-1].isdigit()
    keep = [word for word in rest if word not in _FILLERS or (word == "middle" and numbered)]
    part = "".join(keep) or "".join(rest)
    digits = re.search(r"\d*$", part)[0]
    stem = part.removesuffix(digits) if digits else part
    stem = _SAME.get(stem, stem)
    if not side and stem == "shoulder":
        stem = "neck"
    return f"{side} {stem}{digits}".strip()


_VOCABULARY = {name: {plain_name(point): i for i, point in enumerate(layout.keypoint_names)}
               for name, layout in LAYOUTS.items()}
_ALL = set().union(*_VOCABULARY.values())
# Indices of each layout's keypoints that the lifter's layout uses.
_USED = {name: {i for group in keypoint_groups(name) for i in group} for name in LAYOUTS}


def is_keypoint_name(name: str) -> bool:
    """Whether any layout has a keypoint of this name."""
    return plain_name(name) in _ALL or _second(plain_name(name)) in _ALL


def _second(plain: str) -> str:
    side, _, part = plain.rpartition(" ")
    return f"{side} {_SECOND.get(part, part)}".strip()


def places_by_name(names: Collection[str], layout: str) -> dict[int, int]:
    """Index in `names` -> index in a layout, for the names that the layout has. A place is given once."""
    if _WHOLE.get(tuple(str(name).lower() for name in names)) == layout:
        return {i: i for i in range(len(names))}
    places = _VOCABULARY[layout]
    plain = [plain_name(name) for name in names]
    found = {i: places[name] for i, name in enumerate(plain) if name in places}
    taken = set(found.values())
    for i, name in enumerate(plain):
        place = places.get(_second(name))
        if i not in found and place is not None and place not in taken:
            found[i] = place
            taken.add(place)
    first: dict[int, int] = {}
    for i, place in found.items():
        if place not in first.values():
            first[i] = place
    return first


def layout_by_names(names: Collection[str]) -> str | None:
    """The layout that these names describe: it has most of the points that the lifter uses, and differs least.

    None where fewer than 8 names of the lifter's points are known: such names describe no body.
    """
    whole = _WHOLE.get(tuple(str(name).lower() for name in names))
    if whole:
        return whole
    best = None
    for layout in LAYOUTS:
        found = places_by_name(names, layout)
        used = len(set(found.values()) & _USED[layout])
        difference = len(names) + len(LAYOUTS[layout]) - 2 * len(found)
        order = (difference == 0, used, -difference, layout != CANONICAL.name)
        if used >= 8 and (best is None or order > best[0]):
            best = (order, layout)
    return best[1] if best else None
