"""A causal network that starts as a centred one whose person holds still from now on.

A centred convolution has taps before, now and after. If the frame after equals the frame now, its tap can be added to
the tap of now, and the convolution is causal. The earliest of the causal taps starts at zero and learns.
"""

from __future__ import annotations

import torch


def held_still(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights of the causal network from those of a centred one of the same sizes; only the taps differ."""
    return {name: _now_last(value) if value.dim() == 3 else value for name, value in state.items()}


def _now_last(taps: torch.Tensor) -> torch.Tensor:
    """(O, 3, I) taps of the frames before, now, after -> of the frames before the last, before, now."""
    before, now, after = taps.unbind(dim=1)
    return torch.stack([torch.zeros_like(before), before, now + after], dim=1)
