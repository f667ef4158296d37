"""Keypoints that can't be where a detector put them, and frames in which nobody is seen."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from ..core.progress import Progress, chunks
from ..maths.time_interpolation import at_times

CHUNK = 1024
"""Frames looked at at a time; bounds the time between two steps, changes nothing in the result."""

AROUND = 2
"""Frames to either side among which a keypoint's place is compared."""

FARTHEST = 0.5
"""Of the person's height: how far a keypoint may lie from the median of the frames around it."""

FASTEST = 6.0
"""Heights per second, some 10 m/s: what a hand or foot may move by, which matters where frames are far apart."""

_HEIGHT = 4.0
"""The height of a person who stands, in median distances of the keypoints from their middle."""

ENOUGH = 0.5
"""Of the keypoints that the best seen frame has: frames with fewer tell nothing of which way is up."""


def without_jumps(keypoints: Keypoints2D) -> Generator[Progress, None, tuple[Keypoints2D, int]]:
    """A detector's keypoints (T, K), those with score 0 that jump away and back within a few frames; and how many.

    A network looks at 81 frames at a time, so that one bad frame would spoil three seconds. Exact keypoints are left.
    """
    if len(keypoints) <= AROUND or keypoints.exact:
        return keypoints, 0
    frames, seen = len(keypoints), keypoints.score > 0
    points = np.ma.masked_array(keypoints.xy, np.repeat(~seen[..., None], 2, axis=2))
    away, size = np.zeros(seen.shape), np.ma.masked_all(frames)
    for part in chunks(frames, CHUNK):
        usual = np.ma.median(points[_around(part, frames)], axis=1)
        away[part] = np.linalg.norm((points[part] - usual).filled(0.0), axis=-1)
        middle = np.ma.median(points[part], axis=1, keepdims=True)
        far = np.ma.masked_array(np.linalg.norm((points[part] - middle).filled(0.0), axis=-1), ~seen[part])
        size[part] = np.ma.median(far, axis=1)
        yield Progress("jumps", part.stop, frames)
    height = _HEIGHT * np.ma.median(size[_around(slice(0, frames), frames)], axis=1).filled(np.inf)
    limit = height * max(FARTHEST, FASTEST * AROUND / keypoints.fps)
    jumps = seen & (away > limit[:, None])
    return replace(keypoints, score=np.where(jumps, 0.0, keypoints.score)), int(jumps.sum())


def _around(part: slice, frames: int) -> np.ndarray:
    """(n, 2 AROUND + 1) indices of the frames around each frame of `part`, all within the clip."""
    first = np.clip(np.arange(part.start, part.stop) - AROUND, 0, max(0, frames - 2 * AROUND - 1))
    return np.minimum(first[:, None] + np.arange(2 * AROUND + 1), frames - 1)


def bridged(lifted: Lifted, keypoints: Keypoints2D) -> Lifted:
    """A lifted clip whose frames without any keypoint pass straight from the last seen one to the next: the network
    makes up motion there. Frames before the first and after the last seen one are as these; without any, as it came."""
    seen = np.flatnonzero((keypoints.score > 0).any(axis=1))
    frames = np.arange(len(keypoints))
    if not len(seen) or len(seen) == len(frames):
        return lifted
    return replace(lifted, directions=at_times(lifted.directions[seen], seen, frames),
                   up=at_times(lifted.up[seen], seen, frames))


def well_seen(keypoints: Keypoints2D) -> np.ndarray:
    """(T,) bool: frames with at least ENOUGH of the keypoints that the best one has; all, where none is seen."""
    count = (keypoints.score > 0).sum(axis=1)
    return count >= ENOUGH * count.max(initial=0)
