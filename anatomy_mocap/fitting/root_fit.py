"""The root's path in camera axes, from the reprojection of the posed skeleton.

With a pose's joints X relative to the root r, and rays x on the plane z = 1, the path minimises

    sum over frames and keypoints of  w |(X + r) / (X_z + r_z) - x|^2 r_z^2  +  s |r''|^2

by Gauss-Newton with robust weights w. All frames are one banded system. The picture shows depth weakly, so the same
smoothness term smooths depth over a longer time than the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple

import numpy as np

from ..core.camera import Camera
from ..core.keypoint_layouts import CANONICAL
from ..core.keypoints import Keypoints2D
from ..core.progress import Progress, chunks
from ..core.skeleton import MOCAP22
from ..maths.banded_least_squares import penalty_bands, penalty_strength, solve_bands
from .seen_body import SeenBody
from .tuning import TUNING

CHUNK = 2048
"""Frames posed and linearised at a time; limits memory and the time between two steps and changes nothing in the
result."""

_PAIRS = [(MOCAP22.index(name), k) for k, name in enumerate(CANONICAL.keypoint_names) if name in MOCAP22.joint_names]
JOINTS, POINTS = ([pair[side] for pair in _PAIRS] for side in (0, 1))
"""Indices of the joints and of the canonical keypoints of the same name, which determine the path."""


def fit_root(bone_lengths: np.ndarray, directions: np.ndarray, keypoints: Keypoints2D, camera: Camera,
             smoothing: float = TUNING.path_seconds, places: np.ndarray | None = None
             ) -> Generator[Progress, None, np.ndarray]:
    """(T, 3) metres, camera axes: the pelvis' path that reprojects the posed skeleton onto the keypoints best.

    bone_lengths: (J,) metres. directions: (T, J, 3) unit vectors, camera axes. keypoints: canonical, T frames.
    smoothing: seconds; 0 fits every frame alone, and frames without keypoints take their neighbours' place.
    places: (K, 3) metres from the joints to where a detector sees them (SeenBody); None: at the joints.

    Frames that show little of the person determine only the place across the line of sight. Yields a step before
    each part of the clip is posed and linearised; the solutions are of the whole clip.
    """
    frames = len(keypoints)
    pose = yield from _posed(bone_lengths, directions, places)
    rays = camera.rays(keypoints.xy[:, POINTS])
    highest = 1.0 if keypoints.exact else TUNING.highest_weight
    score = np.where(np.isfinite(rays).all(-1), np.minimum(keypoints.score[:, POINTS], highest), 0.0)
    rays = np.where(score[..., None] > 0, rays, 0.0)
    shows_depth = _depth_weight(score.sum(axis=1))
    penalty = _penalty(shows_depth, smoothing, keypoints.fps)
    # The linear form x = ray * z comes first. With noisy rays its solution is too near, so true reprojection follows.
    def straight(part: slice) -> _Rows:
        rows = np.concatenate([np.broadcast_to(np.eye(2), (*score[part].shape, 2, 2)), -rays[part, ..., None]], axis=-1)
        return _Rows(rows, rays[part] * pose[part, ..., 2:] - pose[part, ..., :2], score[part])

    def around(part: slice) -> _Rows:
        rows, errors = _linearise(root[part], pose[part], rays[part])
        # The rows lose their depth here and the target takes it from the path so far, so these frames leave it free.
        rows[..., 2] *= shows_depth[part, None, None]
        weights = score[part] * _robust_weights(np.linalg.norm(errors, axis=-1), score[part])
        return _Rows(rows, errors + np.einsum("tkij,tj->tki", rows, root[part]), weights)

    root = np.zeros((frames, 3))
    for number in range(TUNING.path_iterations + 1):
        stage = Progress("root", frames * number // (TUNING.path_iterations + 1), frames)
        equations = yield from _equations(around if number else straight, frames, stage)
        root = _keep_in_front(_solve(*equations, penalty), pose)
    return root


class _Rows(NamedTuple):
    """rows: (t, K, 2, 3), targets: (t, K, 2), weights: (t, K), of rows @ root = targets."""

    rows: np.ndarray
    targets: np.ndarray
    weights: np.ndarray


def _equations(rows_of: Callable[[slice], _Rows], frames: int, stage: Progress
               ) -> Generator[Progress, None, tuple[np.ndarray, np.ndarray]]:
    """The normal equations of each frame, (T, 3, 3) and (T, 3), step by step."""
    normal, right = np.zeros((frames, 3, 3)), np.zeros((frames, 3))
    for part in chunks(frames, CHUNK):
        yield stage
        rows, targets, weights = rows_of(part)
        count = len(rows)
        rows = rows.reshape(count, -1, 3)
        weighed = (rows * np.repeat(weights, 2, axis=1)[..., None]).swapaxes(1, 2)
        normal[part], right[part] = weighed @ rows, (weighed @ targets.reshape(count, -1, 1))[..., 0]
    return normal, right


def _posed(bone_lengths: np.ndarray, directions: np.ndarray, places: np.ndarray | None
           ) -> Generator[Progress, None, np.ndarray]:
    """(T, n, 3) metres from the pelvis to the points that the keypoints show."""
    frames = len(directions)
    if places is None:
        return MOCAP22.joint_positions(bone_lengths, directions, np.zeros(3))[:, JOINTS]
    body, pose = SeenBody(bone_lengths, places), np.zeros((frames, len(POINTS), 3))
    for part in chunks(frames, CHUNK):
        pose[part] = body.keypoints(np.zeros(3), directions[part])[:, POINTS]
        yield Progress("root", 0, frames)
    return pose


def _depth_weight(evidence: np.ndarray) -> np.ndarray:
    """(T,) 0..1: how far a frame's keypoints determine depth, by the sum of their scores.

    A small error of the pose between one wrist, or two feet, looks like metres of depth, and smoothing cannot resist it
    for seconds. Only frames that show more determine depth. The measure is the clip's own usual evidence: where no
    frame shows the whole person, all frames have to do.
    """
    usual = max(float(np.quantile(evidence, 0.9)), 1e-9)
    little, enough = TUNING.depth_evidence
    return np.clip((evidence / usual - little) / (enough - little), 0.0, 1.0)


def _linearise(root: np.ndarray, pose: np.ndarray, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows (T, K, 2, 3) and errors (T, K, 2) of the reprojection at `root`, in metres at the root's depth."""
    points = root[:, None] + pose
    seen = points[..., :2] / points[..., 2:]
    scale = root[:, None, 2:] / points[..., 2:]
    rows = np.concatenate([np.broadcast_to(np.eye(2), (*scale.shape[:2], 2, 2)), -seen[..., None]], axis=-1)
    return rows * scale[..., None], (rays - seen) * root[:, None, 2:]


