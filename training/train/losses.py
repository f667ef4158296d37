"""The losses of the lifter: the paper's (section 3.4) but for the joint shift, and the positions of equation 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch

from anatomy_mocap.core.skeleton import MOCAP22

from ..network.layers import in_single_precision
from ..network.lifter import Lifter
from ..simulate.simulate_batch import Batch

FRAMES_FOR_LENGTHS = 50

WEIGHTS = {"direction": 0.3, "position": 1.0, "up": 0.3, "frame": 1.0, "length": 1.0}
"""direction: equation 3 of the paper. position (ours): joints by equation 1 with the true lengths, so that each bone's
direction counts as much as what hangs on it. up (ours): the world's up. frame (equation 5) and length (equation 4)
train other weights than the rest; under Adam their size against the others does not matter. The paper's joint shift
loss (equation 2) is left out: it bends directions for a head that the product does not use (docs/benchmark.md)."""


@dataclass(frozen=True)
class Tensors:
    """A Batch as tensors: V videos of `chunks` rows."""

    xy: torch.Tensor
    score: torch.Tensor
    directions: torch.Tensor
    up: torch.Tensor
    lengths: torch.Tensor
    valid: torch.Tensor
    bone_weight: torch.Tensor
    chunks: int

    @classmethod
    def of(cls, batch: Batch, chunks: int) -> Tensors:
        """From a batch of arrays or of tensors."""
        xy = torch.as_tensor(batch.xy).flatten(2)
        rest = (torch.as_tensor(getattr(batch, name)) for name in (
            "score", "directions", "up", "lengths", "valid", "bone_weight"))
        return cls(xy, *rest, chunks)


def joints_of(directions: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Equation 1: directions (B, T, J - 1, 3), lengths (B, J - 1) -> joints relative to the root (B, T, J, 3)."""
    ancestors = torch.from_numpy(MOCAP22.ancestors[:, 1:]).to(directions)
    with in_single_precision(directions):
        return torch.einsum("jb,ntbc->ntjc", ancestors, directions * lengths[:, None, :, None])


class Bag(NamedTuple):
    """L frames of each of V videos: xy (V, L, 2K), score (V, L, K), and the truth: joints (V, L, J, 3) relative to the
    root and lengths (V, J - 1), metres."""

    xy: torch.Tensor
    score: torch.Tensor
    joints: torch.Tensor
    lengths: torch.Tensor


def bag_of_frames(tensors: Tensors, generator: torch.Generator, count: int = FRAMES_FOR_LENGTHS) -> Bag:
    """`count` random valid frames of each video; a quarter of the videos give those of one chunk, as short clips do."""
    rows, frames = tensors.valid.shape
    videos = rows // tensors.chunks
    chance = tensors.valid.to(generator.device).float().reshape(videos, tensors.chunks, frames) + 1e-6
    short = torch.rand(videos, generator=generator, device=generator.device) < 0.25
    chance[short, 1:] = 0.0
    picked = torch.multinomial(chance.flatten(1), count, replacement=True, generator=generator)
    picked = picked.to(tensors.xy.device)
    row = torch.arange(videos, device=picked.device)[:, None] * tensors.chunks + picked // frames
    frame = picked % frames
    lengths = tensors.lengths[:: tensors.chunks, 1:]
    joints = joints_of(tensors.directions[row, frame][:, :, 1:], lengths)
    return Bag(tensors.xy[row, frame], tensors.score[row, frame], joints, lengths)


def length_losses(model: Lifter, tensors: Tensors,
                  generator: torch.Generator) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """The length network's two losses and its lengths (V, J - 1)."""
    bag = bag_of_frames(tensors, generator)
    frame_joints, lengths = model.bone_lengths(bag.xy, bag.score)
    return {
        "frame": torch.linalg.vector_norm(frame_joints - bag.joints, dim=-1).mean(),
        "length": ((lengths - bag.lengths) ** 2).sum(-1).mean(),
    }, lengths


def total(losses: dict[str, torch.Tensor]) -> torch.Tensor:
    """The weighted sum."""
    return sum(WEIGHTS[name] * value for name, value in losses.items())
