"""Take the offset out of the motion set's knees, and straighten those of some simulated people further.

In most recordings the knee never straightens: over all frames of a person the straightest 5 % are bent by 10 degrees
and more, an offset of the joint centres. People stand with straight knees, and a lifter trained on the raw set makes
them crouch. After the repair many subjects still stand with 14 to 20 degrees. A front view hardly shows that, so the
lifter gives the usual bend; therefore some of the simulated people stretch their legs further.
"""

from __future__ import annotations

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22

from ..metrics import flexion
from .tuning import TUNING


def straightened(positions: np.ndarray, side: str) -> np.ndarray:
    """All frames (F, J, 3) of one person with the offset taken out of one knee; a copy.

    The change of the bend is divided between thigh and shank, so that the leg as a whole keeps its direction.
    """
    hip, knee, ankle, toe = (MOCAP22.index(f"{side}_{part}") for part in ("hip", "knee", "ankle", "toe"))
    thigh, shank = positions[:, knee] - positions[:, hip], positions[:, ankle] - positions[:, knee]
    bend = flexion(thigh, shank)
    offset = np.quantile(bend, 0.05) - np.radians(TUNING.straight_knee)
    offset = np.clip(offset, 0.0, np.radians(TUNING.straightened_most))
    thigh, shank = _less_bent(thigh, shank, bend, offset)
    result = positions.copy()
    result[:, knee] = positions[:, hip] + thigh
    result[:, ankle] = result[:, knee] + shank
    result[:, toe] += result[:, ankle] - positions[:, ankle]
    return result


def stretched(rng: np.random.Generator, directions: np.ndarray, share: float = TUNING.stretched_share) -> np.ndarray:
    """`share` of the rows of directions (B, T, J, 3) with both knees less bent, by up to 22 degrees where they are
    nearly straight and less where they are bent; feet keep their direction."""
    rows = np.flatnonzero(rng.random(len(directions)) < share)
    offset = rng.uniform(0, np.radians(TUNING.stretched_most), (len(rows), 1))
    part = directions[rows].astype(np.float64)
    for side in ("left", "right"):
        knee, ankle = MOCAP22.index(f"{side}_knee"), MOCAP22.index(f"{side}_ankle")
        thigh, shank = part[:, :, knee], part[:, :, ankle]
        part[:, :, knee], part[:, :, ankle] = _less_bent(thigh, shank, flexion(thigh, shank), offset)
    directions = directions.copy()
    directions[rows] = part
    return directions


def _less_bent(thigh: np.ndarray, shank: np.ndarray, bend: np.ndarray, offset) -> tuple[np.ndarray, np.ndarray]:
    """Thigh and shank (..., 3) turned towards each other by `offset` radians (...,) in all, less where the knee is
    bent, and never past straight."""
    *bends, rest = TUNING.straightened_fade
    start, end = np.radians(bends)
    share = 1 - (1 - rest) * np.clip((bend - start) / (end - start), 0, 1)
    turn = np.minimum(offset * share, bend) / 2
    axis = np.cross(thigh, shank)
    axis = axis / np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-9)
    return _turned(thigh, axis, turn), _turned(shank, axis, -turn)


def _turned(vectors: np.ndarray, axis: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """(..., 3) turned about unit axes perpendicular to them (or zero, where the angle is) by angles (...,)."""
    return vectors * np.cos(angle)[..., None] + np.cross(axis, vectors) * np.sin(angle)[..., None]
