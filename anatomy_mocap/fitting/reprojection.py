"""Fitting a posed body to keypoints: what `refine` (the pose) and `fit_body` (the body) share.

A keypoint that lies at X is seen on the ray x = X / Z, so X - x Z is the metres by which it is beside it: linear in the
joints, which are linear in the root and the bones' directions (equation 1 of the paper). Directions turn within the
plane at right angles to themselves, two unknowns each.
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

# How much worse than the others these are found.
_LOOSE = {"toe": 1.6, "knuckle": 1.8, "nose": 1.2, "wrist": 1.2, "eye": 1.2, "ear": 1.2, "heel": 1.5}
LOOSE = np.array([_LOOSE.get(name.rpartition("_")[2], 1.0) for name in CANONICAL.keypoint_names])
"""(K,) how many times farther than a joint's each keypoint is off."""


@dataclass(frozen=True)
class Trust:
    """Whom to trust how far.

    keypoint: metres by which a sure keypoint is off; exact: the same in a clip of exact ones. unsure: how many times
    more one is off whose score is one half; others go with the odds against them to the power 0.7, chosen on
    simulated clips of training subjects. robust: times that from where on a keypoint is believed less. directions:
    how many times farther than measured (lifter_error_model.py) the lifter's directions are taken to be off; above 1,
    as the body is never quite known; chosen likewise. doubt: how much farther one is off that is not sure, times the
    root of the odds against its joint (the lifter's confidence).
    """

    keypoint: float = 0.03
    exact: float = 0.007
    unsure: float = 6.0
    robust: float = 3.0
    directions: float = 2.0
    doubt: float = 2.0

    def of_keypoints(self, keypoints: Keypoints2D) -> np.ndarray:
        """(T, K) inverse variances, 1/m2, 0 where nothing is seen."""
        seen = (keypoints.score > 0) & np.isfinite(keypoints.xy).all(axis=-1)
        if keypoints.exact:
            return np.where(seen, 1.0 / (self.exact * LOOSE) ** 2, 0.0)
        more = 1.0 + (self.unsure * odds_against(keypoints.score) ** 0.7) ** 2
        return np.where(seen, 1.0 / (more * (self.keypoint * LOOSE) ** 2), 0.0)

    def kept(self, errors: np.ndarray, keypoints: Keypoints2D) -> np.ndarray:
        """(T, K, 2) metres -> (T, K) Geman-McClure weights, 1 for keypoints that are where they should be."""
        scale = self.robust * (self.exact if keypoints.exact else self.keypoint) * LOOSE
        return (1.0 + (np.linalg.norm(errors, axis=-1) / scale) ** 2) ** -2

    def of_directions(self, lifted: Lifted, root: np.ndarray, axes: np.ndarray) -> np.ndarray:
        """(T, 2(J - 1), 2(J - 1)) covariance, radians squared, of the lifter's directions; axes as `Turns` has them."""
        return turn_covariance(root, axes, self.directions * doubt(lifted.confidence[:, 1:], self.doubt))


class Turns:
    """Small turns of directions: axes (T, J - 1, 2, 3), unit vectors at right angles to each and to one another."""

    def __init__(self, directions: np.ndarray) -> None:
        first = any_perpendicular(directions[:, 1:])
        self.axes = np.stack([first, np.cross(directions[:, 1:], first)], axis=-2)

    def towards(self, others: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """(T, J - 1, 2) the turns from directions to others, each (T, J, 3)."""
        return (self.axes @ (others - directions)[:, 1:, :, None])[..., 0]

    def turned(self, directions: np.ndarray, turns: np.ndarray, most: float = 0.5) -> np.ndarray:
        """(T, J, 3) directions after turns (T, J - 1, 2), none by more than about `most` radians."""
        moved = directions.copy()
        moved[:, 1:] += (np.clip(turns, -most, most)[..., None, :] @ self.axes)[..., 0, :]
        moved[:, 1:] = unit(moved[:, 1:])
        return moved


@dataclass(frozen=True)
class Linear:
    """errors: (T, 2K) metres by which the keypoints lie beside their rays. by_root: (T, 2K, 3) and by_turns
    (T, 2K, 2(J - 1)): how they change with the root, as with the keypoint itself, and with the turns."""

    errors: np.ndarray
    by_root: np.ndarray
    by_turns: np.ndarray


def rays_of(keypoints: Keypoints2D, camera: Camera) -> np.ndarray:
    """(T, K, 2) on z = 1, 0 where nothing is seen."""
    rays = camera.rays(keypoints.xy)
    seen = (keypoints.score > 0) & np.isfinite(rays).all(axis=-1)
    return np.where(seen[..., None], rays, 0.0)


def linear(body: SeenBody, root: np.ndarray, directions: np.ndarray, rays: np.ndarray, turns: Turns) -> Linear:
    """Around a pose: root (T, 3), directions (T, J, 3); rays (T, K, 2)."""
    frames, points = rays.shape[:2]
    rows = np.concatenate([np.broadcast_to(np.eye(2), (frames, points, 2, 2)), -rays[..., None]], axis=-1)
    errors = (rows @ body.keypoints(root, directions)[..., None])[..., 0]
    # The row's product with each axis, times how far the bone moves the point.
    turned = rows.reshape(frames, 2 * points, 3) @ turns.axes.reshape(frames, -1, 3).swapaxes(1, 2)
    influence = np.repeat(np.repeat(body.influence[:, 1:], 2, axis=0), 2, axis=1)
    return Linear(errors.reshape(frames, -1), rows.reshape(frames, 2 * points, 3), turned * influence)
