"""Path of a character's hips for which its feet stand at the take's footprints, at the character's own size.

Also the stance of a rig at rest (leg length, heights of ankles and balls above its floor) and the toes' rotations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.special import logsumexp

from ..core.skeleton import SIDES
from ..maths.rotations import about, apply, multiply
from ..rigs.foot_form import end_tails, foot_bones
from ..rigs.rest_pose import RestPose
from .performer import Performer
from .tuning import TUNING


@dataclass(frozen=True)
class Stance:
    """A rig's legs in its rest pose, world axes and units.

    scale: leg length of the character / leg length of the performer.
    origin: (3,) the point on the character's floor that corresponds to the take's origin.
    ankles: side -> height of the ankle above the floor.
    balls: side -> (3,) from the ankle to the ball of the foot (to the tip of a foot without toes).
    """

    scale: float
    origin: np.ndarray
    ankles: dict[str, float]
    balls: dict[str, np.ndarray]


def read_stance(rest: RestPose, performer: Performer, scale: float | None = None) -> Stance:
    """The stance of a rig, with `scale`, or else with the ratio of leg lengths between rig and performer."""
    theirs = sum(performer.length(f"{side}_{joint}") for side in SIDES for joint in ("knee", "ankle")) / len(SIDES)
    return stance_of(rest, float(scale if scale is not None else leg_length(rest) / max(theirs, 1e-6)))


def stance_of(rest: RestPose, scale: float = 1.0) -> Stance:
    """The stance of a rig for a path that is scaled by `scale`."""
    up = rest.body_from_world[2]
    feet = {side: _foot_points(rest, side) for side in SIDES}
    lowest = min(float((points @ up).min()) for points in feet.values())
    origin = float(rest.rig.world_from_armature[:3, 3] @ up)
    leg = leg_length(rest)
    low, high = TUNING.floor_range
    # A sole is thicker than its bones: an object's origin just below the feet is the floor.
    floor_along_up = origin if rest.upright and low * leg <= lowest - origin <= high * leg else lowest
    heights = {side: float(_ankle(rest, side) @ up) - floor_along_up for side in SIDES}
    balls = {side: _ball(rest, side, feet[side]) - _ankle(rest, side) for side in SIDES}
    return Stance(scale, _origin(rest, floor_along_up, leg), heights, balls)


def sole_offsets(rest: RestPose, stance: Stance, turns: Mapping[str, np.ndarray], side: str) -> dict[str, np.ndarray]:
    """(T, 3) world vectors from the ankle to the points of the sole under ankle ("heel") and ball ("toe").

    turns: part -> (T, 4) world rotation of the limb from its rest pose.
    """
    up = rest.body_from_world[2]
    foot = turns.get(f"{side}_foot", turns[f"{side}_lower_leg"])
    height = stance.ankles[side] + stance.balls[side] @ up
    return {"heel": apply(foot, -up * stance.ankles[side]),
            "toe": apply(foot, stance.balls[side]) - apply(turns.get(f"{side}_toes", foot), up * height)}


def _origin(rest: RestPose, floor_along_up: float, leg: float) -> np.ndarray:
    """(3,) world: the object's origin on the floor, or the body's own place if the origin is far away."""
    origin = rest.rig.world_from_armature[:3, 3].copy()
    if np.linalg.norm(rest.hip_centre[:2] - origin[:2]) > leg:
        origin[:2] = rest.hip_centre[:2]
    if rest.body_from_world[2, 2] > 0.99:
        origin[2] = floor_along_up
    return origin


def toe_turns(performer: Performer, rest: RestPose, turns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Part -> (T, 4) world rotations from rest of the toes that the rig has.

    A take's foot is one bone. With its heel raised and its toe on the floor, a character's toes stay flat: they bend by
    the pitch of the foot, weighted by the toe's contact.
    """
    found = {}
    for side in SIDES:
        part = f"{side}_toes"
        if part not in rest.bones or f"{side}_foot" not in turns or part in turns:
            continue
        sole = _sole(performer, side)
        pitch = np.arcsin(np.clip(-apply(sole, (0.0, -1.0, 0.0))[:, 2], -1.0, 1.0))
        down = _contact_weight(performer.at(f"{side}_toe")[:, 2] - performer.flat[side].toe)
        down = gaussian_filter1d(down, TUNING.contact_seconds * performer.motion.fps, mode="nearest")
        bend = np.clip(pitch, 0.0, np.radians(TUNING.toe_bend)) * down
        found[part] = multiply(about(apply(sole, (1.0, 0.0, 0.0)), -bend), turns[f"{side}_foot"])
    return found


