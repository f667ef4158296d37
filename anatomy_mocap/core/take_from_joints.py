"""Make a take from known joint positions: motion capture, a BVH file, a test's motion."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .bone_lengths import lengths_and_directions
from .camera import WORLD_FROM_LEVEL_CAMERA, Camera
from .errors import MocapError
from .keypoint_layouts import CANONICAL
from .keypoints import Keypoints2D
from .skeleton import MOCAP22
from .take import Take


def take_from_positions(positions: ArrayLike, fps: float, start_time: float = 0.0, camera: Camera | None = None,
                        world_from_camera: ArrayLike | None = None, info: dict | None = None, name: str = "") -> Take:
    """A take with the directions of the 22 known joints and the median lengths of their bones.

    positions: (T, J, 3) metres, world axes (Z up, floor at 0). fps: frames per second. start_time: seconds.
    camera: by default one of 1280 x 720 pixels. world_from_camera: (4, 4) rigid; by default level, facing +Y, and far
    enough to see all. info: facts for people. name: of the clip or rig, for messages.
    The keypoints are the joints' projections; a keypoint without a joint has score 0.
    Raises MocapError for an unusable frame rate or positions, see `lengths_and_directions`.
    """
    positions = np.asarray(positions, dtype=float)
    if not np.isfinite(fps) or fps <= 0:
        raise MocapError(f"frame rate {fps} is not usable; give a positive number of frames per second")
    lengths, directions = lengths_and_directions(positions, name)
    camera = camera or Camera.from_fov(1280, 720)
    if world_from_camera is None:
        world_from_camera = _camera_in_front(positions, camera)
    world_from_camera = np.asarray(world_from_camera, dtype=float)
    turn, place = world_from_camera[:3, :3], world_from_camera[:3, 3]
    directions, roots = directions @ turn, (positions[:, 0] - place) @ turn
    points = MOCAP22.joint_positions(lengths, directions, roots)
    times = start_time + np.arange(len(positions)) / fps
    keypoints = _projected(points, camera, fps, times)
    return Take(MOCAP22.joint_names, MOCAP22.parents, float(fps), times, lengths, directions, roots,
                world_from_camera, keypoints, np.ones(points.shape[:2]), camera, dict(info or {}),
                origin="known")


def _camera_in_front(positions: np.ndarray, camera: Camera) -> np.ndarray:
    """(4, 4) world_from_camera of a level camera that looks along +Y and has all joints in its picture."""
    low, high = positions.min(axis=(0, 1)), positions.max(axis=(0, 1))
    middle = (low + high) / 2
    half = np.maximum((high - low) / 2, 0.5)[[0, 2]] * 1.1
    distance = (half * camera.focal / (np.array([camera.width, camera.height]) / 2)).max()
    world_from_camera = np.eye(4)
    world_from_camera[:3, :3] = WORLD_FROM_LEVEL_CAMERA
    world_from_camera[:3, 3] = middle[0], low[1] - distance, middle[2]
    return world_from_camera


def _projected(points: np.ndarray, camera: Camera, fps: float, times: np.ndarray) -> Keypoints2D:
    """Canonical keypoints of (T, J, 3) joints in camera axes; score 0 without a joint, and not in front of the
    camera."""
    xy, score = np.zeros((len(points), len(CANONICAL), 2)), np.zeros((len(points), len(CANONICAL)))
    for index, name in enumerate(CANONICAL.keypoint_names):
        if name in MOCAP22.joint_names:
            point = points[:, MOCAP22.index(name)]
            seen = point[:, 2] > 0.05
            xy[seen, index] = camera.project(point[seen])
            score[:, index] = seen
    return Keypoints2D(xy, score, CANONICAL.name, float(fps), times, camera.width, camera.height,
                       exact=True)
