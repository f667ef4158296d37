"""Whole clips of motion capture as the shipped detector would have seen them on video, with the truth: the benchmark.

Each clip is filmed by six fixed cameras, the same as the rendered validation people's (render/plan.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.keypoints import Keypoints2D
from anatomy_mocap.core.skeleton import MOCAP22

from ..mocap.dataset import LIFTER_FPS, MocapSet, directions_of
from ..rendered_people.clip_plan import CAMERAS
from ..rendered_people.filming import View, place
from .anthropometry import Bodies, draw_bodies
from .simulate_batch import SynthSettings, body_joints, seen_by_detector
from .virtual_camera import Filmed


@dataclass(frozen=True)
class SimulatedClip:
    """keypoints: canonical. camera: the true one. height: of the body, metres. lengths (J,), directions (T, J, 3) and
    up (T, 3) in camera axes: the truth. name: of the motion."""

    name: str
    keypoints: Keypoints2D
    camera: Camera
    height: float
    lengths: np.ndarray
    directions: np.ndarray
    up: np.ndarray

    @property
    def joints(self) -> np.ndarray:
        """(T, J, 3) metres relative to the pelvis, camera axes."""
        return MOCAP22.joint_positions(self.lengths, self.directions, np.zeros(3))


def simulate_clip(mocap: MocapSet, clip: int, view: int, noisy: bool = True, seed: int = 1,
                  fps: float = LIFTER_FPS, bodies: Bodies | None = None) -> SimulatedClip:
    """Clip number `clip` by camera number `view` of CAMERAS, at `fps` frames per second.

    The body is the subject's, the same in all of their clips, unless one is given (`bodies`, of one person); noise is
    the same for the same seed, clip and view whatever the rate.
    """
    bodies = bodies or subjects_body(mocap, clip, seed)
    joints, directions, filmed = _filmed(mocap, clip, CAMERAS[view], bodies, fps)
    exact, seen = seen_by_detector(np.random.default_rng(0), filmed, joints, bodies, SynthSettings(noisy=False))
    rays, score = exact[0], seen[0]
    times = np.arange(len(rays)) / fps
    if noisy:
        error, score = _errors(mocap, clip, CAMERAS[view], bodies, np.random.default_rng((seed, clip, view)), times)
        rays = np.where(score[..., None] > 0, rays + error, 0.0)
    camera = Camera.from_focal(CAMERAS[view].width, CAMERAS[view].height, CAMERAS[view].focal)
    keypoints = Keypoints2D(rays * camera.focal + (camera.cx, camera.cy), score.astype(float), CANONICAL.name, fps,
                            times, camera.width, camera.height, exact=not noisy)
    return SimulatedClip(mocap.names[clip], keypoints, camera, float(bodies.height[0]), bodies.lengths[0].astype(float),
                         (directions @ np.swapaxes(filmed.rotation, -1, -2))[0], filmed.up[0])


def subjects_body(mocap: MocapSet, clip: int, seed: int = 1) -> Bodies:
    """The body, of one person, that the subject of clip number `clip` has."""
    return draw_bodies(np.random.default_rng((seed, int(mocap.subject[clip]))), 1, shipped=1.0, modelled=0.0)


def _filmed(mocap: MocapSet, clip: int, view: View, bodies: Bodies, fps: float):
    """joints and directions (1, T, J, 3) in the world, and the camera, which stands still."""
    joints, directions = moving(mocap, clip, bodies, fps)
    framed, _ = moving(mocap, clip, bodies, LIFTER_FPS)  # so that it stands at the same place at every rate
    world_from_camera = np.tile(place(view, framed[0].astype(float))[0], (joints.shape[1], 1, 1))
    half = np.array([view.width, view.height]) / 2 / view.focal
    return joints, directions, Filmed(
        np.swapaxes(world_from_camera[:, :3, :3], 1, 2)[None], world_from_camera[None, :, :3, 3], half[None])


def moving(mocap: MocapSet, clip: int, bodies: Bodies, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """joints and directions (1, T, J, 3) of a body in a clip."""
    step = mocap.fps / fps
    count = max(1, int((mocap.frames[clip] - 1) / step))
    positions = mocap.sample(np.array([clip]), np.zeros(1), np.array([step]), count)
    directions = directions_of(positions)
    return body_joints(positions, directions, bodies.lengths), directions


def _errors(mocap: MocapSet, clip: int, view: View, bodies: Bodies, rng, times: np.ndarray):
    """What the detector adds to the rays, (T, K, 2), and its scores (T, K), at `times`: made at the lifter's rate."""
    joints, _, filmed = _filmed(mocap, clip, view, bodies, LIFTER_FPS)
    exact, _ = seen_by_detector(rng, filmed, joints, bodies, SynthSettings(noisy=False))
    rays, score = seen_by_detector(rng, filmed, joints, bodies, SynthSettings(missing=0.0))
    error = np.where(score[0, ..., None] > 0, rays[0] - exact[0], 0.0)
    at = np.clip(times * LIFTER_FPS, 0, len(error) - 1)
    low = np.minimum(at.astype(int), max(len(error) - 2, 0))
    high = np.minimum(low + 1, len(error) - 1)
    mix = (at - low)[:, None]
    both = (score[0, low] > 0) & (score[0, high] > 0)
    between = error[low] * (1 - mix[..., None]) + error[high] * mix[..., None]
    return between, np.where(both, score[0, low] * (1 - mix) + score[0, high] * mix, 0.0)
