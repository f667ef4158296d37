"""Fit a body to a clip's keypoints: its proportions, and the places on it where the detector sees the keypoints.

The lifter's bone lengths are mostly average proportions. Sooner or later a limb lies across the line of sight, where
the picture shows its length. Likewise the detector sees the hips of a person in a long shirt too low in all frames.

For a pose with the error e of a keypoint (reprojection.py), the change c of the body minimises

    sum over frames of  (e + M c)' S^-1 (e + M c)  +  c' P c

M is the derivative of the errors by the change, S the covariance of the errors from wrong directions, a wrong root and
the keypoints' noise, and P the inverse covariance of how people and the detector's places on them differ. A limb that
points at the camera has a large S and does not determine its length. The height stays: one camera does not show it, and
the user may have given it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..core.bone_lengths import body_height
from ..core.camera import Camera
from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from ..core.progress import Progress, part_of
from ..core.skeleton import MOCAP22
from ..maths.single_thread import one_thread
from .detector_bias import PART_OF, PARTS, SPREAD, average_places
from .pose_fit import Pose, solve_pose
from .reprojection import Linear, Turns, direction_covariance, keypoint_weights, linearise, rays_of, robust_weights
from .root_fit import fit_root
from .seen_body import LENGTH_SPREAD, SeenBody
from .tuning import TUNING, Tuning

LIMBS = (("hip",), ("knee",), ("ankle",), ("toe",), ("spine", "thorax"), ("neck",), ("shoulder",), ("elbow",),
         ("wrist",), ("knuckle",))
"""Joints at the ends of the bones whose lengths change together, both sides alike."""

_OF_BONE = np.array([[float(name.rpartition("_")[2] in limb) for limb in LIMBS] for name in MOCAP22.joint_names])


@one_thread
def fit_body(lifted: Lifted, keypoints: Keypoints2D, camera: Camera, tuning: Tuning = TUNING
             ) -> Generator[Progress, None, SeenBody]:
    """The body, of the lifted one's height, that suits canonical keypoints of the clip's T frames best, step by step.

    A clip in which nothing is seen keeps its lengths and gets the average places.
    """
    every = -(-len(keypoints) // tuning.body_frames)
    part = slice(every // 2, None, every)
    seen, few = keypoints[part], lifted[part]
    alike = max(1.0, tuning.body_seconds * seen.fps)
    prior = _prior(lifted, tuning)
    change = np.zeros(len(prior))
    start = _changed(lifted, change)
    path = yield from part_of(fit_root(start.lengths, few.directions, seen, camera, places=start.places),
                              Progress("body", 0, 3 * tuning.body_rounds), 0.0, 1 / (3 * tuning.body_rounds))
    pose = Pose(few.directions, path)
    for number in range(tuning.body_rounds):
        yield Progress("body", 3 * number + 1, 3 * tuning.body_rounds)
        information, pull = _evidence(few, pose, _changed(lifted, change), seen, camera, tuning)
        change = change + np.linalg.solve(information / alike + prior, pull / alike - prior @ change)
        yield Progress("body", 3 * number + 2, 3 * tuning.body_rounds)
        if number < tuning.body_rounds - 1:
            pose = solve_pose(few, _changed(lifted, change), path, pose, seen, camera, tuning.body_trust, 1)
    body = _changed(lifted, change)
    whole = body_height(lifted.bone_lengths) / body_height(body.lengths)
    return replace(body, lengths=body.lengths * whole)


def _prior(lifted: Lifted, tuning: Tuning) -> np.ndarray:
    """Inverse covariance of the change: logarithms of the limbs' lengths, then places, in shares of the height."""
    spread = 0.01 * tuning.place * np.array([SPREAD[part] for part in PARTS])
    lengths = np.array([LENGTH_SPREAD[limb[0]] for limb in LIMBS])
    prior = np.diag(np.concatenate([(tuning.limb * lengths) ** -2, spread.ravel() ** -2]))
    size = _OF_BONE.T @ lifted.bone_lengths
    size /= np.linalg.norm(size)
    prior[: len(LIMBS), : len(LIMBS)] += np.outer(size, size) / tuning.size**2
    return prior


