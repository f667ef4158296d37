"""The probability that a joint of the result is right, from the 2D scores and the difference between both passes.

The network lifts every clip twice, as it is and mirrored. Where the picture leaves depth open, the two results differ
and are wrong more often. A logistic regression on simulated clips of the training subjects turns support s and
difference d into a probability (training/train/fit_confidence.py):

    log odds = a + b log(s / (1 - s)) + c log(d + 5 mm)

Its weights are stored in the model file, since they belong to that network.
"""

from __future__ import annotations

import json

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..core.errors import MocapError
from ..core.skeleton import MOCAP22
from .tuning import TUNING

WITHIN = 0.1
"""Metres, relative to the pelvis: a confidence is the probability that the error is at most this."""

KEY = "confidence"
"""Key of the regression's weights in the model file's metadata."""


def spread_of(bone_lengths: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(T, J) metres between the joints of two results, relative to the pelvis, smoothed over neighbouring frames.

    bone_lengths: (J,) metres. first, second: directions (T, J, 3).
    """
    a, b = (MOCAP22.joint_positions(bone_lengths, directions, np.zeros(3)) for directions in (first, second))
    return gaussian_filter1d(np.linalg.norm(a - b, axis=-1), TUNING.spread_frames, axis=0, mode="nearest")


def features(support: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """(T, J, 2) inputs of the regression: log odds of the 2D support (T, J), logarithm of the spread (T, J) in
    metres."""
    support = np.clip(support, *TUNING.support_limits)
    return np.stack([np.log(support / (1 - support)), np.log(spread + TUNING.spread_offset)], axis=-1)


def chance(support: np.ndarray, spread: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(T, J) in 0..1: the probability that each joint is right.

    support: (T, J) in 0..1. spread: (T, J) metres. weights: (J, 3), a constant and one weight for each of `features`.
    A joint of which nothing was seen has probability 0, and the pelvis its support.
    """
    log_odds = weights[:, 0] + (features(support, spread) * weights[:, 1:]).sum(axis=-1)
    result = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
    result[:, 0] = support[:, 0]
    return np.where(support > 0, result, 0.0)


def weights_of(metadata: dict[str, str], model: str) -> np.ndarray:
    """(J, 3) the regression's weights from a model file's metadata.

    model: its name, for messages. Raises MocapError where the file has no weights, or those of another skeleton.
    """
    if KEY not in metadata:
        raise MocapError(f"{model}: the model file has no fitted confidence; run `python -m training fit-confidence`")
    weights = np.array(json.loads(metadata[KEY]), dtype=float)
    if weights.shape != (len(MOCAP22), 3):
        raise MocapError(f"{model}: the confidence weights have shape {weights.shape}, which belongs to another "
                         "skeleton; export the model and fit its confidence again")
    return weights
