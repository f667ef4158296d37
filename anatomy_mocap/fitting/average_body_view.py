"""Move a clip's keypoints to where a person of average proportions would have shown them.

A single camera leaves depth open, and the lifter fills the gap with average proportions. It therefore underestimates
how far long forearms reach towards the camera. Once the body is fitted (body_fit.py), the keypoints are moved by the
difference between its picture and that of an average body in the same pose. Lifted again, they give a better pose.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from ..core.bone_lengths import body_height
from ..core.camera import Camera
from ..core.keypoints import Keypoints2D
from ..core.progress import Progress, chunks
from .seen_body import SeenBody
from .tuning import TUNING

CHUNK = 1024
"""Frames moved at a time; limits the time between two steps and changes nothing in the result."""


def as_average_body(keypoints: Keypoints2D, camera: Camera, body: SeenBody, directions: np.ndarray,
                    root: np.ndarray) -> Generator[Progress, None, Keypoints2D]:
    """Canonical keypoints of T frames as an average body of the same height would have shown them, step by step.

    body: the person's. directions (T, J, 3), root (T, 3) metres: the pose, camera axes. The error of a keypoint against
    the pose, noise included, stays as it is. Points closer to the camera than 0.2 m, or behind it, stay in place.
    """
    average = SeenBody.average(body_height(body.lengths))
    share = 1.0 if keypoints.exact else TUNING.moved_share
    frames, xy = len(keypoints), np.array(keypoints.xy, dtype=float)
    for part in chunks(frames, CHUNK):
        own, other = (one.keypoints(root[part], directions[part]) for one in (body, average))
        in_front = (own[..., 2] > TUNING.nearest) & (other[..., 2] > TUNING.nearest)
        known = (keypoints.score[part] > 0) & in_front
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = share * (camera.project(other) - camera.project(own))
        xy[part] += np.where(known[..., None], moved, 0.0)
        yield Progress("average body", part.stop, frames)
    return replace(keypoints, xy=xy)
