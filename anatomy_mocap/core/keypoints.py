"""2D keypoints of one person: the canonical layout that the lifter reads, and resampling to an even frame rate."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .errors import MocapError
from .keypoint_layouts import CANONICAL, keypoint_groups
from .keypoint_layouts import LAYOUTS as LAYOUTS  # scripts written before the layouts had a module import it from here
from .progress import Progress, chunks

CHUNK = 1024
"""Frames interpolated at a time; limits the time between two steps and changes nothing in the result."""
GAP, GAP_INTERVALS = 0.3, 4.0
"""Seconds, and multiples of the clip's usual interval, above which two frames have a gap between them. Both guessed.
The motion within a gap is unknown."""


@dataclass(frozen=True)
class Keypoints2D:
    """One person's keypoints over T frames.

    xy: (T, K, 2) pixels, x right, y down, (0, 0) the picture's top left corner; any value where score is 0.
    score: (T, K) confidence in 0..1; 0 means missing. Of exact keypoints 0 or 1.
    layout: a key of LAYOUTS.
    fps: frames per second (`usual_rate` where times are uneven).
    times: (T,) seconds since the start of the source, rising.
    width, height: the picture's size in pixels.
    exact: the keypoints are exact (projected markers, points set by hand) and not a detector's; see `as_exact`.
    """

    xy: np.ndarray
    score: np.ndarray
    layout: str
    fps: float
    times: np.ndarray
    width: int
    height: int
    exact: bool = False

    def __len__(self) -> int:
        return len(self.xy)

    def __getitem__(self, part: slice | np.ndarray) -> Keypoints2D:
        """Some of the frames: a slice, (T,) bool or (N,) indices. A slice with a step divides the frame rate by it."""
        return replace(self, xy=self.xy[part], score=self.score[part], times=np.asarray(self.times)[part],
                       fps=self.fps / step_of(part))


def step_of(part: slice | np.ndarray) -> int:
    """Frames between two frames of a part of a clip: a slice's step; 1 for indices and masks."""
    return abs(part.step or 1) if isinstance(part, slice) else 1


def as_exact(keypoints: Keypoints2D) -> Keypoints2D:
    """The same clip with its keypoints taken as exact: score 1 for all that are not missing."""
    return replace(keypoints, score=np.where(keypoints.score > 0, 1.0, 0.0), exact=True)


def as_filmed(keypoints: Keypoints2D, fps: float) -> Keypoints2D:
    """A clip that plays in slow motion at its true speed: the same frames at `fps` per second, the rate of the shot."""
    slower = fps / keypoints.fps
    return replace(keypoints, fps=float(fps), times=np.asarray(keypoints.times, dtype=float) / slower)


def remove_invalid(keypoints: Keypoints2D) -> Keypoints2D:
    """The same clip with scores in 0..1. A keypoint without a finite place or score becomes missing, at (0, 0)."""
    valid = np.isfinite(keypoints.xy).all(axis=-1) & ~np.isnan(keypoints.score)
    score = np.clip(np.where(valid, keypoints.score, 0.0), 0.0, 1.0)
    return replace(keypoints, xy=np.where(valid[..., None], keypoints.xy, 0.0), score=score)


def to_canonical(keypoints: Keypoints2D) -> Keypoints2D:
    """The same clip in the canonical layout; a keypoint that its layout lacks gets score 0.

    A canonical keypoint that is the mean of several has the lowest of their scores.
    """
    if keypoints.layout == CANONICAL.name:
        return keypoints
    frames = len(keypoints)
    xy, score = np.zeros((frames, len(CANONICAL), 2)), np.zeros((frames, len(CANONICAL)))
    for index, group in enumerate(keypoint_groups(keypoints.layout)):
        if group:
            xy[:, index] = keypoints.xy[:, group].mean(axis=1)
            score[:, index] = keypoints.score[:, group].min(axis=1)
    return replace(keypoints, xy=xy, score=score, layout=CANONICAL.name)


def usual_rate(times: ArrayLike) -> float:
    """Frames per second of (T,) rising times in seconds, T at least 2, without regard to gaps.

    The interval is the mean of those that differ by at most 60 % from the median. Such a mean is more exact than one
    interval of times that were rounded to milliseconds, and it excludes dropped frames and gaps.
    """
    intervals = np.diff(np.asarray(times, dtype=float))
    middle = _usual_interval(intervals)
    return float(1.0 / intervals[np.abs(intervals - middle) <= 0.6 * middle].mean())


