"""Keypoints on a body (fitting/detector_points.py), and their occlusion by the body: ../occlusion.py in torch."""

from __future__ import annotations

import torch

from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.detector_points import Vectors
from anatomy_mocap.fitting.detector_points import detector_points as on_bodies

from ..occlusion import CAPSULES, FREE


def _unit(vectors: torch.Tensor) -> torch.Tensor:
    return vectors / torch.linalg.vector_norm(vectors, dim=-1, keepdim=True).clamp(min=1e-6)


_TORCH = Vectors(torch.linalg.cross, _unit, torch.stack)


def detector_points(positions: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """positions (B, T, J, 3), offsets (B, K, 3) -> keypoints (B, T, K, 3)."""
    return on_bodies(positions, offsets, _TORCH)


def hidden(points: torch.Tensor, joints: torch.Tensor, height: torch.Tensor) -> torch.Tensor:
    """(B, T, K) in 0..1, how far each keypoint is hidden. points (B, T, K, 3), joints (B, T, J, 3): camera axes."""
    depth = points[..., 2].clamp(min=0.2)
    x, y = points[..., 0] / depth, points[..., 1] / depth
    free = torch.from_numpy(FREE).to(points.device)
    cover = torch.zeros_like(depth)
    for c, (start, end, radius) in enumerate(CAPSULES):
        a, b = (joints[..., MOCAP22.index(name), :, None] for name in (start, end))
        near_a, near_b = a[..., 2, :].clamp(min=0.2), b[..., 2, :].clamp(min=0.2)
        ax, ay = a[..., 0, :] / near_a, a[..., 1, :] / near_a
        dx, dy = b[..., 0, :] / near_b - ax, b[..., 1, :] / near_b - ay
        along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy).clamp(min=1e-9)).clamp(0, 1)
        off_x, off_y = x - ax - along * dx, y - ay - along * dy
        away = torch.sqrt(off_x * off_x + off_y * off_y)
        front = a[..., 2, :] + along * (b[..., 2, :] - a[..., 2, :])
        size = (radius * height)[:, None, None]
        inside = (1.5 - away * front.clamp(min=0.2) / size).clamp(0, 1)
        behind = ((depth - front - 0.5 * size) / (0.5 * size)).clamp(0, 1)
        cover = torch.maximum(cover, inside * behind * free[:, c])
    return cover
