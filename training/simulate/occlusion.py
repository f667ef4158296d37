"""Keypoints that a body's own parts hide, by capsules along its bones."""

from __future__ import annotations

import numpy as np

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22

CAPSULES = (
    ("pelvis", "thorax", 0.075), ("neck", "head", 0.05),
    *((f"{s}_{a}", f"{s}_{b}", r) for s in ("left", "right") for a, b, r in (
        ("hip", "knee", 0.042), ("knee", "ankle", 0.028), ("shoulder", "elbow", 0.026), ("elbow", "wrist", 0.022))),
)
"""(from joint, to joint, radius as a share of the standing height)."""
# Keypoints that sit in or on a capsule are not hidden by it.
_OWN = {"torso": ("shoulder", "hip"), "head": ("nose", "eye", "ear")}


def _free() -> np.ndarray:
    """(K, capsules) True where the capsule may hide the keypoint."""
    free = np.ones((len(CANONICAL), len(CAPSULES)), dtype=bool)
    for k, name in enumerate(CANONICAL.keypoint_names):
        side, _, part = name.rpartition("_")
        part = part or name
        for c, (start, end, _) in enumerate(CAPSULES):
            own = name in (start, end) or part in _OWN["torso"] and start == "pelvis"
            own |= part in _OWN["head"] and start == "neck"
            own |= part in ("heel", "toe", "ankle") and end == f"{side}_ankle"
            own |= part in ("knuckle", "wrist") and end == f"{side}_wrist"
            own |= part == "hip" and start == f"{side}_hip" or part == "shoulder" and start == f"{side}_shoulder"
            free[k, c] = not own
    return free


FREE = _free()
"""(K, capsules) True where the capsule may hide the keypoint."""


def hidden(points: np.ndarray, joints: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Occlusion of each keypoint (B, T, K): 0 visible, 1 hidden.

    points: (B, T, K, 3) keypoints, joints: (B, T, J, 3), both in camera axes. height: (B,) metres.
    """
    points, joints = points.astype(np.float32), joints.astype(np.float32)
    depth = np.maximum(points[..., 2], 0.2)
    seen = points[..., :2] / depth[..., None]
    cover = np.zeros(points.shape[:-1], dtype=np.float32)
    for c, (start, end, radius) in enumerate(CAPSULES):
        a, b = (joints[..., MOCAP22.index(name), :] for name in (start, end))
        pa, pb = a[..., :2] / np.maximum(a[..., 2:], 0.2), b[..., :2] / np.maximum(b[..., 2:], 0.2)
        axis = (pb - pa)[..., None, :]
        along = _dot(seen - pa[..., None, :], axis) / np.maximum(_dot(axis, axis), 1e-9)
        along = np.clip(along, 0, 1)
        off = seen - pa[..., None, :] - along[..., None] * axis
        away = np.sqrt(off[..., 0] ** 2 + off[..., 1] ** 2)
        front = a[..., 2, None] + along * (b[..., 2] - a[..., 2])[..., None]
        size = (radius * height)[:, None, None].astype(np.float32)
        inside = np.clip(1.5 - away * np.maximum(front, 0.2) / size, 0, 1)
        behind = np.clip((depth - front - 0.5 * size) / (0.5 * size), 0, 1)
        cover = np.maximum(cover, inside * behind * FREE[:, c])
    return cover


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Dot products of (..., 2) vectors; far faster than a sum over so short an axis."""
    return a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1]