def _changed(lifted: Lifted, change: np.ndarray) -> SeenBody:
    """The lifted body after a change."""
    limbs, places = np.split(change, [len(LIMBS)])
    height = body_height(lifted.bone_lengths)
    return SeenBody(lifted.bone_lengths * np.exp(_OF_BONE @ limbs),
                    average_places(height) + height * places.reshape(-1, 3)[PART_OF])


class _Evidence(NamedTuple):
    """information: (C, C), the inverse covariance of the change. pull: (C,), the information times the change."""

    information: np.ndarray
    pull: np.ndarray


def _evidence(lifted: Lifted, pose: Pose, body: SeenBody, keypoints: Keypoints2D, camera: Camera, tuning: Tuning
              ) -> _Evidence:
    """The evidence of all frames on the change, linearised at a pose."""
    directions, root = pose
    turns = Turns(directions)
    here = linearise(body, root, directions, rays_of(keypoints, camera), turns)
    frames, unknown = len(root), here.by_turns.shape[2]
    # The errors at the lifter's own directions.
    back = turns.between(directions, lifted.directions).reshape(frames, unknown, 1)
    errors = here.errors + (here.by_turns @ back)[..., 0]
    explained = _explained(lifted, root, turns, here, tuning)
    index = np.arange(errors.shape[1])
    explained[:, index, index] += _keypoint_noise(explained, errors, keypoints, tuning)
    height = body_height(lifted.bone_lengths)
    moved = _derivatives(body, root, directions, here.by_root.reshape(frames, -1, 2, 3), height)
    weighed = np.linalg.solve(explained, np.concatenate([moved, errors[..., None]], axis=-1))
    both = np.einsum("tag,tah->gh", moved, weighed, optimize=True)
    return _Evidence(both[:, :-1], -both[:, -1])


def _explained(lifted: Lifted, root: np.ndarray, turns: Turns, here: Linear, tuning: Tuning) -> np.ndarray:
    """(T, 2K, 2K) m2: the covariance of the errors that wrong directions and a wrong root explain."""
    wrong = direction_covariance(lifted, root, turns.axes, tuning.body_trust)
    explained = here.by_turns @ wrong @ here.by_turns.swapaxes(1, 2)
    sideways, depth = tuning.body_root
    return explained + (here.by_root * np.array([sideways, sideways, depth]) ** 2) @ here.by_root.swapaxes(1, 2)


def _keypoint_noise(explained: np.ndarray, errors: np.ndarray, keypoints: Keypoints2D, tuning: Tuning) -> np.ndarray:
    """(T, 2K) m2: the variances of the keypoints' own errors, large for outliers.

    An outlier pulls at the pose and at the root, which makes its good neighbours look wrong. Its weight is therefore
    found in several passes.
    """
    own = np.repeat(1.0 / np.maximum(keypoint_weights(keypoints, tuning.body_trust), 1e-6), 2, axis=1)
    index, noise = np.arange(own.shape[1]), own
    for _ in range(tuning.body_reweights):
        whole = explained.copy()
        whole[:, index, index] += noise
        left = noise * np.linalg.solve(whole, errors[..., None])[..., 0]  # the keypoints' own part of the errors
        weights = robust_weights(left.reshape(len(left), -1, 2), keypoints, tuning.body_trust)
        noise = own / np.maximum(np.repeat(weights, 2, axis=1), 1e-8)
    return noise


def _derivatives(body: SeenBody, root: np.ndarray, directions: np.ndarray, rows: np.ndarray, height: float
                 ) -> np.ndarray:
    """(T, 2K, C) metres by which the errors (rows (T, K, 2, 3)) change with each part of the change."""
    frames, (points, bones) = len(root), body.reach.shape
    limbs = (body.reach[:, None, :] * _OF_BONE.T).reshape(-1, bones) @ directions  # where each limb takes a keypoint
    by_limb = rows @ limbs.reshape(frames, points, len(LIMBS), 3).swapaxes(2, 3)
    by_place = np.zeros((frames, points, 2, len(PARTS), 3))
    by_place[:, np.arange(points), :, PART_OF] = np.moveaxis(height * (rows @ body.axes(root, directions)), 1, 0)
    return np.concatenate([by_limb.reshape(frames, -1, len(LIMBS)),
                           by_place.reshape(frames, -1, 3 * len(PARTS))], axis=-1)
