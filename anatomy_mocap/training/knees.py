"""Take out the motion set's bent knees.

In most of its recordings the knee never straightens: over all of a person's frames the straightest 5 % are bent by 10
degrees and more, an offset of the joint centres. People stand with straight knees, and a lifter trained on the set as
it is makes them crouch.
"""

from __future__ import annotations

import numpy as np

from ..core.skeleton import MOCAP22

STRAIGHT = np.radians(5.0)
"""What the straightest 5 % of a person's frames come to."""

MOST = np.radians(25.0)
"""No more than this is taken out: whoever bends the knees further all the time does so."""

_FADE = np.radians(30.0), np.radians(110.0), 0.3
"""The offset counts in full up to the first flexion, and from the second on by this share."""


def straightened(positions: np.ndarray, side: str) -> np.ndarray:
    """One leg of all frames (F, J, 3) of one person: a copy with the offset taken out of the knee.

    The knee's bend is divided between thigh and shank, so that the leg as a whole keeps its direction.
    """
    hip, knee, ankle, toe = (MOCAP22.index(f"{side}_{part}") for part in ("hip", "knee", "ankle", "toe"))
    thigh, shank = positions[:, knee] - positions[:, hip], positions[:, ankle] - positions[:, knee]
    bend = flexion(thigh, shank)
    offset = np.clip(np.quantile(bend, 0.05) - STRAIGHT, 0.0, MOST)
    start, end, rest = _FADE
    share = 1 - (1 - rest) * np.clip((bend - start) / (end - start), 0, 1)
    turn = np.minimum(offset * share, bend) / 2
    axis = np.cross(thigh, shank)
    axis /= np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-9)
    result = positions.copy()
    result[:, knee] = positions[:, hip] + _turned(thigh, axis, turn)
    result[:, ankle] = result[:, knee] + _turned(shank, axis, -turn)
    result[:, toe] += result[:, ankle] - positions[:, ankle]
    return result


def flexion(thigh: np.ndarray, shank: np.ndarray) -> np.ndarray:
    """(...,) radians between two vectors (..., 3); 0 is a straight leg."""
    return np.arctan2(np.linalg.norm(np.cross(thigh, shank), axis=-1), (thigh * shank).sum(-1))


def _turned(vectors: np.ndarray, axis: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """(F, 3) turned about unit axes perpendicular to them (or zero, where the angle is) by angles (F,)."""
    return vectors * np.cos(angle)[:, None] + np.cross(axis, vectors) * np.sin(angle)[:, None]
