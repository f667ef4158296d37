"""Forward kinematics of a rig in armature space, as Blender evaluates a pose of rotations and locations."""

from __future__ import annotations

import numpy as np

from ..maths.rotations import rotation
from .rig import TargetRig


def pose_matrices(rig: TargetRig, rotations, locations=None) -> np.ndarray:
    """Pose matrices of every bone (Blender's pose_bone.matrix, without constraints and with scale 1).

    rotations: (T, B, 4) local basis quaternions. locations: (T, B, 3) local basis locations, None for none; those of
    connected bones are ignored, as Blender does.
    Returns (T, B, 4, 4), armature space.
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


def parent_transforms(rig: TargetRig, bone: int, pose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a bone's basis rotation and its basis location are multiplied by: two (..., 4, 4), armature space.

    pose: (..., B, 4, 4) of which the bone's ancestors are known.
    """
    parent = rig.parents[bone]
    if parent < 0:
        turn = rig.rest[bone]
        place = turn if rig.local_location[bone] else _translation(turn[:3, 3])
        return turn, place
    offset = np.linalg.inv(rig.rest[parent]) @ rig.rest[bone]
    above = pose[..., parent, :, :]
    full = above @ offset
    turn = full if rig.inherit_rotation[bone] else rig.rest[bone]
    if rig.local_location[bone]:
        return turn, full
    place = above.copy()
    place[..., :3, 3] = full[..., :3, 3]
    return turn, place


def _translation(vector: np.ndarray) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 3] = vector
    return matrix
