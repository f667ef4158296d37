"""Decide whether a detection is the same person: agreement of poses, overlap of boxes, likeness of looks."""

from __future__ import annotations

import numpy as np

from .appearance import describe, likeness
from .detect_people import Detection
from .tuning import TUNING


def agreement(xy: np.ndarray, score: np.ndarray, detection: Detection) -> float:
    """0..1: the similarity of a (17, 2) pose with scores and a detection (object keypoint similarity, one width)."""
    both = (score > TUNING.landmark_score) & (detection.keypoint_score > TUNING.seen_score)
    if both.sum() < 3:
        return 0.0
    size = max(float((detection.box[2:] - detection.box[:2]).max()), 1.0)
    distance = np.linalg.norm(xy - detection.xy, axis=-1)[both] / size
    return float(np.exp(-distance**2 / (2 * TUNING.agreement_width**2)).mean())


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two (4,) boxes."""
    inner = np.prod(np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0))
    union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - inner
    return float(inner / union) if union > 0 else 0.0


def pose_box(xy: np.ndarray, score: np.ndarray) -> np.ndarray:
    """(4,) box around the keypoints with a score above TUNING.landmark_score, or around all where none has one."""
    seen = score > TUNING.landmark_score
    points = xy[seen] if seen.any() else xy
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def grown(box: np.ndarray, share: float) -> np.ndarray:
    """A (4,) box with a margin of `share` of its longer side all around."""
    margin = share * (box[2:] - box[:2]).max()
    return box + np.array([-margin, -margin, margin, margin])


class Looks:
    """The looks of one person, seen from several sides and in several lights."""

    def __init__(self):
        self._known: list[np.ndarray] = []
        self._lowest = 1.0

    def likeness(self, rgb: np.ndarray, coco_xy: np.ndarray) -> float:
        """0..1: likeness to the most similar remembered look; 1 while there is none."""
        look = describe(rgb, coco_xy)
        return max((likeness(known, look) for known in self._known), default=1.0)

    def learn(self, rgb: np.ndarray, coco_xy: np.ndarray) -> None:
        """Remember the person's present look. Call it only for this person, with nobody in front."""
        look = describe(rgb, coco_xy)
        nearest = max((likeness(known, look) for known in self._known), default=0.0)
        if self._known:
            self._lowest = min(self._lowest, nearest)
        if nearest < TUNING.new_look and len(self._known) < TUNING.most_looks:
            self._known.append(look)

    @property
    def threshold(self) -> float:
        """Likeness above which a detection passes as this person."""
        return float(np.clip(self._lowest - TUNING.look_slack, *TUNING.look_limits))
