"""An animated armature of the scene as a source of motion: its evaluated poses, read in one pass."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ...bone_maps.bone_map import BoneMap
from ...bone_maps.conventions.registry import CONVENTIONS
from ...bone_maps.match import conventions_of, match
from ...core.errors import MocapError
from ...core.progress import Progress
from ...core.skeleton import SIDES
from ...retargeting.read_joint_motion import read_joint_motion
from ...retargeting.read_rig_motion import read_rig_motion, stands_at_rest
from ...retargeting.rig_detail import RigMotion
from ...rigs.rest_pose import read_rest_pose
from ...rigs.rig import TargetRig
from .armature import read_rig
from .played_action import slot_range
from .pose_state import posed
from .rigid_links import part_of_rig, rehung

_HUMAN = 0.7, 2.6
"""Height in metres, twice the length of the legs, of a body whose size is kept. Other bodies are scaled to _USUAL.
Chosen: from a small child to a tall adult in shoes."""
_USUAL = 1.7
"""Height in metres of an adult. Guessed."""
_MOST_FRAMES = 200_000
"""Longest range that is read. Guessed: two hours at 30 frames per second."""


@dataclass(frozen=True)
class Recording:
    """An armature's evaluated poses.

    rig: its rest pose. world: (T, B, 4, 4) bones in world space. frames: (T,) scene frames. fps: of the scene.
    """

    rig: TargetRig
    world: np.ndarray
    frames: np.ndarray
    fps: float


def frame_range(armature: bpy.types.Object) -> tuple[int, int]:
    """First and last frame of an armature's animation: its action's, else its NLA strips', else the scene's."""
    data = armature.animation_data
    if data and data.action:
        action = data.action
        first, last = slot_range(action, data.action_slot) if len(action.slots) > 1 else action.frame_range
        return int(np.floor(first)), int(np.ceil(last))
    strips = [strip for track in (data.nla_tracks if data else ()) if not track.mute for strip in track.strips]
    if strips:
        return (int(np.floor(min(strip.frame_start for strip in strips))),
                int(np.ceil(max(strip.frame_end for strip in strips))))
    scene = bpy.context.scene
    return scene.frame_start, scene.frame_end


def record(armature: bpy.types.Object, first: int, last: int) -> Generator[Progress, None, Recording]:
    """Read the armature's poses at the scene frames from `first` to `last`, step by step.

    Closing the generator stops the reading; the scene's frame is restored in any case.
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
    before, position = (scene.frame_current, scene.frame_subframe), armature.data.pose_position
    world = np.empty((last - first + 1, len(rig), 4, 4), np.float32)
    try:
        armature.data.pose_position = "POSE"  # in its rest position it would show no motion
        for number, frame in enumerate(range(first, last + 1)):
            scene.frame_set(frame)
            world[number] = np.array(armature.matrix_world) @ posed(armature)
            yield Progress("read", number + 1, len(world), f"reading {armature.name}")
    finally:
        armature.data.pose_position = position
        scene.frame_set(before[0], subframe=before[1])
    return Recording(rig, world, np.arange(first, last + 1, dtype=float), scene.render.fps / scene.render.fps_base)


def recorded_motion(recording: Recording, bone_map: BoneMap) -> tuple[RigMotion, float]:
    """(the recording as a RigMotion in metres, metres for one unit of the source).

    A source far from a person's size, such as a BVH in centimetres, is scaled to it, because floor contacts are found
    in metres. The size of the source does not affect the motion of the character.
    """
    rig = recording.rig
    unit = metres_per_unit(rig, bone_map)
    size = np.diag([unit, unit, unit, 1.0])
    body = as_body(rig, bone_map) if set(rig.constraints) & _mapped(bone_map) else rig
    body = part_of_rig(body, _needed_bones(body, bone_map))
    world = recording.world[:, [rig.index(name) for name in body.bone_names]].astype(float)
    scaled = replace(body, world_from_armature=size @ rig.world_from_armature)
    start = (recording.frames[0] - 1) / recording.fps
    try:
        if not stands_at_rest(read_rest_pose(scaled, bone_map.bones)):
            raise MocapError(f"{rig.name}: its rest pose is no body that stands")
        return read_rig_motion(scaled, bone_map, size @ world, recording.fps, start), unit
    except MocapError as error:
        if "no body" not in str(error):
            raise
        # Some files have all bones along one axis at rest, or mid-stride: the positions of the joints suffice then.
        return RigMotion(read_joint_motion(body, bone_map.bones, size @ world, recording.fps, start)), unit


def as_body(rig: TargetRig, bone_map: BoneMap) -> TargetRig:
    """The rig with its mapped bones parented as in a body. Deform bones moved by constraints may have any parent."""
    bones = {part: tuple(map(rig.index, names)) for part, names in bone_map.bones.items() if names}
    trunk = [bone for part in ("hips", "spine_chain") for bone in bones.get(part, ())]
    chains = [trunk, [trunk[-1], *bones.get("neck", ()), *bones.get("head", ())]]
    for side in SIDES:
        for above, limb in ((trunk[-1], ("shoulder", "upper_arm", "lower_arm", "hand")),
                            (trunk[0], ("upper_leg", "lower_leg", "foot", "toes"))):
            chains.append([above, *(bone for part in limb for bone in bones.get(f"{side}_{part}", ()))])
    parents = {bone: above for chain in chains for above, bone in zip(chain, chain[1:], strict=False)}
    return rehung(rig, rig.rest, parents)


def _needed_bones(rig: TargetRig, bone_map: BoneMap) -> set[str]:
    """Names of the mapped bones and of all bones below hands and feet, which give palms and soles."""
    ends = [name for side in SIDES for part in ("hand", "foot") for name in bone_map.bones.get(f"{side}_{part}", ())]
    return _mapped(bone_map) | {rig.bone_names[bone] for name in ends for bone in rig.subtree(rig.index(name))}


def _mapped(bone_map: BoneMap) -> set[str]:
    return {name for names in bone_map.bones.values() for name in names}


def metres_per_unit(rig: TargetRig, bone_map: BoneMap) -> float:
    """1 for a body whose legs have the size of a person's, else the scale that gives it this size."""
    heads, tails = rig.in_world(rig.heads), rig.in_world(rig.tails)
    legs = []
    for side in SIDES:
        upper, lower = (rig.index(bone_map.bones[f"{side}_{part}"][0]) for part in ("upper_leg", "lower_leg"))
        foot = bone_map.bones.get(f"{side}_foot")
        ankle = heads[rig.index(foot[0])] if foot else tails[lower]
        legs.append(np.linalg.norm(heads[lower] - heads[upper]) + np.linalg.norm(ankle - heads[lower]))
    tall = 2.0 * float(np.mean(legs))
    return 1.0 if _HUMAN[0] <= tall <= _HUMAN[1] or tall <= 0 else _USUAL / tall


def source_map(rig: TargetRig) -> BoneMap:
    """The bone map of a source. In a control rig it names the skeleton, because the controls may be idle."""
    controls = {table.name for table in CONVENTIONS if table.controls}
    skeletons = [name for name in conventions_of(rig) if name not in controls]
    found = match(rig)
    return match(rig, skeletons[0]) if found.convention in controls and skeletons else found
