"""Building blocks of the lifter: axes (row, frame, channel), so that every convolution is one matrix product."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

DROPOUT = 0.25


class Norm(nn.BatchNorm1d):
    """Batch norm over every axis but the last, then ReLU and dropout."""

    def __init__(self, channels: int, dropout: float = DROPOUT) -> None:
        super().__init__(channels)
        self.drop = dropout

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., C) -> (..., C)."""
        flat = F.relu(super().forward(x.reshape(-1, x.shape[-1])))
        return F.dropout(flat, self.drop, self.training).reshape(x.shape)


class Taps(nn.Module):
    """A temporal convolution of three taps without bias, as a matrix product over the stacked taps."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, 3, inputs))
        nn.init.kaiming_uniform_(self.weight.view(outputs, -1), a=5**0.5)

    def forward(self, x: torch.Tensor, dilation: int = 1, stride: int = 1) -> torch.Tensor:
        """(B, T, inputs) -> (B, T - 2 * dilation, outputs): valid, dilated; every stride-th frame of that."""
        return dense_taps(x, self.weight, dilation, stride)


def dense_taps(x: torch.Tensor, weight: torch.Tensor, dilation: int, stride: int = 1) -> torch.Tensor:
    """Valid dilated convolution of (B, T, I) with weight (O, 3, I)."""
    taps = (x[:, : -2 * dilation : stride], x[:, dilation : -dilation : stride], x[:, 2 * dilation :: stride])
    return F.linear(torch.cat(taps, dim=-1), weight.flatten(1))


class Block(nn.Module):
    """Residual block: three taps, then a product per frame, each with norm, ReLU and dropout."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.taps = Taps(inputs, channels)
        self.norm1 = Norm(channels)
        self.mix = nn.Linear(channels, channels, bias=False)
        self.norm2 = Norm(channels)

    def tail(self, x: torch.Tensor, residual: torch.Tensor) -> torch.Tensor:
        """The block behind its taps: (..., C) and the residual (..., C) -> (..., C)."""
        return residual + self.norm2(self.mix(self.norm1(x)))

    def forward(self, x: torch.Tensor, dilation: int, causal: bool, stride: int = 1) -> torch.Tensor:
        """Dense: (B, T, inputs) -> (B, T - 2 * dilation, C), every stride-th frame of that.

        The residual is the centre tap, or the last if causal.
        """
        start = 2 * dilation if causal else dilation
        stop = x.shape[1] if causal else -dilation
        return self.tail(self.taps(x, dilation, stride), x[:, start:stop:stride, : self.channels])


class SkipBlock(Block):
    """Block of the second sub-network: the input is [x, skip] and runs with stride 3 over each frame's window.

    Dense form: x lives on a grid (frame, offset in its window), while the skip's part of the product depends on the
    absolute frame only and so is shared by all windows.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(2 * channels, channels)

    def forward(self, x: torch.Tensor, skip: torch.Tensor, dilation: int, outputs: int, causal: bool,
                stride: int = 1) -> torch.Tensor:
        """x: (B, N, 3 * outputs, C), or (B, N, 1, C) where all offsets are alike; skip: dense (B, S, C).

        dilation: in frames of skip, of which x holds every stride-th one.
        Returns (B, N, outputs, C): for each frame the block's outputs over its window.
        """
        channels, grid = self.channels, min(stride, 3 * dilation)  # grid: of the frames that any window needs
        step, hop = 3 * dilation // grid, stride // grid
        weight_x, weight_skip = self.taps.weight[..., :channels], self.taps.weight[..., channels:]
        shared = dense_taps(skip, weight_skip, dilation, grid)
        if x.shape[2] == 1:  # the seed, repeated in time: its three taps add up
            own, residual = F.linear(x, weight_x.sum(dim=1)), x
        else:
            own = F.linear(x.reshape(x.shape[0], -1, outputs, 3 * channels), weight_x.flatten(1))
            residual = x[:, :, 2 if causal else 1 :: 3]
        slices = [shared[:, o * step : -step * (outputs - 1 - o) or None : hop] for o in range(outputs)]
        return self.tail(own + torch.stack(slices, dim=2), residual)


def unit(x: torch.Tensor) -> torch.Tensor:
    """Vectors on the last axis scaled to length 1."""
    return x / torch.sqrt((x * x).sum(dim=-1, keepdim=True) + 1e-9)


def in_single_precision(x: torch.Tensor) -> torch.autocast:
    """Context without bfloat16 products on the device of x: positions in metres would be rounded to millimetres."""
    return torch.autocast(x.device.type, enabled=False)
