"""The cameras of a crowd clip, shot after shot: still, following somebody, moving along, shaken by a hand."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from ..rendered_people.filming import camera_axes
from .crowd_plan import CrowdPlan, Shot

_LAG = 6.0
"""Smoothing of a camera that follows somebody, frames."""


def film(plan: CrowdPlan, pelvis: np.ndarray, present: np.ndarray) -> np.ndarray:
    """World from camera (T, 4, 4). pelvis: (N, T, 3) of the actors. present: (N, T)."""
    result = np.tile(np.eye(4), (plan.frames, 1, 1))
    ends = [shot.start for shot in plan.shots[1:]] + [plan.frames]
    for index, (shot, end) in enumerate(zip(plan.shots, ends, strict=True)):
        frames = slice(shot.start, end)
        if end > shot.start:
            rng = np.random.default_rng((plan.seed, index))
            followed = None if shot.follows is None else _kept(pelvis[shot.follows, frames],
                                                               present[shot.follows, frames])
            result[frames] = _shot(shot, end - shot.start, plan.fps, rng, followed)
    return result


def _shot(shot: Shot, frames: int, fps: float, rng: np.random.Generator, followed: np.ndarray | None) -> np.ndarray:
    """(T, 4, 4) of one shot. followed: (T, 3) the way of the person whom it follows."""
    share = np.linspace(0, 1, frames) if frames > 1 else np.zeros(1)
    eye = np.array(shot.eye) + share[:, None] * np.array(shot.drift)
    target = np.tile(np.array(shot.target), (frames, 1))
    if followed is not None:
        target[:, :2] = gaussian_filter1d(followed[:, :2], _LAG, axis=0, mode="nearest")
    unrest = shaken(rng, frames, fps, shot.shake)
    result = np.tile(np.eye(4), (frames, 1, 1))
    for frame in range(frames):
        forward = target[frame] - eye[frame]
        axes = camera_axes(forward / np.linalg.norm(forward), np.radians(shot.roll))
        result[frame, :3, :3] = (Rotation.from_rotvec(unrest[frame]).as_matrix() @ axes).T
        result[frame, :3, 3] = eye[frame] + 0.6 * unrest[frame]  # a degree of turn comes with a centimetre
    return result


def shaken(rng: np.random.Generator, frames: int, fps: float, degrees: float) -> np.ndarray:
    """(T, 3) rotation vectors, radians: slow swaying and quick trembling, together of that standard deviation."""
    noise = rng.standard_normal((2, frames, 3))
    slow, quick = (gaussian_filter1d(each, seconds * fps, axis=0, mode="wrap")
                   for each, seconds in zip(noise, (0.35, 0.06), strict=True))
    total = slow / max(float(slow.std()), 1e-9) + 0.5 * quick / max(float(quick.std()), 1e-9)
    return np.radians(degrees) / np.sqrt(1.25) * total


def _kept(path: np.ndarray, present: np.ndarray) -> np.ndarray:
    """The path (T, 3) with its nearest known place where the person is absent (T,)."""
    known = np.flatnonzero(present)
    if not len(known):
        return np.zeros_like(path)
    nearest = known[np.abs(np.arange(len(path))[:, None] - known).argmin(axis=1)]
    return path[nearest]
