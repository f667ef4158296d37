"""Resample a clip to the frame rate of the lifter."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from ..core.keypoints import Keypoints2D, even_rate_steps
from ..core.progress import Progress, chunks, drain
from .tuning import TUNING

CHUNK = 1024
"""Frames averaged at a time; limits the time between two steps and changes nothing in the result."""


def at_lifter_rate(keypoints: Keypoints2D) -> Keypoints2D:
    """The clip at the lifter's frame rate; see `lifter_rate_steps`."""
    return drain(lifter_rate_steps(keypoints))


def lifter_rate_steps(keypoints: Keypoints2D) -> Generator[Progress, None, Keypoints2D]:
    """The clip at the lifter's frame rate, step by step: averaged from a higher rate, interpolated from a lower one."""
    if len(keypoints) < 2 or abs(keypoints.fps / TUNING.fps - 1) < TUNING.same_rate:
        return keypoints
    if keypoints.fps < TUNING.fps:
        return (yield from even_rate_steps(keypoints, TUNING.fps))
    return (yield from _averaged(keypoints))


def _averaged(keypoints: Keypoints2D) -> Generator[Progress, None, Keypoints2D]:
    """Gaussian means around each new frame, weighted by score, half a new frame wide against aliasing."""
    times = np.asarray(keypoints.times, dtype=float)
    count = int(np.floor((times[-1] - times[0]) * TUNING.fps + 0.25)) + 1
    new = np.minimum(times[0] + np.arange(count) / TUNING.fps, times[-1])
    xy, score = np.zeros((count, *keypoints.xy.shape[1:])), np.zeros((count, *keypoints.score.shape[1:]))
    # A missing keypoint may hold NaN, and NaN times a weight of 0 is NaN.
    known = np.where(keypoints.score[..., None] > 0, keypoints.xy, 0.0)
    sigma = 0.5 / TUNING.fps
    reach = int(np.ceil(2.5 * sigma * keypoints.fps))
    for part in chunks(count, CHUNK):
        index = np.searchsorted(times, new[part])[:, None] + np.arange(-reach - 1, reach + 1)
        inside = (index >= 0) & (index < len(times))
        index = np.clip(index, 0, len(times) - 1)
        weight = np.exp(-0.5 * ((times[index] - new[part, None]) / sigma) ** 2) * inside
        weighted = weight[..., None] * keypoints.score[index]
        total = weighted.sum(axis=1)
        xy[part] = (known[index] * weighted[..., None]).sum(axis=1) / np.maximum(total, 1e-9)[..., None]
        score[part] = total / weight.sum(axis=1)[:, None]
        yield Progress("lift", part.stop, count)
    return replace(keypoints, xy=xy, score=np.where(score > 1e-4, score, 0.0), fps=TUNING.fps, times=new)
