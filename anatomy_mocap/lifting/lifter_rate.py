"""Resample a clip to the frame rate of the lifter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.keypoints import Keypoints2D, to_even_rate
from .tuning import TUNING


def at_lifter_rate(keypoints: Keypoints2D) -> Keypoints2D:
    """The clip at the lifter's frame rate: averaged from a higher rate, interpolated from a lower one."""
    if len(keypoints) < 2 or abs(keypoints.fps / TUNING.fps - 1) < TUNING.same_rate:
        return keypoints
    if keypoints.fps < TUNING.fps:
        return to_even_rate(keypoints, TUNING.fps)
    return _averaged(keypoints)


def _averaged(keypoints: Keypoints2D) -> Keypoints2D:
    """Gaussian means around each new frame, weighted by score, half a new frame wide against aliasing."""
    times = np.asarray(keypoints.times, dtype=float)
    count = int(np.floor((times[-1] - times[0]) * TUNING.fps + 0.25)) + 1
    new = np.minimum(times[0] + np.arange(count) / TUNING.fps, times[-1])
    sigma = 0.5 / TUNING.fps
    reach = int(np.ceil(2.5 * sigma * keypoints.fps))
    nearest = np.searchsorted(times, new)
    index = nearest[:, None] + np.arange(-reach - 1, reach + 1)
    inside = (index >= 0) & (index < len(times))
    index = np.clip(index, 0, len(times) - 1)
    weight = np.exp(-0.5 * ((times[index] - new[:, None]) / sigma) ** 2) * inside
    weighted = weight[..., None] * keypoints.score[index]
    total = weighted.sum(axis=1)
    # A missing keypoint may hold NaN, and NaN times a weight of 0 is NaN.
    xy = np.where(keypoints.score[..., None] > 0, keypoints.xy, 0.0)
    xy = (xy[index] * weighted[..., None]).sum(axis=1) / np.maximum(total, 1e-9)[..., None]
    score = total / weight.sum(axis=1)[:, None]
    return replace(keypoints, xy=xy, score=np.where(score > 1e-4, score, 0.0), fps=TUNING.fps, times=new)
