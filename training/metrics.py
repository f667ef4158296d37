"""Measures of a motion's error, or of its own quality.

predicted, true: (T, J, 3) joint positions in metres in the same axes. Errors are in metres, means over frames and
joints, unless stated otherwise. Root-aligned: the first joint of each frame is moved to the origin.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anatomy_mocap.core.skeleton import Skeleton

AUC_THRESHOLDS = np.arange(0, 151, 5) / 1000.0
"""0 to 150 mm in steps of 5 mm."""

PCK_THRESHOLD = 0.150


def root_aligned(positions: np.ndarray) -> np.ndarray:
    """(T, J, 3) relative to the first joint of each frame."""
    positions = np.asarray(positions, dtype=float)
    return positions - positions[:, :1]


def _distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.linalg.norm(a - b, axis=-1)


def mpjpe(predicted: np.ndarray, true: np.ndarray) -> float:
    """Mean distance of the joints, root-aligned (protocol 1)."""
    return float(_distance(root_aligned(predicted), root_aligned(true)).mean())


def n_mpjpe(predicted: np.ndarray, true: np.ndarray) -> float:
    """Mean distance of the joints after the best scale of each frame, root-aligned (protocol 3)."""
    predicted, true = root_aligned(predicted), root_aligned(true)
    scale = (predicted * true).sum(axis=(1, 2)) / np.maximum((predicted**2).sum(axis=(1, 2)), 1e-12)
    return float(_distance(predicted * scale[:, None, None], true).mean())


def similarity_aligned(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """`predicted` (T, J, 3) moved, turned and scaled onto `true`, each frame on its own (Procrustes)."""
    predicted, true = np.asarray(predicted, dtype=float), np.asarray(true, dtype=float)
    middle_p, middle_t = predicted.mean(axis=1, keepdims=True), true.mean(axis=1, keepdims=True)
    p, t = predicted - middle_p, true - middle_t
    u, singular, vt = np.linalg.svd(np.swapaxes(p, 1, 2) @ t)
    sign = np.ones_like(singular)
    sign[:, -1] = np.sign(np.linalg.det(u) * np.linalg.det(vt))
    turn = (u * sign[:, None, :]) @ vt
    scale = (singular * sign).sum(axis=1) / np.maximum((p**2).sum(axis=(1, 2)), 1e-12)
    return scale[:, None, None] * (p @ turn) + middle_t


def p_mpjpe(predicted: np.ndarray, true: np.ndarray) -> float:
    """Mean distance after a similarity alignment of each frame (protocol 2)."""
    return float(_distance(similarity_aligned(predicted, true), np.asarray(true, dtype=float)).mean())


def mpjve(predicted: np.ndarray, true: np.ndarray) -> float:
    """Mean norm of the difference of first differences, a frame, root-aligned; 0 for a single frame."""
    return _difference_error(predicted, true, 1)


def acceleration_error(predicted: np.ndarray, true: np.ndarray, fps: float) -> float:
    """Mean norm of the difference of second differences, m/s^2, root-aligned."""
    return _difference_error(predicted, true, 2) * fps**2


def _difference_error(predicted, true, order: int) -> float:
    a, b = (np.diff(root_aligned(x), n=order, axis=0) for x in (predicted, true))
    return float(_distance(a, b).mean()) if len(a) else 0.0


def jitter(positions: np.ndarray, fps: float) -> float:
    """Mean norm of the third difference, m/s^3, of positions (T, J, 3) as they are."""
    third = np.diff(np.asarray(positions, dtype=float), n=3, axis=0)
    return float(np.linalg.norm(third, axis=-1).mean() * fps**3) if len(third) else 0.0


def _joint_distances(predicted, true, joints) -> np.ndarray:
    distance = _distance(root_aligned(predicted), root_aligned(true))
    return distance if joints is None else distance[:, list(joints)]


def pck(predicted: np.ndarray, true: np.ndarray, joints: Sequence[int] | None = None,
        threshold: float = PCK_THRESHOLD) -> float:
    """Share (0..1) of the joints nearer than `threshold` metres, root-aligned. joints: the indices that count; None for
    all."""
    return float((_joint_distances(predicted, true, joints) < threshold).mean())


def auc(predicted: np.ndarray, true: np.ndarray, joints: Sequence[int] | None = None) -> float:
    """Mean of the PCK (0..1) over AUC_THRESHOLDS."""
    distance = _joint_distances(predicted, true, joints)
    return float(np.mean([(distance < threshold).mean() for threshold in AUC_THRESHOLDS]))


def bone_length_std(positions: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """(J,) standard deviation over time of each bone's length, metres; row 0 is 0."""
    return _bone_lengths(positions, skeleton).std(axis=0)


