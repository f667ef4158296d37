"""Where the keypoints lie on a body, and which of them its parts hide: ../detector_points.py, ../occlusion.py."""

from __future__ import annotations

import torch

from ...core.keypoints import CANONICAL
from ...core.skeleton import MOCAP22
from ..occlusion import CAPSULES, FREE

_J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}


def _unit(vectors: torch.Tensor) -> torch.Tensor:
    return vectors / torch.linalg.vector_norm(vectors, dim=-1, keepdim=True).clamp(min=1e-6)


def _frame(up, forward):
    up = _unit(up)
    forward = _unit(forward - up * (forward * up).sum(-1, keepdim=True))
    return torch.linalg.cross(up, forward), up, forward


def detector_points(positions: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """positions (B, T, J, 3), offsets (B, K, 3) -> keypoints (B, T, K, 3)."""
    def at(name: str) -> torch.Tensor:
        return positions[..., _J[name], :]

    across = at("left_hip") - at("right_hip") + at("left_shoulder") - at("right_shoulder")
    trunk = _unit(at("thorax") - at("pelvis"))
    front = torch.linalg.cross(_unit(across), trunk)
    torso = _frame(trunk, front)
    head = _frame(at("head") - at("neck"), at("nose") - at("neck"))
    points = {"nose": (at("neck"), head, 1)}
    for name, side in (("left", 1), ("right", -1)):
        points[f"{name}_eye"] = points[f"{name}_ear"] = (at("neck"), head, side)
        points[f"{name}_shoulder"] = (at(f"{name}_shoulder"), torso, side)
        points[f"{name}_hip"] = (at(f"{name}_hip"), torso, side)
        for joint, parent in (("elbow", "shoulder"), ("wrist", "elbow"), ("knee", "hip"), ("ankle", "knee")):
            end = at(f"{name}_{joint}")
            points[f"{name}_{joint}"] = (end, _frame(at(f"{name}_{parent}") - end, front), side)
        foot = _foot_frame(at(f"{name}_ankle"), at(f"{name}_toe"), at(f"{name}_knee"), torso[0])
        points[f"{name}_heel"] = (at(f"{name}_ankle"), foot, side)
        points[f"{name}_toe"] = (at(f"{name}_toe"), foot, side)
        along = at(f"{name}_knuckle") - at(f"{name}_wrist")
        hand = _frame(side * torch.linalg.cross(along, front), along)
        points[f"{name}_knuckle"] = (at(f"{name}_knuckle"), hand, side)
    order = [points[name] for name in CANONICAL.keypoint_names]
    origin = torch.stack([origin for origin, _, _ in order], dim=-2)
    left, up, forward = (torch.stack([frame[axis] for _, frame, _ in order], dim=-2) for axis in range(3))
    sides = torch.tensor([float(side) for _, _, side in order], device=positions.device)
    offset = offsets[:, None]
    return (origin + offset[..., 0:1] * sides[:, None] * left + offset[..., 1:2] * up + offset[..., 2:3] * forward)


def _foot_frame(ankle, toe, knee, left):
    along = _unit(toe - ankle)
    side = torch.linalg.cross(_unit(knee - ankle), along)
    side = _unit(side + 0.15 * left)
    up = torch.linalg.cross(along, side)
    drop = torch.tensor(0.35, device=ankle.device)
    forward = _unit(along * torch.cos(drop) + up * torch.sin(drop))
    return _frame(torch.linalg.cross(forward, side), forward)


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
