"""Random cameras that film a clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from .tuning import TUNING

ASPECTS = ((16, 9), (9, 16), (4, 3), (3, 4), (1, 1))


@dataclass(frozen=True)
class Filmed:
    """A clip in camera axes (x right, y down, z forward), metres.

    rotation: (B, T, 3, 3) camera from world. centre: (B, T, 3) the camera's place in the world.
    half: (B, 2) half the picture's width and height on the plane z = 1.
    """

    rotation: np.ndarray
    centre: np.ndarray
    half: np.ndarray

    def see(self, points: np.ndarray) -> np.ndarray:
        """(B, T, N, 3) world -> camera axes."""
        return (points - self.centre[:, :, None]) @ np.swapaxes(self.rotation, -1, -2)

    @property
    def up(self) -> np.ndarray:
        """(B, T, 3) the world's up in camera axes."""
        return self.rotation[..., :, 2]


def film(rng: np.random.Generator, root: np.ndarray, height: np.ndarray) -> Filmed:
    """Cameras around people whose pelvis moves along root (B, T, 3), standing `height` (B,) metres tall."""
    count, frames = root.shape[:2]
    yaw = rng.uniform(-np.pi, np.pi, count)
    pitch = np.clip(np.radians(rng.normal(*TUNING.pitch, count)), *np.radians(TUNING.pitch_limits))
    roll = np.radians(rng.normal(0, TUNING.roll, count))
    fov = np.radians(rng.uniform(*TUNING.field_of_view, count))
    aspect = np.array(ASPECTS, dtype=float)[rng.integers(len(ASPECTS), size=count)]
    half = np.tan(fov / 2)[:, None] * aspect / aspect.max(axis=1, keepdims=True)
    # The person fills this share of the picture's height; above 1 the picture cuts them off.
    share = np.exp(rng.uniform(*np.log(TUNING.person_in_picture), count))
    distance = np.clip(height / (2 * half[:, 1] * share), *TUNING.distance)
    aim = _aim(rng, root, half, distance)
    yaw_t, pitch_t, roll_t = (angle[:, None] + _sway(rng, count, frames) for angle in (yaw, pitch, roll))
    rotation = _rotation(yaw_t, pitch_t, roll_t)
    place = aim - distance[:, None, None] * _rotation(
        np.repeat(yaw[:, None], frames, 1), np.repeat(pitch[:, None], frames, 1), np.zeros((count, frames)))[..., 2, :]
    depth = ((root - place) * rotation[..., 2, :]).sum(axis=-1).min(axis=1)
    # People who would walk into the camera are filmed from further away.
    back = np.maximum(TUNING.nearest_approach - depth, 0)
    place = place - (back[:, None] * rotation[..., 2, :].mean(axis=1))[:, None]
    return Filmed(rotation, place, half)


def _aim(rng: np.random.Generator, root, half, distance) -> np.ndarray:
    """(B, T, 3) what the camera's path is built around: a fixed point, or one that follows the person."""
    count = len(root)
    still = np.repeat(root.mean(axis=1, keepdims=True), root.shape[1], axis=1)
    follow = gaussian_filter1d(root, TUNING.following_smoothed, axis=1, mode="nearest")
    far = np.ptp(root[..., :2], axis=1).max(-1) > TUNING.following_from * distance * half[:, 0]
    follows = (rng.random(count) < TUNING.following) | far
    aim = np.where(follows[:, None, None], follow, still)
    shift = rng.normal(0, TUNING.off_centre, (count, 3)) * (half[:, :1] * distance[:, None])
    return aim + (shift * (1, 1, TUNING.off_centre_up))[:, None]


def _sway(rng: np.random.Generator, count: int, frames: int) -> np.ndarray:
    """(B, T) radians of a hand-held camera; zero for most."""
    sigma = TUNING.hand_held_smoothed
    walk = gaussian_filter1d(rng.normal(size=(count, frames)), sigma, axis=1) * np.sqrt(2 * sigma * np.sqrt(np.pi))
    held_by_hand = rng.random(count) < TUNING.hand_held
    return walk * np.where(held_by_hand, np.radians(rng.uniform(*TUNING.hand_held_sway, count)), 0.0)[:, None]


def _rotation(yaw, pitch, roll) -> np.ndarray:
    """(..., 3, 3) camera from world: heading `yaw` about Z from +Y, looking down by `pitch`, rolled by `roll`."""
    sy, cy, sp, cp = np.sin(yaw), np.cos(yaw), np.sin(pitch), np.cos(pitch)
    forward = np.stack([-sy * cp, cy * cp, -sp], axis=-1)
    right = np.stack([cy, sy, np.zeros_like(sy)], axis=-1)
    down = np.cross(forward, right)
    sr, cr = np.sin(roll)[..., None], np.cos(roll)[..., None]
    return np.stack([cr * right + sr * down, -sr * right + cr * down, forward], axis=-2)
