"""Keys that make IK controls match the FK controls, so that the IK/FK switch does not change the pose."""

from __future__ import annotations

import bpy
import numpy as np

from ...maths.rotations import (
    about,
    any_perpendicular,
    apply,
    continuous,
    multiply,
    perpendicular,
    rotation,
    swing,
    unit,
)
from ...retargeting.retarget import BoneKeys
from ...rigs.forward_kinematics import parent_transforms, pose_matrices
from ...rigs.rig import TargetRig, from_matrix
from ..rigs.ik_limbs import IkLimb
from ..rigs.rigid_links import part_of_rig
from .keyframes import bone_path

_STRAIGHT = 0.001, 0.005
"""Distance of a limb's middle joint from the line between its ends, as a share of the limb's length. Below the first
value the pole's direction follows the rotation of the upper bone, above the second the bend. Guessed."""
_POLE_AWAY = 0.7
"""Distance from the middle joint to its pole, as a share of the limb's length. Chosen to resemble Rigify."""


def stretch_curves(armature: bpy.types.Object, limbs: list[IkLimb]) -> list[tuple[str, str, np.ndarray]]:
    """Curves of one key each that keep the chains of IK limbs at their lengths.

    Blender's solver also compresses a chain that may stretch, even if its target is within reach: knees and elbows
    would then move with the IK/FK switch.
    """
    curves = []
    for limb in limbs:
        bone = armature.pose.bones[limb.chain[0]]
        chain = [bone, *bone.parent_recursive][:bone.constraints[limb.chain[1]].chain_count or None]
        curves += [(each.name, f"{bone_path(each.name)}.ik_stretch", np.zeros((1, 1)))
                   for each in chain if each.ik_stretch > 0]
    return curves


def ik_keys(rig: TargetRig, keys: BoneKeys, limbs: list[IkLimb]) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """(control, (T, 4) local turns, (T, 3) local places) of IK controls that fit the FK keys.

    rig: with the controls' real parents (`control_rig.Controls.rig`). keys: what its FK controls are keyed with.
    """
    names = [name for limb in limbs for name in (limb.upper, limb.lower, *(fk for fk, _ in limb.ends), *limb.controls,
                                           limb.chain[0])]
    part = part_of_rig(rig, [*names, keys.root_bone, *keys.more_locations])
    frames = len(keys.rotations)
    turns, places = np.zeros((frames, len(part), 4)), np.zeros((frames, len(part), 3))
    turns[..., 0] = 1.0
    for column, name in enumerate(keys.bone_names):
        if name in part.indices:
            turns[:, part.index(name)] = keys.rotations[:, column]
    if keys.root_bone:
        for name, values in {keys.root_bone: keys.root_locations, **keys.more_locations}.items():
            places[:, part.index(name)] = values
    pose = pose_matrices(part, turns, places)
    found = []
    for limb in limbs:
        for fk, ik in limb.ends:
            fk_rest, ik_rest = part.rest[part.index(fk)], part.rest[part.index(ik)]
            wanted = pose[:, part.index(fk)] @ np.linalg.inv(fk_rest) @ ik_rest
            found.append(_place(part, pose, turns, places, ik, wanted))
        if limb.pole:
            wanted = np.tile(part.rest[part.index(limb.pole)], (frames, 1, 1))
            wanted[:, :3, 3] = _pole_places(part, pose, limb)
            name, _, where = _place(part, pose, turns, places, limb.pole, wanted)
            found.append((name, np.tile([1.0, 0, 0, 0], (frames, 1)), where))
    return found


def _place(rig: TargetRig, pose: np.ndarray, turns, places, name: str, wanted: np.ndarray):
    """Local channels that bring a bone to `wanted`, (T, 4, 4); the pose of its descendants is updated."""
    bone = rig.index(name)
    turn, place = parent_transforms(rig, bone, pose)
    turns[:, bone] = continuous(from_matrix(np.swapaxes(turn[..., :3, :3], -1, -2) @ wanted[:, :3, :3]))
    offset = (wanted[:, :3, 3] - place[..., :3, 3])[..., None]
    places[:, bone] = (np.linalg.inv(place[..., :3, :3]) @ offset)[..., 0]
    for other in rig.subtree(bone):
        _update(rig, pose, turns, places, other)
    return name, turns[:, bone].copy(), places[:, bone].copy()


def _update(rig: TargetRig, pose: np.ndarray, turns, places, bone: int) -> None:
    turn, place = parent_transforms(rig, bone, pose)
    basis = rotation(turns[:, bone]).as_matrix()
    where = np.einsum("...ij,tj->ti", place[:3, :3], places[:, bone]) if place.ndim == 2 else np.einsum(
        "tij,tj->ti", place[:, :3, :3], places[:, bone])
    pose[:, bone, :3, :3] = turn[..., :3, :3] @ basis
    pose[:, bone, :3, 3] = where + place[..., :3, 3]


def _pole_places(rig: TargetRig, pose: np.ndarray, limb: IkLimb) -> np.ndarray:
    """(T, 3) positions of the pole, in armature space, at which the limb bends as it does."""
    upper, lower, end = (rig.index(name) for name in (limb.upper, limb.lower, limb.ends[0][0]))
    heads, rest = pose[:, :, :3, 3], rig.rest[:, :3, 3]
    pole = rest[rig.index(limb.pole)]
    root, middle, tip = heads[:, upper], heads[:, lower], heads[:, end]
    axis_at_rest, bend_at_rest = _bend(rest[upper], rest[lower], rest[end])
    # Seen along the limb, the constraint keeps this angle between the bend of its chain and the pole.
    _, bent = _bend(rest[upper], rest[rig.index(limb.chain[0])], rest[end])
    toward = perpendicular(pole - rest[upper], axis_at_rest)
    bent = perpendicular(bent, axis_at_rest, toward)
    angle = np.arctan2(np.cross(bent, toward) @ axis_at_rest, bent @ toward)
    axis, bend = _bend(root, middle, tip)
    length = np.linalg.norm(middle - root, axis=-1) + np.linalg.norm(tip - middle, axis=-1)
    own = _bend_of_upper_bone(rig, pose, limb, perpendicular(bend_at_rest, axis_at_rest, bent), axis_at_rest, axis)
    share = np.clip((np.linalg.norm(bend, axis=-1) / length - _STRAIGHT[0]) / (_STRAIGHT[1] - _STRAIGHT[0]), 0, 1)
    way = unit(own + (unit(bend) - own) * share[:, None])
    way = np.where(way.any(-1, keepdims=True), way, any_perpendicular(axis))
    return middle + apply(about(axis, np.full(len(axis), angle)), way) * (length * _POLE_AWAY)[:, None]


def _bend(root, middle, tip) -> tuple[np.ndarray, np.ndarray]:
    """(T, 3) unit axis from root to tip, and from it to the middle joint."""
    axis = unit(tip - root)
    along = middle - root
    return axis, along - axis * (along * axis).sum(-1, keepdims=True)


def _bend_of_upper_bone(rig: TargetRig, pose, limb: IkLimb, bend, axis_at_rest, axis) -> np.ndarray:
    """(T, 3) direction of the bend that follows from the rotation of the upper bone alone."""
    bone = rig.index(limb.upper)
    rest = from_matrix(rig.rest[bone, :3, :3])
    turn = multiply(from_matrix(pose[:, bone, :3, :3]), rest * (1, -1, -1, -1))
    turn = multiply(swing(apply(turn, axis_at_rest), axis), turn)
    return apply(turn, bend)
