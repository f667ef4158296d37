"""Smoothing of rotations and root: zero phase, one strength in seconds, lengths untouched.

Each bone (and the root) is smoothed twice, over half and over twice the strength, and the two are mixed frame by frame:
where the bone moves more between them than its noise explains, the lighter one counts, so fast accents stay, and where
nothing happens the heavier one, so noise goes. benchmarks/smoothing.py compares it with other filters at equal jitter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..core.errors import MocapError
from ..core.motion import Motion
from ..maths.banded_least_squares import penalty_bands, penalty_strength, smooth_fit
from ..maths.rotations import continuous

ORDER = 2
LIGHT, HEAVY = 0.5, 2.0
"""The two strengths, as parts of the one that is asked for."""
AROUND = 0.1
"""Seconds around a frame (one standard deviation) in which a bone's liveliness is taken."""
CAUTION = 2.0
"""A bone is lively where its energy is more than this many times what white noise would leave between the two."""


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
    return replace(motion, rotations=rotations, root_positions=roots, detail=None)


def smooth_series(values, seconds: float, fps: float) -> np.ndarray:
    """(T, ...) values smoothed along the first axis with one strength throughout."""
    values = np.asarray(values, dtype=float)
    flat = values.reshape(len(values), -1)
    penalty = penalty_bands(len(values), ORDER, penalty_strength(seconds, fps, ORDER))
    return smooth_fit(flat, np.ones(len(values)), penalty).reshape(values.shape)


def smooth_lively(values, seconds: float, fps: float) -> np.ndarray:
    """(T, N, C) values of N things smoothed along the first axis, each lightly where it is lively, else heavily."""
    values = np.asarray(values, dtype=float)
    light, heavy = (smooth_series(values, share * seconds, fps) for share in (LIGHT, HEAVY))
    noise = np.median(_energy(values - light, fps), axis=0) * _noise_left(seconds, fps)
    lively = _energy(light - heavy, fps)
    share = np.clip(1.0 - CAUTION * noise / np.maximum(lively, 1e-300), 0.0, 1.0)
    return heavy + share[..., None] * (light - heavy)


def _energy(values, fps: float) -> np.ndarray:
    """(T, N) mean square around each frame, summed over the last axis."""
    return gaussian_filter1d((values**2).sum(axis=-1), AROUND * fps, axis=0, mode="nearest")


def _noise_left(seconds: float, fps: float) -> float:
    """Energy of white noise between the light and the heavy filter, over that above the light one."""
    waves = 2.0 * np.sin(np.linspace(0.0, np.pi, 512) / 2.0)
    light, heavy = (1.0 / (1.0 + penalty_strength(share * seconds, fps, ORDER) * waves ** (2 * ORDER))
                    for share in (LIGHT, HEAVY))
    return float(((light - heavy) ** 2).mean() / ((1.0 - light) ** 2).mean())
