"""Where a character's hips go, so that its feet stand where the take's feet stand, at the character's own size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from .flat_feet import FlatFoot
from .motion import Motion
from .rest_pose import SIDES, RestPose
from .rotations import apply, multiply

_CONTACT = 0.04
"""Metres above the floor at which a foot's hold on the hips has faded to 1/e."""
_FREE = 0.02
"""The weight of the plainly scaled path: it rules alone once both feet are well off the floor."""
_SMOOTH = 0.08
"""Seconds over which a foot's hold comes and goes."""


@dataclass(frozen=True)
class Stance:
    """A rig's legs in its rest pose, world axes and units.

    scale: character's leg length / take's. floor: Z of the floor that it stands on. ankles: side -> height of the
    ankle above the floor. toes: side -> (3,) from the ankle to the floor under the tip of the foot.
    """

    scale: float
    floor: float
    ankles: dict[str, float]
    toes: dict[str, np.ndarray]


def read_stance(rest: RestPose, motion: Motion, scale: float | None = None) -> Stance:
    """How the rig stands in its rest pose, and its size beside the take's (or `scale`, where it is given)."""
    up = rest.level[2]
    feet = {side: _foot_points(rest, side) for side in SIDES}
    ankles = {side: _ankle(rest, side) for side in SIDES}
    lowest = min(float((points @ up).min()) for points in feet.values())
    origin = float(rest.rig.world_from_armature[:3, 3] @ up)
    leg = _leg_length(rest)
    # A sole is thicker than the bones in it: the object's origin is the floor where it lies just below the feet.
    floor_along_up = origin if rest.upright and -0.02 * leg <= lowest - origin <= 0.08 * leg else lowest
    toes = {}
    for side, points in feet.items():
        tip = points[np.argmax(np.linalg.norm((points - ankles[side]) @ rest.level[:2].T, axis=-1))]
        toes[side] = tip - up * (tip @ up - floor_along_up) - ankles[side]
    heights = {side: float(ankles[side] @ up) - floor_along_up for side in SIDES}
    lengths = motion.bone_lengths[[motion.skeleton.index(f"{side}_{joint}")
                                   for side in SIDES for joint in ("knee", "ankle")]]
    size = scale if scale is not None else leg / max(lengths.sum() / 2, 1e-6)
    floor = floor_along_up if up[2] > 0.99 else float(rest.rig.world_from_armature[2, 3])
    return Stance(float(size), floor, heights, toes)


def hip_path(rest: RestPose, stance: Stance, motion: Motion, positions: np.ndarray, flat: dict[str, FlatFoot],
             turns: dict[str, np.ndarray]) -> np.ndarray:
    """(T, 3) world path of the middle of the rig's hip joints.

    Each foot, by heel and by toe, says where the hips must be for that point to stand at the take's scaled point. The
    nearer the take's point is to the floor, the more it counts; with both feet off the floor the path is just scaled.
    turns: part -> (T, 4) world rotation of the limb from its rest pose. positions: (T, J, 3) of the take.
    """
    origin = np.array([*rest.rig.world_from_armature[:2, 3], stance.floor])
    size = stance.scale
    index = motion.skeleton.index
    ground = size * np.mean([flat[side].ankle for side in SIDES]) - np.mean([stance.ankles[side] for side in SIDES])
    votes = [origin + size * positions[:, 0] - (0, 0, ground)]
    weights = [np.full(len(motion), _FREE)]
    for side in SIDES:
        ankle, toe = positions[:, index(f"{side}_ankle")], positions[:, index(f"{side}_toe")]
        sole = multiply(motion.rotations[:, index(f"{side}_toe")], flat[side].level)
        down = apply(sole, (0.0, 0.0, -1.0))
        foot = turns.get(f"{side}_foot", turns[f"{side}_lower_leg"])
        leg = _leg_vector(rest, turns, side)
        heel_below = apply(foot, -rest.level[2] * stance.ankles[side])
        for point, reach in ((ankle + down * flat[side].ankle, heel_below),
                             (toe + down * flat[side].toe, apply(foot, stance.toes[side]))):
            votes.append(origin + size * point - leg - reach)
            weights.append(np.exp(-np.maximum(point[:, 2], 0.0) / _CONTACT))
    return _weighted(np.stack(votes), np.stack(weights), motion.fps)


def _weighted(votes: np.ndarray, weights: np.ndarray, fps: float) -> np.ndarray:
    """(T, 3) mean of (V, T, 3) votes by (V, T) weights that are smoothed over time."""
    weights = gaussian_filter1d(weights, _SMOOTH * fps, axis=1, mode="nearest")
    return np.einsum("vti,vt->ti", votes, weights / weights.sum(axis=0))


def _leg_vector(rest: RestPose, turns: dict[str, np.ndarray], side: str) -> np.ndarray:
    """(T, 3) world, from the middle of the hips to the ankle."""
    upper, lower = (rest.heads[rest.bones[f"{side}_{part}"][0]] for part in ("upper_leg", "lower_leg"))
    return apply(turns["hips"], upper - rest.hip_centre) + apply(turns[f"{side}_upper_leg"], lower - upper) \
        + apply(turns[f"{side}_lower_leg"], _ankle(rest, side) - lower)


def _ankle(rest: RestPose, side: str) -> np.ndarray:
    return rest.tips[f"{side}_lower_leg"]


def _leg_length(rest: RestPose) -> float:
    total = 0.0
    for side in SIDES:
        upper, lower = (rest.heads[rest.bones[f"{side}_{part}"][0]] for part in ("upper_leg", "lower_leg"))
        total += np.linalg.norm(lower - upper) + np.linalg.norm(_ankle(rest, side) - lower)
    return float(total) / 2


def _foot_points(rest: RestPose, side: str) -> np.ndarray:
    """(N, 3) world: heads and tails of the foot and all below it (the ankle alone where there is no foot)."""
    if f"{side}_foot" not in rest.bones:
        return _ankle(rest, side)[None]
    below = rest.rig.subtree(rest.bones[f"{side}_foot"][0])
    return np.concatenate([rest.heads[below], rest.rig.in_world(rest.rig.tails[below])])
