"""The upright world of a clip: the up direction from upright frames, and the floor under the body's lowest parts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..core.camera import world_from_camera_rotation
from ..core.skeleton import MOCAP22, SIDES
from ..core.soles import body_points
from ..maths.rotations import unit
from ..maths.smooth_series import smooth_series
from .tuning import TUNING

_ANKLES = [MOCAP22.index(f"{side}_ankle") for side in SIDES]
_THORAX = MOCAP22.index("thorax")


class World(NamedTuple):
    """The upright world of a clip.

    from_camera: (4, 4) rigid transform: upright, floor at Z = 0, origin under the pelvis of the first frame.
    confidence: 0..1, how well the up direction is known: near 1 where it is off by less than 3 degrees, 0.5 at 6.
    """

    from_camera: np.ndarray
    confidence: float


def level(positions_camera: np.ndarray, up: np.ndarray, fps: float = 30.0) -> np.ndarray:
    """(4, 4) world_from_camera of `find_world`."""
    return find_world(positions_camera, up, fps).from_camera


def find_world(positions_camera: np.ndarray, up: np.ndarray, fps: float = 30.0) -> World:
    """The one world of a clip whose camera stands still.

    positions_camera: (T, J, 3) metres, camera axes. up: (T, 3) the world's up in camera axes as seen in each frame.
    fps: frames per second. The robust mean of `up` over the upright frames (all, where there are none) is refined by
    the floor on which the body's lowest parts rest.
    """
    positions_camera = np.asarray(positions_camera, dtype=float)
    upright = upright_frames(positions_camera, up)
    used = upright if upright.any() else np.ones(len(upright), dtype=bool)
    given = mean_direction(up[used])
    spread = TUNING.up_spread if upright.any() else TUNING.up_spread_lying
    distance = float(np.median(np.linalg.norm(positions_camera[:, 0], axis=-1)))
    found, unsure = given, spread
    for _ in range(TUNING.up_rounds):
        turn = world_from_camera_rotation(found)
        floor = floor_up(positions_camera @ turn.T, fps, distance, turn @ given, spread, unsure)
        found, unsure = turn.T @ floor.up, floor.spread
    turn = world_from_camera_rotation(found)
    points = positions_camera @ turn.T
    world_from_camera = np.eye(4)
    world_from_camera[:3, :3] = turn
    world_from_camera[:3, 3] = -points[0, 0, 0], -points[0, 0, 1], -floor_height(points, fps)
    unsure = np.hypot(unsure, 0.0 if upright.any() else spread / 2)  # the floor alone, which frames that lie made
    return World(world_from_camera, _confidence(up[used], given, found, unsure))


def upright_frames(positions: np.ndarray, up: np.ndarray) -> np.ndarray:
    """(T,) bool: whether trunk and legs stand along the frame's own up. positions (T, J, 3), up (T, 3), same axes."""
    up = unit(up)
    trunk = unit(positions[:, _THORAX] - positions[:, 0])
    legs = unit(positions[:, 0] - positions[:, _ANKLES].mean(axis=1))
    least = np.minimum((trunk * up).sum(axis=-1), (legs * up).sum(axis=-1))
    return least > np.cos(TUNING.upright_angle)


def _confidence(up: np.ndarray, given: np.ndarray, found: np.ndarray, spread: float) -> float:
    """0..1 for a found up direction.

    up: (N, 3) of the frames that gave `given`. spread: radians, standard deviation of `found` by the floor. Frames that
    disagree with each other, or with the floor, make it doubtful.
    """
    own = np.median(np.linalg.norm(unit(up) - given, axis=-1))
    error = np.hypot(np.hypot(spread, TUNING.up_share * own), TUNING.up_share * np.linalg.norm(found - given))
    return float(1.0 / (1.0 + (error / TUNING.doubtful_up) ** 2))


def floor_height(positions: np.ndarray, fps: float) -> float:
    """Metres: the floor's height under (T, J, 3) positions with Z up, a low percentile of the slow lowest points."""
    points, slow = _slow_points(positions, fps)
    return float(np.percentile(points[slow][:, 2], TUNING.floor_percentile))


