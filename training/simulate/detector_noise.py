"""Errors of a 2D detector, and the scores it would give."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.lifting.lifter_input import HIGHEST_SCORE

_NAMES = CANONICAL.keypoint_names
_FACTOR = {"nose": 0.75, "eye": 0.65, "ear": 0.6, "shoulder": 0.75, "elbow": 0.95, "wrist": 1.15, "hip": 0.85,
           "knee": 0.8, "ankle": 0.65, "heel": 0.85, "toe": 1.0, "knuckle": 1.15}
FACTOR = np.array([_FACTOR[name.rpartition("_")[2]] for name in _NAMES])
"""(K,) how much worse than the mean each keypoint is found (docs/rendered_people.md)."""

HIDDEN = np.array([{"elbow": 1.3, "wrist": 1.9, "knuckle": 2.3}.get(name.rpartition("_")[2], 1.0) for name in _NAMES])
"""(K,) how much worse it gets where the body hides the point."""

OTHERS = 1.5
"""How much worse than the shipped detector the others are."""

ARMS = np.array([name.endswith(("elbow", "wrist", "knuckle", "shoulder")) for name in _NAMES])
LEGS = np.array([name.endswith(("hip", "knee", "ankle", "heel", "toe")) for name in _NAMES])
"""(K,) bool, as ARMS: the keypoints that are exchanged together where left and right are."""
_FEET = np.array([name.endswith(("heel", "toe")) for name in _NAMES])
_HANDS = np.array([name.endswith("knuckle") for name in _NAMES])
_EYES_EARS = np.array([name.endswith(("eye", "ear")) for name in _NAMES])
_NOSE = np.array([name == "nose" for name in _NAMES])

GROUPS = ((_FEET | _HANDS, 0.22), (_FEET, 0.08), (_HANDS, 0.15), (_EYES_EARS, 0.12), (_NOSE, 0.03))
"""Groups of keypoints (K,) that a layout may lack, and how often."""


def _slow(rng, shape: tuple[int, int, int], sigma: float) -> np.ndarray:
    """(B, T, K, 2) smooth noise of unit variance; sigma: frames."""
    noise = gaussian_filter1d(rng.standard_normal((*shape, 2), dtype=np.float32), sigma, axis=1, mode="wrap")
    return noise * np.sqrt(2 * sigma * np.sqrt(np.pi))


def _runs(rng, count: int, frames: int, series: int, rate: float, longest: int) -> np.ndarray:
    """(B, T, series) bool: runs of 1..longest frames that begin with probability `rate` a frame."""
    hits = np.argwhere(rng.random((count, frames, series), dtype=np.float32) < rate)
    mask = np.zeros((count, frames, series), dtype=bool)
    for (b, t, s), length in zip(hits, 1 + (rng.random(len(hits)) ** 2 * longest).astype(int), strict=True):
        mask[b, t : t + length, s] = True
    return mask


def swapped(rng, rays: np.ndarray, from_behind: np.ndarray) -> np.ndarray:
    """rays (B, T, K, 2) with left and right exchanged in runs of frames; more where the person is seen from behind."""
    count, frames = rays.shape[:2]
    runs = _runs(rng, count, frames, 3, 0.001, 10)
    runs &= rng.random((count, 1, 3)) < np.where(from_behind.mean(axis=1) > 0.5, 1.0, 0.3)[:, None, None]
    groups = np.stack([ARMS, LEGS, ARMS | LEGS])
    swap = (runs[..., None] & groups).any(axis=2)
    return np.where(swap[..., None], rays[:, :, CANONICAL.flip], rays)


def errors(rng, hidden: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """(B, T, K, 2) displacements as shares of the standing height.

    hidden: (B, T, K) in 0..1. quality: (B,) multiplies all; 1 is the shipped detector on a usual clip.
    """
    shape = hidden.shape
    count, frames, points = shape
    white = rng.standard_normal((*shape, 2), dtype=np.float32) * 0.0022 * np.exp(rng.normal(0, 0.5, (count, 1, 1, 1)))
    slow = _slow(rng, shape, 2.0) * 0.0042 + _slow(rng, shape, 8.0) * 0.0066
    constant = rng.standard_normal((count, 1, points, 2)) * 0.002
    lost = _slow(rng, shape, 5.0) * (0.026 * HIDDEN * hidden)[..., None]
    wild = _runs(rng, count, frames, points, 0.0008, 8) | (
        _runs(rng, count, frames, points, 0.006, 10) & (hidden > 0.3))
    jump = rng.standard_normal((*shape, 2), dtype=np.float32) * 0.02 + _slow(rng, shape, 6.0) * 0.08
    total = (white + slow + constant) * FACTOR[:, None] + lost + wild[..., None] * jump
    return (total * quality[:, None, None, None]).astype(np.float32)


def scores(rng, error: np.ndarray, hidden: np.ndarray, shipped: np.ndarray) -> np.ndarray:
    """(B, T, K) in 0..1 as a detector would give, for errors (B, T, K) in shares of the standing height.

    About the probability that the error is below 0.1. The shipped detector's (shipped (B,)) tell much of the error and
    are alike in all clips; others' are told differently in every clip.
    """
    count = len(error)
    ours = shipped[:, None, None]
    logit = 1.5 - 1.77 * np.log((error + 0.01) / 0.03) - 0.2 * hidden
    logit += rng.standard_normal(error.shape, dtype=np.float32) * 0.45
    logit += gaussian_filter1d(rng.standard_normal(error.shape), 6, axis=1) * np.where(ours, 1.2, 2.5)
    slope = np.where(ours, rng.uniform(0.9, 1.1, (count, 1, 1)), rng.uniform(0.6, 2.0, (count, 1, 1)))
    logit = logit * slope + rng.normal(0, 1, (count, 1, 1)) * np.where(ours, 0.15, 0.7)
    score = 1 / (1 + np.exp(-logit))
    none_given = rng.random(count)[:, None, None] < 0.2  # some sources give no scores
    return np.minimum(np.where(none_given & ~ours, 1.0, score), HIGHEST_SCORE)


def missing(rng, share: np.ndarray, frames: int) -> np.ndarray:
    """(B, T, K) bool: keypoints that are not there - groups that a layout lacks, lost joints, lost frames.

    share: (B,) of the usual chances; 0 where nothing is missing, as with the shipped detector on a person in view.
    """
    count = len(share)
    lost = _runs(rng, count, frames, len(_NAMES), 0.0015, 20)
    lost |= _runs(rng, count, frames, 1, 0.002, 12)
    lost &= (rng.random(count) < share)[:, None, None]
    for group, chance in GROUPS:
        lost |= (rng.random(count) < chance * share)[:, None, None] & group
    return lost
