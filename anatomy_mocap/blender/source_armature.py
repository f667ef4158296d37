"""An animated armature of the scene as a source of motion: its evaluated pose, frame by frame, in one pass."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ..bone_maps.bone_map import BoneMap
from ..bone_maps.matcher import conventions_of, match
from ..bone_maps.tables import CONVENTIONS
from ..core.errors import MocapError
from ..core.motion import Motion
from ..core.rig import TargetRig
from ..core.rig_motion import motion_of_rig
from ..pipeline import Progress
from .armature import read_rig
from .pose_state import posed

_HUMAN = 0.7, 2.6
"""Metres between lowest and highest joint at rest of a body that is taken as it is; others are brought to _USUAL."""
_USUAL = 1.7
_MOST_FRAMES = 200_000


@dataclass(frozen=True)
class Recording:
    """An armature's evaluated poses.

    rig: its rest pose. world: (T, B, 4, 4) bones in world space. frames: (T,) scene frames. fps: of the scene.
    """

    rig: TargetRig
    world: np.ndarray
    frames: np.ndarray
    fps: float


def frame_range(armature) -> tuple[int, int]:
    """First and last frame of an armature's animation: its action's, else its NLA strips', else the scene's."""
    data = armature.animation_data
    if data and data.action:
        first, last = data.action.frame_range
        return int(np.floor(first)), int(np.ceil(last))
    strips = [strip for track in (data.nla_tracks if data else ()) if not track.mute for strip in track.strips]
    if strips:
        return (int(np.floor(min(strip.frame_start for strip in strips))),
                int(np.ceil(max(strip.frame_end for strip in strips))))
    scene = bpy.context.scene
    return scene.frame_start, scene.frame_end


def record(armature, first: int, last: int) -> Generator[Progress, None, Recording]:
    """Read the armature's poses at the scene frames from `first` to `last`, step by step.

    Closing the generator stops it; the scene's frame comes back in any case.
    """
    if armature is None or armature.type != "ARMATURE":
        raise MocapError(f"{getattr(armature, 'name', armature)}: not an armature; choose the animated armature")
    if not 0 <= last - first < _MOST_FRAMES:
        raise MocapError(f"{armature.name}: frames {first} to {last} can't be read; give a first and a later last "
                         "frame")
    if armature.name not in bpy.context.view_layer.objects or not armature.visible_get():
        raise MocapError(f"{armature.name}: hidden, so Blender does not evaluate its motion; show it")
    scene = bpy.context.scene
    rig = read_rig(armature)
    before = scene.frame_current, scene.frame_subframe
    world = np.empty((last - first + 1, len(rig), 4, 4))
    try:
        for number, frame in enumerate(range(first, last + 1)):
            scene.frame_set(frame)
            world[number] = np.array(armature.matrix_world) @ posed(armature)
            yield Progress("read", number + 1, len(world), f"reading {armature.name}")
    finally:
        scene.frame_set(before[0], subframe=before[1])
    return Recording(rig, world, np.arange(first, last + 1, dtype=float), scene.render.fps / scene.render.fps_base)


def recorded_motion(recording: Recording, bone_map: BoneMap) -> tuple[Motion, float]:
    """(the recording as a Motion in metres, metres for one unit of the source).

    A source that is no person's size by far, such as a BVH in centimetres, is brought to one, as floor contacts are
    judged in metres; characters take the motion at their own size in any case.
    """
    rig = recording.rig
    unit = metres_per_unit(rig, bone_map)
    size = np.diag([unit, unit, unit, 1.0])
    scaled = replace(rig, world_from_armature=size @ rig.world_from_armature)
    start = (recording.frames[0] - 1) / recording.fps
    return motion_of_rig(scaled, bone_map, size @ recording.world, recording.fps, start), unit


def metres_per_unit(rig: TargetRig, bone_map: BoneMap) -> float:
    """1 for a body of a person's size, else what brings it to one."""
    heads = rig.in_world(rig.heads[[rig.index(name) for names in bone_map.bones.values() for name in names]])
    tall = float(np.ptp(heads, axis=0).max())
    return 1.0 if _HUMAN[0] <= tall <= _HUMAN[1] or tall <= 0 else _USUAL / tall


def source_map(rig: TargetRig) -> BoneMap:
    """The bones that show a rig's motion: of a control rig those of its skeleton, as its controls may be idle."""
    controls = {table.name for table in CONVENTIONS if table.controls}
    skeletons = [name for name in conventions_of(rig) if name not in controls]
    found = match(rig)
    return match(rig, skeletons[0]) if found.convention in controls and skeletons else found
