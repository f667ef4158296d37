"""A wider network that starts as a narrower one (Chen, Goodfellow, Shlens, "Net2Net", 2016).

Each new channel copies an old one. The weights that read a channel are shared between its copies, so that the function
stays the same. Copies with equal weights would stay equal for ever. Therefore their shares differ, and the weights that
a copy reads by are disturbed a little; training undoes the disturbance within some hundred steps.
"""

from __future__ import annotations

import torch

DISTURBED = 0.1
"""Standard deviation of the disturbance of a copy's incoming weights, in units of theirs."""


def widened(state: dict[str, torch.Tensor], target: dict[str, torch.Tensor], channels: int, seed: int = 0,
            disturbed: float = DISTURBED) -> dict[str, torch.Tensor]:
    """Weights for a network of more channels.

    state: weights and statistics of a network of `channels` channels. target: the wider network's, of which only the
    shapes are used; axes that differ are channels (the first: given out, the last: read, as one block or several of
    `channels` each). disturbed: see DISTURBED; 0 gives exactly the same function.
    """
    generator = torch.Generator().manual_seed(seed)
    wider = next(value.shape[0] for name, value in target.items() if name.endswith("expand_norm.weight"))
    copied = _copied(channels, wider, generator)
    share = _shares(copied, channels, generator)
    result = {}
    for name, value in state.items():
        shape = target[name].shape
        if value.dim() and value.shape[0] != shape[0]:
            value = value[copied]
            if value.dim() > 1:
                spread = value.flatten(1).std(dim=1).reshape(-1, *[1] * (value.dim() - 1))
                noise = torch.randn(value.shape, generator=generator) * spread * disturbed
                noise[:channels] = 0
                value = value + noise
        if value.dim() > 1 and value.shape[-1] != shape[-1]:
            blocks = value.shape[-1] // channels
            read = torch.cat([copied + block * channels for block in range(blocks)])
            value = value[..., read] * share.repeat(blocks)
        result[name] = value
    return result


def _copied(channels: int, wider: int, generator) -> torch.Tensor:
    """(wider,) the old channel that each new one copies: all of them once, then some again, in random order."""
    rounds = [torch.randperm(channels, generator=generator) for _ in range(-(-wider // channels) - 1)]
    return torch.cat([torch.arange(channels), *rounds])[:wider]


def _shares(copied: torch.Tensor, channels: int, generator) -> torch.Tensor:
    """(wider,) each copy's share of the old channel's weight; the shares of its copies sum to one."""
    part = 0.5 + torch.rand(len(copied), generator=generator)
    return part / torch.zeros(channels).index_add(0, copied, part)[copied]