def bone_length_error(lengths: np.ndarray, true_lengths: np.ndarray) -> float:
    """Mean absolute difference of bone lengths (J,), the root's row left out."""
    return float(np.abs(np.asarray(lengths)[1:] - np.asarray(true_lengths)[1:]).mean())


def symmetry_error(lengths: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """(J,) length of each bone minus its mirror image's: 0 everywhere for a symmetric body."""
    lengths = np.asarray(lengths, dtype=float)
    return lengths - lengths[skeleton.mirror]


def _bone_lengths(positions, skeleton) -> np.ndarray:
    positions = np.asarray(positions, dtype=float)
    lengths = np.zeros(positions.shape[:2])
    parents = np.array(skeleton.parents)
    lengths[:, 1:] = _distance(positions[:, 1:], positions[:, parents[1:]])
    return lengths


def foot_slide(predicted: np.ndarray, true: np.ndarray, foot: int, still: float = 0.01) -> float:
    """Mean motion a frame of joint `foot` over the frames in which the true one moves less than `still` metres.

    Positions (T, J, 3) in the world, not root-aligned; NaN where the true foot never rests.
    """
    moves, true_moves = (np.linalg.norm(np.diff(np.asarray(x, dtype=float)[:, foot], axis=0), axis=-1)
                         for x in (predicted, true))
    rests = true_moves < still
    return float(moves[rests].mean()) if rests.any() else float("nan")


def crouch(predicted: np.ndarray, true: np.ndarray, legs: Sequence[tuple[int, int, int]],
           straight: float = np.radians(12)) -> float:
    """Mean excess bend of nearly straight knees, radians: found minus true, over frames with a true bend below
    `straight`; NaN without such frames.

    Positions (T, J, 3). legs: joints (hip, knee, ankle) of each leg.
    """
    found, bends = (np.stack([_knee_flexion(x, *leg) for leg in legs]) for x in (predicted, true))
    chosen = bends < straight
    return float((found - bends)[chosen].mean()) if chosen.any() else float("nan")


def flexion(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(...,) radians between two bones (..., 3) that follow one another, of any length; 0 is a straight limb."""
    return np.arctan2(np.linalg.norm(np.cross(first, second), axis=-1), (first * second).sum(axis=-1))


def _knee_flexion(positions, hip: int, knee: int, ankle: int) -> np.ndarray:
    """(T,) radians."""
    positions = np.asarray(positions, dtype=float)
    return flexion(positions[:, knee] - positions[:, hip], positions[:, ankle] - positions[:, knee])


def root_path_error(predicted: np.ndarray, true: np.ndarray) -> float:
    """Mean distance of two paths (T, 3) after a rigid alignment, in % of the true path's length."""
    predicted, true = np.asarray(predicted, dtype=float), np.asarray(true, dtype=float)
    p, t = predicted - predicted.mean(axis=0), true - true.mean(axis=0)
    u, _, vt = np.linalg.svd(p.T @ t)
    flip = np.array([1.0, 1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    length = np.linalg.norm(np.diff(true, axis=0), axis=-1).sum()
    return float(_distance(p @ (u * flip) @ vt, t).mean() / max(length, 1e-9) * 100)


def mean_angle(directions: np.ndarray, true_directions: np.ndarray) -> float:
    """Mean angle in radians between unit vectors (..., 3)."""
    a, b = np.asarray(directions, dtype=float), np.asarray(true_directions, dtype=float)
    return float(2 * np.arcsin(np.clip(_distance(a, b) / 2, 0, 1)).mean())
