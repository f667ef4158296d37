"""Random numbers on a device, with the names of numpy's functions."""

from __future__ import annotations

import torch

Shape = int | tuple[int, ...]


class Chance:
    """A random generator on a device."""

    def __init__(self, seed: int, device: torch.device | str = "cpu") -> None:
        self.generator = torch.Generator(device).manual_seed(seed)
        self.device = device

    def uniform(self, low: float, high: float, shape: Shape) -> torch.Tensor:
        """Uniform between low and high."""
        return low + (high - low) * torch.rand(_tuple(shape), generator=self.generator, device=self.device)

    def normal(self, mean: float, spread: float, shape: Shape) -> torch.Tensor:
        """Normal with a mean and a standard deviation."""
        return mean + spread * torch.randn(_tuple(shape), generator=self.generator, device=self.device)

    def integers(self, high: int, shape: Shape) -> torch.Tensor:
        """Integers 0 .. high - 1."""
        return torch.randint(high, _tuple(shape), generator=self.generator, device=self.device)


def _tuple(shape: Shape) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else shape
