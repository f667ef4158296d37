"""How far the 2D keypoints support each joint of the result."""

from __future__ import annotations

import numpy as np

from ..core.keypoint_layouts import CANONICAL
from ..core.skeleton import MOCAP22

_HEAD = ("nose", "left_ear", "right_ear")
_TORSO = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
_SUPPORT = {
    "pelvis": ("left_hip", "right_hip"), "spine": _TORSO, "thorax": ("left_shoulder", "right_shoulder"),
    "neck": ("left_shoulder", "right_shoulder", "nose"), "nose": _HEAD, "head": _HEAD,
}
_OWN_SHARE = 0.75
"""Of a joint's confidence; the rest is its parent's, the bone's other end."""

_UNSEEN_KIND = 0.5
"""A joint whose keypoints the layout lacks altogether has this much of its parent's confidence."""


def joint_confidence(score: np.ndarray) -> np.ndarray:
    """(T, K) scores of canonical keypoints -> (T, J) in 0..1."""
    own = np.zeros((len(score), len(MOCAP22)))
    confidence = np.zeros_like(own)
    for joint, name in enumerate(MOCAP22.joint_names):
        keypoints = [CANONICAL.keypoint_names.index(n) for n in _SUPPORT.get(name, (name,))]
        there = [k for k in keypoints if (score[:, k] > 0).any()]
        parent = MOCAP22.parents[joint]
        if there:
            own[:, joint] = score[:, there].mean(axis=1)
        elif parent >= 0:
            own[:, joint] = _UNSEEN_KIND * own[:, parent]
        confidence[:, joint] = own[:, joint] if parent < 0 else \
            _OWN_SHARE * own[:, joint] + (1 - _OWN_SHARE) * own[:, parent]
    return np.clip(confidence, 0.0, 1.0)
