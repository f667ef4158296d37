"""How well the 2D keypoints support each joint of the result."""

from __future__ import annotations

import numpy as np

from ..core.keypoint_layouts import CANONICAL
from ..core.skeleton import MOCAP22
from .tuning import TUNING

_HEAD = ("nose", "left_ear", "right_ear")
_TORSO = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
_SUPPORT = {
    "pelvis": ("left_hip", "right_hip"), "spine": _TORSO, "thorax": ("left_shoulder", "right_shoulder"),
    "neck": ("left_shoulder", "right_shoulder", "nose"), "nose": _HEAD, "head": _HEAD,
}


def keypoint_support(score: np.ndarray) -> np.ndarray:
    """(T, J) in 0..1: the support of each joint by the scores (T, K) of canonical keypoints.

    A joint's support is the mean score of its keypoints, mixed with its parent's, the other end of the bone.
    """
    own = np.zeros((len(score), len(MOCAP22)))
    support = np.zeros_like(own)
    for joint, name in enumerate(MOCAP22.joint_names):
        keypoints = [CANONICAL.keypoint_names.index(n) for n in _SUPPORT.get(name, (name,))]
        present = [k for k in keypoints if (score[:, k] > 0).any()]
        parent = MOCAP22.parents[joint]
        if present:
            own[:, joint] = score[:, present].mean(axis=1)
        elif parent >= 0:
            own[:, joint] = TUNING.unseen_share * own[:, parent]
        support[:, joint] = own[:, joint] if parent < 0 else \
            TUNING.own_share * own[:, joint] + (1 - TUNING.own_share) * own[:, parent]
    return np.clip(support, 0.0, 1.0)
