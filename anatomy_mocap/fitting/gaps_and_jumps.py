"""Remove keypoints that jump away for a moment, and bridge frames in which nobody is seen."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from ..core.progress import Progress, chunks
from ..maths.time_interpolation import at_times
from .tuning import TUNING

CHUNK = 1024
"""Frames compared at a time; limits the time between two steps and changes nothing in the result."""


class WithoutJumps(NamedTuple):
    """keypoints: the clip with score 0 where a keypoint jumped. count: how many did."""

    keypoints: Keypoints2D
    count: int


def remove_jumps(keypoints: Keypoints2D) -> Generator[Progress, None, WithoutJumps]:
    """Remove a detector's keypoints (T, K) that jump away and back within a few frames, step by step.

    The lifter looks at 81 frames at a time, so one bad frame would spoil three seconds. Exact keypoints are kept.
    """
    neighbours = TUNING.jump_neighbours
    if len(keypoints) <= neighbours or keypoints.exact:
        return WithoutJumps(keypoints, 0)
    frames, seen = len(keypoints), keypoints.score > 0
    points = np.ma.masked_array(keypoints.xy, np.repeat(~seen[..., None], 2, axis=2))
    away, spread = np.zeros(seen.shape), np.ma.masked_all(frames)
    for part in chunks(frames, CHUNK):
        typical = np.ma.median(points[_around(part, frames)], axis=1)
        away[part] = np.linalg.norm((points[part] - typical).filled(0.0), axis=-1)
        middle = np.ma.median(points[part], axis=1, keepdims=True)
        far = np.ma.masked_array(np.linalg.norm((points[part] - middle).filled(0.0), axis=-1), ~seen[part])
        spread[part] = np.ma.median(far, axis=1)
        yield Progress("jumps", part.stop, frames)
    nearby = np.ma.median(spread[_around(slice(0, frames), frames)], axis=1)
    height = TUNING.height_in_spreads * nearby.filled(np.inf)
    limit = height * max(TUNING.jump_distance, TUNING.fastest * neighbours / keypoints.fps)
    jumps = seen & (away > limit[:, None])
    return WithoutJumps(replace(keypoints, score=np.where(jumps, 0.0, keypoints.score)), int(jumps.sum()))


def _around(part: slice, frames: int) -> np.ndarray:
    """(n, 2 N + 1) indices of the N neighbours to either side of each frame of `part`, all within the clip."""
    neighbours = TUNING.jump_neighbours
    first = np.clip(np.arange(part.start, part.stop) - neighbours, 0, max(0, frames - 2 * neighbours - 1))
    return np.minimum(first[:, None] + np.arange(2 * neighbours + 1), frames - 1)


def bridge_gaps(lifted: Lifted, keypoints: Keypoints2D) -> Lifted:
    """Interpolate a lifted clip over the frames without any keypoint, where the network invents motion.

    Frames before the first and after the last seen one repeat that frame. A clip without any keypoint is returned as it
    is.
    """
    seen = np.flatnonzero((keypoints.score > 0).any(axis=1))
    frames = np.arange(len(keypoints))
    if not len(seen) or len(seen) == len(frames):
        return lifted
    return replace(lifted, directions=at_times(lifted.directions[seen], seen, frames),
                   up=at_times(lifted.up[seen], seen, frames))


def well_seen_frames(keypoints: Keypoints2D) -> np.ndarray:
    """(T,) bool: frames with enough keypoints against the best seen frame; all frames where no keypoint is seen."""
    count = (keypoints.score > 0).sum(axis=1)
    return count >= TUNING.well_seen_share * count.max(initial=0)
