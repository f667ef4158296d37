"""Equation 7 with the paper's gradient blocks (sections 3.2 to 3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from ..network.layers import Norm, in_single_precision
from .ablation_rows import Variant
from .skeleton17 import PAPER17
from .variants_of_the_lifter import VariantLifter
from .videos import PaperBatch

WEIGHTS = {"direction": 0.015, "length": 0.05, "frame": 1.0, "shift": 0.1, "regressed": 1.0, "joints": 1.0}
"""The lambdas of equation 7. regressed: trains its own head alone. joints: the baseline's MPJPE."""

_ANCESTORS = torch.from_numpy(PAPER17.ancestors[:, 1:].astype("float32"))
_PARENTS = list(PAPER17.parents[1:])


def composed(directions: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Equation 1: directions (..., 16, 3) and lengths (..., 16) metres -> joints relative to the root (..., 17, 3)."""
    return _ANCESTORS.to(directions) @ (directions * lengths[..., None])


def directions_of(joints: torch.Tensor) -> torch.Tensor:
    """Unit vectors (..., 16, 3) of the bones of joints (..., 17, 3)."""
    bones = joints[..., 1:, :] - joints[..., _PARENTS, :]
    return bones / torch.linalg.vector_norm(bones, dim=-1, keepdim=True).clamp(min=1e-6)


def joint_shifts(joints: torch.Tensor, pairs: list[tuple[int, int]]) -> torch.Tensor:
    """Vectors (..., pairs, 3) from the first to the second joint of each pair, of joints (..., 17, 3)."""
    first, second = zip(*pairs, strict=True)
    return joints[..., list(second), :] - joints[..., list(first), :]


@contextmanager
def untouched_statistics(module: nn.Module) -> Iterator[None]:
    """Context in which batch norms use the batch's statistics without updating the running ones."""
    norms = [norm for norm in module.modules() if isinstance(norm, Norm)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, before, strict=True):
            norm.momentum = momentum


def _norms(difference: torch.Tensor) -> torch.Tensor:
    return torch.linalg.vector_norm(difference, dim=-1).mean()


def paper_losses(model: VariantLifter, variant: Variant, batch: PaperBatch,
                 device: str = "cpu") -> dict[str, torch.Tensor]:
    """Each loss by the names in WEIGHTS, metres: means over windows, and over bones or joint pairs."""
    tensors = {name: torch.from_numpy(value).to(device) for name, value in vars(batch).items() if value is not None}
    true = tensors["joints"]
    outputs = model.directions(tensors["xy"].flatten(2), tensors["score"], model.config.window)
    outputs = [output[:, 0] for output in outputs]
    shifts = joint_shifts(true, model.pairs)
    if not variant.anatomic:
        found = outputs[0] - outputs[0][:, :1]
        losses = {"joints": _norms(found - true)}
        if variant.joint_shift:  # measured on the joints
            losses["shift"] = _norms(joint_shifts(found, model.pairs) - shifts)
        return losses
    losses, lengths = length_losses(model, variant, tensors)
    lengths = lengths.detach().repeat_interleave(len(true) // len(lengths), 0)
    aim = directions_of(true)
    losses["direction"] = sum(((output - aim) ** 2).sum(-1).mean() for output in outputs)
    if variant.joint_shift:
        losses["shift"] = sum(_norms(head(lengths, output[:, None])[:, 0] - shifts)
                              for head, output in zip(model.shifts, outputs, strict=True))
    if model.regress is not None:
        with in_single_precision(true):
            losses["regressed"] = _norms(model.regress(lengths, outputs[-1].detach()[:, None])[:, 0] - true)
    return losses


def length_losses(model: VariantLifter, variant: Variant, tensors: dict[str, torch.Tensor]):
    """The losses of the length branch, and each bag's lengths (V, 16)."""
    network = model.bone_lengths
    xy, true = tensors["bag_xy"].flatten(2), tensors["lengths"]
    seen = torch.ones_like(xy[..., ::2])  # not read: the paper's length network sees no scores
    if not variant.frame_loss:  # the naive form: the length loss trains everything
        _, lengths = network(xy, seen)
        return {"length": ((lengths - true) ** 2).mean()}, lengths
    # One frame of each bag (one for each window where windows share a bag) trains the network of the frames, so only
    # these are differentiated; the length loss goes no further than the attention.
    each = max(1, len(tensors["joints"]) // len(xy))
    picked = torch.rand(xy.shape[:2], device=xy.device).topk(min(each, xy.shape[1]), dim=1).indices
    rows = torch.arange(len(xy), device=xy.device)[:, None]
    guess = network.frame_joints(xy[rows, picked], seen[rows, picked])
    losses = {"frame": _norms(guess - tensors["bag_joints"][rows, picked])}
    lengths = bag_lengths(model, xy)
    if variant.attention:
        losses["length"] = ((lengths - true) ** 2).mean()
        if variant.augmented:
            other = bag_lengths(model, tensors["extra_xy"].flatten(2))
            losses["length"] = losses["length"] + ((other - tensors["extra_lengths"]) ** 2).mean()
    return losses, lengths


def bag_lengths(model: VariantLifter, xy: torch.Tensor) -> torch.Tensor:
    """Lengths (V, 16) metres of bags xy (V, L, 34); only the attention gets a gradient."""
    with torch.no_grad(), untouched_statistics(model.bone_lengths):
        joints = model.bone_lengths.frame_joints(xy, torch.ones_like(xy[..., ::2]))
    return model.bone_lengths.lengths(joints)


def total(losses: dict[str, torch.Tensor]) -> torch.Tensor:
    """The weighted sum of the losses: equation 7."""
    return sum(WEIGHTS[name] * value for name, value in losses.items())
