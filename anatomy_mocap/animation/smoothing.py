"""Smoothing of rotations and root path: zero phase, one strength in seconds, bone lengths unchanged.

Each bone (and the root) is smoothed at half and at twice the strength, and the two results are mixed frame by frame.
Where a bone moves more than its noise explains, the lighter result has more weight, so fast accents remain; elsewhere
the heavier one removes the noise. benchmarks/smoothing.py compares this with other filters at equal jitter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.errors import MocapError
from ..core.motion import Motion
from ..maths.rotations import continuous
from ..maths.smooth_series import ORDER, smooth_lively


def smooth(motion: Motion, seconds: float) -> Motion:
    """Remove movements shorter than about `seconds` from a motion; 0 returns it unchanged.

    A wave whose half period is 2 * `seconds` keeps half its height in calm stretches, one of `seconds` / 2 in lively
    ones, at any frame rate. Recommended: 0.1 s. Raises MocapError if seconds is negative or not finite.
    """
    if not np.isfinite(seconds) or seconds < 0:
        raise MocapError(f"smoothing of {seconds} s is not usable; give 0 (off) or a positive number of seconds")
    if seconds == 0 or len(motion) <= ORDER:
        return motion
    rotations = smooth_lively(continuous(motion.rotations), seconds, motion.fps)
    rotations = continuous(rotations / np.linalg.norm(rotations, axis=-1, keepdims=True))
    roots = smooth_lively(motion.root_positions[:, None], seconds, motion.fps)[:, 0]
    return replace(motion, rotations=rotations, root_positions=roots)
