"""The lifter's input: the person seen by a virtual camera that looks at them and is scaled to their size.

The input then does not depend on the person's place and size in the picture, nor on the focal length. The directions
that the network predicts are in the axes of the virtual view; the transpose of view_from_camera turns them back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..core.camera import Camera
from ..core.keypoint_layouts import CANONICAL
from ..core.keypoints import Keypoints2D
from ..maths.time_interpolation import nearest_known
from .tuning import TUNING

_TORSO = np.array([name.endswith(("shoulder", "hip")) for name in CANONICAL.keypoint_names])
_LIMBS = np.array([name.endswith(("shoulder", "elbow", "wrist", "hip", "knee", "ankle"))
                   for name in CANONICAL.keypoint_names])
CENTRE_WEIGHT = np.where(_TORSO, 1.0, TUNING.other_points)
"""(K,) weight of each keypoint in the person's centre."""
SIZE_WEIGHT = np.where(_LIMBS, 1.0, TUNING.other_points)
"""(K,) weight of each keypoint in the person's size."""


class NormalisedInput(NamedTuple):
    """The network's input for T frames of K canonical keypoints, of one clip or of many (leading axes).

    xy: (T, K, 2) on the virtual view's plane z = 1, in units of the person's size; 0 where the score is 0.
    score: (T, K) in 0..1.
    view_from_camera: (T, 3, 3) rotation from camera axes to the virtual view's axes.
    """

    xy: np.ndarray
    score: np.ndarray
    view_from_camera: np.ndarray


def with_input_scores(keypoints: Keypoints2D) -> Keypoints2D:
    """The clip with scores as the network was trained on: a detector's are at most TUNING.highest_score."""
    return keypoints if keypoints.exact else replace(keypoints, score=np.minimum(keypoints.score, TUNING.highest_score))


def normalise(canonical: Keypoints2D, camera: Camera) -> NormalisedInput:
    """The network's input for a clip of canonical keypoints at the lifter's rate, seen by `camera`.

    The scores are used as they are; see `with_input_scores`.
    """
    return normalise_rays(camera.rays(canonical.xy), canonical.score, canonical.fps)


def normalise_rays(rays: np.ndarray, score: np.ndarray, fps: float) -> NormalisedInput:
    """As `normalise`, for any number of clips at once.

    rays: (..., T, K, 2) points on the camera's plane z = 1. score: (..., T, K). fps: frames per second.
    """
    score = np.where(np.isfinite(rays).all(axis=-1), np.nan_to_num(score), 0.0)
    rays = np.where(score[..., None] > 0, rays, 0.0)
    weight = score * CENTRE_WEIGHT
    centre = _smooth_mean(rays, weight, TUNING.centre_seconds * fps)
    view = _looking_at(centre)
    turned = np.concatenate([rays, np.ones_like(rays[..., :1])], axis=-1) @ np.swapaxes(view, -1, -2)
    xy = turned[..., :2] / np.maximum(turned[..., 2:], TUNING.least_depth)
    distance = np.linalg.norm(xy, axis=-1)[..., None]
    size = _smooth_mean(distance, score * SIZE_WEIGHT, TUNING.size_seconds * fps)[..., 0]
    size = np.where(size > 1e-6, size, 1.0)
    xy = np.clip(xy / size[..., None, None], -TUNING.limit, TUNING.limit)
    return NormalisedInput(np.where(score[..., None] > 0, xy, 0.0), score, view)


def _smooth_mean(values: np.ndarray, weight: np.ndarray, sigma: float) -> np.ndarray:
    """Weighted mean of (..., T, K, D) over K, smoothed in time over `sigma` frames: (..., T, D).

    A frame without any weight nearby has the value of the nearest frame that has one, or zero.
    """
    total = gaussian_filter1d(weight.sum(axis=-1), sigma, axis=-1, mode="constant", truncate=3.0)
    summed = gaussian_filter1d((values * weight[..., None]).sum(axis=-2), sigma, axis=-2, mode="constant", truncate=3.0)
    known = total > 1e-6
    mean = summed / np.where(known, total, 1.0)[..., None]
    if known.all():
        return mean
    index = nearest_known(known)
    held = np.take_along_axis(mean, index[..., None], axis=-2)
    return np.where(known.any(axis=-1)[..., None, None], held, 0.0)


def _looking_at(centre: np.ndarray) -> np.ndarray:
    """(..., 2) points on the plane z = 1 -> (..., 3, 3) smallest rotation that turns their rays onto the z axis."""
    ray = np.concatenate([centre, np.ones_like(centre[..., :1])], axis=-1)
    x, y, z = np.moveaxis(ray / np.linalg.norm(ray, axis=-1, keepdims=True), -1, 0)
    k = 1.0 / (1.0 + z)
    rows = [[1 - k * x * x, -k * x * y, -x], [-k * x * y, 1 - k * y * y, -y], [x, y, z]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