class FloorUp(NamedTuple):
    """up: (3,) unit vector, normal to the floor. spread: radians, its standard deviation in the worse direction."""

    up: np.ndarray
    spread: float


def floor_up(positions: np.ndarray, fps: float, distance: float = 0.0, given: np.ndarray = (0.0, 0.0, 1.0),
             spread: float = TUNING.up_spread, tilt: float = 0.0) -> FloorUp:
    """The normal of the plane on which the body rests, for (T, J, 3) positions with Z about up.

    distance: metres from the camera to the person. given: (3,) the prior of the normal; spread: radians, the prior's
    standard deviation. tilt: radians by which Z may still be off.

    A robust plane through the body points that rest. A clip on the spot, or one in which nothing rests, does not show
    the tilt and returns the prior.
    """
    points, slow = _slow_points(positions, fps)
    heights = points[..., 2]
    lowest = heights.argmin(axis=1)
    frames = np.arange(len(points))
    away = np.linalg.norm(points[..., :2] - points[frames, lowest][:, None, :2], axis=-1)
    slow &= heights < heights[frames, lowest][:, None] + TUNING.near + tilt * away
    given = np.asarray(given, dtype=float)
    if not slow.any():  # a still part in the air while the low one slides
        return FloorUp(unit(given), spread)
    chosen = points[slow]
    where = np.nonzero(slow)[0]
    stands = len(np.unique(where // max(int(TUNING.stand_seconds * fps), 1)))
    each = stands / len(np.unique(where)) / slow.sum(axis=1)[where]  # each frame counts alike
    rows = np.column_stack([chosen[:, :2] - np.median(chosen[:, :2], axis=0), np.ones(len(chosen))])
    noise = max(TUNING.floor_spread, TUNING.floor_spread_share * distance)
    weights, prior = np.ones(len(chosen)), np.diag([spread**-2, spread**-2, 0.0])
    pull = np.append(-given[:2] / max(given[2], 1e-6), 0.0) * spread**-2
    for _ in range(TUNING.floor_rounds):
        scaled = rows * (weights * each / noise**2)[:, None]
        information = rows.T @ scaled + prior
        slope = np.linalg.solve(information, scaled.T @ chosen[:, 2] + pull)
        weights = (1.0 + ((chosen[:, 2] - rows @ slope) / (TUNING.floor_outlier * noise)) ** 2) ** -2
    worst = np.sqrt(np.linalg.eigvalsh(np.linalg.inv(information)[:2, :2])[-1])
    return FloorUp(unit(np.array([-slope[0], -slope[1], 1.0])), float(worst))


def mean_direction(directions: np.ndarray) -> np.ndarray:
    """(3,) unit vector: the robust mean (geometric median) of (T, 3) unit vectors."""
    directions = unit(directions)
    mean = unit(np.median(directions, axis=0))
    rounds, nearest = TUNING.mean_up
    for _ in range(rounds):
        weights = 1.0 / np.maximum(np.linalg.norm(directions - mean, axis=1), nearest)
        mean = unit((directions * weights[:, None]).sum(axis=0))
    return mean if mean.any() else np.array([0.0, -1.0, 0.0])


class _SlowPoints(NamedTuple):
    """points: (T, P, 3) metres, smoothed body points. slow: (T, P) bool, the points that may rest on the floor."""

    points: np.ndarray
    slow: np.ndarray


def _slow_points(positions: np.ndarray, fps: float) -> _SlowPoints:
    """Body points that are slow and about as low as the body reaches."""
    points = smooth_series(body_points(positions), TUNING.floor_seconds, fps)
    if len(points) < 2:
        return _SlowPoints(points, points[..., 2] < points[..., 2].min(axis=1, keepdims=True) + TUNING.low)
    speed = np.linalg.norm(np.gradient(points, 1.0 / fps, axis=0), axis=-1)
    low = points[..., 2] < points[..., 2].min(axis=1, keepdims=True) + TUNING.low
    speed = np.where(low, speed, np.inf)
    slowest = speed.min(axis=1)
    return _SlowPoints(points, speed <= np.percentile(slowest, TUNING.slow_percent))
