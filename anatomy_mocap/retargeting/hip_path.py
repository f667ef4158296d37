"""Where a character's hips go, so that its feet stand where the take's feet stand, at the character's own size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.special import logsumexp

from ..core.skeleton import SIDES
from ..maths.rotations import about, apply, multiply
from ..rigs.rest_pose import RestPose, foot_bones
from .performer import Performer

_CONTACT = 0.03
"""Metres above the floor at which a foot's hold on the hips has faded to 1/e."""
_FREE = 0.02
"""The weight of the plainly scaled path: it rules alone once both feet are well off the floor."""
_SMOOTH = 0.06
"""Seconds over which a foot's hold comes and goes."""
_SOFT = 0.01
"""Metres: where feet disagree on the height of the hips by more than this, the one that would sink decides."""
_TOE_BEND = np.radians(50.0)
"""Toes bend no further than this."""


@dataclass(frozen=True)
class Stance:
    """A rig's legs in its rest pose, world axes and units.

    scale: character's leg length / take's. origin: (3,) the point of its floor that is the take's origin.
    ankles: side -> height of the ankle above the floor. balls: side -> (3,) from the ankle to where the toes bend (to
    the tip of the foot where they can't).
    """

    scale: float
    origin: np.ndarray
    ankles: dict[str, float]
    balls: dict[str, np.ndarray]


def read_stance(rest: RestPose, performer: Performer, scale: float | None = None) -> Stance:
    """How the rig stands in its rest pose, and its size beside the take's (or `scale`, where it is given)."""
    theirs = sum(performer.length(f"{side}_{joint}") for side in SIDES for joint in ("knee", "ankle")) / len(SIDES)
    return stance_of(rest, float(scale if scale is not None else leg_length(rest) / max(theirs, 1e-6)))


def stance_of(rest: RestPose, scale: float = 1.0) -> Stance:
    """How the rig stands in its rest pose, for a path that is scaled by `scale`."""
    up = rest.level[2]
    feet = {side: _foot_points(rest, side) for side in SIDES}
    lowest = min(float((points @ up).min()) for points in feet.values())
    origin = float(rest.rig.world_from_armature[:3, 3] @ up)
    leg = leg_length(rest)
    # A sole is thicker than the bones in it: the object's origin is the floor where it lies just below the feet.
    floor_along_up = origin if rest.upright and -0.02 * leg <= lowest - origin <= 0.08 * leg else lowest
    heights = {side: float(_ankle(rest, side) @ up) - floor_along_up for side in SIDES}
    balls = {side: _ball(rest, side, feet[side]) - _ankle(rest, side) for side in SIDES}
    return Stance(scale, _origin(rest, floor_along_up, leg), heights, balls)


def sole_offsets(rest: RestPose, stance: Stance, turns: Mapping[str, np.ndarray], side: str) -> dict[str, np.ndarray]:
    """From the ankle to the points of the sole under it ("heel") and under the ball ("toe"), (T, 3) world.

    turns: part -> (T, 4) world rotation of the limb from its rest pose.
    """
    up = rest.level[2]
    foot = turns.get(f"{side}_foot", turns[f"{side}_lower_leg"])
    height = stance.ankles[side] + stance.balls[side] @ up
    return {"heel": apply(foot, -up * stance.ankles[side]),
            "toe": apply(foot, stance.balls[side]) - apply(turns.get(f"{side}_toes", foot), up * height)}


def _origin(rest: RestPose, floor_along_up: float, leg: float) -> np.ndarray:
    """(3,) world: the object's origin on the floor, or where the body stands if that is far from it."""
    origin = rest.rig.world_from_armature[:3, 3].copy()
    if np.linalg.norm(rest.hip_centre[:2] - origin[:2]) > leg:
        origin[:2] = rest.hip_centre[:2]
    if rest.level[2, 2] > 0.99:
        origin[2] = floor_along_up
    return origin


