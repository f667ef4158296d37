"""Errors of the network during training, on fixed chunks of the validation subjects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from ..mocap.dataset import MocapSet
from ..network.lifter import Lifter
from ..simulate.simulate_batch import SynthSettings, make_batch
from .losses import Tensors, bag_of_frames, joints_of

Errors = Callable[[Lifter, Tensors], dict[str, float]]


@torch.no_grad()
def chunk_errors(model: Lifter, tensors: Tensors) -> dict[str, float]:
    """mpjpe, n_mpjpe, first_mpjpe (sub-network 1), length_error (mm), angle (mean of the bones), up (degrees)."""
    bag = bag_of_frames(tensors, torch.Generator().manual_seed(1))
    _, lengths = model.bone_lengths(bag.xy, bag.score)
    first, second = model.directions(tensors.xy, tensors.score)
    before, after = model.config.padding
    crop = slice(before, tensors.xy.shape[1] - after)
    valid = tensors.valid[:, crop]
    true = tensors.directions[:, crop, 1:]
    joints = joints_of(true, tensors.lengths[:, 1:])[valid]
    own = lengths.repeat_interleave(tensors.chunks, 0)
    guess, earlier = (joints_of(output[:, :, :-1], own)[valid] for output in (second, first))
    scale = (guess * joints).sum((-1, -2), keepdim=True) / (guess * guess).sum((-1, -2), keepdim=True)

    def off(points: torch.Tensor) -> float:
        return 1000 * float(torch.linalg.vector_norm(points - joints, dim=-1).mean())

    def degrees(a: torch.Tensor, b: torch.Tensor) -> float:
        return float(torch.rad2deg(torch.arccos((a * b).sum(-1).clamp(-1, 1))).mean())

    values = {"mpjpe": off(guess), "n_mpjpe": off(guess * scale), "first_mpjpe": off(earlier),
              "length_error": 1000 * float((lengths - bag.lengths).abs().mean()),
              "angle": degrees(second[:, :, :-1][valid], true[valid]),
              "up": degrees(second[:, :, -1][valid], tensors.up[:, crop][valid])}
    return {name: round(value, 2) for name, value in values.items()}


def quick_validation(model: Lifter, held_out: MocapSet, errors: Errors = chunk_errors,
                     videos: int = 24) -> dict[str, dict[str, float]]:
    """Errors of a network, ready to infer, with simulated noise and with exact 2D; the same chunks at every call."""
    result = {}
    for name, noisy in (("noisy", True), ("exact", False)):
        settings = SynthSettings(2, 40 + model.config.window - 1, noisy=noisy, augment=False, focal_spread=0.0)
        batch = make_batch(np.random.default_rng(20261122), held_out, videos, settings)
        result[name] = errors(model, Tensors.of(batch, settings.chunks))
    return result
