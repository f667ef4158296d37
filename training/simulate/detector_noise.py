"""Errors and scores of a simulated 2D detector."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.lifting.tuning import TUNING as LIFTING

from .tuning import TUNING

_NAMES = CANONICAL.keypoint_names
_FACTOR = {"nose": 0.75, "eye": 0.65, "ear": 0.6, "shoulder": 0.75, "elbow": 0.95, "wrist": 1.15, "hip": 0.85,
           "knee": 0.8, "ankle": 0.65, "heel": 0.85, "toe": 1.0, "knuckle": 1.15}
FACTOR = np.array([_FACTOR[name.rpartition("_")[2]] for name in _NAMES])
"""(K,) error of each keypoint in units of the mean one; measured (notes/rendered_people.md)."""

HIDDEN = np.array([{"elbow": 1.3, "wrist": 1.9, "knuckle": 2.3}.get(name.rpartition("_")[2], 1.0) for name in _NAMES])
"""(K,) factor of the error of a point that the body hides."""

ARMS = np.array([name.endswith(("elbow", "wrist", "knuckle", "shoulder")) for name in _NAMES])
LEGS = np.array([name.endswith(("hip", "knee", "ankle", "heel", "toe")) for name in _NAMES])
"""(K,) bool, like ARMS: keypoints whose sides are exchanged together."""
_FEET = np.array([name.endswith(("heel", "toe")) for name in _NAMES])
_HANDS = np.array([name.endswith("knuckle") for name in _NAMES])
_EYES_EARS = np.array([name.endswith(("eye", "ear")) for name in _NAMES])
_NOSE = np.array([name == "nose" for name in _NAMES])

GROUPS = ((_FEET | _HANDS, 0.22), (_FEET, 0.08), (_HANDS, 0.15), (_EYES_EARS, 0.12), (_NOSE, 0.03))
"""Groups of keypoints (K,) bool that a layout may lack, and the chance of each; guessed."""


def _slow(rng: np.random.Generator, shape: tuple[int, int, int], spread: float, sigma: float) -> np.ndarray:
    """(B, T, K, 2) smooth noise. spread: its standard deviation; sigma: of the filter, frames."""
    noise = gaussian_filter1d(rng.standard_normal((*shape, 2), dtype=np.float32), sigma, axis=1, mode="wrap")
    return noise * np.sqrt(2 * sigma * np.sqrt(np.pi)) * spread


def _runs(rng: np.random.Generator, count: int, frames: int, series: int, rate: float, longest: int) -> np.ndarray:
    """(B, T, series) bool: runs of 1..longest frames that begin with probability `rate` a frame."""
    hits = np.argwhere(rng.random((count, frames, series), dtype=np.float32) < rate)
    mask = np.zeros((count, frames, series), dtype=bool)
    for (b, t, s), length in zip(hits, 1 + (rng.random(len(hits)) ** 2 * longest).astype(int), strict=True):
        mask[b, t : t + length, s] = True
    return mask


def swapped(rng: np.random.Generator, rays: np.ndarray, from_behind: np.ndarray) -> np.ndarray:
    """Rays (B, T, K, 2) with left and right exchanged in runs of frames; more often for people seen from behind."""
    count, frames = rays.shape[:2]
    runs = _runs(rng, count, frames, 3, *TUNING.swaps)
    often = np.where(from_behind.mean(axis=1) > 0.5, 1.0, TUNING.swaps_in_front)
    runs &= rng.random((count, 1, 3)) < often[:, None, None]
    groups = np.stack([ARMS, LEGS, ARMS | LEGS])
    swap = (runs[..., None] & groups).any(axis=2)
    return np.where(swap[..., None], rays[:, :, CANONICAL.flip], rays)


def errors(rng: np.random.Generator, hidden: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """Displacements (B, T, K, 2) as shares of the standing height.

    hidden: (B, T, K) in 0..1. quality: (B,) factor of all errors; 1 is the shipped detector on a usual clip.
    """
    shape = hidden.shape
    count, frames, points = shape
    white = rng.standard_normal((*shape, 2), dtype=np.float32) * TUNING.fast
    white = white * np.exp(rng.normal(0, TUNING.fast_spread, (count, 1, 1, 1)))
    slow = _slow(rng, shape, *TUNING.middle) + _slow(rng, shape, *TUNING.slow)
    constant = rng.standard_normal((count, 1, points, 2)) * TUNING.constant
    lost = _slow(rng, shape, 1.0, TUNING.covered[1]) * (TUNING.covered[0] * HIDDEN * hidden)[..., None]
    wild = _runs(rng, count, frames, points, *TUNING.jumps) | (
        _runs(rng, count, frames, points, *TUNING.jumps_covered) & (hidden > TUNING.covered_from))
    jump = rng.standard_normal((*shape, 2), dtype=np.float32) * TUNING.jump_fast + _slow(rng, shape, *TUNING.jump_slow)
    total = (white + slow + constant) * FACTOR[:, None] + lost + wild[..., None] * jump
    return (total * quality[:, None, None, None]).astype(np.float32)


def scores(rng: np.random.Generator, error: np.ndarray, hidden: np.ndarray, shipped: np.ndarray) -> np.ndarray:
    """Scores (B, T, K) in 0..1 for errors (B, T, K) in shares of the standing height.

    A score is about the probability that the error is below 0.1. Scores of the shipped detector (shipped (B,) bool)
    depend strongly on the error, in the same way in all clips; those of others depend on it differently in every clip.
    """
    count = len(error)
    ours = shipped[:, None, None]
    level, least, usual = TUNING.score_at
    ours_slow, theirs_slow, sigma = TUNING.score_slow
    logit = level - TUNING.score_slope * np.log((error + least) / usual) - TUNING.score_covered * hidden
    logit += rng.standard_normal(error.shape, dtype=np.float32) * TUNING.score_fast
    logit += gaussian_filter1d(rng.standard_normal(error.shape), sigma, axis=1) * np.where(ours, ours_slow, theirs_slow)
    slope = np.where(ours, rng.uniform(*TUNING.score_scale, (count, 1, 1)),
                     rng.uniform(*TUNING.score_scale_other, (count, 1, 1)))
    logit = logit * slope + rng.normal(0, 1, (count, 1, 1)) * np.where(ours, *TUNING.score_shift)
    score = 1 / (1 + np.exp(-logit))
    none_given = rng.random(count)[:, None, None] < TUNING.no_scores  # some sources give no scores
    return np.minimum(np.where(none_given & ~ours, 1.0, score), LIFTING.highest_score)


def missing(rng: np.random.Generator, share: np.ndarray, frames: int) -> np.ndarray:
    """Missing keypoints (B, T, K) bool: groups that a layout lacks, lost points, lost frames.

    share: (B,) factor of the usual chances; 0 where nothing is missing.
    """
    count = len(share)
    lost = _runs(rng, count, frames, len(_NAMES), *TUNING.lost_points)
    lost |= _runs(rng, count, frames, 1, *TUNING.lost_frames)
    lost &= (rng.random(count) < share)[:, None, None]
    for group, chance in GROUPS:
        lost |= (rng.random(count) < chance * share)[:, None, None] & group
    return lost