def toe_turns(performer: Performer, rest: RestPose, turns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Part -> (T, 4) world rotations from rest of the toes that the rig has.

    A take's foot is one bone. Where its heel is up and its toe on the floor, a character's toes stay flat.
    """
    found = {}
    for side in SIDES:
        part = f"{side}_toes"
        if part not in rest.bones or f"{side}_foot" not in turns or part in turns:
            continue
        sole = _sole(performer, side)
        pitch = np.arcsin(np.clip(-apply(sole, (0.0, -1.0, 0.0))[:, 2], -1.0, 1.0))
        down = _hold(performer.at(f"{side}_toe")[:, 2] - performer.flat[side].toe)
        bend = np.clip(pitch, 0.0, _TOE_BEND) * gaussian_filter1d(down, _SMOOTH * performer.motion.fps, mode="nearest")
        found[part] = multiply(about(apply(sole, (1.0, 0.0, 0.0)), -bend), turns[f"{side}_foot"])
    return found


def hip_path(rest: RestPose, stance: Stance, performer: Performer, turns: dict[str, np.ndarray]) -> np.ndarray:
    """(T, 3) world path of the middle of the rig's hip joints.

    Each foot, by heel and by ball, says where the hips must be for that point to stand at the take's scaled point. The
    nearer the take's point is to the floor, the more it counts; with both feet off the floor the path is just scaled.
    turns: part -> (T, 4) world rotation of the limb from its rest pose.
    """
    origin, flat = stance.origin, performer.flat
    ground = stance.scale * np.mean([flat[side].ankle for side in SIDES]) - np.mean(list(stance.ankles.values()))
    votes = [origin + stance.scale * performer.at("pelvis") - (0, 0, ground)]
    weights = [np.full(len(performer), _FREE)]
    for side in SIDES:
        leg, offsets = _leg_vector(rest, turns, side), sole_offsets(rest, stance, turns, side)
        for name, point in soles_of(performer, side).items():
            votes.append(origin + stance.scale * point - leg - offsets[name])
            weights.append(_hold(point[:, 2]))
    return _agreed(np.stack(votes), np.stack(weights), performer.motion.fps, _SOFT * stance.scale)


def _agreed(votes: np.ndarray, weights: np.ndarray, fps: float, soft: float) -> np.ndarray:
    """(T, 3): of (V, T, 3) votes by (V, T) weights, smoothed over time, the mean in X and Y, a soft maximum in Z."""
    weights = gaussian_filter1d(weights, _SMOOTH * fps, axis=1, mode="nearest")
    weights = weights / weights.sum(axis=0)
    path = np.einsum("vti,vt->ti", votes, weights)
    above = votes[..., 2] - path[:, 2]
    # Far above a floor a foot's weight is nothing, to the last bit: its vote is then left out.
    path[:, 2] += soft * logsumexp(above / soft, axis=0, b=weights)
    return path


def _hold(height: np.ndarray) -> np.ndarray:
    """(T,) 0..1: how much a point so many metres above the floor holds on to it."""
    return np.exp(-np.maximum(height, 0.0) / _CONTACT)


def sole_weights(performer: Performer, side: str) -> np.ndarray:
    """(3, T) how much the free path of a foot, its heel and its ball hold on to where it is; their sum is 1."""
    holds = [_hold(point[:, 2]) for point in soles_of(performer, side).values()]
    weights = np.stack([np.full(len(performer), _FREE), *holds])
    weights = gaussian_filter1d(weights, _SMOOTH * performer.motion.fps, axis=1, mode="nearest")
    return weights / weights.sum(axis=0)


def _sole(performer: Performer, side: str) -> np.ndarray:
    """(T, 4) world rotation of the take's sole: the identity where it stands flat and points ahead."""
    if performer.detail is not None:
        return performer.detail.turns[f"{side}_foot"]
    return multiply(performer.turn(f"{side}_toe"), performer.flat[side].level)


def soles_of(performer: Performer, side: str) -> Mapping[str, np.ndarray]:
    """The points (T, 3) of the take's sole under its ankle ("heel") and its toe ("toe")."""
    if performer.detail is not None:
        return performer.detail.soles[side]
    flat = performer.flat[side]
    down = apply(_sole(performer, side), (0.0, 0.0, -1.0))
    return {"heel": performer.at(f"{side}_ankle") + down * flat.ankle,
            "toe": performer.at(f"{side}_toe") - (0.0, 0.0, flat.toe)}


def _leg_vector(rest: RestPose, turns: dict[str, np.ndarray], side: str) -> np.ndarray:
    """(T, 3) world, from the middle of the hips to the ankle."""
    upper, lower = (rest.heads[rest.bones[f"{side}_{part}"][0]] for part in ("upper_leg", "lower_leg"))
    return apply(turns["hips"], upper - rest.hip_centre) + apply(turns[f"{side}_upper_leg"], lower - upper) \
        + apply(turns[f"{side}_lower_leg"], _ankle(rest, side) - lower)


def _ankle(rest: RestPose, side: str) -> np.ndarray:
    return rest.tips[f"{side}_lower_leg"]


def _ball(rest: RestPose, side: str, points: np.ndarray) -> np.ndarray:
    """(3,) where the toes bend; the foot's furthest point where the rig has none."""
    if f"{side}_toes" in rest.bones:
        return rest.heads[rest.bones[f"{side}_toes"][0]]
    ahead = (points - _ankle(rest, side)) @ rest.level[:2].T
    return points[np.argmax(np.linalg.norm(ahead, axis=-1))]


def leg_length(rest: RestPose) -> float:
    """World units: thigh and shin, the mean of both sides."""
    total = 0.0
    for side in SIDES:
        upper, lower = (rest.heads[rest.bones[f"{side}_{part}"][0]] for part in ("upper_leg", "lower_leg"))
        total += np.linalg.norm(lower - upper) + np.linalg.norm(_ankle(rest, side) - lower)
    return float(total) / 2


def _foot_points(rest: RestPose, side: str) -> np.ndarray:
    """(N, 3) world: heads and tails of the foot and all below it (the ankle alone where there is no foot)."""
    if f"{side}_foot" not in rest.bones:
        return _ankle(rest, side)[None]
    below = foot_bones(rest.rig, rest.bones, side)
    return np.concatenate([rest.heads[below], rest.rig.in_world(rest.rig.tails[below])])
