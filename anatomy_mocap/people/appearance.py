"""The look of a person: colour histograms of torso and legs, by which the same person is found again."""

from __future__ import annotations

import numpy as np

from .crop import bilinear

_BINS = 16
_GRID = np.stack(np.meshgrid(np.linspace(0.15, 0.85, 8), np.linspace(0.1, 0.9, 10)), axis=-1).reshape(-1, 2)
_ALONG = np.linspace(0.1, 0.9, 20)
# COCO indices.
_TORSO, _LEGS = (5, 6, 11, 12), ((11, 13), (12, 14), (13, 15), (14, 16))


def describe(rgb: np.ndarray, coco_xy: np.ndarray) -> np.ndarray:
    """(2, 3, 16): torso and legs, brightness and two colour axes, each row a histogram that sums to 1.

    rgb: (H, W, 3). coco_xy: (17, 2) pixels. Points outside the picture are left out; a part wholly outside is zero.
    """
    return np.stack([_histograms(rgb, points) for points in (_torso_points(coco_xy), _leg_points(coco_xy))])


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """0 (no common colour) .. 1 (same colours): the mean Bhattacharyya coefficient of the parts that both show."""
    shown = (a.sum(axis=(1, 2)) > 0) & (b.sum(axis=(1, 2)) > 0)
    if not shown.any():
        return 0.0
    return float(np.sqrt(a[shown] * b[shown]).sum(axis=-1).mean())


def _torso_points(xy) -> np.ndarray:
    left_top, right_top, left_low, right_low = (xy[i] for i in _TORSO)
    s, t = _GRID[:, :1], _GRID[:, 1:]
    return (left_top * (1 - s) + right_top * s) * (1 - t) + (left_low * (1 - s) + right_low * s) * t


def _leg_points(xy) -> np.ndarray:
    return np.concatenate([xy[a] + (xy[b] - xy[a]) * _ALONG[:, None] for a, b in _LEGS])


def _histograms(rgb, points) -> np.ndarray:
    height, width = rgb.shape[:2]
    points = points[((points >= 0) & (points <= (width, height))).all(axis=1)]
    if not len(points):
        return np.zeros((3, _BINS))
    colours = bilinear(rgb, *(points.T - 0.5).astype(np.float32)).astype(float)
    red, green, blue = colours
    # Clothes rarely use more than the middle half of the colour axes (-255..255), so all bins lie in that half.
    axes = (colours.mean(axis=0) / 256, 0.5 + (red - green) / 256, 0.5 + ((red + green) / 2 - blue) / 256)
    return np.stack([_soft_histogram(np.clip(axis, 0, 0.999) * _BINS) for axis in axes])


def _soft_histogram(position) -> np.ndarray:
    """Histogram in which each value is shared between its two nearest bins, so that a small change of light moves
    little."""
    low = np.clip(np.floor(position - 0.5), 0, _BINS - 2).astype(int)
    upper = np.clip(position - 0.5 - low, 0, 1)
    counts = np.bincount(low, 1 - upper, _BINS) + np.bincount(low + 1, upper, _BINS)
    return counts / counts.sum()
