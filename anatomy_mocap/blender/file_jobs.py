"""Whole jobs for the command line and scripts: a take or an animated file and a character's file in, a result out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

import bpy

from ..bone_maps.bone_map import BoneMap
from ..bone_maps.match import match
from ..core.errors import MocapError
from ..core.progress import Progress, drain
from ..core.take import Take, load_take
from ..settings import OF_ARMATURES, OF_TAKES, AnimationSettings, KeySettings, RetargetSettings, with_options
from ..take_settings import settings_in
from .files.result_files import missing_files, save_result
from .files.rig_files import load_rig
from .files.rig_scene import scene_of_rig
from .files.source_files import load_source
from .keys.keyframes import set_scene_timing
from .perform import Performed
from .retarget_onto import Source, Target, bone_map_for, retarget_onto, source_of_recording, source_of_take
from .rigs.armature import read_rig
from .rigs.pose_state import shown
from .rigs.source_armature import frame_range, record, source_map
from .rigs.stand_up import stood_up


@dataclass(frozen=True)
class CharacterFile:
    """A character's file and how it is keyed.

    armature: its name, where the file has several. map_file: a bone map; None finds the bones.
    """

    rig: Path
    armature: str | None = None
    map_file: Path | None = None
    retarget: RetargetSettings = field(default_factory=RetargetSettings)
    keys: KeySettings = field(default_factory=KeySettings)


@dataclass(frozen=True)
class AnimatedFile:
    """A file with an animated armature: BVH, FBX, glTF or .blend.

    armature: its name, where the file has several. map_file: its bone map; None finds the bones.
    frames: first and last scene frame; None takes those of its action.
    """

    path: Path
    armature: str | None = None
    map_file: Path | None = None
    frames: tuple[int, int] | None = None


def empty_scene() -> None:
    """An empty file with the user's preferences kept (a factory reset would unload this very add-on)."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=False)


def check_rig(character: CharacterFile) -> None:
    """Load and match the rig once, so that a batch with an unusable rig stops before the first video is read."""
    empty_scene()
    bone_map_for(read_rig(load_rig(character.rig, character.armature)), character.map_file)


def retarget_file(take: Take, name: str, character: CharacterFile, output: Path,
                  settings: AnimationSettings = OF_TAKES,
                  report: Callable[[Progress], None] | None = None) -> dict:
    """Put a take on a character and write the result; returns facts about it.

    name: that of the new action. report: called at each step.
    """
    started = time.perf_counter()
    source = source_of_take(take, name, settings)
    return _retarget(source, character, output, {"read": time.perf_counter() - started}, report)


def retarget_take(take: Take | str | PathLike, rig: Any, output: str | PathLike | None, armature: str | None,
                  map_file: str | PathLike | None, options: dict[str, Any]) -> dict:
    """The package's public `retarget`; see there."""
    map_path = Path(map_file) if map_file else None
    if isinstance(take, Take):
        name = Path(take.info.get("source", "")).stem or "take"
    else:
        take, name = load_take(take), Path(take).stem
    animation, placing, keys = with_options(options, settings_in(take), RetargetSettings(), KeySettings())
    if isinstance(rig, str | PathLike):
        if output is None:
            raise MocapError(f"{rig}: a character's file needs an output; give the path of the result")
        return retarget_file(take, name, CharacterFile(Path(rig), armature, map_path, placing, keys), Path(output),
                             animation)
    if output is not None:
        raise MocapError(f"{output}: an armature object is keyed in the open file; leave the output out, or give the "
                         "path of a character's file")
    target = Target(read_rig(rig), bone_map_for(read_rig(rig), map_path), placing, keys)
    return _facts(rig, target, retarget_onto(rig, source_of_take(take, name, animation), target))


def retarget_animated_file(animated: AnimatedFile, character: CharacterFile, output: Path,
                           settings: AnimationSettings = OF_ARMATURES,
                           report: Callable[[Progress], None] | None = None) -> dict:
    """Put the motion of a file's armature on a character; returns facts about it. report: called at each step."""
    started = time.perf_counter()
    empty_scene()
    armature = load_source(animated.path, animated.armature)
    first, last = animated.frames or frame_range(armature)
    recording = drain(record(armature, first, last), report)
    bone_map = BoneMap.load(animated.map_file, recording.rig) if animated.map_file else source_map(recording.rig)
    said: list[str] = []
    if animated.path.suffix.lower() == ".bvh":  # the other formats say which axis is up
        recording, said = stood_up(recording, bone_map)
    source = source_of_recording(recording, animated.path.stem, bone_map, settings)
    source = replace(source, warnings=(*said, *source.warnings))
    facts = _retarget(source, character, output, {"read": time.perf_counter() - started}, report)
    return {**facts, "source_armature": recording.rig.name, "source_convention": bone_map.convention}


def _retarget(source: Source, character: CharacterFile, output: Path, seconds: dict,
              report: Callable[[Progress], None] | None) -> dict:
    started = time.perf_counter()
    empty_scene()
    armature = load_rig(character.rig, character.armature)
    rig = read_rig(armature)
    bone_map = bone_map_for(rig, character.map_file)
    keys = _with_scene_of(character, armature, source)
    loaded = time.perf_counter()
    target = Target(rig, bone_map, character.retarget, keys)
    with shown(armature):
        done = retarget_onto(armature, source, target, report)
    written = time.perf_counter()
    save_result(output, armature)
    seconds |= {"load rig": loaded - started, "retarget": written - loaded, "save": time.perf_counter() - written}
    facts = _facts(armature, target, done)
    facts["warnings"] += missing_files(output.suffix.lower())
    return {"wrote": str(output), **facts,
            "seconds": {name: round(value, 3) for name, value in seconds.items()}}


def _with_scene_of(character: CharacterFile, armature, source: Source) -> KeySettings:
    """Give the new scene the units and the timing of the character's file; returns the settings of the keys.

    Where no rate is asked for, the rate of a .blend stays, unless it is a new file's rate and nothing plays at it yet.
    """
    keys, scene, own = character.keys, bpy.context.scene, None
    if character.rig.suffix.lower() == ".blend":
        own = scene_of_rig(character.rig, armature.name)
    if own is not None:
        own.give_to(scene)
        if keys.rate == "AUTO" and (bpy.data.actions or not own.has_usual_rate):
            keys = replace(keys, rate="SCENE")
    if keys.set_timing and keys.rate != "SCENE":  # elsewhere this scene has no timing of its own
        set_scene_timing(scene, source, keys.start_frame)
    return keys


def _facts(armature, target: Target, done: Performed) -> dict:
    return {"armature": armature.name, "action": done.action.name, "frames": len(done.frames),
            "convention": target.bone_map.convention, "bones_keyed": done.bones, "warnings": list(done.warnings)}


def describe_rig(path: Path) -> dict:
    """The content of a rig's file and the bone map that is found for it."""
    empty_scene()
    armature = load_rig(path)
    rig = read_rig(armature)
    bone_map = match(rig)
    return {
        "armature": armature.name, "bones": len(rig.bone_names), "convention": bone_map.convention,
        "mapped": {part: " > ".join(bones) for part, bones in bone_map.bones.items()},
        "warnings": list(bone_map.warnings), "next": "retarget puts a take on it",
    }
