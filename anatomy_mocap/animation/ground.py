"""Ground: one solver that puts a body on the floor, Z = 0, and holds what rests on it.

In this order, each for the whole clip at once, after `lean` turned level what lies or kneels:
1. The root moves horizontally against the slip of the standing feet.
2. The root rises or sinks so that each standing foot reaches its place with the bend that its knee has. A straight leg
   has by far the largest weight, since a millimetre shows there; a hidden foot far below the other one has hardly any.
   A body that lies, sits or kneels rests on its lowest part, and straight arms carry it as legs do. No part of trunk,
   head and thighs stays below the floor.
3. The feet go the rest of the way with an exact two-bone leg (limb_ik), and so do hands that rest on the floor.
4. Arms that still reach below the floor are turned up to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES
from ..core.soles import BODY_JOINTS, foot_points, radii
from ..maths.banded_least_squares import add_bands, penalty_bands, penalty_strength, smooth_fit, solve_bands
from ..maths.rotations import continuous, unit
from ..maths.smooth_series import smooth_series, upper_envelope
from ..touch.contacts import Contacts
from .lean import level_resting
from .limb_ik import ARM, ARM_JOINTS, LEG_JOINTS, arms_up, move_ends
from .tuning import TUNING

_TRUNK = np.array([MOCAP22.joint_names[joint].rpartition("_")[2] not in ARM for joint in BODY_JOINTS])
"""Which of BODY_JOINTS carry the body; an arm is turned instead."""


class _Footing(NamedTuple):
    """The contact point of each foot, which rolls between heel and toe.

    steps: (T, 2, 2) metres a frame, horizontal. heights: (T, 2) metres above the floor, the lower of heel and toe.
    """

    steps: np.ndarray
    heights: np.ndarray


class _Hands(NamedTuple):
    """heights: (T, 2) metres, the lowest skin of each hand above the floor. firm: (T, 2) 0..1, how surely it rests."""

    heights: np.ndarray
    firm: np.ndarray


@dataclass(frozen=True)
class _Body:
    """What the solver knows of a motion.

    positions: (T, 22, 3) metres. footing: of the feet. contacts: (T, 2) bool. firm, trust: (T, 2) 0..1, firmness of the
    feet's contacts and how far their heights can be believed. trunk: (T,) metres, the lowest point of trunk, head and
    thighs. legs: (2,) metres. hands: of the motion before it is moved.
    """

    motion: Motion
    positions: np.ndarray
    footing: _Footing
    contacts: np.ndarray
    firm: np.ndarray
    trust: np.ndarray
    trunk: np.ndarray
    legs: np.ndarray
    hands: _Hands


def ground(motion: Motion, contacts: Contacts, strength: float = 1.0) -> Motion:
    """Put the body of a motion on the floor and hold its standing feet; bone lengths are unchanged, zero phase.

    contacts: see `find_contacts`. strength: 0 changes nothing, 1 holds fully. The body is as thick as a usual one; that
    of the character counts after it was retargeted (retargeting.on_floor).
    If the camera is known, the root moves horizontally along the line of sight only, since the picture measures the
    other direction well.
    """
    if strength <= 0:
        return motion
    motion = level_resting(motion, contacts, strength)
    positions = motion.joint_positions()
    thick = radii(positions)
    body = _body(motion, positions, contacts, thick)
    if not body.contacts.any() and not body.hands.firm.any() and body.trunk.min() >= 0.0:
        return arms_up(motion, positions, thick, strength)
    level = _level_shift(body)
    rise, offsets = _rise(body, level)
    shift = strength * np.column_stack([level, rise])
    moved = replace(motion, root_positions=motion.root_positions + shift)
    positions = positions + shift[:, None]
    moved = move_ends(moved, strength * offsets, LEG_JOINTS, positions)
    hands = _hands(positions, thick, contacts)
    moved = move_ends(moved, strength * _hand_offsets(motion, positions, hands), ARM_JOINTS, positions)
    moved = arms_up(moved, moved.joint_positions(), thick, strength)
    return replace(moved, rotations=continuous(moved.rotations))


def _body(motion: Motion, positions: np.ndarray, contacts: Contacts, thick: np.ndarray) -> _Body:
    firm = contacts.firm_feet
    footing = _footing(foot_points(positions))
    heights = footing.heights
    deep = np.clip(np.minimum(-heights, heights.max(axis=1, keepdims=True) - heights), 0.0, None)
    trust = np.maximum((1.0 + (deep / TUNING.hidden_scale) ** 2) ** -2, TUNING.hidden_trust)
    skin = positions[:, BODY_JOINTS, 2] - thick
    legs = [motion.bone_lengths[[MOCAP22.index(f"{side}_knee"), MOCAP22.index(f"{side}_ankle")]].sum()
            for side in SIDES]
    return _Body(motion, positions, footing, contacts.feet, firm, trust, skin[:, _TRUNK].min(axis=1), np.array(legs),
                 _hands(positions, thick, contacts))


def _footing(points: np.ndarray) -> _Footing:
    """The contact points of (T, 2, 2, 3) heels and toes: a soft minimum by height."""
    share = np.exp(-(points[..., 2] - points[..., 2].min(axis=-1, keepdims=True)) / TUNING.roll_height)
    share = share / share.sum(axis=-1, keepdims=True)
    steps = np.diff(points[..., :2], axis=0, prepend=points[:1, ..., :2])
    return _Footing((steps * share[..., None]).sum(axis=2), points[..., 2].min(axis=-1))


def _level_shift(body: _Body) -> np.ndarray:
    """(T, 2) metres to move the root by horizontally, against the slip of the standing feet.

    The shift s minimises, in each free direction,

        sum_t  w_t (s_t - s_(t-1) + slip_t)^2 + r a |D2 s|^2 + |s|^2 / (root_memory fps)^2

    with second differences D2, the strength a of root_seconds and r of root_stiffness.
    """
    fps, eye, frames = body.motion.fps, body.motion.eye, len(body.positions)
    firm = body.firm**2 * body.trust
    total = firm.sum(axis=1)
    slip = (body.footing.steps * (firm / np.maximum(total, 1e-9)[:, None])[..., None]).sum(axis=1)
    # The N horizontal directions in which the root may move, (N, 1 or T, 2).
    free = np.eye(2)[:, None] if eye is None \
        else unit(foot_points(body.positions).mean(axis=(1, 2)) - eye)[None, :, :2]
    slip = (slip * free).sum(axis=-1).T[1:]
    weight = np.minimum(total[1:], total[:-1])
    stiffness = TUNING.root_stiffness[0] * penalty_strength(TUNING.root_seconds, fps, 2)
    bands = add_bands(penalty_bands(frames, 1, weight), penalty_bands(frames, 2, stiffness),
                      np.full((1, frames), 1.0 / (TUNING.root_memory * fps) ** 2))
    pull = np.zeros((frames, len(free)))
    pull[1:] -= weight[:, None] * slip
    pull[:-1] += weight[:, None] * slip
    return (solve_bands(bands, pull).T[..., None] * free).sum(axis=0)


def _rise(body: _Body, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(T,) metres to move the root up by, and the (T, 2, 3) offsets of the ankles after that.

    The rise r minimises  sum w (r - r_k)^2 + smoothness,  where r_k brings a standing foot to its place at the distance
    that its hip and ankle have, or the lowest part of a lying body to the floor.
    """
    fps, heights, frames = body.motion.fps, body.footing.heights, len(body.positions)
    smoothness = add_bands(
        penalty_bands(frames, 2, penalty_strength(TUNING.rise_seconds, fps, 2)),
        penalty_bands(frames, 1, TUNING.root_stiffness[1] * penalty_strength(TUNING.rise_seconds, fps, 1)))
    # A body with both feet under the floor rises, whether they stand or not.
    upper = heights.max(axis=1)
    under = np.clip(-upper / TUNING.sunk, 0.0, 1.0)
    rests = _rests(body)
    arms = _arm_weights(body)
    fixed = under + rests + arms.sum(axis=1)
    wanted = -under * upper - rests * body.trunk - (arms * body.hands.heights).sum(axis=1)
    firm = body.firm**2 * body.trust
    rise = _fit(wanted + (firm * _to_floor(heights)).sum(axis=1), fixed + firm.sum(axis=1), smoothness)
    path = _paths(body, level)
    for _ in range(TUNING.rise_rounds):
        rise = rise + upper_envelope(-(body.trunk + rise), TUNING.envelope_seconds, fps)
        offsets = _foot_offsets(body, path, rise)
        each, weight = _leg_rises(body, level, rise, offsets)
        rise = _fit(wanted + (firm * weight * each).sum(axis=1), fixed + (firm * weight).sum(axis=1), smoothness)
    rise = rise + upper_envelope(-(body.trunk + rise), TUNING.envelope_seconds, fps)
    return rise, _foot_offsets(body, path, rise)


