"""Makes videos of the paper's 17 joints: people with constant bone lengths who wave and turn in front of a camera."""

import numpy as np

from training.paper.skeleton17 import PAPER17
from training.paper.videos import Videos, pack, projected

LENS = np.array([2.29, 2.29, 0.02, 0.01, -0.2, 0.24, -0.001, -0.002, -0.01])
"""Intrinsics (focal length, centre, distortion) close to Human3.6M's, in units of half the picture's width."""

_REST = {"hip": (0.14, 0, 0), "knee": (0, 0.45, 0), "ankle": (0, 0.44, 0.02), "spine": (0, -0.24, 0.01),
         "thorax": (0, -0.26, 0), "neck": (0, -0.12, -0.03), "head": (0, -0.11, -0.01), "shoulder": (0.16, 0.02, 0),
         "elbow": (0.05, 0.27, 0), "wrist": (0.03, 0.24, -0.05)}


def moving17(frames: int, seed: int) -> np.ndarray:
    """Return joints (T, 17, 3) in metres and camera axes (y down), about 5 m away, with constant bone lengths."""
    rng = np.random.default_rng(seed)
    times = np.arange(frames) / 25
    bones = np.zeros((frames, 17, 3))
    for joint, name in enumerate(PAPER17.joint_names[1:], 1):
        side, _, part = name.rpartition("_")
        rest = np.array(_REST[part]) * (-1 if side == "right" else 1, 1, 1) * rng.uniform(0.9, 1.1)
        angle = 0.8 * rng.uniform() * np.sin(3 * times + rng.uniform(0, 6)) if side else 0 * times
        c, s = np.cos(angle), np.sin(angle)
        bones[:, joint] = np.stack([np.full(frames, rest[0]), c * rest[1] - s * rest[2], s * rest[1] + c * rest[2]], -1)
    turn = times * rng.uniform(0.5, 2) + rng.uniform(0, 6)
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    bones = np.stack([c * bones[..., 0] + s * bones[..., 2], bones[..., 1], -s * bones[..., 0] + c * bones[..., 2]], -1)
    root = np.stack([0.4 * np.sin(times), 0.1 + 0 * times, 5 + 0.5 * np.cos(times)], axis=-1)
    return root[:, None] + PAPER17.ancestors @ bones


def videos17(count: int = 3, frames: int = 50) -> Videos:
    """Make videos of different people."""
    parts = []
    for seed in range(count):
        joints = moving17(frames + seed, seed)
        rng = np.random.default_rng(seed)
        parts.append({"xy": projected(joints, LENS), "score": rng.uniform(0.3, 1, joints.shape[:2]), "joints": joints,
                      "lens": LENS, "subject": f"S{seed}", "action": "Walking"})
    return pack(parts)
