"""Compare the poses of several people: two of them can't be the same body."""

from __future__ import annotations

import numpy as np

from .poses import Poses
from .pose2d import COCO_FROM_33, Pose2D
from .same_person import agreement
from .tracks import Track
from .tuning import TUNING


def without_twins(people: list[Poses], tracks: list[Track]) -> list[Poses]:
    """The poses without those that show another of the people. Who is nearer to the own sightings keeps the pose."""
    kept = [dict(poses) for poses in people]
    for a in range(len(people)):
        for b in range(a):
            for frame in sorted(set(kept[a]) & set(kept[b])):
                if _coincide(kept[a][frame], kept[b][frame]):
                    loser = max((a, b), key=lambda n: _from_sighting(kept[n][frame], tracks[n], frame))
                    del kept[loser][frame]
    return kept


def _coincide(a: Pose2D, b: Pose2D) -> bool:
    both = (a.score > TUNING.landmark_score) & (b.score > TUNING.landmark_score)
    size = max(a.region.size, b.region.size)
    if both.sum() < 3:
        return False
    return bool(np.median(np.linalg.norm(a.xy - b.xy, axis=-1)[both]) < TUNING.same_body * size)


def _from_sighting(pose: Pose2D, track: Track, frame: int) -> float:
    """How badly a pose fits the person's nearest sighting: in frames to it, and in agreement."""
    nearest = min(track.sightings, key=lambda s: abs(s.frame - frame))
    fits = agreement(pose.xy[COCO_FROM_33], pose.score[COCO_FROM_33], nearest.detection)
    return abs(nearest.frame - frame) - fits
