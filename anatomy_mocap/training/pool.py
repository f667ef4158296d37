"""A pool of simulated videos that training draws from: each is seen a few times, cut and mirrored differently."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from ..core.keypoints import CANONICAL
from ..core.skeleton import MOCAP22
from .synth2d import Batch

_FRAMES = ("xy", "score", "directions", "up", "valid")
"""Fields of a Batch that have frames on the second axis."""


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