def _usual_interval(intervals: np.ndarray) -> float:
    """Seconds: the median; of two middle intervals the shorter one, so that it is an interval that occurs."""
    return float(np.quantile(intervals, 0.5, method="lower"))


def even_rate_steps(keypoints: Keypoints2D, fps: float | None = None) -> Generator[Progress, None, Keypoints2D]:
    """The clip at evenly spaced times, first time + i / fps, step by step.

    fps: the frame rate; None keeps the clip's own. Where the times already lie on that grid, to a quarter of a frame,
    no value changes. Otherwise positions are interpolated linearly in time, and a score is the lower one of its two
    neighbours. Within a gap (GAP) the score is 0, so that no motion is invented. Raises MocapError for a frame rate
    that is not positive.
    """
    rate = float(keypoints.fps if fps is None else fps)
    if not np.isfinite(rate) or rate <= 0:
        raise MocapError(f"frame rate {rate} is not usable; give a positive number of frames per second")
    times = np.asarray(keypoints.times, dtype=float)
    span = times[-1] - times[0] if len(times) else 0.0
    count = int(np.floor(span * rate + 0.25)) + 1 if len(times) else 0
    even = times[0] + np.arange(count) / rate if count else times
    if count == len(times) and np.all(np.abs(times - even) <= 0.25 / rate):
        return replace(keypoints, fps=rate, times=even)
    even = np.minimum(even, times[-1])
    before, after, mix, unknown = _neighbours(times, even, rate)
    xy, score = np.zeros((count, *keypoints.xy.shape[1:])), np.zeros((count, *keypoints.score.shape[1:]))
    for part in chunks(count, CHUNK):
        xy[part], score[part] = _between(keypoints, before[part], after[part], mix[part])
        yield Progress("read", part.stop, count)
    score[unknown] = 0.0
    return replace(keypoints, xy=xy, score=score, fps=rate, times=times[0] + np.arange(count) / rate)


def _between(keypoints: Keypoints2D, before: np.ndarray, after: np.ndarray, mix: np.ndarray
             ) -> tuple[np.ndarray, np.ndarray]:
    """xy (n, K, 2) and score (n, K) of frames between two others; mix (n,): 0 at the frame before, 1 at that after."""
    mix = mix[:, None]
    score_a, score_b = keypoints.score[before], keypoints.score[after]
    # On an original frame, or nearly so, that frame alone counts.
    score = np.where(mix < 0.01, score_a, np.where(mix > 0.99, score_b, np.minimum(score_a, score_b)))
    # A missing keypoint may hold NaN, which must not reach a neighbour that is used alone.
    xy_a, xy_b, mix = keypoints.xy[before], keypoints.xy[after], mix[..., None]
    return np.where(mix < 0.01, xy_a, np.where(mix > 0.99, xy_b, xy_a * (1 - mix) + xy_b * mix)), score


class _Neighbours(NamedTuple):
    """Of each of N times: indices of the frames before and after it, its place between them in 0..1, whether it lies in
    a gap; (N,) each."""

    before: np.ndarray
    after: np.ndarray
    mix: np.ndarray
    unknown: np.ndarray


def _neighbours(times: np.ndarray, even: np.ndarray, rate: float) -> _Neighbours:
    """The neighbours of the even times among the clip's times."""
    if len(times) < 2:
        return _Neighbours(*np.zeros((2, len(even)), int), np.zeros(len(even)), np.zeros(len(even), bool))
    after = np.clip(np.searchsorted(times, even), 1, len(times) - 1)
    before = after - 1
    apart = np.maximum(times[after] - times[before], 1e-9)
    mix = (even - times[before]) / apart
    usual = _usual_interval(np.diff(times))
    far = apart > max(GAP, GAP_INTERVALS * usual)
    # Beside a gap a frame is used up to a quarter of a frame away, which counts as on the grid.
    unknown = far & (np.minimum(mix, 1 - mix) * apart > 0.25 * min(usual, 1 / rate))
    return _Neighbours(before, after, np.where(far, np.round(mix), mix), unknown)
