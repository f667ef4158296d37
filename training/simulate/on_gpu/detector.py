"""What the detector sees: ../noise.py and `seen_by_detector` of ../synth2d.py in torch."""

from __future__ import annotations

import math

import torch

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.lifting.lifter_input import HIGHEST_SCORE

from .. import detector_noise as noise
from ..device_random import Chance
from .camera import Filmed
from .points import detector_points, hidden
from .time_series import runs, smoothed

_LEFT, _RIGHT = MOCAP22.index("left_shoulder"), MOCAP22.index("right_shoulder")


def _table(values, device: torch.device) -> torch.Tensor:
    """A numpy table on a device, numbers in single precision."""
    found = torch.as_tensor(values, device=device)
    return found.float() if found.is_floating_point() else found


def _slow(chance: Chance, shape: tuple[int, int, int], sigma: float) -> torch.Tensor:
    """(B, T, K, 2) smooth noise of unit variance; sigma: frames."""
    return smoothed(chance.normal(0, 1, (*shape, 2)), sigma, "wrap") * math.sqrt(2 * sigma * math.sqrt(math.pi))


def swapped(chance: Chance, rays: torch.Tensor, from_behind: torch.Tensor) -> torch.Tensor:
    """rays (B, T, K, 2) with left and right exchanged in runs of frames."""
    count, frames = rays.shape[:2]
    often = torch.where(from_behind.float().mean(dim=1) > 0.5, 1.0, 0.3)[:, None, None]
    swaps = runs(chance.generator, (count, frames, 3), 0.001, 10) & (chance.uniform(0, 1, (count, 1, 3)) < often)
    arms, legs = (_table(group, rays.device) for group in (noise.ARMS, noise.LEGS))
    arms_swap, legs_swap, both = (part[..., None] for part in swaps.unbind(-1))
    swap = (arms_swap & arms) | (legs_swap & legs) | (both & (arms | legs))
    return torch.where(swap[..., None], rays[:, :, _table(CANONICAL.flip, rays.device)], rays)


def errors(chance: Chance, covered: torch.Tensor, quality: torch.Tensor) -> torch.Tensor:
    """(B, T, K, 2) displacements as shares of the standing height; see noise.errors."""
    shape = tuple(covered.shape)
    count, _, points = shape
    white = chance.normal(0, 0.0022, (*shape, 2)) * torch.exp(chance.normal(0, 0.5, (count, 1, 1, 1)))
    slow = _slow(chance, shape, 2.0) * 0.0042 + _slow(chance, shape, 8.0) * 0.0066
    constant = chance.normal(0, 0.002, (count, 1, points, 2))
    lost = _slow(chance, shape, 5.0) * (0.026 * _table(noise.HIDDEN, covered.device) * covered)[..., None]
    wild = runs(chance.generator, shape, 0.0008, 8) | (runs(chance.generator, shape, 0.006, 10) & (covered > 0.3))
    jump = chance.normal(0, 0.02, (*shape, 2)) + _slow(chance, shape, 6.0) * 0.08
    total = (white + slow + constant) * _table(noise.FACTOR, covered.device)[:, None] + lost + wild[..., None] * jump
    return total * quality[:, None, None, None]


def scores(chance: Chance, error: torch.Tensor, covered: torch.Tensor, shipped: torch.Tensor) -> torch.Tensor:
    """(B, T, K) in 0..1 for errors (B, T, K) in shares of the standing height; see noise.scores."""
    count, one = len(error), (len(error), 1, 1)
    ours = shipped[:, None, None]
    logit = 1.5 - 1.77 * torch.log((error + 0.01) / 0.03) - 0.2 * covered + chance.normal(0, 0.45, tuple(error.shape))
    logit = logit + smoothed(chance.normal(0, 1, tuple(error.shape)), 6) * torch.where(ours, 1.2, 2.5)
    slope = torch.where(ours, chance.uniform(0.9, 1.1, one), chance.uniform(0.6, 2.0, one))
    score = torch.sigmoid(logit * slope + chance.normal(0, 1, one) * torch.where(ours, 0.15, 0.7))
    none_given = (chance.uniform(0, 1, count) < 0.2)[:, None, None]
    return torch.where(none_given & ~ours, 1.0, score).clamp(max=HIGHEST_SCORE)


def missing(chance: Chance, share: torch.Tensor, frames: int) -> torch.Tensor:
    """(B, T, K) bool: keypoints that are not there; see noise.missing."""
    count, points = len(share), len(CANONICAL)
    lost = runs(chance.generator, (count, frames, points), 0.0015, 20)
    lost = lost | runs(chance.generator, (count, frames, 1), 0.002, 12)
    lost = lost & (chance.uniform(0, 1, count) < share)[:, None, None]
    for group, likely in noise.GROUPS:
        absent = (chance.uniform(0, 1, count) < likely * share)[:, None, None]
        lost = lost | (absent & _table(group, share.device))
    return lost


def seen_by_detector(chance: Chance, camera: Filmed, joints: torch.Tensor, height: torch.Tensor,
                     offsets: torch.Tensor, shipped: torch.Tensor, exact: torch.Tensor
                     ) -> tuple[torch.Tensor, torch.Tensor]:
    """rays (B, T, K, 2) on z = 1 and score (B, T, K) of the detector.

    joints (B, T, J, 3) in the world; height (B,), offsets (B, K, 3) and shipped (B,) of `Bodies`; exact (B,) bool: rows
    whose points are exact and score 1.
    """
    points, body = camera.see(detector_points(joints, offsets)), camera.see(joints)
    rays = points[..., :2] / points[..., 2:].clamp(min=0.2)
    near = points[..., 2] < 0.3
    size = height[:, None] / body[:, :, 0, 2].clamp(min=0.5)
    covered = hidden(points[:, ::2], body[:, ::2], height)
    covered = covered.repeat_interleave(2, dim=1)[:, : points.shape[1]]
    quality = torch.exp(chance.normal(0, 0.3, len(rays))) * torch.where(shipped, 1.0, noise.OTHERS)
    behind = body[..., _LEFT, 0] < body[..., _RIGHT, 0]
    moved = swapped(chance, rays + errors(chance, covered, quality) * size[:, :, None, None], behind)
    half = camera.half[:, None, None]
    outside = (rays.abs() > half).any(dim=-1)
    guessed = torch.maximum(torch.minimum(moved, 1.03 * half), -1.03 * half)
    moved = torch.where(outside[..., None], guessed, moved)
    off = torch.linalg.vector_norm(moved - rays, dim=-1) / size[:, :, None] + 0.1 * outside
    score = scores(chance, off, covered, shipped)
    one = (len(rays), 1, 1)
    dropped = outside & (chance.uniform(0, 1, one) < 0.6)
    low = (score < 0.15) & (chance.uniform(0, 1, one) < 0.3)
    lost = near | missing(chance, torch.where(shipped, 0.6, 1.8), rays.shape[1])
    alone = exact[:, None, None]
    moved, score = torch.where(alone[..., None], rays, moved), torch.where(alone, 1.0, score)
    gone = lost | ((dropped | low) & ~alone)
    return torch.where(gone[..., None], 0.0, moved), torch.where(gone, 0.0, score)
