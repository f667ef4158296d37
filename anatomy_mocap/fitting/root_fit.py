"""Where the person is: the root's path in camera axes from reprojection, and the world upright on a floor."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from ..core.camera import Camera
from ..core.keypoint_layouts import CANONICAL
from ..core.keypoints import Keypoints2D
from ..core.progress import Progress, chunks
from ..core.skeleton import Skeleton
from ..maths.banded_least_squares import penalty_bands, penalty_strength, solve_bands
from .seen_body import SeenBody

SMOOTHING = 0.2
"""Seconds: half period of the waves that the path loses half of where one keypoint's worth of evidence stands."""
DEPTH = 10.0
"""How much more the path is smoothed in depth, besides what weaker evidence does by itself."""
COASTING = 0.5
"""Seconds in which the path comes to rest where too little is seen."""
LITTLE, ENOUGH = 0.3, 0.45
"""Shares of the clip's usual evidence up to which a frame's keypoints tell nothing of depth, and from which on all they
can: feet, one arm, or head and shoulders are little, a body down to the waist is enough."""
NEAREST = 0.2
"""Metres: no joint comes nearer to the camera than this."""
HIGHEST = 0.98
"""The highest weight of a detector's keypoint."""
ITERATIONS = 8
"""Gauss-Newton steps after the linear solution."""
CHUNK = 2048
"""Frames posed at a time; bounds the time between two steps, changes nothing in the result."""