def hip_path(rest: RestPose, stance: Stance, performer: Performer, turns: dict[str, np.ndarray]) -> np.ndarray:
    """(T, 3) world path of the middle of the rig's hip joints.

    For each heel and ball i there is one hip position h_i that puts it at the take's scaled point p_i, and one position
    h_0 for the scaled path. The path is their weighted mean

        hips = sum_i w_i h_i / sum_i w_i,   w_i = exp(-height(p_i) / CONTACT),   w_0 = FREE

    in X and Y, and a soft maximum of their heights in Z, so that no foot sinks into the floor.
    turns: part -> (T, 4) world rotation of the limb from its rest pose.
    """
    origin, flat = stance.origin, performer.flat
    ground = stance.scale * np.mean([flat[side].ankle for side in SIDES]) - np.mean(list(stance.ankles.values()))
    candidates = [origin + stance.scale * performer.at("pelvis") - (0, 0, ground)]
    weights = [np.full(len(performer), TUNING.free_weight)]
    for side in SIDES:
        leg, offsets = _leg_vector(rest, turns, side), sole_offsets(rest, stance, turns, side)
        for name, point in soles_of(performer, side).items():
            candidates.append(origin + stance.scale * point - leg - offsets[name])
            weights.append(_contact_weight(point[:, 2]))
    softness = TUNING.height_softness * stance.scale
    return _combined(np.stack(candidates), np.stack(weights), performer.motion.fps, softness)


def _combined(candidates: np.ndarray, weights: np.ndarray, fps: float, soft: float) -> np.ndarray:
    """(T, 3): mean of (V, T, 3) candidates in X and Y, soft maximum in Z, with (V, T) weights smoothed in time."""
    weights = gaussian_filter1d(weights, TUNING.contact_seconds * fps, axis=1, mode="nearest")
    weights = weights / weights.sum(axis=0)
    path = np.einsum("vti,vt->ti", candidates, weights)
    above = candidates[..., 2] - path[:, 2]
    # Far above the floor a foot's weight is 0 to the last bit; logsumexp then ignores its candidate.
    path[:, 2] += soft * logsumexp(above / soft, axis=0, b=weights)
    return path


def _contact_weight(height: np.ndarray) -> np.ndarray:
    """(T,) 0..1: the contact weight of a point at `height` metres above the floor, exp(-height / CONTACT)."""
    return np.exp(-np.maximum(height, 0.0) / TUNING.contact_height)


def sole_weights(performer: Performer, side: str) -> np.ndarray:
    """(3, T) weights of a foot's scaled path, its heel and its ball; their sum is 1."""
    contacts = [_contact_weight(point[:, 2]) for point in soles_of(performer, side).values()]
    weights = np.stack([np.full(len(performer), TUNING.free_weight), *contacts])
    weights = gaussian_filter1d(weights, TUNING.contact_seconds * performer.motion.fps, axis=1, mode="nearest")
    return weights / weights.sum(axis=0)


def _sole(performer: Performer, side: str) -> np.ndarray:
    """(T, 4) world rotation of the performer's sole; the identity if it is flat and points ahead."""
    if performer.detail is not None:
        return performer.detail.turns[f"{side}_foot"]
    return multiply(performer.turn(f"{side}_toe"), performer.flat[side].level)


def soles_of(performer: Performer, side: str) -> Mapping[str, np.ndarray]:
    """(T, 3) points of the performer's sole under the ankle ("heel") and the toe ("toe")."""
    if performer.detail is not None:
        return performer.detail.soles[side]
    flat = performer.flat[side]
    down = apply(_sole(performer, side), (0.0, 0.0, -1.0))
    return {"heel": performer.at(f"{side}_ankle") + down * flat.ankle,
            "toe": performer.at(f"{side}_toe") - (0.0, 0.0, flat.toe)}


def _leg_vector(rest: RestPose, turns: dict[str, np.ndarray], side: str) -> np.ndarray:
    """(T, 3) world vector from the middle of the hips to the ankle."""
    upper, lower = (rest.heads[rest.bones[f"{side}_{part}"][0]] for part in ("upper_leg", "lower_leg"))
    return apply(turns["hips"], upper - rest.hip_centre) + apply(turns[f"{side}_upper_leg"], lower - upper) \
        + apply(turns[f"{side}_lower_leg"], _ankle(rest, side) - lower)


def _ankle(rest: RestPose, side: str) -> np.ndarray:
    return rest.tips[f"{side}_lower_leg"]


def _ball(rest: RestPose, side: str, points: np.ndarray) -> np.ndarray:
    """(3,) world, the head of the toes; the furthest point of a foot without toes."""
    if f"{side}_toes" in rest.bones:
        return rest.heads[rest.bones[f"{side}_toes"][0]]
    ahead = (points - _ankle(rest, side)) @ rest.body_from_world[:2].T
    return points[np.argmax(np.linalg.norm(ahead, axis=-1))]


def leg_length(rest: RestPose) -> float:
    """Length of thigh and shin in world units, mean of both sides."""
    total = 0.0
    for side in SIDES:
        upper, lower = (rest.heads[rest.bones[f"{side}_{part}"][0]] for part in ("upper_leg", "lower_leg"))
        total += np.linalg.norm(lower - upper) + np.linalg.norm(_ankle(rest, side) - lower)
    return float(total) / 2


def _foot_points(rest: RestPose, side: str) -> np.ndarray:
    """(N, 3) world: heads and tails of the foot's bones; the ankle of a leg without a foot."""
    if f"{side}_foot" not in rest.bones:
        return _ankle(rest, side)[None]
    below = foot_bones(rest.rig, rest.bones, side)
    return np.concatenate([rest.heads[below], end_tails(rest.rig, rest.bones, side, rest.body_from_world[2])])
