"""The newest rows of what comes in, on a device."""

from __future__ import annotations

import torch


class Ring:
    """Room for `capacity` rows under each of several names; a new row takes the place of the oldest.

    kept: name -> (capacity, ...). filled: how many rows there are.
    """

    def __init__(self, capacity: int, device: torch.device | str = "cpu") -> None:
        self.capacity, self.device = capacity, device
        self.kept: dict[str, torch.Tensor] = {}
        self.filled = self._next = 0

    def take_in(self, rows: dict[str, torch.Tensor]) -> None:
        """Add rows, name -> (N, ...); of more than the capacity the last."""
        count = len(next(iter(rows.values())))
        at = (self._next + torch.arange(count)[-self.capacity :]) % self.capacity
        for name, value in rows.items():
            if name not in self.kept:
                self.kept[name] = torch.zeros((self.capacity, *value.shape[1:]), dtype=value.dtype, device=self.device)
            self.kept[name][at] = value[-self.capacity :].to(self.device)
        self._next = (self._next + count) % self.capacity
        self.filled = min(self.filled + count, self.capacity)
