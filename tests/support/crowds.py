"""Crowd clips without Blender: given joints before a still camera."""

import numpy as np

from training.rendered_crowds.crowd_file import Crowd
from training.rendered_people.person import POINTS


def crowd_of(points: np.ndarray, visible: np.ndarray | None = None, distance: float = 4.0) -> Crowd:
    """Make a clip of people with the joints `points` (N, T, 28, 3), seen from -Y by a 640 x 480 camera at 25 fps.

    visible: (N, T), 1 everywhere unless given.
    """
    people, frames = points.shape[:2]
    pose = np.eye(4)
    pose[:3, :3] = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]).T  # rows: right, down, forward
    pose[:3, 3] = (0, -distance, 1)
    intrinsics = np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])
    seen = (points - pose[:3, 3]) @ pose[:3, :3]
    pixels = seen[..., :2] / seen[..., 2:] * 500 + (320, 240)
    ones = np.ones((people, frames))
    boxes = np.concatenate([pixels.min(axis=2), pixels.max(axis=2)], axis=-1)
    visible = ones if visible is None else visible
    return Crowd(np.arange(frames) / 25, np.array([640, 480]), intrinsics, np.tile(pose, (frames, 1, 1)), np.array([0]),
                 ones > 0, points, pixels, np.zeros(points.shape[:3], bool), boxes, visible, 1 - visible, 0 * ones,
                 np.array(POINTS), np.full(people, 1.8), np.ones((people, 22)), np.arange(people),
                 np.array(["01_01"] * people), {"kind": "cross_same"})
