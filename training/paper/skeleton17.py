"""The paper's 17 joints (Human3.6M): keypoints and joints are the same points."""

from __future__ import annotations

import numpy as np

from anatomy_mocap.core.skeleton import Skeleton

PAPER17 = Skeleton(
    ("pelvis", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "spine", "thorax",
     "neck", "head", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist"),
    (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15))
"""neck: Human3.6M's neck/nose. Bone j ends at joint j."""


def bones_of(joints: np.ndarray) -> np.ndarray:
    """Bones (..., 16, 3) of joints (..., 17, 3): child minus parent."""
    return joints[..., 1:, :] - joints[..., PAPER17.parents[1:], :]
