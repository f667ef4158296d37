"""The last stage of `benchmarks.motion`: a character as Blender evaluates it after `retarget`. It needs bpy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_mocap.blender.file_jobs import empty_scene
from anatomy_mocap.blender.files.rig_files import load_rig
from anatomy_mocap.blender.measure_file import played, record_with_meshes
from anatomy_mocap.blender.retarget_onto import Target, bone_map_for, retarget_onto, source_of_take
from anatomy_mocap.blender.rigs.armature import read_rig
from anatomy_mocap.blender.rigs.source_armature import recorded_motion
from anatomy_mocap.core.motion import Motion
from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.take import Take
from anatomy_mocap.measuring.floor_depth import body_depths, depths
from anatomy_mocap.settings import OF_TAKES

_TRUNK = [MOCAP22.index(name) for name in ("left_hip", "right_hip", "spine", "thorax", "neck", "nose", "head",
                                           "left_shoulder", "right_shoulder")]


class Evaluated(NamedTuple):
    """joints: (T, 22, 3) metres, where the character's bones are. posed: (T, 22, 3) metres, its pose read as that of a
    person with the take's bone lengths, see `as_of_person`. depth: (T,) mm below the floor."""

    joints: np.ndarray
    posed: np.ndarray
    depth: np.ndarray


def as_of_person(shown: Motion, meant: Motion) -> Motion:
    """The pose of a character without the constant difference of its trunk from a person's: spine, neck and shoulders
    begin elsewhere on every character. Limbs are as shown.

    shown: the motion as it is read from the character. meant: the motion that was put on it, the same frames.
    """
    rotations = shown.rotations.copy()
    for bone in _TRUNK:
        own, wanted = (Rotation.from_quat(one.rotations[:, bone], scalar_first=True) for one in (shown, meant))
        rotations[:, bone] = (own * (own.inv() * wanted).mean()).as_quat(scalar_first=True)
    return replace(shown, rotations=rotations)


def evaluated(take: Take, name: str, rig_file: Path) -> Evaluated:
    """Joints and depth below the floor of a character with a take, by default settings.

    The depth is that of the character's meshes; a rig without a mesh has the depth of a body around its joints.
    """
    empty_scene()
    armature = load_rig(rig_file)
    rig = read_rig(armature)
    bone_map = bone_map_for(rig, None)
    source = source_of_take(take, name, OF_TAKES)
    done = retarget_onto(armature, source, Target(rig, bone_map))
    recording, lowest = drain(record_with_meshes(armature, int(done.frames[0]), int(done.frames[-1])))
    found = played(recording, bone_map, lowest)
    if len(found.joints) != len(take):
        raise SystemExit(f"{name}: {len(found.joints)} frames on the rig, {len(take)} in the take")
    pose = as_of_person(recorded_motion(recording, bone_map)[0].motion, source.motion)
    posed = MOCAP22.joint_positions(take.bone_lengths, pose.directions, pose.root_positions)
    return Evaluated(found.joints, posed, body_depths(found.joints) if found.lowest is None else depths(found.lowest))
