"""The network's input: lifting/lifter_input.py in torch."""

from __future__ import annotations

import torch

from anatomy_mocap.lifting.lifter_input import CENTRE_WEIGHT, SIZE_WEIGHT
from anatomy_mocap.lifting.tuning import TUNING

from .time_series import held, nearest, smoothed


def normalise_rays(rays: torch.Tensor, score: torch.Tensor,
                   fps: float) -> tuple[torch.Tensor, torch.Tensor]:
    """rays (B, T, K, 2) on the camera's plane z = 1, 0 where score (B, T, K) is 0 -> xy (B, T, K, 2), view_from_camera
    (B, T, 3, 3); see `normalise_rays` of lifting/lifter_input.py."""
    torso, limbs = (torch.from_numpy(weight).float().to(rays.device)
                    for weight in (CENTRE_WEIGHT, SIZE_WEIGHT))
    view = _looking_at(_smooth_mean(rays, score * torso, TUNING.centre_seconds * fps))
    turned = torch.cat([rays, torch.ones_like(rays[..., :1])], dim=-1) @ view.mT
    xy = turned[..., :2] / turned[..., 2:].clamp(min=TUNING.least_depth)
    distance = torch.linalg.vector_norm(xy, dim=-1)[..., None]
    size = _smooth_mean(distance, score * limbs, TUNING.size_seconds * fps)[..., 0]
    size = torch.where(size > 1e-6, size, 1.0)
    xy = (xy / size[..., None, None]).clamp(-TUNING.limit, TUNING.limit)
    return torch.where(score[..., None] > 0, xy, 0.0), view


def _smooth_mean(values, weight, sigma: float) -> torch.Tensor:
    """Weighted mean of (B, T, K, D) over K, smoothed in time: (B, T, D)."""
    total = smoothed(weight.sum(dim=-1), sigma, "constant", 3.0)
    summed = smoothed((values * weight[..., None]).sum(dim=-2), sigma, "constant", 3.0)
    known = total > 1e-6
    mean = summed / torch.where(known, total, 1.0)[..., None]
    return torch.where(known.any(dim=1)[:, None, None], held(mean, nearest(known)), 0.0)


def _looking_at(centre: torch.Tensor) -> torch.Tensor:
    """(B, T, 2) points on the plane z = 1 -> (B, T, 3, 3) smallest rotation that turns their rays onto the z axis."""
    ray = torch.cat([centre, torch.ones_like(centre[..., :1])], dim=-1)
    x, y, z = (ray / torch.linalg.vector_norm(ray, dim=-1, keepdim=True)).unbind(-1)
    k = 1.0 / (1.0 + z)
    rows = [[1 - k * x * x, -k * x * y, -x], [-k * x * y, 1 - k * y * y, -y], [x, y, z]]
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)
