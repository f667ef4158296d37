"""The tables of all conventions: every module of this folder but this one, in the order that decides a draw.

A table module has LABEL (a name for people), SIDES (the words for left and right), CENTRE (part -> bone names) and
SIDED (part -> bone name with {} for the side's word, or several such names), and if need be CONTROLS, NEEDS and
FINGERS, see `Convention`. Nothing else has to be changed to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType

from ..bone_name import plain, without_prefix

DRAW_ORDER = (
    "mixamo", "unreal", "rigify_control", "auto_rig_pro_control", "cloudrig_control", "rigify_deform",
    "rigify_metarig", "unity_humanoid", "vrm", "vroid", "makehuman", "cmu", "acclaim", "daz_genesis8", "daz_genesis9",
    "daz_genesis", "character_creator", "biped", "smpl", "smplx", "rokoko", "xsens", "quaternius", "kaykit",
    "auto_rig_pro", "cloudrig_deform", "advanced_skeleton", "cascadeur", "second_life", "roblox", "mmd", "mmd_tools",
    "mmd_english", "own_take", "cats", "biovision", "optitrack", "kinect", "azure_kinect", "synty", "call_of_duty",
    "xnalara", "final_fantasy", "source_engine", "source2", "witcher", "skyrim", "ipi", "arkit",
)
"""Of two tables that fit a rig equally well, the earlier one wins; a table that is not listed comes after these."""


@dataclass(frozen=True)
class Convention:
    """One table.

    name: of its module. label: its name for people.
    bones: part -> bone names; for a part of one bone, the first name that a rig has is used (tools' versions differ).
    controls: whether the bones are an animator's FK controls, which move a skeleton by constraints.
    needs: bones that must exist for the table to apply, if other conventions use the same names for other bones.
    fingers: finger ("left_index" ...) -> names of its bones from the knuckle outwards, of a thumb from the wrist.
    """

    name: str
    label: str
    bones: dict[str, tuple[str, ...]]
    controls: bool = False
    needs: tuple[str, ...] = ()
    fingers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def spelled(self) -> tuple[dict[str, tuple[str, ...]], ...]:
        """One or two dicts, part -> plain spellings of its bones: with the convention's own prefix, and without."""
        whole = {part: tuple(map(plain, names)) for part, names in self.bones.items()}
        bare = {part: tuple(plain(without_prefix(name)) for name in names) for part, names in self.bones.items()}
        return (whole,) if bare == whole else (whole, bare)


def _read(module: ModuleType) -> Convention:
    """The convention in a table module."""
    bones = dict(module.CENTRE)
    for side, word in zip(("left", "right"), module.SIDES, strict=True):
        for part, patterns in module.SIDED.items():
            patterns = (patterns,) if isinstance(patterns, str) else patterns
            bones[f"{side}_{part}"] = tuple(pattern.format(word) for pattern in patterns)
    fingers = {f"{side}_{finger}": tuple(pattern.format(word) for pattern in patterns)
               for side, word in zip(("left", "right"), module.SIDES, strict=True)
               for finger, patterns in getattr(module, "FINGERS", {}).items()}
    return Convention(module.__name__.rpartition(".")[2], module.LABEL, bones, getattr(module, "CONTROLS", False),
                      getattr(module, "NEEDS", ()), fingers)


def _modules() -> list[ModuleType]:
    """The table modules of this folder, in DRAW_ORDER, then by name."""
    names = {module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])} - {"registry"}
    listed = [name for name in DRAW_ORDER if name in names]
    return [importlib.import_module(f".{name}", __package__) for name in (*listed, *sorted(names - set(listed)))]


CONVENTIONS = tuple(map(_read, _modules()))
"""All conventions, in the order that decides a draw."""
