"""Blend postures that the set hardly has into standing motion: sitting, squatting, kneeling, crawling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.detector_points import unit

from .tuning import TUNING

_J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}
_TRUNK = [_J[name] for name in MOCAP22.joint_names
          if not name.endswith(("pelvis", "knee", "ankle", "toe"))]
_SIDES = (("left", 1.0), ("right", -1.0))


@dataclass(frozen=True)
class Posture:
    """Means and spreads in degrees.

    share: of all. lean: of the trunk, forward. hip: thighs forward from straight down. out: thighs to the side. knee:
    bend. planted: the soles stand flat (otherwise the feet continue the shanks). on_hands: the arms hang straight down.
    other: hip and knee of the second leg where it does something else.
    """

    share: float
    lean: tuple[float, float]
    hip: tuple[float, float]
    out: tuple[float, float]
    knee: tuple[float, float]
    planted: bool = True
    on_hands: bool = False
    other: tuple[float, float] | None = None


POSTURES = (
    Posture(0.30, (5, 14), (85, 11), (10, 10), (88, 22)),  # on a chair
    Posture(0.15, (28, 14), (112, 16), (15, 10), (128, 17)),  # squatting
    Posture(0.10, (3, 12), (4, 9), (8, 6), (98, 10), planted=False),  # kneeling upright
    Posture(0.08, (8, 12), (68, 14), (10, 8), (148, 8), planted=False),  # sitting on the heels
    Posture(0.12, (10, 14), (82, 14), (8, 8), (88, 14), other=(2, 100)),  # on one knee
    Posture(0.08, (-4, 14), (86, 10), (10, 8), (22, 22)),  # on the floor, legs forward
    Posture(0.05, (10, 10), (82, 8), (48, 8), (138, 8), planted=False),  # cross-legged
    Posture(0.12, (82, 12), (10, 20), (6, 6), (92, 12), planted=False, on_hands=True),  # on all fours
)


def turned(vectors: np.ndarray, axis: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Vectors (..., 3) turned about unit axes (..., 3) by angles (...,) radians (Rodrigues' formula)."""
    cosine, sine = np.cos(angle)[..., None], np.sin(angle)[..., None]
    along = (vectors * axis).sum(-1, keepdims=True) * axis
    return along * (1 - cosine) + vectors * cosine + np.cross(axis, vectors) * sine


