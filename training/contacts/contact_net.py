"""The contact network: two short convolutions over time, the same for the left and the right side."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from anatomy_mocap.touch.features import FEATURES
from anatomy_mocap.touch.find_touches import OUTPUTS

OPSET = 17
HIDDEN = 64
TAPS, SPREAD = 5, 2
"""Frames that a convolution sees, and the distance of those of the second one: 6 frames, or 0.24 s, to either side."""
WIDEST = 4.0
"""Spreads from the mean beyond which a feature counts as no farther away. Guessed."""


class ContactNet(nn.Module):
    """Features (N, T, FEATURES) of a side -> logits (N, T, 6) of OUTPUTS; at its ends a clip is held."""

    def __init__(self, mean: torch.Tensor, spread: torch.Tensor, dropout: float = 0.0) -> None:
        """mean, spread: (FEATURES,) of the training's features."""
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread)
        self.near = nn.Conv1d(FEATURES, HIDDEN, TAPS)
        self.wide = nn.Conv1d(HIDDEN, HIDDEN, TAPS, dilation=SPREAD)
        self.out = nn.Conv1d(HIDDEN, len(OUTPUTS), 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        x = ((features - self.mean) / self.spread).clamp(-WIDEST, WIDEST).transpose(1, 2)
        for layer in (self.near, self.wide):
            side = layer.dilation[0] * (TAPS // 2)
            x = F.relu(layer(F.pad(self.dropout(x), (side, side), mode="replicate")))
        return self.out(self.dropout(x)).transpose(1, 2)


class _Chances(nn.Module):
    def __init__(self, net: ContactNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.net(features))


def write_graph(net: ContactNet, path: Path) -> None:
    """Write the network, with probabilities as its output, as an ONNX model of any number of frames."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(_Chances(net).eval(), (torch.rand(2, 20, FEATURES),), str(path), input_names=["features"],
                          output_names=["chances"], dynamic_axes={"features": {1: "frames"}, "chances": {1: "frames"}},
                          opset_version=OPSET, dynamo=False)
