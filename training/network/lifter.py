"""The lifter: bone directions from a window of frames, and bone lengths from frames of the whole clip.

Source: "Anatomy-aware 3D Human Pose Estimation in Videos" (Chen et al.), section 3. This is the shipped network; the
paper's comparisons are in training/paper/variants_of_the_lifter.py.

Shapes: B rows, T frames, K keypoints, J joints (bone j ends at joint j; the root has none), C channels, n widths and so
a window of d = 3^n frames, L frames in the bag from which the lengths are taken.

    joints (eq. 1)        X_k   = sum over the bones b from the root to joint k of  D_b L_b              (J, 3) metres
    directions (eq. 3)    D     = unit(head(f)),  f the last feature of a sub-network                    (J - 1, 3)
    visibility (sec. 3.5) x     = [e, v * e],  e = taps(keypoints), v = taps(scores)                     (T - 2, 2C)
    attention (eq. 6)     A_i   = exp(gamma W x_i) / sum over the bag of exp(gamma W x_i)                (J - 1,)
    lengths (eq. 6)       L_b   = sum over the bag of  A_ib |X_ib - X_i,parent(b)|                       (J - 1,) metres

Here x_i = [X_i, |X_i|] holds the 3J coordinates of frame i's joints and their absolute values; it has no gradient, so
the length loss (eq. 4) trains W alone; the joint loss of single frames (eq. 5) trains the rest of the length network.

Ours, and not in the paper: each head of directions gives the world's up direction, too; the length network sees the
scores; a linear calibration of the lengths is fitted after training (training/train/calibrate.py).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import nn

from .layers import Block, Norm, SkipBlock, Taps, in_single_precision, unit


@dataclass(frozen=True)
class LifterConfig:
    """Sizes of the network.

    keypoints: K. parents: of the J joints, -1 for the root. channels: C. widths: n. causal: the window ends at the
    output frame; otherwise the output frame is at its centre.
    """

    keypoints: int
    parents: tuple[int, ...]
    channels: int = 1024
    widths: int = 4
    causal: bool = False

    @property
    def joints(self) -> int:
        """J."""
        return len(self.parents)

    @property
    def window(self) -> int:
        """Frames on which one output frame depends."""
        return 3**self.widths

    @property
    def vectors(self) -> int:
        """Unit vectors that a head gives for a frame: J - 1 bone directions and the world's up."""
        return self.joints

    @property
    def padding(self) -> tuple[int, int]:
        """Frames needed before the first and after the last output frame."""
        return (self.window - 1, 0) if self.causal else (self.window // 2, self.window // 2)

    def as_dict(self) -> dict:
        """Plain values for a checkpoint."""
        return asdict(self)


class DirectionNetwork(nn.Module):
    """Two stacked temporal sub-networks (section 3.2, figure 3).

    The first one reads the window. The second one starts from the first one's last feature and reads the output of the
    first one's blocks through long skip connections. No gradient passes from the second to the first.
    """

    def __init__(self, config: LifterConfig) -> None:
        super().__init__()
        self.config = config
        k, c, blocks = config.keypoints, config.channels, config.widths - 1
        self.expand, self.expand_norm = Taps(2 * k, c), Norm(c)
        self.see, self.see_norm = Taps(k, c), Norm(c)
        self.first = nn.ModuleList([Block(2 * c if i == 0 else c, c) for i in range(blocks)])
        self.first_head = nn.Linear(c, 3 * config.vectors)
        self.second = nn.ModuleList([SkipBlock(c) for _ in range(blocks)])
        self.second_head = nn.Linear(c, 3 * config.vectors)

    def forward(self, xy: torch.Tensor, score: torch.Tensor, stride: int = 1) -> tuple[torch.Tensor, ...]:
        """xy (B, T, 2K), score (B, T, K) -> unit vectors (B, frames, J - 1 bones and up, 3) of both sub-networks.

        frames: the T - window + 1 frames whose window lies inside. stride: 1, or 3, 9, ... up to the window for every
        third, ninth, ... of them; frames that no output needs are not computed.
        """
        first, second = self.hidden(xy, score, stride)
        return _unit_vectors(self.first_head, first), _unit_vectors(self.second_head, second)

    def hidden(self, xy: torch.Tensor, score: torch.Tensor, stride: int = 1) -> tuple[torch.Tensor, ...]:
        """The last features (B, frames, C) of both sub-networks; frames and stride as in `forward`."""
        spacing = min(3, stride)  # frames between two rows of x; it grows to the stride
        e, x = self.encoded(xy, score, spacing)
        skips = [(e, spacing)]
        for i, block in enumerate(self.first):
            wider = min(3 ** (i + 2), stride)
            x, spacing = block(x, 3 ** (i + 1) // spacing, self.config.causal, wider // spacing), wider
            skips.append((x, spacing))
        return x, self.propagated(x, skips, stride)

    def encoded(self, xy: torch.Tensor, score: torch.Tensor, stride: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The features e of the keypoints (B, frames, C), and [e, v * e] (B, frames, 2C), v those of the scores."""
        e = self.expand_norm(self.expand(xy, stride=stride))
        return e, torch.cat([e, self.see_norm(self.see(score, stride=stride)) * e], dim=-1)

    def propagated(self, x: torch.Tensor, skips: list[tuple[torch.Tensor, int]], stride: int) -> torch.Tensor:
        """The second sub-network: the first one's last feature (B, frames, C) -> its own last feature (B, frames, C).

        skips: what each block reads beside the block before it, with the spacing of its rows in frames.
        """
        y = x.detach()[:, :, None]  # alike at all places of the window
        for i, block in enumerate(self.second):
            outputs = 3 ** (len(self.second) - 1 - i)
            skip, spacing = skips[i]
            y = block(y, skip.detach(), 3 ** (i + 1) // spacing, outputs, self.config.causal, stride // spacing)
        return y[:, :, 0]


def _unit_vectors(head: nn.Linear, feature: torch.Tensor) -> torch.Tensor:
    """(B, frames, C) -> (B, frames, vectors, 3), each of length 1."""
    return unit(head(feature).reshape(*feature.shape[:2], -1, 3).float())


class LengthNetwork(nn.Module):
    """Bone lengths of a clip from a bag of its frames (section 3.3, figure 4).

    Each frame gives its joints on its own; attention over the frames weighs the lengths measured on them.
    """

    GAMMA = 10.0
    """The paper's gamma of equation 6."""

    def __init__(self, config: LifterConfig) -> None:
        super().__init__()
        self.config = config
        k, c, j = config.keypoints, config.channels, config.joints
        self.expand, self.expand_norm = nn.Linear(3 * k, c), Norm(c)
        self.layers = nn.ModuleList([
            nn.Sequential(nn.Linear(c, c), Norm(c), nn.Linear(c, c), Norm(c)) for _ in range(config.widths - 1)])
        self.joints = nn.Linear(c, 3 * j)
        self.attention = nn.Linear(6 * j, j - 1)
        self.register_buffer("calibration", torch.eye(j - 1))
        self.register_buffer("calibration_offset", torch.zeros(j - 1))

    def forward(self, xy: torch.Tensor, score: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """xy (B, L, 2K), score (B, L, K) -> joints of each frame (B, L, J, 3), clip's lengths (B, J - 1), metres."""
        joints = self.frame_joints(xy, score)
        return joints, self.lengths(joints)

    def frame_joints(self, xy: torch.Tensor, score: torch.Tensor) -> torch.Tensor:
        """xy (B, L, 2K), score (B, L, K) -> (B, L, J, 3) metres relative to the root, each frame on its own."""
        x = self.features(xy, score)
        with in_single_precision(x):
            joints = self.joints(x.float()).reshape(*x.shape[:2], -1, 3)
        return joints - joints[:, :, :1]

    def features(self, xy: torch.Tensor, score: torch.Tensor) -> torch.Tensor:
        """xy (B, L, 2K), score (B, L, K) -> (B, L, C), each frame on its own."""
        return self.residual(torch.cat([xy, score], dim=-1))

    def residual(self, x: torch.Tensor) -> torch.Tensor:
        """(B, L, inputs) -> (B, L, C) through the residual layers."""
        x = self.expand_norm(self.expand(x))
        for layer in self.layers:
            x = x + layer(x)
        return x

    def lengths(self, joints: torch.Tensor) -> torch.Tensor:
        """Equation 6: joints of the bag's frames (B, L, J, 3) -> lengths of the clip (B, J - 1) metres, calibrated."""
        joints = joints.detach()
        measured, flat = self.measured(joints), joints.flatten(2)
        with in_single_precision(flat):
            weight = torch.softmax(self.GAMMA * self.attention(torch.cat([flat, flat.abs()], -1)), dim=1)
            return (weight * measured).sum(dim=1) @ self.calibration + self.calibration_offset

    def measured(self, joints: torch.Tensor) -> torch.Tensor:
        """Joints (B, L, J, 3) -> the length of each bone in each frame (B, L, J - 1), metres."""
        parents = torch.tensor(self.config.parents[1:], device=joints.device)
        return torch.sqrt(((joints[:, :, 1:] - joints[:, :, parents]) ** 2).sum(-1) + 1e-12)


class Lifter(nn.Module):
    """The direction network and the length network."""

    def __init__(self, config: LifterConfig) -> None:
        super().__init__()
        self.config = config
        self.directions = DirectionNetwork(config)
        self.bone_lengths = LengthNetwork(config)

    def norms(self) -> list[Norm]:
        """All batch norms."""
        return [module for module in self.modules() if isinstance(module, Norm)]

    def set_momentum(self, momentum: float) -> None:
        """Set the momentum of the running statistics; it falls during training."""
        for norm in self.norms():
            norm.momentum = momentum
