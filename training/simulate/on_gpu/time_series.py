"""Operations along time: smoothing, runs of frames, the nearest known frame."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d


@lru_cache(maxsize=64)
def _matrix(frames: int, sigma: float, mode: str, truncate: float, device: torch.device) -> torch.Tensor:
    smooth = gaussian_filter1d(np.eye(frames), sigma, axis=0, mode=mode, truncate=truncate)
    return torch.from_numpy(smooth.astype(np.float32)).to(device)


def smoothed(x: torch.Tensor, sigma: float, mode: str = "reflect", truncate: float = 4.0) -> torch.Tensor:
    """(B, T, ...) smoothed along T as scipy's gaussian_filter1d does it: one product with a matrix (T, T)."""
    matrix = _matrix(x.shape[1], sigma, mode, truncate, x.device)
    return (matrix @ x.reshape(*x.shape[:2], -1)).reshape(x.shape)


def runs(generator: torch.Generator, shape: tuple[int, ...], rate: float, longest: int) -> torch.Tensor:
    """(B, T, ...) bool: runs of 1..longest frames that begin with probability `rate` a frame (detector_noise.py)."""
    device = generator.device
    begins = torch.rand(shape, generator=generator, device=device) < rate
    length = 1 + (torch.rand(shape, generator=generator, device=device) ** 2 * longest).int()
    frame = torch.arange(shape[1], device=device, dtype=torch.int32).reshape(-1, *[1] * (len(shape) - 2))
    end = torch.where(begins, frame + length, 0)
    return torch.cummax(end, dim=1).values > frame


def nearest(known: torch.Tensor) -> torch.Tensor:
    """(B, T) bool -> (B, T) index of the nearest known frame (lifting/lifter_input.py)."""
    count = known.shape[1]
    frames = torch.arange(count, device=known.device).expand(known.shape)
    before = torch.cummax(torch.where(known, frames, -4 * count), dim=1).values
    after = -torch.cummax(torch.where(known, -frames, -4 * count).flip(1), dim=1).values.flip(1)
    return torch.where(frames - before <= after - frames, before, after).clamp(0, count - 1)


def held(values: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """(B, T, ...) read at frames (B, T)."""
    return values[torch.arange(len(values), device=values.device)[:, None], index]
