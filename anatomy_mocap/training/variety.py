"""More poses from those that were recorded: limbs turned a little, legs, upper bodies and arms of different clips."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..core.skeleton import MOCAP22
from .detector_points import unit
from .postures import body_axes, turned

_NAMES = MOCAP22.joint_names
_UPPER = [index for index, name in enumerate(_NAMES) if not name.endswith(("pelvis", "hip", "knee", "ankle", "toe"))]


def _bones(*ends: str) -> list[int]:
    return [index for index, name in enumerate(_NAMES) if name.endswith(ends)]


_ARMS = tuple(_bones(*(f"{side}_{part}" for part in ("elbow", "wrist", "knuckle"))) for side in ("left", "right"))
_THORAX = MOCAP22.index("thorax")
_SHOULDERS = MOCAP22.index("left_shoulder"), MOCAP22.index("right_shoulder")
_TURNS = (  # bones that turn together, standard deviation in degrees
    *((bones, 22.0) for bones in _ARMS),
    *((_bones(f"{side}_wrist", f"{side}_knuckle"), 10.0) for side in ("left", "right")),
    *((_bones(*(f"{side}_{part}" for part in ("knee", "ankle", "toe"))), 11.0) for side in ("left", "right")),
    ([index for index in _UPPER if _NAMES[index] != "spine"], 9.0), (_bones("nose", "head"), 12.0),
)


def perturbed(rng, directions: np.ndarray, share: float = 0.4) -> np.ndarray:
    """`share` of the rows with each limb, the trunk and the head turned by slowly changing small angles.

    directions: (B, T, J, 3) unit vectors. Whole limbs turn, so that elbows and knees keep their bend.
    """
    rows = np.flatnonzero(rng.random(len(directions)) < share)
    part = directions[rows].astype(np.float64)
    count, frames = part.shape[:2]
    for bones, spread in _TURNS if count else ():
        axis = rng.standard_normal((count, 1, 3))
        wander = gaussian_filter1d(rng.standard_normal((count, frames, 3)), 20, axis=1, mode="nearest") * 5
        axis = axis + 0.7 * wander
        angle = np.linalg.norm(axis, axis=-1)
        axis = (axis / np.maximum(angle, 1e-6)[..., None])[:, :, None]
        part[:, :, bones] = turned(part[:, :, bones], axis, (np.radians(spread / np.sqrt(3)) * angle)[..., None])
    directions = directions.copy()
    directions[rows] = part
    return directions


def mixed(rng, directions: np.ndarray, share: float = 0.4) -> np.ndarray:
    """`share` of the rows with parts of other rows: the upper body at the own heading, or an arm on the own trunk, or
    several of these."""
    rows = np.flatnonzero(rng.random(len(directions)) < share)
    upper = rng.random(len(rows)) < 0.5
    directions = _with_upper_bodies(rng, directions, rows[upper])
    for bones in _ARMS:
        directions = _with_arms(rng, directions, rows[rng.random(len(rows)) < np.where(upper, 0.3, 0.6)], bones)
    return directions


def _with_upper_bodies(rng, directions: np.ndarray, rows: np.ndarray) -> np.ndarray:
    other = directions[rng.integers(len(directions), size=len(rows))]
    (_, own), (_, theirs) = body_axes(directions[rows]), body_axes(other)
    turn = np.arctan2(own[..., 1], own[..., 0]) - np.arctan2(theirs[..., 1], theirs[..., 0])
    upper = turned(other[:, :, _UPPER], np.array((0.0, 0.0, 1.0)), turn[..., None])
    return _replaced(directions, rows, _UPPER, upper)


def _with_arms(rng, directions: np.ndarray, rows: np.ndarray, bones: list[int]) -> np.ndarray:
    other = directions[rng.integers(len(directions), size=len(rows))]
    turn = np.swapaxes(_trunk_axes(directions[rows]), -1, -2) @ _trunk_axes(other)
    return _replaced(directions, rows, bones, other[:, :, bones] @ np.swapaxes(turn, -1, -2))


def _replaced(directions: np.ndarray, rows: np.ndarray, bones: list[int], part: np.ndarray) -> np.ndarray:
    directions = directions.copy()
    directions[rows[:, None, None], np.arange(directions.shape[1])[:, None], np.array(bones)] = part
    return directions


def _trunk_axes(directions: np.ndarray) -> np.ndarray:
    """(..., 3, 3), rows left, forward and up of the chest, in the world."""
    up = unit(directions[..., _THORAX, :])
    across = directions[..., _SHOULDERS[0], :] - directions[..., _SHOULDERS[1], :]
    left = unit(across - (across * up).sum(-1, keepdims=True) * up + (1e-5, 0, 0))
    return np.stack([left, np.cross(up, left), up], axis=-2)
