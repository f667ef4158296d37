"""A network of longer windows that starts as one of shorter windows.

Window 3^(n+1) has one block more than 3^n in each part of the network, behind the others. Each added block is residual;
its own share starts small enough to change next to nothing, and large enough to learn.
"""

from __future__ import annotations

import torch

SHARE = 0.01
"""Factor of a fresh block's contribution."""

_LAST_NORM = ("norm2.weight", ".3.weight")
"""Ends of the names of the scales through which a block contributes: of the directions' blocks, of the lengths' layers.
"""


def lengthened(weights: dict[str, torch.Tensor], fresh: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights of the shorter network and the missing blocks.

    fresh: initial state of the longer network, of as many channels.
    """
    added = {name: value.clone() for name, value in fresh.items() if name not in weights and ".calibration" not in name}
    for name in added:
        if name.endswith(_LAST_NORM):
            added[name] *= SHARE
    return weights | added
