"""The places of a 2D detector's keypoints on a posed body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.keypoint_layouts import CANONICAL
from ..core.skeleton import MOCAP22

_J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}


SOLE = 0.35
"""Radians from the line between ankle and toe to the sole. Guessed."""

ACROSS = 0.15
"""Weight of the body's left in the foot's side axis, which a foot in line with its shank does not have. Guessed."""


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors on the last axis scaled to length 1; tiny ones stay tiny."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)


@dataclass(frozen=True)
class Vectors:
    """The operations that `detector_points` needs, for numpy or torch: on vectors (..., 3), and `stack` along an
    axis."""

    cross: Callable
    unit: Callable
    stack: Callable

    def frame(self, up: Any, forward: Any) -> tuple[Any, Any, Any]:
        """(left, up, forward): orthonormal vectors; up keeps its direction."""
        up = self.unit(up)
        forward = self.unit(forward - up * (forward * up).sum(-1)[..., None])
        return self.cross(up, forward), up, forward


NUMPY = Vectors(np.cross, unit, np.stack)


def _shifted(origin, frame, offset, side: int):
    """origin + offset (outward, up, forward) in the frame; outward is left for side 1, right for side -1."""
    left, up, forward = frame
    return origin + offset[..., 0:1] * side * left + offset[..., 1:2] * up + offset[..., 2:3] * forward


def detector_points(positions: np.ndarray, offsets: np.ndarray, of: Vectors = NUMPY) -> np.ndarray:
    """The 23 canonical keypoints in 3D: (B, T, K, 3) metres.

    positions: (B, T, J, 3) metres, the joints. offsets: (B, K, 3) metres outward, up the limb and forward, each in the
    keypoint's own frame. of: the kind of both arrays, numpy's or torch's.
    """
    def at(name: str):
        return positions[..., _J[name], :]

    across = at("left_hip") - at("right_hip") + at("left_shoulder") - at("right_shoulder")
    trunk = of.unit(at("thorax") - at("pelvis"))
    front = of.cross(of.unit(across), trunk)
    torso = of.frame(trunk, front)
    head = of.frame(at("head") - at("neck"), at("nose") - at("neck"))
    points = {"nose": (at("neck"), head, 1)}
    for name, side in (("left", 1), ("right", -1)):
        points[f"{name}_eye"] = points[f"{name}_ear"] = (at("neck"), head, side)
        points[f"{name}_shoulder"] = (at(f"{name}_shoulder"), torso, side)
        points[f"{name}_hip"] = (at(f"{name}_hip"), torso, side)
        for joint, parent in (("elbow", "shoulder"), ("wrist", "elbow"), ("knee", "hip"), ("ankle", "knee")):
            end = at(f"{name}_{joint}")
            points[f"{name}_{joint}"] = (end, of.frame(at(f"{name}_{parent}") - end, front), side)
        ankle, toe, knee = at(f"{name}_ankle"), at(f"{name}_toe"), at(f"{name}_knee")
        foot = _foot_frame(of, ankle, toe, knee, torso[0])
        points[f"{name}_heel"] = (ankle, foot, side)
        points[f"{name}_toe"] = (toe, foot, side)
        knuckle = at(f"{name}_knuckle")
        along = knuckle - at(f"{name}_wrist")
        points[f"{name}_knuckle"] = (knuckle, of.frame(side * of.cross(along, front), along), side)
    result = [_shifted(*points[name][:2], offsets[:, None, index], points[name][2])
              for index, name in enumerate(CANONICAL.keypoint_names)]
    return of.stack(result, -2)


def _foot_frame(of: Vectors, ankle, toe, knee, left):
    """Frame of the sole: forward along the foot, up from the sole. The ankle lies above the line from heel to toe."""
    along = of.unit(toe - ankle)
    side = of.cross(of.unit(knee - ankle), along)
    side = of.unit(side + ACROSS * left)
    up = of.cross(along, side)
    forward = of.unit(along * np.cos(SOLE) + up * np.sin(SOLE))
    return of.frame(of.cross(forward, side), forward)
