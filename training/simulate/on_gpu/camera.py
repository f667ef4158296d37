"""Random cameras that film a clip: ../virtual_camera.py in torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from ..device_random import Chance
from ..tuning import TUNING
from ..virtual_camera import ASPECTS
from .time_series import smoothed


@dataclass(frozen=True)
class Filmed:
    """Like virtual_camera.Filmed: rotation (B, T, 3, 3) camera from world, centre (B, T, 3), half (B, 2)."""

    rotation: torch.Tensor
    centre: torch.Tensor
    half: torch.Tensor

    def see(self, points: torch.Tensor) -> torch.Tensor:
        """(B, T, N, 3) world -> camera axes."""
        return (points - self.centre[:, :, None]) @ self.rotation.mT


def film(chance: Chance, root: torch.Tensor, height: torch.Tensor) -> Filmed:
    """Cameras around people whose pelvis moves along root (B, T, 3), standing `height` (B,) metres tall."""
    count, frames = root.shape[:2]
    yaw = chance.uniform(-math.pi, math.pi, count)
    pitch = torch.deg2rad(chance.normal(*TUNING.pitch, count)).clamp(*map(math.radians, TUNING.pitch_limits))
    roll = torch.deg2rad(chance.normal(0, TUNING.roll, count))
    fov = torch.deg2rad(chance.uniform(*TUNING.field_of_view, count))
    aspects = torch.tensor(ASPECTS, dtype=torch.float32, device=root.device)
    aspect = aspects[chance.integers(len(ASPECTS), count)]
    half = torch.tan(fov / 2)[:, None] * aspect / aspect.amax(dim=1, keepdim=True)
    share = torch.exp(chance.uniform(*map(math.log, TUNING.person_in_picture), count))
    distance = (height / (2 * half[:, 1] * share)).clamp(*TUNING.distance)
    aim = _aim(chance, root, half, distance)
    turns = [angle[:, None] + _sway(chance, count, frames) for angle in (yaw, pitch, roll)]
    rotation = _rotation(*turns)
    still = _rotation(yaw[:, None], pitch[:, None], torch.zeros_like(yaw)[:, None])
    place = aim - distance[:, None, None] * still[..., 2, :]
    depth = ((root - place) * rotation[..., 2, :]).sum(-1).amin(dim=1)
    place = place - ((TUNING.nearest_approach - depth).clamp(min=0)[:, None] * rotation[..., 2, :].mean(dim=1))[:, None]
    return Filmed(rotation, place, half)


def _aim(chance: Chance, root, half, distance) -> torch.Tensor:
    count = len(root)
    still = root.mean(dim=1, keepdim=True).expand_as(root)
    path = root[..., :2]
    far = (path.amax(1) - path.amin(1)).amax(-1) > TUNING.following_from * distance * half[:, 0]
    follows = (chance.uniform(0, 1, count) < TUNING.following) | far
    aim = torch.where(follows[:, None, None], smoothed(root, TUNING.following_smoothed, "nearest"), still)
    shift = chance.normal(0, TUNING.off_centre, (count, 3)) * (half[:, :1] * distance[:, None])
    return aim + (shift * torch.tensor((1, 1, TUNING.off_centre_up), device=root.device))[:, None]


def _sway(chance: Chance, count: int, frames: int) -> torch.Tensor:
    sigma = TUNING.hand_held_smoothed
    walk = smoothed(chance.normal(0, 1, (count, frames)), sigma) * math.sqrt(2 * sigma * math.sqrt(math.pi))
    held_by_hand = chance.uniform(0, 1, count) < TUNING.hand_held
    return walk * torch.where(held_by_hand, torch.deg2rad(chance.uniform(*TUNING.hand_held_sway, count)), 0.0)[:, None]


def _rotation(yaw, pitch, roll) -> torch.Tensor:
    sy, cy, sp, cp = torch.sin(yaw), torch.cos(yaw), torch.sin(pitch), torch.cos(pitch)
    forward = torch.stack([-sy * cp, cy * cp, -sp], dim=-1)
    right = torch.stack([cy, sy, torch.zeros_like(sy)], dim=-1)
    down = torch.linalg.cross(forward, right)
    sr, cr = torch.sin(roll)[..., None], torch.cos(roll)[..., None]
    return torch.stack([cr * right + sr * down, -sr * right + cr * down, forward], dim=-2)
