"""Forward kinematics of a rig: pose matrices in armature space from local rotations and locations, as in Blender."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..maths.rotations import rotation
from .rig import TargetRig


class ParentTransforms(NamedTuple):
    """The factors of a bone's basis: (..., 4, 4) of its rotation and of its location, armature space."""

    rotation: np.ndarray
    location: np.ndarray


def pose_matrices(rig: TargetRig, rotations: np.ndarray, locations: np.ndarray | None = None) -> np.ndarray:
    """(T, B, 4, 4) pose matrices, armature space (Blender's pose_bone.matrix without constraints, scale 1).

    rotations: (T, B, 4) local basis quaternions. locations: (T, B, 3) local basis locations; None for zero. Locations
    of connected bones are ignored, as in Blender.
    """
    rotations = np.asarray(rotations, dtype=float)
    frames = len(rotations)
    basis = np.zeros((frames, len(rig), 4, 4))
    basis[..., :3, :3] = rotation(rotations.reshape(-1, 4)).as_matrix().reshape(*rotations.shape[:2], 3, 3)
    basis[..., 3, 3] = 1.0
    if locations is not None:
        free = ~(rig.connected & (rig.parents >= 0))
        basis[..., :3, 3] = np.asarray(locations) * free[:, None]
    pose = np.empty_like(basis)
    for bone in range(len(rig)):
        turn, place = parent_transforms(rig, bone, pose)
        pose[:, bone] = turn @ basis[:, bone]
        pose[:, bone, :3, 3] = np.einsum("...ij,...j->...i", place[..., :3, :3], basis[:, bone, :3, 3]) \
            + place[..., :3, 3]
    return pose


def parent_transforms(rig: TargetRig, bone: int, pose: np.ndarray) -> ParentTransforms:
    """The factors on the left of a bone's basis rotation and basis location.

    pose: (..., B, 4, 4), in which the matrices of the bone's ancestors are final.
    """
    parent = rig.parents[bone]
    if parent < 0:
        turn = rig.rest[bone]
        place = turn if rig.local_location[bone] else _translation(turn[:3, 3])
        return ParentTransforms(turn, place)
    offset = np.linalg.inv(rig.rest[parent]) @ rig.rest[bone]
    above = pose[..., parent, :, :]
    full = above @ offset
    turn = full if rig.inherit_rotation[bone] else rig.rest[bone]
    if rig.local_location[bone]:
        return ParentTransforms(turn, full)
    place = above.copy()
    place[..., :3, 3] = full[..., :3, 3]
    return ParentTransforms(turn, place)


def _translation(vector: np.ndarray) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 3] = vector
    return matrix