def _robust_weights(errors: np.ndarray, score: np.ndarray) -> np.ndarray:
    """(T, K) Geman-McClure weights; the scale is a multiple of each frame's median error (Tuning.path_outlier)."""
    known = np.where(score > 0, errors, np.nan)
    with np.errstate(all="ignore"):
        middle = np.nanmedian(np.where(np.isnan(known).all(axis=1, keepdims=True), 0.0, known), axis=1, keepdims=True)
    times, least = TUNING.path_outlier
    scale = times * np.maximum(middle, least)
    return (1.0 + (errors / scale) ** 2) ** -2


def _penalty(shows_depth: np.ndarray, smoothing: float, fps: float) -> np.ndarray:
    """(7, 3T) upper bands of the smoothness term, three unknowns a frame."""
    frames = len(shows_depth)
    strength = penalty_strength(smoothing, fps, 2) if smoothing > 0 else 1e-9
    bands = penalty_bands(frames, 2, strength)
    # Where little is seen the path comes to rest instead of running on.
    blind = 1.0 - shows_depth
    slow = np.maximum(blind[1:], blind[:-1]) * strength / (TUNING.coasting_seconds * fps) ** 2 + 1e-12
    bands[1:] += penalty_bands(frames, 1, slow)
    wide = np.zeros((7, 3 * frames))
    for offset in range(3):
        wide[6 - 3 * offset] = np.repeat(bands[2 - offset], 3) * np.tile((1.0, 1.0, TUNING.path_depth), frames)
    return wide


def _solve(normal: np.ndarray, right: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """(T, 3) solution of normal equations (T, 3, 3), (T, 3) with the smoothness `penalty`."""
    bands = penalty.copy()
    for i in range(3):
        for j in range(i, 3):
            bands[6 - (j - i), j::3] += normal[:, i, j]
    bands[6] += 1e-12
    try:
        return solve_bands(bands, right.ravel()).reshape(-1, 3)
    except np.linalg.LinAlgError:
        # In minutes without a keypoint at a high frame rate, rounding leaves the system singular. A tiny pull to the
        # clip's mean place makes it solvable; a pull to zero would lead to the camera.
        middle = np.linalg.lstsq(normal.sum(axis=0), right.sum(axis=0), rcond=None)[0]
        pull = 1e-13 * bands[6].max()
        bands[6] += pull
        return solve_bands(bands, (right + pull * middle).ravel()).reshape(-1, 3)


def _keep_in_front(root: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """The path with its depth raised to where no joint is behind the camera or in it."""
    nearest = TUNING.nearest - pose[..., 2].min(axis=1)
    return np.concatenate([root[:, :2], np.maximum(root[:, 2:], nearest[:, None])], axis=1)
