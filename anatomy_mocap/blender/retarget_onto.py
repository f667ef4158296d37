"""The one chain from a source of motion to keys on an armature of the scene: for panel, command line and scripts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import bpy
import numpy as np

from ..animation.animate import animate, clean_up
from ..bone_maps.bone_map import BoneMap
from ..bone_maps.match import match
from ..core.motion import Motion
from ..core.take import Take
from ..retargeting.rig_detail import RigDetail, RigMotion
from ..retargeting.take_armature import motion_keys
from ..rigs.rig import TargetRig
from ..rigs.sides import swap_warnings
from ..settings import OF_ARMATURES, OF_TAKES, AnimationSettings, KeySettings, RetargetSettings
from .keys.key_places import write_curves
from .keys.keyframes import bone_curves, key_frames, set_scene_timing
from .perform import Performed, perform
from .rigs.armature import build_armature
from .rigs.source_armature import Recording, recorded_motion, source_map


@dataclass(frozen=True)
class Source:
    """A motion that is ready to be put on a character.

    name: that of new actions. fps: frames per second. times: (T,) seconds; 0 is scene frame 1.
    unit: metres in one unit of the source. warnings: sentences about the source, for the user.
    detail: of a motion that was read from a rig and not changed since.
    """

    name: str
    motion: Motion
    fps: float
    times: np.ndarray
    unit: float = 1.0
    warnings: tuple[str, ...] = ()
    detail: RigDetail | None = None


@dataclass(frozen=True)
class Target:
    """A character as `retarget_onto` needs it. rig: `read_rig` of the armature. bone_map: its bones."""

    rig: TargetRig
    bone_map: BoneMap
    retarget: RetargetSettings = field(default_factory=RetargetSettings)
    keys: KeySettings = field(default_factory=KeySettings)


def source_of_take(take: Take, name: str, settings: AnimationSettings = OF_TAKES) -> Source:
    """A take, smoothed and with its feet locked, as a source."""
    return Source(name, animate(take, settings.smoothing, settings.ground), take.fps, take.times)


def source_of_recording(recording: Recording, name: str, bone_map: BoneMap | None = None,
                        settings: AnimationSettings = OF_ARMATURES) -> Source:
    """The recorded motion of another armature as a source. bone_map: its bones; None finds them."""
    bone_map = bone_map or source_map(recording.rig)
    seen, unit = recorded_motion(recording, bone_map)
    warnings = source_warnings(bone_map, recording.rig, seen, unit)
    motion = clean_up(seen.motion, settings.smoothing, settings.ground)
    times = (recording.frames - 1) / recording.fps
    return Source(name, motion, recording.fps, times, unit, tuple(warnings),
                  seen.detail if motion is seen.motion else None)


def retarget_onto(armature: bpy.types.Object, source: Source, target: Target) -> Performed:
    """Key an armature of the scene with a source's motion; MocapError, with nothing changed, where that is impossible.

    A given stride is meant in the source's own units.
    """
    placing, scene = target.retarget, bpy.context.scene
    if placing.scale is not None:
        placing = replace(placing, scale=placing.scale / source.unit)
    with _scene_timing(scene, source, target.keys):
        done = perform(armature, target.rig, target.bone_map, source.motion, key_frames(source.times, scene),
                       source.name, target.keys, placing, source.detail)
    return replace(done, warnings=tuple(dict.fromkeys([*source.warnings, *done.warnings])))


@contextlib.contextmanager
def _scene_timing(scene, source: Source | Take, settings: KeySettings) -> Iterator[None]:
    """Set the scene's timing, if asked, before keys are laid out by it; put it back if that fails.

    Keys that go into a range of an action or onto a track come to a scene whose timing is set already: it stays.
    """
    render = scene.render
    before = render.fps, render.fps_base, scene.frame_start, scene.frame_end, scene.frame_current
    if settings.set_timing and settings.destination in ("NEW", "UPDATE"):
        set_scene_timing(scene, source, settings.start_frame)
    try:
        yield
    except BaseException:
        render.fps, render.fps_base, scene.frame_start, scene.frame_end = before[:4]
        scene.frame_set(before[4])
        raise


def build_take_armature(take: Take, name: str, settings: AnimationSettings, keys: KeySettings) -> bpy.types.Object:
    """The take as an armature with the person's own proportions, keyed, in the current scene; returns the object.

    keys: only its timing counts.
    """
    motion, scene = animate(take, settings.smoothing, settings.ground), bpy.context.scene
    armature = build_armature(motion, name)
    try:
        with _scene_timing(scene, take, keys):
            curves = bone_curves(armature, motion_keys(motion))
            write_curves(armature, curves, key_frames(take.times, scene), name, KeySettings())
    except BaseException:
        bpy.data.armatures.remove(armature.data)  # removes the object too
        raise
    return armature


def bone_map_for(rig: TargetRig, map_file: Path | None) -> BoneMap:
    """The map from the user's file, or the one found by names and topology."""
    return BoneMap.load(map_file, rig) if map_file else match(rig)


def source_warnings(bone_map: BoneMap, rig: TargetRig, seen: RigMotion, unit: float) -> list[str]:
    """Warnings about a source armature. Constraints that move it are no reason for one."""
    found = swap_warnings(rig, bone_map.bones)
    if bone_map.doubtful:
        found.append(f"{rig.name}: some of its {bone_map.convention} bones should be checked "
                     f"({', '.join(bone_map.doubtful[:4])})")
    if unit != 1.0:
        found.append(f"{rig.name}: {1 / unit:.3g} times as large as a person; its motion is read at a person's size")
    if seen.detail is None:
        found.append(f"{rig.name}: its rest pose is no body, so its motion is read from the positions of its joints; "
                     "the twist of limbs comes from how they bend")
    return found
