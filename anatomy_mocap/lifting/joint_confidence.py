"""How likely each joint of the result is where it should be: from the 2D scores and from the network's own spread.

The network sees every clip twice, as it is and mirrored. Where the picture leaves the depth open the two answers
differ, and there they are wrong more often. How much a score and a difference mean is fitted on simulated clips of the
training subjects (training/train/fit_confidence.py) and lies in the model file, beside the weights that it belongs to.
"""

from __future__ import annotations

import json

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..core.errors import MocapError
from ..core.skeleton import MOCAP22

WITHIN = 0.1
"""Metres, relative to the pelvis: a confidence is the chance of being at most so far off."""

KEY = "confidence"
"""Of the model file's metadata."""

SMOOTHING = 2.0
"""Frames over which differences are averaged: doubt about one frame is doubt about its neighbours."""


def spread_of(bone_lengths: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(T, J) metres between the joints of two answers, directions (T, J, 3) each, relative to the pelvis."""
    a, b = (MOCAP22.joint_positions(bone_lengths, directions, np.zeros(3)) for directions in (first, second))
    return gaussian_filter1d(np.linalg.norm(a - b, axis=-1), SMOOTHING, axis=0, mode="nearest")


def features(support: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """(T, J, 2) what the chance depends on: log odds of the 2D support (T, J), logarithm of the spread (T, J)."""
    support = np.clip(support, 0.02, 0.98)
    return np.stack([np.log(support / (1 - support)), np.log(spread + 0.005)], axis=-1)


def chance(support: np.ndarray, spread: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(T, J) in 0..1. weights: (J, 3) for each joint a constant and one for each of `features`.

    Where nothing of a joint was seen the confidence is 0: whatever stands there is made up.
    """
    log_odds = weights[:, 0] + (features(support, spread) * weights[:, 1:]).sum(axis=-1)
    result = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
    result[:, 0] = support[:, 0]
    return np.where(support > 0, result, 0.0)


def weights_of(metadata: dict[str, str], model: str) -> np.ndarray:
    """(J, 3) from a model file's metadata; MocapError where it has none or of another skeleton."""
    if KEY not in metadata:
        raise MocapError(f"{model}: has no fitted confidence; run `python -m training fit-confidence`")
    weights = np.array(json.loads(metadata[KEY]), dtype=float)
    if weights.shape != (len(MOCAP22), 3):
        raise MocapError(f"{model}: its confidence is of another skeleton, {weights.shape}; export and fit it anew")
    return weights