def body_axes(directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The person's left and forward, both horizontal, of directions (..., J, 3) in the world."""
    left = directions[..., _J["left_hip"], :] - directions[..., _J["right_hip"], :]
    left = unit(left * np.array((1.0, 1.0, 0.0)) + (1e-4, 0, 0))
    return left, np.cross(left, (0.0, 0.0, 1.0))


def in_postures(rng: np.random.Generator, directions: np.ndarray,
                share: float = TUNING.posture_share) -> tuple[np.ndarray, np.ndarray]:
    """`share` of the rows in one of POSTURES for a part of the time, with the ways into it and out of it. Returns the
    directions and the rows as (B,) bool.

    directions: (B, T, J, 3) unit vectors, world axes, row 0 zero.
    """
    taken = rng.random(len(directions)) < share
    rows = np.flatnonzero(taken)
    shares = np.array([posture.share for posture in POSTURES])
    kinds = rng.choice(len(POSTURES), len(rows), p=shares / shares.sum())
    directions = directions.copy()
    for kind, posture in enumerate(POSTURES):
        chosen = rows[kinds == kind]
        if len(chosen):
            directions[chosen] = posed(rng, directions[chosen].astype(np.float64), posture)
    return directions, taken


def posed(rng: np.random.Generator, part: np.ndarray, posture: Posture) -> np.ndarray:
    """All rows of directions (B, T, J, 3, changed in place) in one posture for a part of the time."""
    count, frames = part.shape[:2]
    amount = now_and_then(rng, count, frames)
    busy = rng.random(count) < TUNING.posture_repeats
    amount[busy] = down_and_up(rng, int(busy.sum()), frames)
    left, forward = body_axes(part)

    def angle(mean: float, spread: float) -> np.ndarray:
        slow = gaussian_filter1d(rng.standard_normal((count, frames)), 25, axis=1, mode="nearest") * 4
        return np.radians(mean + spread * (rng.standard_normal((count, 1)) + 0.5 * slow))

    moving = 4 * amount * (1 - amount) * np.radians(rng.uniform(0, TUNING.posture_forward, (count, 1)))
    lean = angle(*posture.lean) * amount + (moving if posture.planted else 0.0)
    part[:, :, _TRUNK] = turned(part[:, :, _TRUNK], left[:, :, None], lean[..., None])
    second = rng.integers(2)
    for index, (side, sign) in enumerate(_SIDES):
        hip, knee, planted = posture.hip, posture.knee, posture.planted
        if posture.other is not None and index == second:
            hip, knee, planted = (posture.other[0], hip[1]), (posture.other[1], knee[1]), False
        out = angle(*posture.out) * sign
        _blend(part, _leg(side, left, forward, angle(*hip), out, angle(*knee), planted), amount)
        if posture.on_hands:
            _blend(part, _arm(rng, side, left, forward, sign), amount)
    return part


def now_and_then(rng: np.random.Generator, count: int, frames: int) -> np.ndarray:
    """(count, frames) share of the posture in 0..1: mostly in it, seldom on the way."""
    wave = gaussian_filter1d(rng.standard_normal((count, frames)), 15, axis=1, mode="nearest") * 12
    return 1 / (1 + np.exp(-(wave + rng.uniform(0, 6, (count, 1)))))


def down_and_up(rng: np.random.Generator, count: int, frames: int) -> np.ndarray:
    """(count, frames) in 0..1: down and up again and again, with stays and ways as long as TUNING has them."""
    (shortest_stay, longest_stay), (shortest_way, _) = TUNING.posture_stays, TUNING.posture_ways
    changes = 2 * (frames // int(shortest_stay + shortest_way) + 2)
    stays = np.exp(rng.uniform(*np.log(TUNING.posture_stays), (count, changes)))
    ways = np.exp(rng.uniform(*np.log(TUNING.posture_ways), (count, 1))) * rng.uniform(0.8, 1.25, (count, changes))
    begins = np.cumsum(stays + ways, axis=1) - ways - rng.uniform(0, longest_stay, (count, 1))
    share = np.clip((np.arange(frames)[:, None] - begins[:, None]) / ways[:, None], 0, 1)
    eased = share**2 * (3 - 2 * share)
    down = np.where(np.arange(changes) % 2 == 0, 1.0, -1.0) * np.where(rng.random((count, 1)) < 0.5, 1.0, -1.0)
    start = (down[:, 0] < 0).astype(float)
    return start[:, None] + (eased * down[:, None]).sum(axis=-1)


def _blend(part: np.ndarray, targets: dict[str, np.ndarray], amount: np.ndarray) -> None:
    for name, target in targets.items():
        bone = _J[name]
        part[:, :, bone] = unit((1 - amount[..., None]) * part[:, :, bone] + amount[..., None] * target)


def _leg(side: str, left, forward, hip, out, knee, planted: bool) -> dict[str, np.ndarray]:
    """Bone -> directions (B, T, 3); hip, out, knee: radians (B, T). The knee bends backward, never forward."""
    up = np.array((0.0, 0.0, 1.0))
    ahead = forward * np.cos(out)[..., None] + left * np.sin(out)[..., None]
    axis = np.cross(up, ahead)  # the leg's own left
    thigh = turned(np.broadcast_to(-up, ahead.shape), axis, -hip)
    shank = turned(thigh, axis, np.clip(knee, 0, np.radians(160)))
    pointed = shank + 0.5 * turned(shank, axis, np.full(hip.shape, -np.pi / 2))
    foot = unit(ahead - 0.35 * up if planted else pointed)
    return {f"{side}_knee": thigh, f"{side}_ankle": shank, f"{side}_toe": foot}


def _arm(rng: np.random.Generator, side: str, left, forward, sign: float) -> dict[str, np.ndarray]:
    """Straight down to the floor, as on all fours."""
    ahead, aside = rng.normal(0.05, 0.2, (2, len(left), 1, 1))
    upper = unit(np.array((0.0, 0.0, -1.0)) + ahead * forward + (0.1 + aside) * sign * left)
    lower = unit(upper + 0.12 * forward)
    hand = unit(forward + 0.4 * np.array((0.0, 0.0, -1.0)))
    return {f"{side}_elbow": upper, f"{side}_wrist": lower, f"{side}_knuckle": hand}
