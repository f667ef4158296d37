"""A clip's keypoints as somebody of usual proportions would have given them.

What a single camera leaves open, the lifter fills with what is usual: a person with long forearms is told to reach
less far towards the camera than they do. Once the body is known (body_fit.py), the keypoints are moved by what lies
between its picture and that of a usual person in the same pose; lifted again, they tell the pose better.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.bone_lengths import body_height
from ..core.camera import Camera
from ..core.keypoints import Keypoints2D, is_exact
from ..core.skeleton import MOCAP22
from .seen_body import SeenBody

SHARE = 0.5
"""How much of the way a detector's keypoints are moved; exact ones go all of it. All of it is better on simulated clips
and worse where rendered people sit, kneel or lie (docs/training.md): the lifter has learnt how the detector errs there
from bodies of these very proportions."""

_NEAREST = 0.2
"""Metres: a point nearer than this to the camera, or behind it, stays where it was seen."""


def as_usual_person(keypoints: Keypoints2D, camera: Camera, body: SeenBody, directions: np.ndarray,
                    root: np.ndarray) -> Keypoints2D:
    """Canonical keypoints of T frames, moved.

    body: whose they are. directions (T, J, 3), root (T, 3) metres: the pose, camera axes. What the keypoints are off
    in the picture, noise included, they stay off.
    """
    own = body.keypoints(root, directions)
    usual = SeenBody.usual(body_height(body.lengths, MOCAP22)).keypoints(root, directions)
    known = (keypoints.score > 0) & (own[..., 2] > _NEAREST) & (usual[..., 2] > _NEAREST)
    share = 1.0 if is_exact(keypoints) else SHARE
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = share * (camera.project(usual) - camera.project(own))
    return replace(keypoints, xy=np.where(known[..., None], keypoints.xy + moved, keypoints.xy))