def _fit(pull: np.ndarray, weight: np.ndarray, smoothness: np.ndarray) -> np.ndarray:
    return smooth_fit((pull / np.maximum(weight, 1e-9))[:, None], weight, smoothness)[:, 0]


def _rests(body: _Body) -> np.ndarray:
    """(T,) 0..1: whether trunk, head or knees lie on the floor: low, slow, and lower than what stands."""
    speed = np.abs(np.gradient(smooth_series(body.trunk, TUNING.point_seconds, body.motion.fps), 1 / body.motion.fps)) \
        if len(body.trunk) > 1 else np.zeros(1)
    whole, none = TUNING.lie_height
    return np.clip((none - body.trunk) / (none - whole), 0.0, 1.0) * np.clip(2.0 - speed / TUNING.lie_speed, 0.0, 1.0)


def _leg_rises(body: _Body, level: np.ndarray, rise: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(T, 2) the rise of the root with which each foot reaches its place at the leg's own length, and its weight."""
    wanted, weights = np.empty(rise.shape + (2,)), np.empty(rise.shape + (2,))
    for column, (hip, _, ankle) in enumerate(LEG_JOINTS):
        leg = body.positions[:, ankle] - body.positions[:, hip]
        reach = np.linalg.norm(leg, axis=-1)
        target = leg + offsets[:, column]
        drop = np.sqrt(np.maximum(reach**2 - (target[:, :2] ** 2).sum(axis=-1), 0.0))
        wanted[:, column] = rise + target[:, 2] + drop
        slack = np.maximum(1.0 - reach / body.legs[column], 0.0)
        steep = np.clip(-2.0 * leg[:, 2] / np.maximum(reach, 1e-9), 0.0, 1.0) ** 2
        weights[:, column] = steep * TUNING.leg_stiffness / (slack + TUNING.straight_slack)
    return wanted, weights


def _to_floor(heights: np.ndarray) -> np.ndarray:
    """The rise that puts soles at these heights on the floor; 0 for soles that stand on an object above it."""
    near, far = TUNING.put_down
    return -heights * np.clip((far - heights) / (far - near), 0.0, 1.0)


def _paths(body: _Body, level: np.ndarray) -> np.ndarray:
    """(T, 2, 2) metres: horizontal offsets that hold each standing foot in place, after the root's shift."""
    fps = body.motion.fps
    steps = body.footing.steps + np.diff(level, axis=0, prepend=level[:1])[:, None]
    path = np.cumsum(steps, axis=0)
    return np.stack([_standing_path(path[:, column], body.firm[:, column], fps) - path[:, column]
                     for column in range(2)], axis=1)


def _foot_offsets(body: _Body, path: np.ndarray, rise: np.ndarray) -> np.ndarray:
    """(T, 2, 3) metres to move each foot by: fixed on the floor while in contact, never below the floor."""
    fps, heights = body.motion.fps, body.footing.heights + rise[:, None]
    penalty = penalty_bands(len(path), 2, penalty_strength(TUNING.offset_seconds, fps, 2))
    (held, free), offsets = TUNING.offset_weights, np.zeros((len(path), 2, 3))
    for column in range(2):
        to_floor = np.where(body.contacts[:, column], _to_floor(heights[:, column]), 0.0)
        weights = np.where(body.contacts[:, column], held * body.firm[:, column] ** 2, free)
        offsets[:, column] = smooth_fit(np.column_stack([path[:, column], to_floor]), weights, penalty)
        offsets[:, column, 2] += _lift(heights[:, column] + offsets[:, column, 2], fps)
    return offsets


def _standing_path(path: np.ndarray, firm: np.ndarray, fps: float) -> np.ndarray:
    """(T, 2) the horizontal path of a point with steps of zero where it stands firmly.

    The path p minimises sum_t firm_t^2 |p_t - p_(t-1)|^2 + |p_t - path_t|^2 / (root_memory fps)^2. The second term
    releases a foot that moves slowly but far, which is no slip.
    """
    holds = np.minimum(firm[1:], firm[:-1]) ** 2
    weights = np.full(len(path), 1.0 / (TUNING.root_memory * fps) ** 2)
    return smooth_fit(path, weights, penalty_bands(len(path), 1, holds))


def _hands(positions: np.ndarray, thick: np.ndarray, contacts: Contacts) -> _Hands:
    """Where the hands of joints (T, 22, 3) are, and how surely they rest."""
    thin = [[thick[BODY_JOINTS.index(joint)] for joint in (wrist, wrist + 1)] for *_, wrist in ARM_JOINTS]
    # The knuckle ends the bone after the wrist's.
    heights = np.stack([(positions[:, [wrist, wrist + 1], 2] - own).min(axis=1)
                        for (*_, wrist), own in zip(ARM_JOINTS, thin, strict=True)], axis=1)
    near, far = TUNING.put_down
    return _Hands(heights, contacts.hands * np.clip((far - heights) / (far - near), 0.0, 1.0))


def _hand_offsets(motion: Motion, positions: np.ndarray, hands: _Hands) -> np.ndarray:
    """(T, 2, 3) metres to move each wrist by: still while the hand rests on the floor, never below it."""
    fps, offsets = motion.fps, np.zeros((len(positions), 2, 3))
    penalty = penalty_bands(len(positions), 2, penalty_strength(TUNING.offset_seconds, fps, 2))
    for column, (_, _, wrist) in enumerate(ARM_JOINTS):
        firm, skin = hands.firm[:, column], hands.heights[:, column]
        if firm.any():
            path = np.array(positions[:, wrist, :2])
            held = _standing_path(path, np.sqrt(firm), fps) - path
            targets = np.column_stack([held, -skin])
            weights = TUNING.offset_weights[0] * firm**2 + TUNING.offset_weights[1]
            offsets[:, column] = smooth_fit(targets * (firm > 0)[:, None], weights, penalty)
        offsets[:, column, 2] += _lift(skin + offsets[:, column, 2], fps)
    return offsets


def _arm_weights(body: _Body) -> np.ndarray:
    """(T, 2) how much each resting hand lifts or lowers the body: most with a straight arm that points down."""
    weights = np.empty(body.hands.firm.shape)
    for column, (shoulder, elbow, wrist) in enumerate(ARM_JOINTS):
        arm = body.positions[:, wrist] - body.positions[:, shoulder]
        reach = np.linalg.norm(arm, axis=-1)
        slack = np.maximum(1.0 - reach / body.motion.bone_lengths[[elbow, wrist]].sum(), 0.0)
        steep = np.clip(-2.0 * arm[:, 2] / np.maximum(reach, 1e-9), 0.0, 1.0) ** 2
        weights[:, column] = steep * TUNING.leg_stiffness / (slack + TUNING.straight_slack)
    return weights * body.hands.firm


def _lift(heights: np.ndarray, fps: float) -> np.ndarray:
    """(T,) metres that lift a foot at these heights out of the floor, smoothly."""
    sunk = np.maximum(-heights, 0.0)
    return np.maximum(smooth_series(sunk, TUNING.lift_seconds, fps), sunk)
