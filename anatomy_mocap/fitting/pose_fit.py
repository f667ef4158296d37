"""Fit a lifted clip's pose to its keypoints by small turns of the bones.

The lifter's directions are the prior. Each frame is one linear least squares problem in the root and in the turns of
all bones, solved a few times with robust weights. The body stays as it is; body_fit.py fits the body.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

import numpy as np

from ..core.camera import Camera
from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from ..core.progress import Progress, chunks
from ..maths.rotations import unit
from ..maths.single_thread import one_thread
from .lifter_corrections import steady_depth
from .reprojection import Turns, direction_covariance, keypoint_weights, linearise, rays_of, robust_weights
from .seen_body import SeenBody
from .tuning import TUNING, Trust, Tuning

CHUNK = 128
"""Frames solved at a time; limits memory and the time between two steps and changes nothing in the result."""


class Pose(NamedTuple):
    """directions: (T, J, 3) unit vectors, row 0 zero. root: (T, 3) metres. Camera axes."""

    directions: np.ndarray
    root: np.ndarray


@one_thread
def refine(lifted: Lifted, body: SeenBody, root: np.ndarray, keypoints: Keypoints2D, camera: Camera,
           tuning: Tuning = TUNING) -> Generator[Progress, None, Pose]:
    """The pose that fits canonical keypoints of T frames best, step by step.

    lifted: the prior of the directions. body: whose keypoints these are. root: (T, 3) metres, camera axes: the path to
    start from, and the prior of the root. Frames without keypoints keep their directions and their root.
    """
    directions, root = np.array(lifted.directions, dtype=float), np.array(root, dtype=float)
    depth = None
    if not keypoints.exact:
        seen = (keypoints.score > 0).any(axis=1)
        depth = np.where(seen[:, None], steady_depth(directions, root, lifted.confidence, keypoints.fps), 0.0)
    frames = len(directions)
    for part in chunks(frames, CHUNK):
        yield Progress("refine", part.start, frames)
        directions[part], root[part] = solve_pose(
            lifted[part], body, root[part], Pose(directions[part], root[part]), keypoints[part], camera,
            tuning.pose_trust, tuning.pose_rounds, None if depth is None else depth[part])
    yield Progress("refine", frames, frames)
    return Pose(directions, root)


def solve_pose(lifted: Lifted, body: SeenBody, path: np.ndarray, start: Pose, keypoints: Keypoints2D, camera: Camera,
               trust: Trust, rounds: int, depth: np.ndarray | None = None) -> Pose:
    """The pose after a number of Gauss-Newton rounds.

    lifted: the prior of the directions. path: (T, 3) metres, the prior of the root. start: the pose to begin at.
    depth: (T, J) the side of the camera on which each bone has to lie, see `mirror_to_side`; None leaves it free.

    Final rounds run at full robustness. Earlier rounds double the outlier scale, so that a limb that is far from its
    keypoints can reach them (graduated non-convexity).
    """
    rays, known = rays_of(keypoints, camera), keypoint_weights(keypoints, trust)
    path_weight = 1.0 / (TUNING.pose_root * np.array([1.0, 1.0, 3.0])) ** 2
    directions, root = start
    for number in range(rounds):
        turns = Turns(directions)
        here = linearise(body, root, directions, rays, turns)
        scale = 2.0 ** max(0, rounds - TUNING.pose_settled - number)
        weight = known * robust_weights(here.errors.reshape(*known.shape, 2) / scale, keypoints, trust)
        slopes = np.concatenate([here.by_root, here.by_turns], axis=-1)
        weighed = slopes * np.repeat(weight, 2, axis=1)[..., None]
        normal = np.swapaxes(weighed, 1, 2) @ slopes
        right = -(np.swapaxes(weighed, 1, 2) @ here.errors[..., None])[..., 0]
        prior = np.linalg.inv(direction_covariance(lifted, root, turns.axes, trust))
        back = turns.between(directions, lifted.directions).reshape(len(root), -1, 1)
        right += np.concatenate([path_weight * (path - root), (prior @ back)[..., 0]], axis=1)
        index = np.arange(3)
        normal[:, index, index] += path_weight
        normal[:, 3:, 3:] += prior
        step = np.linalg.solve(normal, right[..., None])[..., 0]
        root = root + step[:, :3]
        directions = turns.apply(directions, step[:, 3:].reshape(len(step), -1, 2))
        if depth is not None:
            directions = mirror_to_side(directions, root, depth)
    return Pose(directions, root)


def mirror_to_side(directions: np.ndarray, root: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Mirror in depth the bones that point to the wrong side of the camera.

    The picture shows a bone and its mirror image alike, so the side is the lifter's choice.

    directions: (T, J, 3). root: (T, 3) metres, camera axes; the line of sight is that to the pelvis.
    depth: (T, J) positive where a bone has to point away from the camera, negative where towards it.
    """
    sight = unit(root)[:, None]
    found = (directions * sight).sum(axis=-1, keepdims=True)
    crossed = (found * depth[..., None] < 0) & (np.abs(found) > TUNING.across)
    return np.where(crossed, directions - 2.0 * found * sight, directions)
