"""Make other poses from recorded ones: turn limbs a little, combine parts of different clips."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter1d

from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.detector_points import unit

from ..metrics import flexion
from .postures import body_axes, turned
from .tuning import TUNING

_NAMES = MOCAP22.joint_names
_UPPER = [index for index, name in enumerate(_NAMES) if not name.endswith(("pelvis", "hip", "knee", "ankle", "toe"))]


def _bones(*ends: str) -> list[int]:
    return [index for index, name in enumerate(_NAMES) if name.endswith(ends)]


_ARMS = tuple(_bones(*(f"{side}_{part}" for part in ("elbow", "wrist", "knuckle"))) for side in ("left", "right"))
_LEGS = tuple(_bones(*(f"{side}_{part}" for part in ("knee", "ankle", "toe"))) for side in ("left", "right"))
_SPINE, _THORAX = MOCAP22.index("spine"), MOCAP22.index("thorax")
_HIPS = MOCAP22.index("left_hip"), MOCAP22.index("right_hip")
_SHOULDERS = MOCAP22.index("left_shoulder"), MOCAP22.index("right_shoulder")
_TURNS = (  # bones that turn together, standard deviation in degrees
    *((bones, 22.0) for bones in _ARMS),
    *((_bones(f"{side}_wrist", f"{side}_knuckle"), 10.0) for side in ("left", "right")),
    *((bones, 13.0) for bones in _LEGS),
    ([index for index in _UPPER if _NAMES[index] != "spine"], 9.0), (_bones("nose", "head"), 12.0),
)


def perturbed(rng: np.random.Generator, directions: np.ndarray, share: float = TUNING.perturbed_share) -> np.ndarray:
    """Each limb, the trunk and the head turned by slowly changing angles: by enough to make other poses in `share` of
    the rows, slightly in the rest.

    directions: (B, T, J, 3) unit vectors. Whole limbs turn: knees keep their bend.
    """
    part = directions.astype(np.float64)
    count, frames = part.shape[:2]
    boldness = np.exp(rng.normal(0, TUNING.perturbed_between_rows, (count, 1)))
    boldness = np.where(rng.random((count, 1)) < share, boldness, TUNING.perturbed_slightly * boldness)
    moving, sigma = TUNING.perturbed_wander
    for bones, spread in _TURNS if count else ():
        axis = rng.standard_normal((count, 1, 3))
        wander = gaussian_filter1d(rng.standard_normal((count, frames, 3)), sigma, axis=1, mode="nearest") * 5
        axis = axis + moving * wander
        angle = np.linalg.norm(axis, axis=-1)
        axis = (axis / np.maximum(angle, 1e-6)[..., None])[:, :, None]
        angle = np.radians(spread / np.sqrt(3)) * boldness * angle
        part[:, :, bones] = turned(part[:, :, bones], axis, angle[..., None])
    return part.astype(directions.dtype)


def mixed(rng: np.random.Generator, directions: np.ndarray, share: float = TUNING.mixed_share) -> np.ndarray:
    """`share` of the rows with parts of other rows: the upper body at the own heading, an arm on the own trunk, a leg
    on the own pelvis, or several of these."""
    rows = np.flatnonzero(rng.random(len(directions)) < share)
    upper = rng.random(len(rows)) < TUNING.mixed_upper
    directions = _with_upper_bodies(rng, directions, rows[upper])
    for bones in _ARMS:
        some = rows[rng.random(len(rows)) < np.where(upper, *TUNING.mixed_arms)]
        directions = _with_limbs(rng, directions, some, bones, trunk_axes)
    for bones in _LEGS:
        directions = _with_limbs(rng, directions, rows[rng.random(len(rows)) < TUNING.mixed_legs], bones, pelvis_axes)
    return directions


def hinged(rng: np.random.Generator, directions: np.ndarray, spread: float = TUNING.hinged_spread) -> np.ndarray:
    """Elbows and knees of all rows bent more or less, by slowly changing angles, never past straight or their range;
    straight limbs stay straight. spread: standard deviation, degrees."""
    part = directions.astype(np.float64)
    count, frames = part.shape[:2]
    constant, slow = TUNING.hinged_parts
    straight, furthest = np.radians(TUNING.hinge_straight), np.radians(TUNING.hinge_furthest)
    for upper, *rest in (*_ARMS, *_LEGS):
        lower = rest[0]
        axis = np.cross(part[:, :, upper], part[:, :, lower])
        axis /= np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-6)
        bend = flexion(part[:, :, upper], part[:, :, lower])
        noise = rng.standard_normal((count, frames))
        wander = gaussian_filter1d(noise, TUNING.hinged_filter, axis=1, mode="nearest") * 5
        more = np.radians(spread) * np.exp(rng.normal(0, TUNING.hinged_between_rows, (count, 1)))
        more = more * (constant * rng.standard_normal((count, 1)) + slow * wander)
        plane = np.clip((bend - straight) / straight, 0, 1)  # a straight limb has no known plane
        turn = np.clip(bend + more * plane, np.minimum(bend, straight / 2), np.maximum(bend, furthest)) - bend
        part[:, :, rest] = turned(part[:, :, rest], axis[:, :, None], turn[..., None])
    return part.astype(directions.dtype)


def _with_upper_bodies(rng: np.random.Generator, directions: np.ndarray, rows: np.ndarray) -> np.ndarray:
    other = directions[rng.integers(len(directions), size=len(rows))]
    (_, own), (_, theirs) = body_axes(directions[rows]), body_axes(other)
    turn = np.arctan2(own[..., 1], own[..., 0]) - np.arctan2(theirs[..., 1], theirs[..., 0])
    upper = turned(other[:, :, _UPPER], np.array((0.0, 0.0, 1.0)), turn[..., None])
    return _replaced(directions, rows, _UPPER, upper)


def _with_limbs(rng: np.random.Generator, directions: np.ndarray, rows: np.ndarray, bones: list[int],
                axes: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Other rows' limbs, held against the own trunk or pelvis, whose `axes` they hang on, as against theirs."""
    other = directions[rng.integers(len(directions), size=len(rows))]
    turn = np.swapaxes(axes(directions[rows]), -1, -2) @ axes(other)
    return _replaced(directions, rows, bones, other[:, :, bones] @ np.swapaxes(turn, -1, -2))


def _replaced(directions: np.ndarray, rows: np.ndarray, bones: list[int], part: np.ndarray) -> np.ndarray:
    directions = directions.copy()
    directions[rows[:, None, None], np.arange(directions.shape[1])[:, None], np.array(bones)] = part
    return directions


def trunk_axes(directions: np.ndarray) -> np.ndarray:
    """(..., 3, 3), rows left, backward and up of the chest, in the world."""
    return _axes(directions, _THORAX, _SHOULDERS)


def pelvis_axes(directions: np.ndarray) -> np.ndarray:
    """(..., 3, 3), rows left, backward and up of the pelvis, in the world."""
    return _axes(directions, _SPINE, _HIPS)


def _axes(directions: np.ndarray, upwards: int, sides: tuple[int, int]) -> np.ndarray:
    up = unit(directions[..., upwards, :])
    across = directions[..., sides[0], :] - directions[..., sides[1], :]
    left = unit(across - (across * up).sum(-1, keepdims=True) * up + (1e-5, 0, 0))
    return np.stack([left, np.cross(up, left), up], axis=-2)
