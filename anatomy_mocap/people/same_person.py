"""Decide whether two detections, or a pose and a detection, show the same person."""

from __future__ import annotations

import numpy as np

from .detect_people import Detection
from .tuning import TUNING


def agreement(xy: np.ndarray, score: np.ndarray, detection: Detection) -> float:
    """0..1: the similarity of a (17, 2) pose with scores and a detection (object keypoint similarity, one width)."""
    both = (score > TUNING.landmark_score) & (detection.keypoint_score > TUNING.seen_score)
    if both.sum() < 3:
        return 0.0
    distance = np.linalg.norm(xy - detection.xy, axis=-1)[both] / detection.size
    return float(np.exp(-distance**2 / (2 * TUNING.agreement_width**2)).mean())


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two (4,) boxes."""
    inner = np.prod(np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0))
    union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - inner
    return float(inner / union) if union > 0 else 0.0


def nearness(a: Detection, b: Detection) -> float:
    """Distance of two boxes' middles in sizes of the larger one, plus the logarithm of the ratio of their sizes."""
    larger = max(a.size, b.size)
    return float(np.linalg.norm(a.centre - b.centre) / larger + abs(np.log(a.size / b.size)))


def grown(box: np.ndarray, share: float) -> np.ndarray:
    """A (4,) box with a margin of `share` of its longer side all around."""
    margin = share * (box[2:] - box[:2]).max()
    return box + np.array([-margin, -margin, margin, margin])


def without_doubles(people: list[Detection]) -> list[Detection]:
    """The detections, the largest first, without second ones of the same person: of boxes that nearly coincide, or of
    poses that do, the one with the higher score stays."""
    kept: list[Detection] = []
    for person in sorted(people, key=lambda d: -d.score):
        if not any(overlap(person.box, other.box) > TUNING.same_detection
                   or agreement(person.xy, person.keypoint_score, other) > TUNING.same_pose for other in kept):
            kept.append(person)
    return sorted(kept, key=lambda d: -d.area)
