"""Smoothing of rotations and root: zero phase, one strength in seconds, lengths untouched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .banded import penalty_bands, penalty_strength, smooth_fit
from .errors import MocapError
from .motion import Motion
from .rotations import continuous

ORDER = 2


def smooth(motion: Motion, seconds: float) -> Motion:
    """The motion without moves shorter than about `seconds`; 0 returns it unchanged.

    A wave whose half period (one move there) takes `seconds` keeps half its height, slower ones nearly all, faster
    ones nearly nothing, at any frame rate. Recommended: 0.1 s for video at 25 fps and above.
    """
    if not np.isfinite(seconds) or seconds < 0:
        raise MocapError(f"smoothing of {seconds} s is not usable; give 0 (off) or a positive number of seconds")
    if seconds == 0 or len(motion) <= ORDER:
        return motion
    rotations = smooth_series(continuous(motion.rotations), seconds, motion.fps)
    rotations = continuous(rotations / np.linalg.norm(rotations, axis=-1, keepdims=True))
    roots = smooth_series(motion.root_positions, seconds, motion.fps)
    return replace(motion, rotations=rotations, root_positions=roots)


def smooth_series(values, seconds: float, fps: float) -> np.ndarray:
    """(T, ...) values smoothed along the first axis."""
    values = np.asarray(values, dtype=float)
    flat = values.reshape(len(values), -1)
    penalty = penalty_bands(len(values), ORDER, penalty_strength(seconds, fps, ORDER))
    return smooth_fit(flat, np.ones(len(values)), penalty).reshape(values.shape)
