"""A causal network that begins with what a centred one does when the person is thought to hold still from now on.

A centred convolution looks at the frames before, now and after; the same with "after" taken to be like "now" looks at
nothing that is still to come. The earliest of the causal taps begins with nothing and learns.
"""

from __future__ import annotations

import torch


def held_still(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights for the causal network from those of a centred one of the same sizes; all but the taps as they are."""
    return {name: _now_last(value) if value.dim() == 3 else value for name, value in state.items()}


def _now_last(taps: torch.Tensor) -> torch.Tensor:
    """(O, 3, I) that read before, now, after -> that read twice before, before, now."""
    before, now, after = taps.unbind(dim=1)
    return torch.stack([torch.zeros_like(before), before, now + after], dim=1)
