"""A pool of simulated videos that training draws from: each is seen a few times, cut and mirrored differently."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from ..core.keypoints import CANONICAL
from ..core.skeleton import MOCAP22
from .synth2d import Batch

_FRAMES = ("xy", "score", "directions", "up", "valid")
"""Fields of a Batch that have frames on the second axis."""


ROLL = np.radians(4.0)
"""Standard deviation of the roll that each window is drawn with: exact, and no window is seen twice in the same way."""


class Pool:
    """The last `capacity` videos of `chunks` chunks each."""

    def __init__(self, capacity: int, chunks: int) -> None:
        self.capacity, self.chunks = capacity, chunks
        self.arrays: dict[str, np.ndarray] = {}
        self.filled = self.next = 0

    def add(self, batch: Batch) -> None:
        """Take in a batch's videos in place of the oldest."""
        for video in range(len(batch.xy) // self.chunks):
            rows = slice(video * self.chunks, (video + 1) * self.chunks)
            for field in fields(batch):
                value = getattr(batch, field.name)[rows]
                if field.name not in self.arrays:
                    self.arrays[field.name] = np.zeros((self.capacity, *value.shape), value.dtype)
                self.arrays[field.name][self.next] = value
            self.next = (self.next + 1) % self.capacity
            self.filled = min(self.filled + 1, self.capacity)

    def draw_windows(self, rng: np.random.Generator, count: int, window: int, before: int) -> dict[str, np.ndarray]:
        """`count` random windows, half of them mirrored, each as by a camera rolled a little more: xy (count, window,
        K, 2), score (count, window, K), and of the frame `before` frames after each window's start directions (count,
        J, 3), up (count, 3), and of the body lengths (count, J), bone_weight (count, J).

        window: frames; 1 gives single frames.
        """
        video, chunk, at = self._valid_frames(rng, count, window, before)
        frames = (at - before)[:, None] + np.arange(window)
        flip = rng.random(count) < 0.5
        batch = {}
        for name in ("xy", "score"):
            batch[name] = _mirrored(name, self.arrays[name][video[:, None], chunk[:, None], frames], flip)
        for name in ("directions", "up"):
            batch[name] = _mirrored(name, self.arrays[name][video, chunk, at][:, None], flip)[:, 0]
        for name in ("lengths", "bone_weight"):
            batch[name] = _mirrored(name, self.arrays[name][video, chunk], flip)
        angle = rng.normal(0, ROLL, count)
        return batch | {name: rolled(batch[name], angle) for name in ("xy", "directions", "up")}

    def _valid_frames(self, rng, count: int, window: int, before: int):
        """Random (video, chunk, frame) whose frame is valid and whose window lies inside."""
        length = self.arrays["valid"].shape[2]
        picked = np.zeros((3, 0), dtype=int)
        while picked.shape[1] < count:
            video, chunk = rng.integers(self.filled, size=2 * count), rng.integers(self.chunks, size=2 * count)
            at = rng.integers(before, length - window + before + 1, 2 * count)
            good = self.arrays["valid"][video, chunk, at]
            picked = np.concatenate([picked, np.stack([video, chunk, at])[:, good]], axis=1)
        return picked[:, :count]

    def draw(self, rng: np.random.Generator, videos: int, frames: int) -> Batch:
        """`videos` random videos, each chunk cut to `frames` frames from a random one on, half of them mirrored."""
        chosen = rng.choice(self.filled, videos, replace=videos > self.filled)
        rows = {name: array[chosen].reshape(-1, *array.shape[2:]) for name, array in self.arrays.items()}
        count, length = rows["xy"].shape[:2]
        at = rng.integers(0, length - frames + 1, count)[:, None] + np.arange(frames)
        for name in _FRAMES:
            rows[name] = rows[name][np.arange(count)[:, None], at]
        flip = np.repeat(rng.random(videos) < 0.5, self.chunks)
        return Batch(**{name: _mirrored(name, value, flip) for name, value in rows.items()})


def rolled(values: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Points or vectors (N, ..., 2 or more), axes of the view, turned about its middle; angle: (N,) radians."""
    shape = -1, *[1] * (values.ndim - 2)
    cosine, sine = (part.astype(values.dtype).reshape(shape) for part in (np.cos(angle), np.sin(angle)))
    x, y = values[..., 0], values[..., 1]
    return np.concatenate([(cosine * x - sine * y)[..., None], (sine * x + cosine * y)[..., None], values[..., 2:]], -1)


def _mirrored(name: str, value: np.ndarray, flip: np.ndarray) -> np.ndarray:
    """The rows where `flip` is true as a mirror shows them; a body's lengths are the same on both sides."""
    if name in ("xy", "score"):
        other = value[:, :, CANONICAL.flip]
    elif name == "directions":
        other = value[:, :, MOCAP22.mirror]
    elif name == "bone_weight":
        other = value[:, MOCAP22.mirror]
    else:
        other = value
    if name in ("xy", "directions", "up"):
        other = other * np.array([-1, 1, 1][: value.shape[-1]], dtype=value.dtype)
    return np.where(flip.reshape(-1, *[1] * (value.ndim - 1)), other, value)
