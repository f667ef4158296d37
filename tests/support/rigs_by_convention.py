"""Makes procedural rigs with the bone names of a convention."""

from __future__ import annotations

import importlib
from dataclasses import replace

from tests.support.made_rigs import SIDES, Plan, make


def renamed(made, names: dict[str, str]):
    """The rig with new bone names; a bone without a new name gets a meaningless one."""
    called = tuple(names.get(name, f"zz{number}") for number, name in enumerate(made.rig.bone_names))
    return replace(made.rig, bone_names=called)


def as_convention(name: str, **plan):
    """(a made rig, its bone -> name in a convention, part -> the correct bones)."""
    table = importlib.import_module(f"anatomy_mocap.bone_maps.conventions.{name}")
    spine = len(table.CENTRE["spine_chain"][:4])
    neck = len(table.CENTRE.get("neck", ())[:2])
    made = make(Plan(spine=spine, neck=neck, arm_drop=40, clavicles="shoulder" in table.SIDED,
                     toes="toes" in table.SIDED, **plan))
    names, right = {"root": "Armature_Root"}, {}
    for part, bones in table.CENTRE.items():
        own = {"hips": ["hips"], "spine_chain": [f"spine_{n + 1}" for n in range(spine)],
               "neck": [f"neck_{n + 1}" for n in range(neck)], "head": ["head"]}[part]
        bones = [bone for bone in bones if bone not in names.values()]
        right[part] = tuple(bones[:len(own)])
        names |= dict(zip(own, bones, strict=False))
    for side, word in zip(SIDES, table.SIDES, strict=True):
        for part, pattern in table.SIDED.items():
            pattern = pattern if isinstance(pattern, str) else pattern[0]
            names[f"{side}_{part}"] = pattern.format(word)
            right[f"{side}_{part}"] = (pattern.format(word),)
    return made, names, right