def fit_root(skeleton: Skeleton, bone_lengths, directions, keypoints: Keypoints2D, camera: Camera,
             smoothing: float = SMOOTHING, places: np.ndarray | None = None
             ) -> Generator[Progress, None, np.ndarray]:
    """(T, 3) metres, camera axes: the pelvis' path that best reprojects the posed skeleton on the keypoints.

    Yields a step after each solution of the whole clip.

    bone_lengths: (J,) metres. directions: (T, J, 3) unit vectors, camera axes. keypoints: canonical, T frames.
    smoothing: seconds; 0 fits every frame by itself (then frames without keypoints take their neighbours' place).
    places: (K, 3) metres from the joints to where a detector sees them (SeenBody); None: at the joints.

    Gauss-Newton on the reprojection error with robust weights; all frames are one banded system whose smoothness term
    is on accelerations. Depth, which the picture shows weakly, is thereby smoothed over a longer time than the rest;
    frames that show little of the person tell only where it is across the line of sight.
    """
    joints, points = correspondence(skeleton)
    frames = len(keypoints)
    if places is None:
        pose = skeleton.joint_positions(bone_lengths, directions, np.zeros(3))[:, joints]
    else:
        body, pose = SeenBody(bone_lengths, places), np.zeros((frames, len(points), 3))
        for part in chunks(frames, CHUNK):
            pose[part] = body.keypoints(np.zeros(3), directions[part])[:, points]
            yield Progress("root", 0, frames)
    rays = camera.rays(keypoints.xy[:, points])
    highest = 1.0 if keypoints.exact else HIGHEST
    score = np.where(np.isfinite(rays).all(-1), np.minimum(keypoints.score[:, points], highest), 0.0)
    rays = np.where(score[..., None] > 0, rays, 0.0)
    told = _depth_told(score.sum(axis=1))
    penalty = _penalty(told, smoothing, keypoints.fps)
    # First the linear form x = ray * z, then true reprojection: the linear one comes out too near when rays are noisy.
    rows = np.concatenate([np.broadcast_to(np.eye(2), (*score.shape, 2, 2)), -rays[..., None]], axis=-1)
    root = _in_front(_solve(rows, rays * pose[..., 2:] - pose[..., :2], score, penalty), pose)
    for done in range(ITERATIONS):
        yield Progress("root", frames * (done + 1) // (ITERATIONS + 1), frames)
        rows, errors = _linearise(root, pose, rays)
        # What is taken from the rows here, the target takes from the path so far: depth stays free of those frames.
        rows[..., 2] *= told[:, None, None]
        weights = score * _robust_weights(np.linalg.norm(errors, axis=-1), score)
        target = errors + np.einsum("tkij,tj->tki", rows, root)
        root = _in_front(_solve(rows, target, weights, penalty), pose)
    return root


def correspondence(skeleton: Skeleton) -> tuple[list[int], list[int]]:
    """Joint indices and canonical keypoint indices of the same name, the pairs that place the root."""
    pairs = [(skeleton.index(name), k) for k, name in enumerate(CANONICAL.keypoint_names)
             if name in skeleton.joint_names]
    return [joint for joint, _ in pairs], [k for _, k in pairs]


def _depth_told(evidence) -> np.ndarray:
    """(T,) 0..1: how much a frame's keypoints may tell of depth, by the sum of their scores.

    Between one wrist, or two feet, a small error of the pose looks like metres of depth, and smoothing gives in to it
    when it lasts for seconds: only the frames that see more can say. Against the clip's own usual evidence, for where
    no frame shows the whole person, all of them have to do.
    """
    usual = max(float(np.quantile(evidence, 0.9)), 1e-9)
    return np.clip((evidence / usual - LITTLE) / (ENOUGH - LITTLE), 0.0, 1.0)


def _linearise(root, pose, rays):
    """Rows (T, K, 2, 3) and errors (T, K, 2) of the reprojection at `root`, in metres at the root's depth."""
    points = root[:, None] + pose
    seen = points[..., :2] / points[..., 2:]
    scale = root[:, None, 2:] / points[..., 2:]
    rows = np.concatenate([np.broadcast_to(np.eye(2), (*scale.shape[:2], 2, 2)), -seen[..., None]], axis=-1)
    return rows * scale[..., None], (rays - seen) * root[:, None, 2:]


def _robust_weights(errors, score) -> np.ndarray:
    """(T, K) Geman-McClure weights; the scale is each frame's own median error, at least 2 cm."""
    known = np.where(score > 0, errors, np.nan)
    with np.errstate(all="ignore"):
        middle = np.nanmedian(np.where(np.isnan(known).all(axis=1, keepdims=True), 0.0, known), axis=1, keepdims=True)
    scale = 3.0 * np.maximum(middle, 0.02)
    return (1.0 + (errors / scale) ** 2) ** -2


def _penalty(told, smoothing: float, fps: float) -> np.ndarray:
    """(7, 3T) upper bands of the smoothness term, three unknowns a frame."""
    frames = len(told)
    strength = penalty_strength(smoothing, fps, 2) if smoothing > 0 else 1e-9
    bands = penalty_bands(frames, 2, strength)
    # Where little is seen the path slows down instead of running on for ever.
    blind = 1.0 - told
    slow = np.maximum(blind[1:], blind[:-1]) * strength / (COASTING * fps) ** 2 + 1e-12
    bands[1:] += penalty_bands(frames, 1, slow)
    wide = np.zeros((7, 3 * frames))
    for offset in range(3):
        wide[6 - 3 * offset] = np.repeat(bands[2 - offset], 3) * np.tile((1.0, 1.0, DEPTH), frames)
    return wide


def _solve(rows, targets, weights, penalty) -> np.ndarray:
    """(T, 3) weighted least squares of rows @ root = targets with the smoothness `penalty`."""
    frames = len(rows)
    rows = rows.reshape(frames, -1, 3)
    weighed = (rows * np.repeat(weights, 2, axis=1)[..., None]).swapaxes(1, 2)
    normal, right = weighed @ rows, (weighed @ targets.reshape(frames, -1, 1))[..., 0]
    bands = penalty.copy()
    for i in range(3):
        for j in range(i, 3):
            bands[6 - (j - i), j::3] += normal[:, i, j]
    bands[6] += 1e-12
    try:
        return solve_bands(bands, right.ravel()).reshape(-1, 3)
    except np.linalg.LinAlgError:
        # Minutes without a keypoint at a high frame rate: rounding leaves nothing that holds the path there. A whisper
        # of a pull to the clip's mean place does, not one to zero, where the camera is.
        middle = np.linalg.lstsq(normal.sum(axis=0), right.sum(axis=0), rcond=None)[0]
        whisper = 1e-13 * bands[6].max()
        bands[6] += whisper
        return solve_bands(bands, (right + whisper * middle).ravel()).reshape(-1, 3)


def _in_front(root, pose) -> np.ndarray:
    """The path with its depth raised to where no joint is behind or in the camera."""
    nearest = NEAREST - pose[..., 2].min(axis=1)
    return np.concatenate([root[:, :2], np.maximum(root[:, 2:], nearest[:, None])], axis=1)
