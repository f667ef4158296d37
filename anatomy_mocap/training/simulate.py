"""Whole clips of motion capture as a detector would have seen them on video, with the truth: for evaluation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.camera import Camera
from ..core.keypoints import CANONICAL, Keypoints2D
from ..core.skeleton import MOCAP22
from .anthropometry import draw_bodies
from .dataset import LIFTER_FPS, MocapSet, directions_of
from .synth2d import SynthSettings, body_joints, seen_by_detector
from .virtual_camera import film

LONGER_SIDE = 1280
"""Pixels of the simulated pictures."""


@dataclass(frozen=True)
class SimulatedClip:
    """keypoints: canonical, 25 fps. camera: the true one. lengths (J,), directions (T, J, 3) and up (T, 3) in camera
    axes: the truth. name: of the motion."""

    name: str
    keypoints: Keypoints2D
    camera: Camera
    lengths: np.ndarray
    directions: np.ndarray
    up: np.ndarray

    @property
    def joints(self) -> np.ndarray:
        """(T, J, 3) metres relative to the pelvis, camera axes."""
        return MOCAP22.joint_positions(self.lengths, self.directions, np.zeros(3))


def simulate_clip(mocap: MocapSet, clip: int, seed: int, noisy: bool = True) -> SimulatedClip:
    """One clip, a random body and camera; the same for the same seed, with noise or without."""
    rng = np.random.default_rng((seed, clip))
    step = mocap.fps / LIFTER_FPS
    count = max(1, int((mocap.frames[clip] - 1) / step))
    positions = mocap.sample(np.array([clip]), np.zeros(1), np.array([step]), count)
    bodies = draw_bodies(rng, 1, shipped=1.0)
    directions = directions_of(positions)
    joints = body_joints(positions, directions, bodies.lengths)
    filmed = film(rng, joints[:, :, 0], bodies.height)
    rays, score = seen_by_detector(rng, filmed, joints, bodies, SynthSettings(noisy=noisy))
    width, height = np.round(filmed.half[0] / filmed.half[0].max() * LONGER_SIDE).astype(int)
    camera = Camera.from_focal(int(width), int(height), LONGER_SIDE / 2 / filmed.half[0].max())
    xy = rays[0] * camera.focal + (camera.cx, camera.cy)
    keypoints = Keypoints2D(xy, score[0].astype(float), CANONICAL.name, LIFTER_FPS, np.arange(count) / LIFTER_FPS,
                            camera.width, camera.height)
    return SimulatedClip(mocap.names[clip], keypoints, camera, bodies.lengths[0].astype(float),
                         (directions @ np.swapaxes(filmed.rotation, -1, -2))[0], filmed.up[0])
