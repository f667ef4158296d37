"""A motion's own skeleton as a rig (bone j from joint parents[j] to joint j, in T-pose at rest), and its keys."""

from __future__ import annotations

import numpy as np

from ..core.motion import Motion
from ..core.skeleton import MOCAP22, rest_directions
from ..maths.rotations import any_perpendicular, continuous, inverse, multiply
from ..rigs.rig import TargetRig, from_matrix, make_rig
from .bone_keys import BoneKeys

_PELVIS_LENGTH = 0.1
"""Metres; the pelvis has length 0, but a bone needs a length."""


def motion_rig(motion: Motion) -> TargetRig:
    """A rig of 22 bones named like the joints, metres, in T-pose at rest with the lowest joint at Z = 0."""
    directions = rest_directions()
    joints = MOCAP22.joint_positions(motion.bone_lengths, directions, np.zeros(3))
    joints[:, 2] -= joints[:, 2].min()
    starts = joints[[max(parent, 0) for parent in MOCAP22.parents]]
    lengths = np.array(motion.bone_lengths, dtype=float)
    along = directions.copy()
    lengths[0], along[0] = _PELVIS_LENGTH, (0.0, 0.0, 1.0)
    rest = np.tile(np.eye(4), (len(MOCAP22), 1, 1))
    rest[:, :3, 1] = along
    # Bone X is the body's left unless the bone itself points sideways: rolls are equal on both sides.
    left = np.tile([1.0, 0.0, 0.0], (len(along), 1))
    sideways = np.abs(along[:, 0]) > 0.5
    left[sideways] = (0.0, -1.0, 0.0)
    x = left - along * (left * along).sum(-1, keepdims=True)
    norms = np.linalg.norm(x, axis=-1, keepdims=True)
    x = np.where(norms > 1e-6, x / np.maximum(norms, 1e-6), any_perpendicular(along))
    rest[:, :3, 0], rest[:, :3, 2], rest[:, :3, 3] = x, np.cross(x, along), starts
    return make_rig("take", MOCAP22.joint_names, MOCAP22.parents, rest, lengths)


def motion_keys(motion: Motion) -> BoneKeys:
    """Keys with which every joint of `motion_rig(motion)` follows the motion exactly."""
    rig = motion_rig(motion)
    rest = from_matrix(rig.rest[:, :3, :3])
    posed = multiply(motion.rotations, rest)
    local = np.empty_like(posed)
    for bone, parent in enumerate(rig.parents):
        base = rest[bone] if parent < 0 else multiply(posed[:, parent], inverse(rest[parent]), rest[bone])
        local[:, bone] = multiply(inverse(base), posed[:, bone])
    root = rig.rest[0]
    return BoneKeys(rig.bone_names, continuous(local), rig.bone_names[0],
                    (motion.root_positions - root[:3, 3]) @ root[:3, :3])
