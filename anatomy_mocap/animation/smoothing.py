"""Smoothing of rotations and root: zero phase, one strength in seconds, lengths untouched.

Each bone (and the root) is smoothed twice, over half and over twice the strength, and the two are mixed frame by frame:
where the bone moves more between them than its noise explains, the lighter one counts, so fast accents stay, and where
nothing happens the heavier one, so noise goes. benchmarks/smoothing.py compares it with other filters at equal jitter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.errors import MocapError
from ..core.motion import Motion
from ..maths.rotations import continuous
from ..maths.smooth_series import (
    ORDER,
    smooth_lively,
)


def smooth(motion: Motion, seconds: float) -> Motion:
    """The motion without moves shorter than about `seconds`; 0 returns it unchanged.

    At any frame rate a wave whose half period (one move there) takes 2 `seconds` keeps half its height in calm
    stretches, one of `seconds` / 2 in lively ones. Recommended: 0.1 s.
    """
    if not np.isfinite(seconds) or seconds < 0:
        raise MocapError(f"smoothing of {seconds} s is not usable; give 0 (off) or a positive number of seconds")
    if seconds == 0 or len(motion) <= ORDER:
        return motion
    rotations = smooth_lively(continuous(motion.rotations), seconds, motion.fps)
    rotations = continuous(rotations / np.linalg.norm(rotations, axis=-1, keepdims=True))
    roots = smooth_lively(motion.root_positions[:, None], seconds, motion.fps)[:, 0]
    return replace(motion, rotations=rotations, root_positions=roots)








