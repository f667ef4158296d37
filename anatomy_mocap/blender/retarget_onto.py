"""Retargeting onto an armature of the scene: the bone map, the units of the source and its warnings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..bone_maps.bone_map import BoneMap
from ..bone_maps.match import match
from ..rigs.rig import TargetRig


def bone_map_for(rig: TargetRig, map_file: Path | None) -> BoneMap:
    """The map from the user's file, or the one found by names and topology."""
    return BoneMap.load(map_file, rig) if map_file else match(rig)


def in_units(options, unit: float):
    """The settings with a given stride meant in the source's own units."""
    scale = options.retarget.scale
    return options if scale is None else replace(options, retarget=replace(options.retarget, scale=scale / unit))


def source_warnings(bone_map, rig, motion, unit: float) -> list[str]:
    """What to tell of a source; that constraints move it is as it should be."""
    told = [f"{rig.name}: {bone_map.convention} bones, of which {', '.join(bone_map.doubtful[:4])} should be checked"] \
        if bone_map.doubtful else []
    if unit != 1.0:
        told.append(f"{rig.name}: {1 / unit:.3g} times as large as a person; read as one of usual height")
    if motion.detail is None:
        told.append(f"{rig.name}: its rest pose is no body, so it was read by where its joints are; the twist of limbs "
                    "comes from how they bend")
    return told
