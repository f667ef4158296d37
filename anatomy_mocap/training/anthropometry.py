"""Random bodies: bone lengths, and where a 2D detector sees its keypoints on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.keypoints import CANONICAL
from ..core.skeleton import MOCAP22

HEIGHT_MEAN, HEIGHT_STD = 1.71, 0.10
"""Standing height of adults, metres (both sexes together)."""

# Lengths as shares of the standing height and their relative spread between people. Legs and arms: Drillis & Contini's
# segment lengths; torso, head, shoulders: the mean of the motion set's own skeletons.
_SHARES = {
    "hip": (0.053, 0.13), "knee": (0.246, 0.05), "ankle": (0.247, 0.05), "toe": (0.095, 0.12),
    "spine": (0.143, 0.06), "thorax": (0.143, 0.06), "neck": (0.083, 0.10), "nose": (0.045, 0.12),
    "head": (0.086, 0.08), "shoulder": (0.115, 0.09), "elbow": (0.182, 0.06), "wrist": (0.150, 0.07),
    "knuckle": (0.053, 0.12),
}

# Where BlazePose sees a joint, against the rig's joint, in % of height: outward, up the limb or torso, forward.
_BIAS = {
    "shoulder": (-0.3, 1.8, 0.1), "hip": (-0.5, 0.3, 1.5), "knee": (0.2, 1.4, 0.1), "ankle": (0.3, 1.3, 0.3),
    "elbow": (0.1, 0.9, 0.3), "wrist": (0.0, -0.2, 0.5),
}
_SPREAD = {"shoulder": 1.1, "hip": 1.4, "knee": 0.9, "ankle": 0.8, "elbow": 0.8, "wrist": 0.7}
"""Standard deviation between people, detectors and clothes, % of height."""

_SHIPPED_SHARE = 0.8
"""Of the videos, seen by the shipped detector."""


@dataclass(frozen=True)
class Bodies:
    """V random people.

    height: (V,) metres. lengths: (V, J) metres, symmetric, row 0 zero.
    offsets: (V, K, 3) metres, of each keypoint in its own frame (outward, up, forward); see `detector_points`.
    """

    height: np.ndarray
    lengths: np.ndarray
    offsets: np.ndarray


def draw_bodies(rng: np.random.Generator, count: int, spread: float = 1.0) -> Bodies:
    """Random people. spread: 1 as people differ; more for augmentation."""
    height = np.clip(rng.normal(HEIGHT_MEAN, HEIGHT_STD * spread, count), 1.0, 2.15)
    common = rng.normal(size=(count, 3)) * 0.6  # limbs vary together: all long-legged, long-armed, long-trunked
    group = {"knee": 0, "ankle": 0, "elbow": 1, "wrist": 1, "spine": 2, "thorax": 2, "neck": 2}
    lengths = np.zeros((count, len(MOCAP22)), dtype=np.float32)
    for part, (share, sigma) in _SHARES.items():
        draw = rng.normal(size=count)
        if part in group:
            draw = 0.8 * draw + common[:, group[part]]
        value = height * share * np.clip(1 + sigma * spread * draw, 0.6, 1.5)
        for joint, name in enumerate(MOCAP22.joint_names):
            if name == part or name.endswith("_" + part):
                lengths[:, joint] = value
    return Bodies(height.astype(np.float32), lengths, _draw_offsets(rng, height))


def _both(values: np.ndarray, small: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same offset left and right, but for small differences."""
    return values + small[:, 0], values + small[:, 1]


def _draw_offsets(rng: np.random.Generator, height: np.ndarray) -> np.ndarray:
    """(V, K, 3): joints' offsets from the bias table, the head's, foot's and hand's points from a model."""
    count, names = len(height), CANONICAL.keypoint_names
    offsets = np.zeros((count, len(names), 3))
    # Most videos are seen by the shipped detector; the others by some other, with a definition of its own.
    shipped = rng.random((count, 1)) < _SHIPPED_SHARE
    style = np.where(shipped, rng.normal(1.0, 0.15, (count, 1)), rng.uniform(0.0, 1.5, (count, 1)))
    between = np.where(shipped, 0.45, 1.0)
    for part, bias in _BIAS.items():
        value = style * bias + rng.normal(size=(count, 3)) * _SPREAD[part] * between
        small = rng.normal(size=(count, 2, 3)) * 0.3 * between[:, None]
        offsets[:, names.index(f"left_{part}")], offsets[:, names.index(f"right_{part}")] = _both(value, small)
    points = {  # % of height, mean and spread, of (outward, up, forward)
        "eye": ((1.85, 3.4, 3.9), (0.25, 0.4, 0.4)), "ear": ((4.2, 3.4, -1.0), (0.3, 0.5, 0.6)),
        "heel": ((0.0, -3.9, -3.0), (0.4, 0.6, 0.9)), "toe": ((0.2, 0.0, -0.8), (0.6, 0.5, 1.0)),
        "knuckle": ((0.0, 0.0, 0.0), (0.5, 0.6, 0.9)),
    }
    for part, (mean, sigma) in points.items():
        value = np.array(mean) + rng.normal(size=(count, 3)) * sigma
        small = rng.normal(size=(count, 2, 3)) * 0.15
        offsets[:, names.index(f"left_{part}")], offsets[:, names.index(f"right_{part}")] = _both(value, small)
    offsets[:, names.index("nose")] = np.array((0.0, 1.5, 5.2)) + rng.normal(size=(count, 3)) * (0.1, 0.5, 0.5)
    return (offsets * 0.01 * height[:, None, None]).astype(np.float32)
