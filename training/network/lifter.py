"""The lifter: bone directions from a window of frames, bone lengths from frames of the whole clip.

Written from the paper "Anatomy-aware 3D Human Pose Estimation in Videos" (Chen et al.), section 3.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import nn

from .layers import Block, DeepBlock, Norm, SkipBlock, Taps, in_single_precision, unit


@dataclass(frozen=True)
class LifterConfig:
    """Sizes. keypoints K, joints J with their parents, channels C, widths n (window 3^n), causal, extra unit vectors.

    length_scores: whether the length network also sees the scores (ours; the paper's never misses a keypoint).
    The rest are the paper's comparisons; the defaults are its full model.
    scores: "attention", "concatenated" with the keypoints, or "none". stack: "skips", "deep" (two sub-networks, none
    skipped, trained as one) or "single". lengths: "attention" over the frames, their "mean", or "direct" (regressed, no
    joints). outputs: "directions" and lengths, or "joints" regressed at once (no length network).
    """

    keypoints: int
    parents: tuple[int, ...]
    channels: int = 1024
    widths: int = 4
    causal: bool = False
    extra: int = 1
    length_scores: bool = True
    scores: str = "attention"
    stack: str = "skips"
    lengths: str = "attention"
    outputs: str = "directions"

    @property
    def joints(self) -> int:
        """J."""
        return len(self.parents)

    @property
    def window(self) -> int:
        """Frames that one output frame depends on."""
        return 3**self.widths

    @property
    def vectors(self) -> int:
        """Vectors that a sub-network's head gives for a frame."""
        return self.joints if self.outputs == "joints" else self.joints - 1 + self.extra

    @property
    def padding(self) -> tuple[int, int]:
        """Frames wanted before the first and after the last output frame."""
        return (self.window - 1, 0) if self.causal else (self.window // 2, self.window // 2)

    def as_dict(self) -> dict:
        """For a checkpoint."""
        return asdict(self)


class DirectionNetwork(nn.Module):
    """Two stacked temporal sub-networks (section 3.2) with visibility attention; no gradient passes between them."""

    def __init__(self, config: LifterConfig) -> None:
        super().__init__()
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

    def hidden(self, xy: torch.Tensor, score: torch.Tensor, stride: int = 1) -> tuple[torch.Tensor, ...]:
        """The last hidden features (B, frames, C) of both sub-networks; frames as in `forward`."""
        spacing = min(3, stride)  # of x in frames; it grows to the stride
        x, skips = self._seen(xy, score, spacing)
        for i, block in enumerate(self.first):
            wider = min(3 ** (i + 2), stride)
            x, spacing = block(x, 3 ** (i + 1) // spacing, self.config.causal, wider // spacing), wider
            skips.append((x, spacing))
        if self.config.stack == "single":
            return (x,)
        return x, self._propagated(x, skips, stride)

    def _seen(self, xy: torch.Tensor, score: torch.Tensor, spacing: int):
        """The input of the first block, and the first skip with its spacing."""
        if self.config.scores == "concatenated":
            xy = torch.cat([xy, score], dim=-1)
        e = self.expand_norm(self.expand(xy, stride=spacing))
        if self.config.scores == "attention":
            return torch.cat([e, self.see_norm(self.see(score, stride=spacing)) * e], dim=-1), [(e, spacing)]
        return e, [(e, spacing)]

    def _propagated(self, x: torch.Tensor, skips: list[tuple[torch.Tensor, int]], stride: int) -> torch.Tensor:
        """The second sub-network: (B, frames, C) of the first -> (B, frames, C)."""
        if self.config.stack == "deep":
            for block in self.second:
                x = block(x)
            return x
        y = x.detach()[:, :, None]
        for i, block in enumerate(self.second):
            outputs = 3 ** (len(self.second) - 1 - i)
            skip, spacing = skips[i]
            y = block(y, skip.detach(), 3 ** (i + 1) // spacing, outputs, self.config.causal, stride // spacing)
        return y[:, :, 0]

    def forward(self, xy: torch.Tensor, score: torch.Tensor, stride: int = 1) -> tuple[torch.Tensor, ...]:
        """xy (B, T, 2K), score (B, T, K) -> unit vectors (B, frames, J - 1 + extra, 3) of both sub-networks.

        frames: the T - window + 1 frames whose window lies inside. stride: 1, or 3, 9, ... up to the window for every
        third, ninth, ... of them, which costs that much less (nothing in between is needed).
        The paper's comparisons give one output where one head is trained, and joints in metres instead of vectors.
        """
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


class LengthNetwork(nn.Module):
    """Bone lengths of a clip from a bag of its frames (section 3.2)."""

    GAMMA = 10.0

    def __init__(self, config: LifterConfig) -> None:
        super().__init__()
        self.config = config
        c, j = config.channels, config.joints
        inputs = config.keypoints * (3 if config.length_scores else 2)
        self.expand, self.expand_norm = nn.Linear(inputs, c), Norm(c)
        self.layers = nn.ModuleList([
            nn.Sequential(nn.Linear(c, c), Norm(c), nn.Linear(c, c), Norm(c)) for _ in range(config.widths - 1)])
        if config.lengths == "direct":
            self.measures = nn.Linear(c, j - 1)
        else:
            self.joints = nn.Linear(c, 3 * j)
        if config.lengths == "attention":
            self.attention = nn.Linear(6 * j, j - 1)
        # Ours, fitted once after training (calibrate.py): what is left to know about the lengths when these are seen.
        self.register_buffer("calibration", torch.eye(j - 1))
        self.register_buffer("calibration_offset", torch.zeros(j - 1))

    def features(self, xy: torch.Tensor, score: torch.Tensor) -> torch.Tensor:
        """xy (B, L, 2K), score (B, L, K) -> (B, L, C), each frame on its own."""
        x = torch.cat([xy, score], dim=-1) if self.config.length_scores else xy
        x = self.expand_norm(self.expand(x))
        for layer in self.layers:
            x = x + layer(x)
        return x

    def frame_joints(self, xy: torch.Tensor, score: torch.Tensor) -> torch.Tensor:
        """xy (B, L, 2K), score (B, L, K) -> (B, L, J, 3) metres, each frame on its own."""
        x = self.features(xy, score)
        with in_single_precision(x):
            joints = self.joints(x.float()).reshape(*x.shape[:2], -1, 3)
        return joints - joints[:, :, :1]

    def frame_lengths(self, xy: torch.Tensor, score: torch.Tensor) -> torch.Tensor:
        """The naive form ("direct"): (B, L, J - 1) metres, each frame's own."""
        x = self.features(xy, score)
        with in_single_precision(x):
            return self.measures(x.float())

    def lengths(self, joints: torch.Tensor) -> torch.Tensor:
        """(B, L, J, 3) -> (B, J - 1) metres: each bone's lengths, weighted over the frames by attention."""
        joints = joints.detach()
        parents = torch.tensor(self.config.parents[1:], device=joints.device)
        measured = torch.sqrt(((joints[:, :, 1:] - joints[:, :, parents]) ** 2).sum(-1) + 1e-12)
        if self.config.lengths == "mean":
            return measured.mean(dim=1)
        flat = joints.flatten(2)
        with in_single_precision(flat):
            weight = torch.softmax(self.GAMMA * self.attention(torch.cat([flat, flat.abs()], -1)), dim=1)
            return (weight * measured).sum(dim=1) @ self.calibration + self.calibration_offset

    def forward(self, xy: torch.Tensor, score: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor]:
        """xy (B, L, 2K), score (B, L, K) -> joints of each frame (B, L, J, 3), lengths of the clip (B, J - 1)."""
        if self.config.lengths == "direct":
            return None, self.frame_lengths(xy, score).mean(dim=1)
        joints = self.frame_joints(xy, score)
        return joints, self.lengths(joints)


class PairHead(nn.Module):
    """Positions from the product of a feature of the lengths and one of the directions (equation 2)."""

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
    """All pairs (i, j), i < j, that are not a bone."""
    bones = {(min(j, p), max(j, p)) for j, p in enumerate(parents) if p >= 0}
    count = len(parents)
    return [(i, j) for i in range(count) for j in range(i + 1, count) if (i, j) not in bones]


class Lifter(nn.Module):
    """Everything that is trained: directions, lengths, and the heads that only training needs.

    regress: the paper's joints regressed from lengths and directions, beside equation 1's. shifts: heads of the joint
    shift loss, one for each output of the direction network.
    """

    def __init__(self, config: LifterConfig, regress: bool = False, shifts: bool = True) -> None:
        super().__init__()
        self.config = config
        anatomic = config.outputs == "directions"
        self.directions = DirectionNetwork(config)
        self.bone_lengths = LengthNetwork(config) if anatomic else None
        self.pairs = shift_pairs(config.parents)
        heads = (2 if config.stack == "skips" else 1) if shifts and anatomic else 0
        self.shifts = nn.ModuleList([PairHead(config, len(self.pairs)) for _ in range(heads)])
        self.regress = PairHead(config, config.joints) if regress and anatomic else None

    def norms(self) -> list[Norm]:
        """All batch norms."""
        return [module for module in self.modules() if isinstance(module, Norm)]

    def set_momentum(self, momentum: float) -> None:
        """Momentum of the running statistics; it decays in training."""
        for norm in self.norms():
            norm.momentum = momentum
