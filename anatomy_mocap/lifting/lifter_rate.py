"""To the rate at which the lifter works."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.keypoints import Keypoints2D, to_even_rate

LIFTER_FPS = 25.0

_NEAR = 0.02
"""A source rate this near (relative) to the lifter's is taken as it is: speed varies more than that."""


def at_lifter_rate(keypoints: Keypoints2D) -> Keypoints2D:
    """The clip at 25 frames per second: averaged where the source has more, interpolated where it has fewer."""
    if len(keypoints) < 2 or abs(keypoints.fps / LIFTER_FPS - 1) < _NEAR:
        return keypoints
    if keypoints.fps < LIFTER_FPS:
        return to_even_rate(keypoints, LIFTER_FPS)
    return _averaged(keypoints)


def _averaged(keypoints: Keypoints2D) -> Keypoints2D:
    """Gaussian means around each new frame, weighted by score: half a new frame wide, so that nothing aliases."""
    times = np.asarray(keypoints.times, dtype=float)
    count = int(np.floor((times[-1] - times[0]) * LIFTER_FPS + 0.25)) + 1
    new = np.minimum(times[0] + np.arange(count) / LIFTER_FPS, times[-1])
    sigma = 0.5 / LIFTER_FPS
    reach = int(np.ceil(2.5 * sigma * keypoints.fps))
    nearest = np.searchsorted(times, new)
    index = nearest[:, None] + np.arange(-reach - 1, reach + 1)
    inside = (index >= 0) & (index < len(times))
    index = np.clip(index, 0, len(times) - 1)
    weight = np.exp(-0.5 * ((times[index] - new[:, None]) / sigma) ** 2) * inside
    weighted = weight[..., None] * keypoints.score[index]
    total = weighted.sum(axis=1)
    # A missing keypoint may hold NaN, which no weight of 0 takes away.
    there = np.where(keypoints.score[..., None] > 0, keypoints.xy, 0.0)
    xy = (there[index] * weighted[..., None]).sum(axis=1) / np.maximum(total, 1e-9)[..., None]
    score = total / weight.sum(axis=1)[:, None]
    return replace(keypoints, xy=xy, score=np.where(score > 1e-4, score, 0.0), fps=LIFTER_FPS, times=new)
