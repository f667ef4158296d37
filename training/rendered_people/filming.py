"""The camera: its place, and the projection of the world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from anatomy_mocap.core.skeleton import MOCAP22

_NEAREST = 0.7
"""Smallest distance of a joint from the camera, metres."""


@dataclass(frozen=True)
class View:
    """yaw: degrees round the person, 0 in front, 90 at their left. pitch: degrees that the camera looks down. roll:
    degrees. fov: degrees over the longer side. width, height: pixels. fill: share of the picture's side that the
    person's way takes up; above 1 they leave it. follows: the camera moves along with the person."""

    yaw: float
    pitch: float
    roll: float
    fov: float
    width: int
    height: int
    fill: float = 0.86
    follows: bool = False

    @property
    def focal(self) -> float:
        """Focal length, pixels."""
        return max(self.width, self.height) / 2 / np.tan(np.radians(self.fov) / 2)

    @property
    def intrinsics(self) -> np.ndarray:
        """(3, 3), principal point in the middle."""
        return np.array([[self.focal, 0, self.width / 2], [0, self.focal, self.height / 2], [0, 0, 1]])


def draw_view(rng: np.random.Generator) -> View:
    """A random view: from all sides, with varied height, tilt, roll, format and distance."""
    pitch = np.clip(rng.normal(8, 16), -25, 65)
    roll = rng.normal(0, 7) if rng.random() < 0.4 else 0.0
    width, height = _SIZES[rng.choice(len(_SIZES), p=(0.35, 0.15, 0.3, 0.2))]
    fill = rng.uniform(0.5, 0.92) if rng.random() < 0.88 else rng.uniform(1.0, 1.3)
    return View(float(rng.uniform(0, 360)), float(pitch), float(roll), float(np.exp(rng.uniform(*np.log((25, 90))))),
                width, height, float(fill), bool(rng.random() < 0.25))


_SIZES = ((512, 288), (448, 336), (320, 512), (400, 400))


def facing(joints: np.ndarray) -> float:
    """The heading of a person (T, 22, 3) over the clip, radians from +X."""
    def across(part: str) -> np.ndarray:
        return joints[:, MOCAP22.index(f"left_{part}")] - joints[:, MOCAP22.index(f"right_{part}")]

    left = (across("hip") + across("shoulder"))[:, :2]
    left = (left / np.maximum(np.linalg.norm(left, axis=-1, keepdims=True), 1e-6)).mean(axis=0)
    return float(np.arctan2(-left[0], left[1]))  # left x up


def place(view: View, joints: np.ndarray) -> np.ndarray:
    """The camera, world from camera (T, 4, 4), as near to a person (T, P, 3) as the view allows. Camera axes: x right,
    y down, z forward."""
    turn = _rotation(view, facing(joints[:, : len(MOCAP22)]))
    middle = (joints.min(axis=1) + joints.max(axis=1)) / 2
    if view.follows:
        path = gaussian_filter1d(middle, 12, axis=0, mode="nearest")
    else:
        path = np.broadcast_to((joints.min(axis=(0, 1)) + joints.max(axis=(0, 1))) / 2, middle.shape)
    seen = (joints - path[:, None]) @ turn.T
    half = np.array([view.width, view.height]) / 2 / view.focal * view.fill
    # The distance d at which each |x| <= half * (z + d), and nothing comes too near.
    distance = max((np.abs(seen[..., :2]) / half - seen[..., 2:]).max(), _NEAREST - seen[..., 2].min())
    result = np.tile(np.eye(4), (len(joints), 1, 1))
    result[:, :3, :3] = turn.T
    result[:, :3, 3] = path - distance * turn[2]
    return result


def _rotation(view: View, heading: float) -> np.ndarray:
    """(3, 3) world to camera."""
    azimuth, pitch, roll = heading + np.radians(view.yaw), np.radians(view.pitch), np.radians(view.roll)
    return camera_axes(-np.array([np.cos(azimuth) * np.cos(pitch), np.sin(azimuth) * np.cos(pitch), np.sin(pitch)]),
                       roll)


def camera_axes(forward: np.ndarray, roll: float) -> np.ndarray:
    """(3, 3) world to camera. forward: (3,) unit vector of the line of sight, not vertical. roll: radians."""
    right = np.cross(forward, (0, 0, 1))
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    c, s = np.cos(roll), np.sin(roll)
    return np.stack([c * right + s * down, c * down - s * right, forward])


def to_camera(points: np.ndarray, world_from_camera: np.ndarray) -> np.ndarray:
    """(T, P, 3) world -> camera axes, for (T, 4, 4)."""
    return (points - world_from_camera[:, None, :3, 3]) @ world_from_camera[:, :3, :3]


def project(points: np.ndarray, intrinsics: np.ndarray) -> np.ndarray:
    """(..., 3) in camera axes -> (..., 2) pixels."""
    ahead = np.maximum(points[..., 2:], 1e-3)
    return points[..., :2] / ahead * intrinsics[0, 0] + intrinsics[:2, 2]
