"""Whole jobs for the command line: a take and a rig's file in, an animated file out."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import bpy

from ..bone_maps.bone_map import BoneMap
from ..bone_maps.matcher import match
from ..core.own_rig import motion_keys
from ..core.retarget import RetargetSettings, retarget
from ..core.rig import TargetRig
from ..core.take import Take
from ..pipeline import motion_of
from .armature import build_armature, read_rig
from .keyframes import set_scene_timing, write_keys
from .result_files import save_result
from .rig_files import load_rig


@dataclass(frozen=True)
class Target:
    """Onto what, and how.

    rig: the character's file. armature: its name where there are several. map_file: a bone map; None finds one.
    smooth: seconds. ground: 0..1.
    """

    rig: Path
    armature: str | None = None
    map_file: Path | None = None
    smooth: float = 0.1
    ground: float = 1.0


def settings_from(options: argparse.Namespace) -> Target:
    """The command line's words as a Target."""
    return Target(Path(options.rig), options.armature, Path(options.map) if options.map else None,
                  options.smooth, options.ground)


def empty_scene() -> None:
    """An empty file with the user's preferences kept (a factory reset would unload this very add-on)."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=False)


def bone_map_for(rig: TargetRig, map_file: Path | None) -> BoneMap:
    """The map from the user's file, or the one found by names and topology."""
    return BoneMap.load(map_file, rig) if map_file else match(rig)


def check_rig(target: Target) -> None:
    """Load and match the rig once, so that a batch with an unusable rig stops before the first video is watched."""
    empty_scene()
    bone_map_for(read_rig(load_rig(target.rig, target.armature)), target.map_file)


def retarget_file(take: Take, name: str, target: Target, output: Path) -> dict:
    """Put a take on the rig of a file and write the result; returns facts about it."""
    started = time.perf_counter()
    empty_scene()
    armature = load_rig(target.rig, target.armature)
    rig = read_rig(armature)
    bone_map = bone_map_for(rig, target.map_file)
    loaded = time.perf_counter()
    keys = retarget(motion_of(take, target.smooth, target.ground), rig, bone_map, RetargetSettings())
    solved = time.perf_counter()
    set_scene_timing(bpy.context.scene, take)
    action = write_keys(armature, keys, take, name)
    written = time.perf_counter()
    save_result(output, armature)
    return {
        "wrote": str(output), "armature": armature.name, "action": action.name, "frames": len(take),
        "convention": bone_map.convention, "bones_keyed": len(keys.bone_names), "warnings": list(bone_map.warnings),
        "seconds": {"load rig": round(loaded - started, 3), "retarget": round(solved - loaded, 3),
                    "keys": round(written - solved, 3), "save": round(time.perf_counter() - written, 3)},
    }


def describe_rig(path: Path) -> dict:
    """What a rig's file holds and how it would be mapped."""
    empty_scene()
    armature = load_rig(path)
    rig = read_rig(armature)
    bone_map = match(rig)
    return {
        "armature": armature.name, "bones": len(rig.bone_names), "convention": bone_map.convention,
        "mapped": {part: " > ".join(bones) for part, bones in bone_map.bones.items()},
        "warnings": list(bone_map.warnings), "next": "retarget puts a take on it",
    }


def build_take_armature(take: Take, name: str, smooth: float = 0.0, ground: float = 0.0):
    """The take as an armature with the person's own proportions, keyed, in the current scene; returns the object."""
    motion = motion_of(take, smooth, ground)
    armature = build_armature(motion, name)
    try:
        write_keys(armature, motion_keys(motion), take, name)
    except BaseException:
        bpy.data.armatures.remove(armature.data)  # takes the object along
        raise
    return armature
