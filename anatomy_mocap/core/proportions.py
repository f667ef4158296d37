"""Fit a lifted body's proportions to its keypoints: how long thighs, arms and trunk are against each other.

The lifter judges the lengths mostly by how people are built. A limb that is seen across, whose length the picture
tells, is seen shorter or longer than that sooner or later. Each frame's reprojection errors are weighed by what wrong
directions, keypoints and root would explain of them (a limb that points at the camera tells nothing), so that what
is left speaks of the lengths. The height stays: one camera does not tell it, and the user may have given it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .blas import one_thread
from .camera import Camera
from .keypoints import Keypoints2D
from .lengths import body_height
from .lifted import Lifted
from .reprojection import Reprojection, off_the_ray
from .trajectory import fit_root

ROUNDS = 3
FRAMES = 300
"""At most so many frames, evenly spread over the clip, are looked at."""

PARTS = (("hip",), ("knee",), ("ankle",), ("spine", "thorax"), ("shoulder",), ("elbow",), ("wrist",))
"""Joints at the ends of the bones that change together, both sides alike; the picture tells too little of the rest."""

_SAME_SIZE = 0.003
"""How far the size as a whole may change, relative."""


@dataclass(frozen=True)
class ProportionSettings:
    """Whom to trust how far.

    keypoint: metres by which a sure keypoint lies off its joint's projection. direction: radians by which the lifter's
    directions are off. part: by which a part's length is off, relative. root: metres, sideways and in depth, that the
    root is off in a frame. seconds: over which errors stay alike, so that frames within it count once.
    """

    keypoint: float = 0.03
    direction: float = 0.14
    part: float = 0.04
    root: tuple[float, float] = (0.1, 0.6)
    seconds: float = 0.5


@one_thread
def fit_lengths(lifted: Lifted, keypoints: Keypoints2D, camera: Camera,
                settings: ProportionSettings = ProportionSettings()) -> np.ndarray:
    """Bone lengths (J,) metres, row 0 zero, that suit canonical keypoints of the clip's T frames better.

    A clip in which nothing is seen keeps its lengths.
    """
    every = -(-len(keypoints) // FRAMES)
    part = slice(every // 2, None, every)
    few = replace(keypoints, xy=keypoints.xy[part], score=keypoints.score[part], times=keypoints.times[part])
    some = replace(lifted, directions=lifted.directions[part], up=lifted.up[part], confidence=lifted.confidence[part])
    alike = max(1.0, settings.seconds * keypoints.fps / every)
    change = np.zeros(len(PARTS))  # logarithms
    turns = _part_of_bone(lifted)
    for _ in range(ROUNDS):
        lengths = lifted.bone_lengths * np.exp(turns @ change)
        evidence, pull = _evidence(replace(some, bone_lengths=lengths), few, camera, settings, turns)
        size = turns.T @ lifted.bone_lengths
        size /= np.linalg.norm(size)
        trust = np.eye(len(PARTS)) / settings.part**2 + np.outer(size, size) / _SAME_SIZE**2
        change = change + np.linalg.solve(evidence / alike + trust, pull / alike - trust @ change)
    lengths = lifted.bone_lengths * np.exp(turns @ change)
    return lengths * (body_height(lifted.bone_lengths, lifted.skeleton) / body_height(lengths, lifted.skeleton))


def _part_of_bone(lifted: Lifted) -> np.ndarray:
    """(J, parts) 1 where a bone belongs to a part."""
    ends = [name.rpartition("_")[2] for name in lifted.skeleton.joint_names]
    return np.array([[float(end in part) for part in PARTS] for end in ends])


def _evidence(lifted: Lifted, keypoints: Keypoints2D, camera: Camera, settings: ProportionSettings,
              turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of all frames on the parts' logarithms: (parts, parts) information and (parts,) towards where it pulls."""
    lengths, directions = lifted.bone_lengths, lifted.directions
    root = fit_root(lifted.skeleton, lengths, directions, keypoints, camera)
    body = Reprojection(lifted.skeleton, lengths, settings.keypoint)
    rays, score = body.seen(keypoints, camera)
    now = np.concatenate([root[:, None], directions[:, 1:]], axis=1)
    nearness = (root[:, 2].mean() / np.maximum(root[:, 2], 1e-3))[:, None, None, None]  # angles, not metres, are seen
    rows = off_the_ray(rays) * nearness
    errors = (rows @ (body.influence @ now + body.beside(now))[..., None])[..., 0]
    frames, points = score.shape
    reach = lifted.skeleton.ancestors[body.joints] * lengths
    moved = np.einsum("tpik,pj,tjk,jg->tpig", rows, reach, directions, turns, optimize=True)
    explained = _explained(rows, reach, directions, settings).reshape(frames, 2 * points, 2 * points)
    own = (settings.keypoint * body.loose) ** 2 / np.maximum(score * body.robust(errors), 1e-8)
    index = np.arange(2 * points)
    explained[:, index, index] += np.repeat(own, 2, axis=1)
    moved, errors = moved.reshape(frames, 2 * points, -1), errors.reshape(frames, 2 * points, 1)
    weighed = np.linalg.solve(explained, np.concatenate([moved, errors], axis=-1))
    both = np.einsum("tag,tah->gh", moved, weighed)
    return both[:, :-1], -both[:, -1]


def _explained(rows: np.ndarray, reach: np.ndarray, directions: np.ndarray,
               settings: ProportionSettings) -> np.ndarray:
    """(T, P, 2, P, 2) covariance of the reprojection errors (metres squared) that wrong directions and a wrong root
    bring about. rows (T, P, 2, 3), reach (P, J) metres, directions (T, J, 3)."""
    frames, points = rows.shape[:2]
    across = np.eye(3) - directions[..., :, None] * directions[..., None, :]  # a direction errs at right angles
    turned = np.einsum("tpik,pj,tjkl->tpijl", rows, reach, across, optimize=True)
    turned = settings.direction * turned.reshape(frames, 2 * points, -1)
    moved = (rows * np.array([settings.root[0], settings.root[0], settings.root[1]])).reshape(frames, 2 * points, 3)
    both = np.concatenate([turned, moved], axis=-1)
    return both @ np.swapaxes(both, -1, -2)
