"""A pool of simulated videos from which training draws windows, each cut, mirrored and rolled differently."""

from __future__ import annotations

import math
from dataclasses import fields
from functools import lru_cache

import torch

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22

from .device_random import Chance
from .ring_buffer import Ring
from .simulate_batch import Batch
from .tuning import TUNING

_FRAMES = ("xy", "score", "directions", "up", "valid")
"""Fields of a Batch that have frames on the second axis."""


class Pool(Ring):
    """The last `capacity` videos of `chunks` chunks each, on a device, whose `Chance` they are drawn with."""

    def __init__(self, capacity: int, chunks: int, device: torch.device | str = "cpu") -> None:
        super().__init__(capacity, device)
        self.chunks = chunks

    def add(self, batch: Batch) -> None:
        """Take in a batch's videos, arrays or tensors, in place of the oldest."""
        rows = {field.name: torch.as_tensor(getattr(batch, field.name)) for field in fields(batch)}
        self.take_in({name: value.unflatten(0, (-1, self.chunks)) for name, value in rows.items()})

    def draw_windows(self, chance: Chance, count: int, window: int, before: int) -> dict[str, torch.Tensor]:
        """`count` random windows, half of them mirrored, each as by a camera rolled a little more: xy (count, window,
        K, 2), score (count, window, K), and of the frame `before` frames after each window's start directions (count,
        J, 3), up (count, 3), and of the body lengths (count, J), bone_weight (count, J).

        window: frames; 1 gives single frames.
        """
        video, chunk, at = self._valid_frames(chance, count, window, before)
        frames = (at - before)[:, None] + torch.arange(window, device=self.device)
        flip = chance.uniform(0, 1, count) < 0.5
        batch = {name: _mirrored(name, self.kept[name][video[:, None], chunk[:, None], frames], flip)
                 for name in ("xy", "score")}
        for name in ("directions", "up"):
            batch[name] = _mirrored(name, self.kept[name][video, chunk, at][:, None], flip)[:, 0]
        for name in ("lengths", "bone_weight"):
            batch[name] = _mirrored(name, self.kept[name][video, chunk], flip)
        angle = chance.normal(0, math.radians(TUNING.roll_of_window), count)
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
        """`videos` random videos, each chunk cut to `frames` frames at a random place, half of them mirrored; a Batch
        of tensors."""
        chosen = chance.integers(self.filled, videos)
        rows = {name: value[chosen].flatten(0, 1) for name, value in self.kept.items()}
        count, length = rows["xy"].shape[:2]
        at = chance.integers(length - frames + 1, count)[:, None] + torch.arange(frames, device=self.device)
        for name in _FRAMES:
            rows[name] = rows[name][torch.arange(count, device=self.device)[:, None], at]
        flip = (chance.uniform(0, 1, videos) < 0.5).repeat_interleave(self.chunks)
        return Batch(**{name: _mirrored(name, value, flip) for name, value in rows.items()})


def rolled(values: torch.Tensor, angle: torch.Tensor) -> torch.Tensor:
    """Points or vectors (N, ..., 2 or more) in view axes, turned about the view's middle; angle: (N,) radians."""
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
    """The rows where `flip` is true as a mirror shows them; a body's lengths are the same on both sides."""
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
