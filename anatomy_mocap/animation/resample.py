"""A motion at other times than its own frames: rotations by slerp, places linearly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.motion import Motion
from ..maths.rotations import continuous, slerp


def between(times: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(index before, index after, share of the one after), each (N,), of N wanted times among (T,) rising times.

    Times outside take the first or last frame.
    """
    times, wanted = np.asarray(times, dtype=float), np.asarray(wanted, dtype=float)
    after = np.clip(np.searchsorted(times, wanted), min(1, len(times) - 1), len(times) - 1)
    before = np.maximum(after - 1, 0)
    share = (wanted - times[before]) / np.maximum(times[after] - times[before], 1e-9)
    return before, after, np.clip(share, 0.0, 1.0)


def resample(motion: Motion, times: np.ndarray, wanted: np.ndarray, fps: float) -> Motion:
    """The motion at (N,) wanted times; times: (T,) those of its frames. fps: of the result. Units of time are free."""
    before, after, share = between(times, wanted)
    turns = slerp(motion.rotations[before], motion.rotations[after], share[:, None])
    part = share[:, None]
    path = motion.root_positions[before] * (1 - part) + motion.root_positions[after] * part
    return replace(motion, rotations=continuous(turns), root_positions=path, fps=fps)
