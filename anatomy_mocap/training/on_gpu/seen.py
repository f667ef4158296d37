"""The pool of filmed videos that training draws from (../pool.py), on the device."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache

import torch

from ...core.keypoints import CANONICAL
from ...core.skeleton import MOCAP22
from ..pool import ROLL
from ..synth2d import Batch
from .chance import Chance

_FRAMES = ("xy", "score", "directions", "up", "valid")


class SeenPool:
    """The last `capacity` videos of `chunks` chunks each; drawn as from a Pool, with a Chance for the generator."""

    def __init__(self, capacity: int, chunks: int, device: torch.device) -> None:
        self.capacity, self.chunks, self.device = capacity, chunks, device
        self.kept: dict[str, torch.Tensor] = {}
        self.filled = self.next = 0

    def add(self, batch: Batch) -> None:
        """Take in a batch's videos, arrays or tensors, in place of the oldest."""
        for field in fields(batch):
            value = torch.as_tensor(getattr(batch, field.name)).to(self.device)
            value = value.reshape(-1, self.chunks, *value.shape[1:])
            count = len(value)
            if field.name not in self.kept:
                self.kept[field.name] = value.new_zeros((self.capacity, *value.shape[1:]))
            rows = (self.next + torch.arange(count, device=self.device)) % self.capacity
            self.kept[field.name][rows] = value
        self.next = (self.next + count) % self.capacity
        self.filled = min(self.filled + count, self.capacity)

    def draw_windows(self, chance: Chance, count: int, window: int, before: int) -> dict[str, torch.Tensor]:
        """As Pool.draw_windows."""
        video, chunk, at = self._valid_frames(chance, count, window, before)
        frames = (at - before)[:, None] + torch.arange(window, device=self.device)
        flip = chance.uniform(0, 1, count) < 0.5
        batch = {name: _mirrored(name, self.kept[name][video[:, None], chunk[:, None], frames], flip)
                 for name in ("xy", "score")}
        for name in ("directions", "up"):
            batch[name] = _mirrored(name, self.kept[name][video, chunk, at][:, None], flip)[:, 0]
        for name in ("lengths", "bone_weight"):
            batch[name] = _mirrored(name, self.kept[name][video, chunk], flip)
        angle = chance.normal(0, ROLL, count)
        return batch | {name: rolled(batch[name], angle) for name in ("xy", "directions", "up")}

    def _valid_frames(self, chance: Chance, count: int, window: int, before: int) -> tuple[torch.Tensor, ...]:
        """Random (video, chunk, frame) whose frame is valid and whose window lies inside; without asking the device how
        many there are, which would wait for it: of twice as many the valid ones, again from the first should they not
        be enough."""
        length, tried = self.kept["valid"].shape[2], 2 * count
        video, chunk = chance.integers(self.filled, tried), chance.integers(self.chunks, tried)
        at = before + chance.integers(length - window + 1, tried)
        good = self.kept["valid"][video, chunk, at]
        first = torch.argsort(~good, stable=True)
        chosen = first[torch.arange(count, device=self.device) % good.sum().clamp(min=1)]
        return video[chosen], chunk[chosen], at[chosen]

    def draw(self, chance: Chance, videos: int, frames: int) -> Batch:
        """As Pool.draw."""
        chosen = chance.integers(self.filled, videos)
        rows = {name: value[chosen].flatten(0, 1) for name, value in self.kept.items()}
        count, length = rows["xy"].shape[:2]
        at = chance.integers(length - frames + 1, count)[:, None] + torch.arange(frames, device=self.device)
        for name in _FRAMES:
            rows[name] = rows[name][torch.arange(count, device=self.device)[:, None], at]
        flip = (chance.uniform(0, 1, videos) < 0.5).repeat_interleave(self.chunks)
        return Batch(**{name: _mirrored(name, value, flip) for name, value in rows.items()})


def rolled(values: torch.Tensor, angle: torch.Tensor) -> torch.Tensor:
    """Points or vectors (N, ..., 2 or more), axes of the view, turned about its middle; angle: (N,) radians."""
    shape = -1, *[1] * (values.dim() - 2)
    cosine, sine = torch.cos(angle).reshape(shape), torch.sin(angle).reshape(shape)
    x, y = values[..., 0], values[..., 1]
    return torch.cat([(cosine * x - sine * y)[..., None], (sine * x + cosine * y)[..., None], values[..., 2:]], -1)


@lru_cache
def _mirror(device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The other side's keypoints (K,) and joints (J,), and the sign of each axis."""
    points, bones = (torch.as_tensor(order, device=device) for order in (CANONICAL.flip, MOCAP22.mirror))
    return points, bones, torch.tensor((-1.0, 1.0, 1.0), device=device)


def _mirrored(name: str, value: torch.Tensor, flip: torch.Tensor) -> torch.Tensor:
    """The rows where `flip` is true as a mirror shows them."""
    points, bones, sign = _mirror(value.device)
    if name in ("xy", "score"):
        other = value[:, :, points]
    elif name == "directions":
        other = value[:, :, bones]
    elif name == "bone_weight":
        other = value[:, bones]
    else:
        other = value
    if name in ("xy", "directions", "up"):
        other = other * sign[: value.shape[-1]]
    return torch.where(flip.reshape(-1, *[1] * (value.dim() - 1)), other, value)
