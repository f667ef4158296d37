"""Whole jobs for the command line: a take and a rig's file in, an animated file out."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from pathlib import Path

import bpy
import numpy as np

from ..animation.foot_contacts import find_contacts, ground
from ..animation.smoothing import smooth
from ..bone_maps.bone_map import BoneMap
from ..bone_maps.match import match
from ..core.motion import Motion
from ..core.progress import drain
from ..core.take import Take
from ..pipeline import motion_of
from ..retargeting.take_armature import motion_keys
from ..settings import GROUNDING, SMOOTHING, RetargetSettings
from .files.result_files import save_result
from .files.rig_files import load_rig
from .files.source_files import load_source
from .keys.body_parts import parts_from_words
from .keys.key_places import Place
from .keys.keyframes import key_frames, set_scene_timing, write_keys
from .perform import PerformSettings, perform
from .retarget_onto import bone_map_for, in_units, source_warnings
from .rigs.armature import build_armature, read_rig
from .rigs.pose_state import shown
from .rigs.source_armature import frame_range, record, recorded_motion, source_map


@dataclass(frozen=True)
class Target:
    """Onto what, and how.

    rig: the character's file. armature: its name where there are several. map_file: a bone map; None finds one.
    smooth: seconds, None for the default with a take and 0 with an armature. ground: 0..1, likewise.
    perform: the rest. source_armature, source_map: which armature of an animated file is followed, and its bone map.
    source_range: first and last scene frame of it; None takes its action's.
    """

    rig: Path
    armature: str | None = None
    map_file: Path | None = None
    smooth: float | None = None
    ground: float | None = None
    perform: PerformSettings = field(default_factory=PerformSettings)
    source_armature: str | None = None
    source_map: Path | None = None
    source_range: tuple[int, int] | None = None


def settings_from(options: argparse.Namespace) -> Target:
    """The command line's words as a Target; degrees become radians here."""
    placing = RetargetSettings(scale=options.stride, turn=float(np.radians(options.turn)), in_place=options.in_place,
                               keep_posture=not options.copy_posture, hands=options.hands, feet=options.feet,
                               twist_bones=options.twist_bones, ground_on_root=options.ground_on_root)
    perform_ = PerformSettings(
        placing, Place("NLA" if options.nla else "NEW", options.start),
        parts_from_words(options.parts.split(",")) if options.parts else None, options.limbs.upper(), options.match_ik,
        options.constraints.upper())
    return Target(Path(options.rig), options.armature, Path(options.map) if options.map else None,
                  options.smooth, options.ground, perform_, getattr(options, "source_armature", None),
                  Path(options.source_map) if getattr(options, "source_map", None) else None,
                  tuple(options.range) if getattr(options, "range", None) else None)


def empty_scene() -> None:
    """An empty file with the user's preferences kept (a factory reset would unload this very add-on)."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=False)


def check_rig(target: Target) -> None:
    """Load and match the rig once, so that a batch with an unusable rig stops before the first video is watched."""
    empty_scene()
    bone_map_for(read_rig(load_rig(target.rig, target.armature)), target.map_file)


@dataclass(frozen=True)
class _Source:
    """A motion that is ready: name: of the new action. fps, times: seconds. unit: metres for one of the source's."""

    name: str
    motion: Motion
    fps: float
    times: np.ndarray
    unit: float
    warnings: list[str]


def retarget_file(take: Take, name: str, target: Target, output: Path) -> dict:
    """Put a take on the rig of a file and write the result; returns facts about it."""
    started = time.perf_counter()
    motion = motion_of(take, SMOOTHING if target.smooth is None else target.smooth,
                       GROUNDING if target.ground is None else target.ground)
    source = _Source(name, motion, take.fps, take.times, 1.0, [])
    return _retarget(source, target, output, {"read": time.perf_counter() - started})


def retarget_animated_file(path: Path, target: Target, output: Path, report=None) -> dict:
    """Put the motion of a file's armature (BVH, FBX, glTF, .blend) on the rig of another; returns facts about it.

    report: hears each step (pipeline.Progress) of the reading.
    """
    started = time.perf_counter()
    empty_scene()
    armature = load_source(path, target.source_armature)
    first, last = target.source_range or frame_range(armature)
    recording = drain(record(armature, first, last), report)
    bone_map = BoneMap.load(target.source_map, recording.rig) if target.source_map else source_map(recording.rig)
    motion, unit = recorded_motion(recording, bone_map)
    warnings = source_warnings(bone_map, recording.rig, motion, unit)
    if target.smooth:
        motion = smooth(motion, target.smooth)
    if target.ground:
        motion = ground(motion, find_contacts(motion), target.ground)
    times = (recording.frames - 1) / recording.fps
    source = _Source(path.stem, motion, recording.fps, times, unit, warnings)
    facts = _retarget(source, target, output, {"read": time.perf_counter() - started})
    return {**facts, "source_armature": recording.rig.name, "source_convention": bone_map.convention}


def _retarget(source: _Source, target: Target, output: Path, seconds: dict) -> dict:
    started = time.perf_counter()
    empty_scene()
    armature = load_rig(target.rig, target.armature)
    rig = read_rig(armature)
    bone_map = bone_map_for(rig, target.map_file)
    loaded = time.perf_counter()
    options = in_units(target.perform, source.unit)
    set_scene_timing(bpy.context.scene, source, options.place.start)
    with shown(armature):
        done = perform(armature, rig, bone_map, source.motion, key_frames(source.times, bpy.context.scene), source.name,
                       options)
    written = time.perf_counter()
    save_result(output, armature)
    seconds |= {"load rig": loaded - started, "retarget": written - loaded, "save": time.perf_counter() - written}
    return {
        "wrote": str(output), "armature": armature.name, "action": done.action.name, "frames": len(source.times),
        "convention": bone_map.convention, "bones_keyed": done.bones, "warnings": [*source.warnings, *done.warnings],
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
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


def build_take_armature(take: Take, name: str, smoothing: float = 0.0, grounding: float = 0.0):
    """The take as an armature with the person's own proportions, keyed, in the current scene; returns the object."""
    motion = motion_of(take, smoothing, grounding)
    armature = build_armature(motion, name)
    try:
        write_keys(armature, motion_keys(motion), take, name)
    except BaseException:
        bpy.data.armatures.remove(armature.data)  # takes the object along
        raise
    return armature
