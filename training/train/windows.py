"""The direction network on single windows of one output frame each, as the paper trains it: stride 3, no overlap.

A window of one frame stands for a person who holds still: the three taps of every convolution see the same frame and
are added up. Such a sample costs an eleventh of a window of 81 frames, so training begins with them
(notes/training.md).
"""

from __future__ import annotations

import torch
from torch.nn import functional as F

from ..network.layers import Block, SkipBlock, in_single_precision, unit
from ..network.lifter import DirectionNetwork, Lifter
from .losses import joints_of


def strided_taps(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Three taps with stride 3: (B, 3N, I) and weight (O, 3, I) -> (B, N, O); one frame stands for three alike."""
    if x.shape[1] == 1:
        return F.linear(x, weight.sum(dim=1))
    return F.linear(x.reshape(x.shape[0], -1, 3 * x.shape[2]), weight.flatten(1))


def _residual(x: torch.Tensor, causal: bool) -> torch.Tensor:
    """The centre tap of each three frames, or the last."""
    return x if x.shape[1] == 1 else x[:, 2 if causal else 1 :: 3]


def _first(block: Block, x: torch.Tensor, causal: bool) -> torch.Tensor:
    return block.tail(strided_taps(x, block.taps.weight), _residual(x, causal)[..., : block.channels])


def _second(block: SkipBlock, x: torch.Tensor, skip: torch.Tensor, causal: bool) -> torch.Tensor:
    own, shared = block.taps.weight[..., : block.channels], block.taps.weight[..., block.channels :]
    return block.tail(strided_taps(x, own) + strided_taps(skip, shared), _residual(x, causal))


def window_features(network: DirectionNetwork, xy: torch.Tensor,
                    score: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """xy (B, window or 1, 2K), score (B, window or 1, K) -> last hidden features (B, C) of both sub-networks."""
    causal = network.config.causal
    e = network.expand_norm(strided_taps(xy, network.expand.weight))
    x = torch.cat([e, network.see_norm(strided_taps(score, network.see.weight)) * e], dim=-1)
    skips = [e]
    for block in network.first:
        x = _first(block, x, causal)
        skips.append(x)
    y = x.detach()
    for block, skip in zip(network.second, skips, strict=False):
        y = _second(block, y, skip.detach(), causal)
    return x[:, 0], y[:, 0]


def window_vectors(network: DirectionNetwork, xy: torch.Tensor,
                   score: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Unit vectors (B, J - 1 bones and up, 3) of both sub-networks for the window's output frame."""
    features = window_features(network, xy, score)
    heads = (network.first_head, network.second_head)
    with in_single_precision(xy):
        return tuple(unit(head(feature.float()).reshape(len(xy), -1, 3))
                     for head, feature in zip(heads, features, strict=True))


def window_losses(model: Lifter, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Direction, position and up losses by the names of losses.WEIGHTS: sums over both sub-networks.

    batch: xy (B, W, 2K), score (B, W, K), and of the output frame directions (B, J, 3), up (B, 3), of the body
    lengths (B, J), bone_weight (B, J).
    """
    outputs = window_vectors(model.directions, batch["xy"], batch["score"])
    with in_single_precision(batch["xy"]):
        return _losses(batch, outputs)


def _losses(batch: dict[str, torch.Tensor], outputs: tuple[torch.Tensor, ...]) -> dict[str, torch.Tensor]:
    true, rows, bone_weight = batch["directions"][:, 1:], batch["lengths"][:, 1:], batch["bone_weight"][:, 1:]
    joints = joints_of(true[:, None], rows)[:, 0]
    losses: dict[str, torch.Tensor] = {}
    for output in outputs:
        bones, up = output[:, :-1], output[:, -1]
        off = joints_of(bones[:, None], rows)[:, 0] - joints
        parts = {
            "direction": (((bones - true) ** 2).sum(-1) * bone_weight).mean(),
            "position": torch.linalg.vector_norm(off, dim=-1).mean(),
            "up": ((up - batch["up"]) ** 2).sum(-1).mean(),
        }
        for name, value in parts.items():
            losses[name] = losses.get(name, 0) + value
    return losses
