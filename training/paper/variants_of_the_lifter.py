"""Variants of the lifter for the paper's comparisons: parts left out or replaced, and the heads of equation 2.

The shipped network is training/network/lifter.py. A variant has those of its layers that it needs, under the same names
and created in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from ..network.checkpoint import load_model, load_training
from ..network.layers import Block, Norm, SkipBlock, Taps, in_single_precision, unit
from ..network.lifter import DirectionNetwork, LengthNetwork, Lifter, LifterConfig


@dataclass(frozen=True)
class VariantConfig(LifterConfig):
    """Sizes, and which parts there are; the defaults are the paper's full model.

    scores: "attention", "concatenated" with the keypoints, or "none". stack: "skips", "deep" (two sub-networks without
    skip connections, trained as one) or "single". lengths: "attention" over the frames, their "mean", or "direct"
    (regressed without joints). outputs: "directions" and lengths, or "joints" regressed at once (no length network).
    """

    scores: str = "attention"
    stack: str = "skips"
    lengths: str = "attention"
    outputs: str = "directions"

    @property
    def vectors(self) -> int:
        """Vectors that a head gives for a frame: bone directions, or joints in metres."""
        return self.joints if self.outputs == "joints" else self.joints - 1


class DeepBlock(Block):
    """A residual block without skip connection.

    Its input is the same at all places of the window. So its three taps add up, and it works on single frames.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, N, C) -> (B, N, C)."""
        return self.tail(F.linear(x, self.taps.weight.sum(dim=1)), x)


class DirectionVariant(DirectionNetwork):
    """The direction network with the parts that the configuration names."""

    config: VariantConfig

    def __init__(self, config: VariantConfig) -> None:
        nn.Module.__init__(self)  # not the full model's layers
        self.config = config
        k, c, blocks = config.keypoints, config.channels, config.widths - 1
        attends = config.scores == "attention"
        self.expand, self.expand_norm = Taps(3 * k if config.scores == "concatenated" else 2 * k, c), Norm(c)
        if attends:
            self.see, self.see_norm = Taps(k, c), Norm(c)
        self.first = nn.ModuleList([Block(2 * c if attends and i == 0 else c, c) for i in range(blocks)])
        if config.stack != "deep":
            self.first_head = nn.Linear(c, 3 * config.vectors)
        if config.stack != "single":
            kind = SkipBlock if config.stack == "skips" else DeepBlock
            self.second = nn.ModuleList([kind(c) for _ in range(blocks)])
            self.second_head = nn.Linear(c, 3 * config.vectors)

    def forward(self, xy: torch.Tensor, score: torch.Tensor, stride: int = 1) -> tuple[torch.Tensor, ...]:
        """Like the shipped network's; one output if one head is trained, and joints in metres instead of vectors."""
        features = self.hidden(xy, score, stride)
        heads = [getattr(self, name) for name in ("first_head", "second_head") if hasattr(self, name)]
        outputs = []
        for head, feature in zip(heads, features[-len(heads) :], strict=True):
            if self.config.outputs == "joints":
                with in_single_precision(feature):
                    outputs.append(head(feature.float()).reshape(*feature.shape[:2], -1, 3))
            else:
                outputs.append(unit(head(feature).reshape(*feature.shape[:2], -1, 3).float()))
        return tuple(outputs)

    def encoded(self, xy: torch.Tensor, score: torch.Tensor, stride: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The features of the keypoints, and what the first block reads."""
        if self.config.scores == "attention":
            return super().encoded(xy, score, stride)
        if self.config.scores == "concatenated":
            xy = torch.cat([xy, score], dim=-1)
        e = self.expand_norm(self.expand(xy, stride=stride))
        return e, e

    def propagated(self, x: torch.Tensor, skips: list[tuple[torch.Tensor, int]], stride: int) -> torch.Tensor:
        """The second sub-network; a single one gives the first one's feature again."""
        if self.config.stack == "skips":
            return super().propagated(x, skips, stride)
        if self.config.stack == "deep":
            for block in self.second:
                x = block(x)
        return x


class LengthVariant(LengthNetwork):
    """The paper's length network, which sees no scores, with the parts that the configuration names."""

    config: VariantConfig

    def __init__(self, config: VariantConfig) -> None:
        nn.Module.__init__(self)  # not the full model's layers
        self.config = config
        c, j = config.channels, config.joints
        self.expand, self.expand_norm = nn.Linear(2 * config.keypoints, c), Norm(c)
        self.layers = nn.ModuleList([
            nn.Sequential(nn.Linear(c, c), Norm(c), nn.Linear(c, c), Norm(c)) for _ in range(config.widths - 1)])
        if config.lengths == "direct":
            self.measures = nn.Linear(c, j - 1)
        else:
            self.joints = nn.Linear(c, 3 * j)
        if config.lengths == "attention":
            self.attention = nn.Linear(6 * j, j - 1)
        self.register_buffer("calibration", torch.eye(j - 1))
        self.register_buffer("calibration_offset", torch.zeros(j - 1))

    def forward(self, xy: torch.Tensor, score: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor]:
        """xy (B, L, 2K) -> joints of each frame (B, L, J, 3) or None, lengths of the clip (B, J - 1)."""
        if self.config.lengths == "direct":
            return None, self.frame_lengths(xy, score).mean(dim=1)
        return super().forward(xy, score)

    def features(self, xy: torch.Tensor, score: torch.Tensor) -> torch.Tensor:
        """xy (B, L, 2K) -> (B, L, C), each frame on its own."""
        return self.residual(xy)

    def frame_lengths(self, xy: torch.Tensor, score: torch.Tensor) -> torch.Tensor:
        """The naive form ("direct"): each frame's own lengths (B, L, J - 1), metres."""
        x = self.features(xy, score)
        with in_single_precision(x):
            return self.measures(x.float())

    def lengths(self, joints: torch.Tensor) -> torch.Tensor:
        """Joints (B, L, J, 3) -> lengths of the clip (B, J - 1), metres."""
        if self.config.lengths == "mean":
            return self.measured(joints.detach()).mean(dim=1)
        return super().lengths(joints)


class PairHead(nn.Module):
    """Vectors from the product of a feature of the lengths and one of the directions (for equation 2)."""

    def __init__(self, config: LifterConfig, outputs: int) -> None:
        super().__init__()
        bones, c = config.joints - 1, config.channels
        self.of_lengths, self.of_directions = nn.Linear(bones, c), nn.Linear(3 * bones, c)
        self.out = nn.Linear(c, 3 * outputs)

    def forward(self, lengths: torch.Tensor, directions: torch.Tensor) -> torch.Tensor:
        """lengths (B, J - 1), directions (B, N, J - 1, 3) -> (B, N, outputs, 3) metres."""
        feature = self.of_lengths(lengths)[:, None] * self.of_directions(directions.flatten(2))
        return self.out(feature).reshape(*directions.shape[:2], -1, 3).float()


def shift_pairs(parents: tuple[int, ...]) -> list[tuple[int, int]]:
    """All pairs of joints (i, j), i < j, that are not a bone (the set P of equation 2)."""
    bones = {(min(j, p), max(j, p)) for j, p in enumerate(parents) if p >= 0}
    count = len(parents)
    return [(i, j) for i in range(count) for j in range(i + 1, count) if (i, j) not in bones]


class VariantLifter(Lifter):
    """A row of the paper's tables: the networks, and the heads that only training and its tables need.

    regress: a head for the joints from lengths and directions, beside equation 1's. shifts: heads of the joint shift
    loss (equation 2), one for each output of the direction network.
    """

    config: VariantConfig

    def __init__(self, config: VariantConfig, regress: bool = False, shifts: bool = True) -> None:
        nn.Module.__init__(self)  # not the full model's networks
        self.config = config
        anatomic = config.outputs == "directions"
        self.directions = DirectionVariant(config)
        self.bone_lengths = LengthVariant(config) if anatomic else None
        self.pairs = shift_pairs(config.parents)
        heads = (2 if config.stack == "skips" else 1) if shifts and anatomic else 0
        self.shifts = nn.ModuleList([PairHead(config, len(self.pairs)) for _ in range(heads)])
        self.regress = PairHead(config, config.joints) if regress and anatomic else None


def plain_config_of(stored: dict) -> VariantConfig:
    """The configuration of the plain network in a checkpoint's plain values."""
    names = [field.name for field in fields(VariantConfig)]
    return VariantConfig(**{name: stored[name] for name in names if name in stored} | {
        "parents": tuple(stored["parents"])})


def load_any_model(path: str | Path) -> Lifter:
    """The averaged network of a checkpoint of `train` or of `train-comparison`, ready to infer."""
    state = load_training(path)
    if state["config"].get("outputs") != "joints":
        return load_model(path)
    model = VariantLifter(plain_config_of(state["config"]))
    model.load_state_dict(state["average"])
    return model.eval()
