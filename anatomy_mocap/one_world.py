"""Several people of one clip in one world: one up direction, one floor, and sizes that agree with it.

A single camera shows a small person nearby as it shows a large one far away, so each take has its own scale. Two people
who stand on one floor tell their ratio: how high the camera is above the floor is the same for both.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .core.camera import world_from_camera_rotation
from .core.take import Take
from .fitting.floor_plane import floor_height, mean_direction

LOWEST_CAMERA = 0.4
"""Metres of the camera above the floor below which the sizes are left alone: from so low the floor tells nothing."""
SIZE_SPREAD, FLOOR_SPREAD = 0.08, 0.1
"""How much body sizes differ, as a share, and the error of a floor's height, metres. Both guessed."""
MOST_RATIO = 1.4
"""Largest ratio of the camera's heights above two people's floors. Guessed: beyond it somebody stands on something."""


def in_one_world(takes: list[Take], known_height: bool = False) -> list[Take]:
    """The takes of people in one clip, by one camera, with the world axes in common, each on the floor.

    known_height: the sizes are given and stay.
    """
    if len(takes) < 2:
        return takes
    ups = np.concatenate([np.tile(take.world_from_camera[2, :3], (len(take.times), 1)) for take in takes])
    turn = world_from_camera_rotation(mean_direction(ups))
    camera = np.array([-_floor(take, turn) for take in takes])
    scales = np.ones(len(takes)) if known_height else _scales(camera, np.array([len(t.times) for t in takes]))
    origin = turn @ takes[0].root_positions[0] * scales[0]
    placed = []
    for take, scale, height in zip(takes, scales, camera, strict=True):
        world_from_camera = np.eye(4)
        world_from_camera[:3, :3] = turn
        world_from_camera[:3, 3] = -origin[0], -origin[1], height * scale
        info = dict(take.info)
        if "body_height" in info:
            info["body_height"] *= scale
        placed.append(replace(take, bone_lengths=take.bone_lengths * scale, root_positions=take.root_positions * scale,
                              world_from_camera=world_from_camera, info=info))
    return placed


def _floor(take: Take, turn: np.ndarray) -> float:
    """Metres: the floor's height above the camera, mostly negative, in the axes of `turn`."""
    return floor_height(take.joint_positions("camera") @ turn.T, take.fps)


def _scales(camera: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Factors on the sizes, from the camera's heights above each person's floor, (N,) metres; 1 where they tell
    nothing. The body sizes of N people are expected to be as they are, with a spread."""
    if camera.min() < LOWEST_CAMERA or camera.max() > MOST_RATIO * camera.min():
        return np.ones(len(camera))
    share = SIZE_SPREAD**2 / (SIZE_SPREAD**2 + (FLOOR_SPREAD / camera) ** 2)
    weight = share * np.sqrt(frames)
    common = np.exp(np.average(np.log(camera), weights=weight))
    return (common / camera) ** share
