"""Constraints and drivers of keyed bones: warnings about them, keys that switch them off, and baking through them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

import bpy
import numpy as np

from ...maths.rotations import continuous
from ...rigs.forward_kinematics import parent_transforms
from ...rigs.rig import TargetRig, from_matrix
from ..rigs.drivers import driven_bones
from ..rigs.pose_state import posed
from ..rigs.rigid_links import without_scale
from .keyframes import bone_path

_MOVES = 1e-4
"""Distance, as a share of the rig's size, from which on the location of a baked bone is keyed. Guessed: well above
the error of 32-bit matrices, about 1e-6."""


def driver_warnings(armature: bpy.types.Object, names: Iterable[str]) -> list[str]:
    """Warnings about keyed bones that drivers set: their keys have no effect."""
    driven = sorted(driven_bones(armature) & set(names))
    if not driven:
        return []
    shown = ", ".join(driven[:4]) + (f" and {len(driven) - 4} more" if len(driven) > 4 else "")
    return [f"drivers set these bones and override their keys: {shown}; remove the drivers to see the keys"]


def constraint_switches(armature: bpy.types.Object, names: Iterable[str]) -> list[tuple[str, str, np.ndarray]]:
    """Curves of one key each that switch off the constraints of the named bones; the rig itself is not changed."""
    return [(bone.name, f"{bone_path(bone.name)}.{constraint.path_from_id().rpartition('.')[2]}.{channel}",
             np.array([[value]])) for bone, constraint, channel, value in _active(armature, names)]


@contextlib.contextmanager
def constraints_off(armature: bpy.types.Object, names: Iterable[str]) -> Iterator[None]:
    """Inside the block, the named bones are without their constraints."""
    active = [(constraint, channel, getattr(constraint, channel), value)
              for _, constraint, channel, value in _active(armature, names)]
    try:
        for constraint, channel, _, value in active:
            setattr(constraint, channel, value)
        yield
    finally:
        for constraint, channel, before, _ in active:
            setattr(constraint, channel, before)


def _active(armature, names: Iterable[str]) -> list:
    """(bone, constraint, channel that switches it off, its value then). A driven influence can't be keyed."""
    drivers = armature.animation_data.drivers if armature.animation_data else ()
    driven = {curve.data_path for curve in drivers}
    found = []
    for bone in (armature.pose.bones[name] for name in names if name in armature.pose.bones):
        for constraint in bone.constraints:
            if constraint.enabled and not constraint.mute and constraint.influence > 0:
                by_mute = f"{constraint.path_from_id()}.influence" in driven
                found.append((bone, constraint, "mute", True) if by_mute else (bone, constraint, "influence", 0.0))
    return found


def bake_through(armature: bpy.types.Object, rig: TargetRig, names: Iterable[str], frames: np.ndarray) -> list:
    """[(bone, (T, 4) turns, (T, 3) places or None)]: local channels that give today's pose without the constraints.

    rig: the armature with its own parents. frames: (T,) scene frames, evaluated in one pass; the scene's frame is
    restored. Places are given only for bones that move against their parent.
    """
    names = [name for name in rig.bone_names if name in set(names)]
    poses = without_scale(evaluated(armature, frames))
    size = float(np.ptp(rig.heads, axis=0).max())
    found = []
    for name in names:
        bone = rig.index(name)
        turn, place = parent_transforms(rig, bone, poses)
        turns = continuous(from_matrix(np.swapaxes(turn[..., :3, :3], -1, -2) @ poses[:, bone, :3, :3]))
        offset = (poses[:, bone, :3, 3] - place[..., :3, 3])[..., None]
        places = (np.linalg.inv(place[..., :3, :3]) @ offset)[..., 0]
        moves = np.abs(places).max() > _MOVES * size and not (rig.connected[bone] and rig.parents[bone] >= 0)
        found.append((name, turns, places if moves else None))
    return found


def evaluated(armature: bpy.types.Object, frames: np.ndarray) -> np.ndarray:
    """(T, B, 4, 4) the evaluated bones in armature space at scene frames, in one pass; the scene's frame stays."""
    scene = bpy.context.scene
    before = scene.frame_current, scene.frame_subframe
    poses = []
    try:
        for frame in frames:
            whole = int(np.floor(frame + 1e-6))
            scene.frame_set(whole, subframe=max(0.0, float(frame) - whole))
            poses.append(posed(armature))
    finally:
        scene.frame_set(before[0], subframe=before[1])
    return np.stack(poses)
