"""The reprojection error of a posed body and its derivatives, for the fits of the pose and of the body.

A keypoint at X is seen on the ray x = X / Z, so X - x Z is its distance from the ray in metres. This error is linear in
the joints, and the joints are linear in the root and in the bones' directions (equation 1 of the paper). A direction
turns within the plane at right angles to itself, which is two unknowns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.camera import Camera
from ..core.keypoint_layouts import CANONICAL
from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from ..maths.rotations import any_perpendicular, unit
from .lifter_error_model import doubt, odds_against, turn_covariance
from .seen_body import SeenBody
from .tuning import TUNING, Trust

_SPREAD = {"toe": 1.6, "knuckle": 1.8, "nose": 1.2, "wrist": 1.2, "eye": 1.2, "ear": 1.2, "heel": 1.5}
KEYPOINT_SPREAD = np.array([_SPREAD.get(name.rpartition("_")[2], 1.0) for name in CANONICAL.keypoint_names])
"""(K,) how many times farther off than a hip or knee each keypoint is. Guessed."""


def keypoint_weights(keypoints: Keypoints2D, trust: Trust) -> np.ndarray:
    """(T, K) inverse variances of the keypoints, 1/m2; 0 where nothing is seen."""
    seen = (keypoints.score > 0) & np.isfinite(keypoints.xy).all(axis=-1)
    if keypoints.exact:
        return np.where(seen, 1.0 / (trust.exact * KEYPOINT_SPREAD) ** 2, 0.0)
    wider = 1.0 + (trust.unsure * odds_against(keypoints.score) ** trust.odds_power) ** 2
    return np.where(seen, 1.0 / (wider * (trust.keypoint * KEYPOINT_SPREAD) ** 2), 0.0)


def robust_weights(errors: np.ndarray, keypoints: Keypoints2D, trust: Trust) -> np.ndarray:
    """(T, K) Geman-McClure weights of errors (T, K, 2) in metres: 1 for no error, towards 0 for outliers."""
    scale = trust.robust * (trust.exact if keypoints.exact else trust.keypoint) * KEYPOINT_SPREAD
    return (1.0 + (np.linalg.norm(errors, axis=-1) / scale) ** 2) ** -2


def direction_covariance(lifted: Lifted, root: np.ndarray, axes: np.ndarray, trust: Trust) -> np.ndarray:
    """(T, 2(J - 1), 2(J - 1)) covariance of the lifter's directions, radians squared.

    root: (T, 3) metres, camera axes. axes: of the `Turns` in which the covariance is expressed.
    """
    return turn_covariance(root, axes, trust.directions * doubt(lifted.confidence[:, 1:], trust.doubt))


class Turns:
    """Small turns of directions.

    axes: (T, J - 1, 2, 3), two unit vectors at right angles to each direction and to one another.
    """

    def __init__(self, directions: np.ndarray) -> None:
        first = any_perpendicular(directions[:, 1:])
        self.axes = np.stack([first, np.cross(directions[:, 1:], first)], axis=-2)

    def between(self, directions: np.ndarray, others: np.ndarray) -> np.ndarray:
        """(T, J - 1, 2) radians: the turns that take directions to others, each (T, J, 3)."""
        return (self.axes @ (others - directions)[:, 1:, :, None])[..., 0]

    def apply(self, directions: np.ndarray, turns: np.ndarray, most: float = TUNING.largest_turn) -> np.ndarray:
        """(T, J, 3) directions after turns (T, J - 1, 2), each limited to `most` radians."""
        moved = directions.copy()
        moved[:, 1:] += (np.clip(turns, -most, most)[..., None, :] @ self.axes)[..., 0, :]
        moved[:, 1:] = unit(moved[:, 1:])
        return moved


@dataclass(frozen=True)
class Linear:
    """The reprojection errors and their derivatives around a pose.

    errors: (T, 2K) metres from each keypoint's ray to its point on the body.
    by_root: (T, 2K, 3), their derivatives by the root. by_turns: (T, 2K, 2(J - 1)), their derivatives by the turns.
    """

    errors: np.ndarray
    by_root: np.ndarray
    by_turns: np.ndarray


def rays_of(keypoints: Keypoints2D, camera: Camera) -> np.ndarray:
    """(T, K, 2) points on the plane z = 1 in camera axes; 0 where nothing is seen."""
    rays = camera.rays(keypoints.xy)
    seen = (keypoints.score > 0) & np.isfinite(rays).all(axis=-1)
    return np.where(seen[..., None], rays, 0.0)


def linearise(body: SeenBody, root: np.ndarray, directions: np.ndarray, rays: np.ndarray, turns: Turns) -> Linear:
    """Errors and derivatives around the pose root (T, 3) metres, directions (T, J, 3), for rays (T, K, 2)."""
    frames, points = rays.shape[:2]
    rows = np.concatenate([np.broadcast_to(np.eye(2), (frames, points, 2, 2)), -rays[..., None]], axis=-1)
    errors = (rows @ body.keypoints(root, directions)[..., None])[..., 0]
    # The product of a row with each axis, times the distance by which the bone moves the point.
    turned = rows.reshape(frames, 2 * points, 3) @ turns.axes.reshape(frames, -1, 3).swapaxes(1, 2)
    influence = np.repeat(np.repeat(body.influence[:, 1:], 2, axis=0), 2, axis=1)
    return Linear(errors.reshape(frames, -1), rows.reshape(frames, 2 * points, 3), turned * influence)
