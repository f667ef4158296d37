"""Detections: ../detector_noise.py and `seen_by_detector` of ../simulate_batch.py in torch."""

from __future__ import annotations

import math

import torch

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.lifting.tuning import TUNING as LIFTING

from .. import detector_noise as noise
from ..device_random import Chance
from ..tuning import TUNING
from .camera import Filmed
from .points import detector_points, hidden
from .time_series import runs, smoothed

_LEFT, _RIGHT = MOCAP22.index("left_shoulder"), MOCAP22.index("right_shoulder")


def _table(values, device: torch.device) -> torch.Tensor:
    """A numpy table on a device, numbers in single precision."""
    found = torch.as_tensor(values, device=device)
    return found.float() if found.is_floating_point() else found


def _slow(chance: Chance, shape: tuple[int, int, int], spread: float, sigma: float) -> torch.Tensor:
    """(B, T, K, 2) smooth noise. spread: its standard deviation; sigma: of the filter, frames."""
    noise = smoothed(chance.normal(0, 1, (*shape, 2)), sigma, "wrap")
    return noise * math.sqrt(2 * sigma * math.sqrt(math.pi)) * spread


def swapped(chance: Chance, rays: torch.Tensor, from_behind: torch.Tensor) -> torch.Tensor:
    """rays (B, T, K, 2) with left and right exchanged in runs of frames."""
    count, frames = rays.shape[:2]
    often = torch.where(from_behind.float().mean(dim=1) > 0.5, 1.0, TUNING.swaps_in_front)[:, None, None]
    swaps = runs(chance.generator, (count, frames, 3), *TUNING.swaps) & (chance.uniform(0, 1, (count, 1, 3)) < often)
    arms, legs = (_table(group, rays.device) for group in (noise.ARMS, noise.LEGS))
    arms_swap, legs_swap, both = (part[..., None] for part in swaps.unbind(-1))
    swap = (arms_swap & arms) | (legs_swap & legs) | (both & (arms | legs))
    return torch.where(swap[..., None], rays[:, :, _table(CANONICAL.flip, rays.device)], rays)


def errors(chance: Chance, covered: torch.Tensor, quality: torch.Tensor) -> torch.Tensor:
    """Displacements (B, T, K, 2) as shares of the standing height; see detector_noise.errors."""
    shape = tuple(covered.shape)
    count, _, points = shape
    white = chance.normal(0, TUNING.fast, (*shape, 2))
    white = white * torch.exp(chance.normal(0, TUNING.fast_spread, (count, 1, 1, 1)))
    slow = _slow(chance, shape, *TUNING.middle) + _slow(chance, shape, *TUNING.slow)
    constant = chance.normal(0, TUNING.constant, (count, 1, points, 2))
    more = (TUNING.covered[0] * _table(noise.HIDDEN, covered.device) * covered)[..., None]
    lost = _slow(chance, shape, 1.0, TUNING.covered[1]) * more
    wild = runs(chance.generator, shape, *TUNING.jumps) | (
        runs(chance.generator, shape, *TUNING.jumps_covered) & (covered > TUNING.covered_from))
    jump = chance.normal(0, TUNING.jump_fast, (*shape, 2)) + _slow(chance, shape, *TUNING.jump_slow)
    total = (white + slow + constant) * _table(noise.FACTOR, covered.device)[:, None] + lost + wild[..., None] * jump
    return total * quality[:, None, None, None]


def scores(chance: Chance, error: torch.Tensor, covered: torch.Tensor, shipped: torch.Tensor) -> torch.Tensor:
    """Scores (B, T, K) in 0..1 for errors (B, T, K) in shares of the standing height; see detector_noise.scores."""
    count, one = len(error), (len(error), 1, 1)
    ours = shipped[:, None, None]
    level, least, usual = TUNING.score_at
    ours_slow, theirs_slow, sigma = TUNING.score_slow
    logit = level - TUNING.score_slope * torch.log((error + least) / usual) - TUNING.score_covered * covered
    logit = logit + chance.normal(0, TUNING.score_fast, tuple(error.shape))
    logit = logit + smoothed(chance.normal(0, 1, tuple(error.shape)), sigma) * torch.where(ours, ours_slow, theirs_slow)
    slope = torch.where(ours, chance.uniform(*TUNING.score_scale, one), chance.uniform(*TUNING.score_scale_other, one))
    score = torch.sigmoid(logit * slope + chance.normal(0, 1, one) * torch.where(ours, *TUNING.score_shift))
    none_given = (chance.uniform(0, 1, count) < TUNING.no_scores)[:, None, None]
    return torch.where(none_given & ~ours, 1.0, score).clamp(max=LIFTING.highest_score)


def missing(chance: Chance, share: torch.Tensor, frames: int) -> torch.Tensor:
    """Missing keypoints (B, T, K) bool; see detector_noise.missing."""
    count, points = len(share), len(CANONICAL)
    lost = runs(chance.generator, (count, frames, points), *TUNING.lost_points)
    lost = lost | runs(chance.generator, (count, frames, 1), *TUNING.lost_frames)
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
    near = points[..., 2] < TUNING.too_near
    size = height[:, None] / body[:, :, 0, 2].clamp(min=0.5)
    covered = hidden(points[:, ::2], body[:, ::2], height)
    covered = covered.repeat_interleave(2, dim=1)[:, : points.shape[1]]
    quality = torch.exp(chance.normal(0, TUNING.clip_quality, len(rays)))
    quality = quality * torch.where(shipped, 1.0, TUNING.other_detectors)
    behind = body[..., _LEFT, 0] < body[..., _RIGHT, 0]
    moved = swapped(chance, rays + errors(chance, covered, quality) * size[:, :, None, None], behind)
    half = camera.half[:, None, None]
    outside = (rays.abs() > half).any(dim=-1)
    guessed = torch.maximum(torch.minimum(moved, TUNING.border * half), -TUNING.border * half)
    moved = torch.where(outside[..., None], guessed, moved)
    off = torch.linalg.vector_norm(moved - rays, dim=-1) / size[:, :, None] + TUNING.outside_error * outside
    score = scores(chance, off, covered, shipped)
    one = (len(rays), 1, 1)
    dropped = outside & (chance.uniform(0, 1, one) < TUNING.outside_dropped)
    low = (score < TUNING.low_score) & (chance.uniform(0, 1, one) < TUNING.low_score_dropped)
    lost = near | missing(chance, torch.where(shipped, *TUNING.missing), rays.shape[1])
    alone = exact[:, None, None]
    moved, score = torch.where(alone[..., None], rays, moved), torch.where(alone, 1.0, score)
    gone = lost | ((dropped | low) & ~alone)
    return torch.where(gone[..., None], 0.0, moved), torch.where(gone, 0.0, score)
