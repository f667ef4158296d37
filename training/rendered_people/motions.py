"""Stretches of motion capture for clips, chosen for variety, not in proportion to their length."""

from __future__ import annotations

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22

from ..mocap.dataset import LIFTER_FPS, MocapSet, directions_of

_CANDIDATES = 6
_KEENNESS = 1.5
"""Exponent of the preference for unusual stretches, per standard deviation."""

_SIDES = [MOCAP22.index(name) for name in ("left_hip", "right_hip")]


class Motions:
    """Draws stretches of a motion set."""

    def __init__(self, mocap: MocapSet):
        self.mocap = mocap
        sample = mocap.positions[np.concatenate([np.arange(a, a + n, 25) for a, n in
                                                 zip(mocap.start, mocap.frames, strict=True)])]
        shapes = _body_axes(directions_of(sample))
        self._usual, self._spread = shapes.mean(axis=0), shapes.std(axis=0) + 0.05

    def draw(self, rng: np.random.Generator, subject: int | None, frames: int, step: float) -> tuple[int, float]:
        """Clip and first frame of a stretch of `frames` poses, `step` apart (shorter in a short clip). subject: its
        number; None for any, those who moved more with a higher chance, but not in proportion."""
        subjects, whose = np.unique(self.mocap.subject, return_inverse=True)
        if subject is None:
            share = np.sqrt(np.bincount(whose, weights=self.mocap.frames))
            subject = int(rng.choice(subjects, p=share / share.sum()))
        clips = np.flatnonzero(self.mocap.subject == subject)
        share = np.sqrt(self.mocap.frames[clips])
        picked = rng.choice(clips, _CANDIDATES, p=share / share.sum())
        first = rng.random(_CANDIDATES) * np.maximum(self.mocap.frames[picked] - 1 - frames * step, 0)
        keen = np.exp(_KEENNESS * np.array([self._unusual(*each, frames, step)
                                            for each in zip(picked, first, strict=True)]))
        best = int(rng.choice(_CANDIDATES, p=keen / keen.sum()))
        return int(picked[best]), float(first[best])

    def length(self, clip: int, first: float, frames: int, step: float) -> int:
        """The number of poses, `frames` at most, that the clip has."""
        return int(min(frames, (self.mocap.frames[clip] - 1 - first) / step + 1))

    def positions(self, clip: int, first: float, frames: int, step: float) -> np.ndarray:
        """(T, 22, 3) metres, Z up."""
        poses = self.mocap.sample(np.array([clip]), np.array([first]), np.array([step]), frames)
        return poses[0].astype(float)

    def _unusual(self, clip: int, first: float, frames: int, step: float) -> float:
        """Distance of the poses from the mean pose, in standard deviations, and how much they change."""
        count = max(2, self.length(clip, first, frames, step) // 8)
        poses = _body_axes(directions_of(self.positions(clip, first, count, step * 8)))
        return float(np.abs((poses - self._usual) / self._spread).mean() + (poses / self._spread).std(axis=0).mean())


def _body_axes(directions: np.ndarray) -> np.ndarray:
    """(F, J * 3) directions with the heading taken out."""
    left = (directions[:, _SIDES[0]] - directions[:, _SIDES[1]])[:, :2]
    left = left / np.maximum(np.linalg.norm(left, axis=-1, keepdims=True), 1e-6)
    x, y = directions[..., 0], directions[..., 1]
    along, across = x * left[:, :1] + y * left[:, 1:], y * left[:, :1] - x * left[:, 1:]
    return np.stack([along, across, directions[..., 2]], axis=-1).reshape(len(directions), -1)


def source_step(mocap: MocapSet, fps: float, speed: float = 1.0) -> float:
    """Frames of the set from one frame of the clip to the next."""
    return speed * mocap.fps / fps


def mirror(positions: np.ndarray) -> np.ndarray:
    """(T, 22, 3) left and right exchanged."""
    return positions[:, MOCAP22.mirror] * (-1.0, 1.0, 1.0)


__all__ = ["LIFTER_FPS", "Motions", "mirror", "source_step"]
