"""The pinhole camera, and the conversion between camera axes and Blender's world axes.

Camera axes: x right, y down, z forward. World axes: Z up, right-handed, as Blender; the camera looks along world +Y,
so a person who faces the camera faces -Y, as Blender's characters do in the front view.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

DEFAULT_FOV = np.radians(55.0)
"""Field of view over the picture's longer side where it is unknown, radians: that of a phone's main camera while it
records video. Guessed."""

WORLD_FROM_LEVEL_CAMERA = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""Rotation from the axes of a camera held level to world axes: x -> X, z (forward) -> Y, y (down) -> -Z."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera with square pixels and no distortion.

    width, height: size of the picture, pixels. focal: focal length, pixels. cx, cy: principal point, pixels.
    """

    width: int
    height: int
    focal: float
    cx: float
    cy: float

    @classmethod
    def from_fov(cls, width: int, height: int, fov: float = DEFAULT_FOV) -> Camera:
        """Camera whose longer side spans `fov` radians, principal point in the middle."""
        return cls(width, height, max(width, height) / 2 / np.tan(fov / 2), width / 2, height / 2)

    @classmethod
    def from_focal(cls, width: int, height: int, focal: float) -> Camera:
        """Camera with a focal length of `focal` pixels, principal point in the middle."""
        return cls(width, height, float(focal), width / 2, height / 2)

    @property
    def fov(self) -> float:
        """Field of view over the longer side, radians."""
        return 2 * float(np.arctan(max(self.width, self.height) / 2 / self.focal))

    def rays(self, xy: ArrayLike) -> np.ndarray:
        """(..., 2) pixels -> (..., 2) points on the plane z = 1 in camera axes."""
        return (np.asarray(xy, dtype=float) - (self.cx, self.cy)) / self.focal

    def project(self, points: ArrayLike) -> np.ndarray:
        """(..., 3) metres in camera axes, z > 0 -> (..., 2) pixels."""
        points = np.asarray(points, dtype=float)
        return points[..., :2] / points[..., 2:] * self.focal + (self.cx, self.cy)


def world_from_camera_rotation(up: ArrayLike) -> np.ndarray:
    """(3, 3) rotation from camera axes to an upright world.

    up: (3,) the world's up direction in camera axes. The viewing direction stays in the plane of +Y and Z. For a camera
    that looks straight up or down, the top edge of the picture gives the heading.
    """
    up = np.asarray(up, dtype=float)
    up = up / np.linalg.norm(up)
    forward = np.array([0.0, 0.0, 1.0])
    heading = forward - up * (forward @ up)
    if np.linalg.norm(heading) < 1e-3:
        heading = np.array([0.0, -1.0, 0.0]) * np.sign(-(forward @ up) or 1.0)
        heading = heading - up * (heading @ up)
    heading /= np.linalg.norm(heading)
    right = np.cross(heading, up)
    return np.stack([right, heading, up])
