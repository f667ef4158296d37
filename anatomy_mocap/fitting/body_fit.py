"""Fit a body to a clip's keypoints: its proportions, and where on it the detector sees them.

The lifter judges the lengths mostly by how people are built. A limb that is seen across, whose length the picture
tells, is seen shorter or longer than that sooner or later; and hips that the detector sees low, of a person in a long
shirt, are seen low in all frames. Both are told apart from wrong directions by what these would explain of each frame's
errors (a limb that points at the camera tells nothing of its length), and from each other by how people and the
detector's places on them are known to differ. The height stays: one camera does not tell it, and the user may have
given it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from ..core.bone_lengths import body_height
from ..core.camera import Camera
from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from ..core.progress import Progress, part_of
from ..core.skeleton import MOCAP22
from ..maths.single_thread import one_thread
from .detector_bias import PART_OF, PARTS, SPREAD, usual_places
from .pose_fit import RefineSettings, fitted_pose
from .reprojection import Trust, Turns, linear, rays_of
from .root_fit import fit_root
from .seen_body import LENGTH_SPREAD, SeenBody

ROUNDS = 3
FRAMES = 300
"""At most so many frames, evenly spread over the clip, are looked at."""

REWEIGHTS = 5
"""Times that the keypoints' weights are found anew in a round."""

LIMBS = (("hip",), ("knee",), ("ankle",), ("toe",), ("spine", "thorax"), ("neck",), ("shoulder",), ("elbow",),
         ("wrist",), ("knuckle",))
"""Joints at the ends of the bones that change together, both sides alike."""

_OF_BONE = np.array([[float(name.rpartition("_")[2] in limb) for limb in LIMBS] for name in MOCAP22.joint_names])


@dataclass(frozen=True)
class ProportionSettings:
    """trust: whom to trust how far. limb: how many times what people differ by the lifter's lengths are off. place: how
    many times more than on rendered people the detector's places differ between people. size: how far the size as a
    whole may change, relative. root: metres, sideways and in depth, that the root is off in a frame. seconds: over
    which errors stay alike, so that frames within it count once."""

    trust: Trust = Trust(keypoint=0.02, exact=0.005)
    limb: float = 1.0
    place: float = 1.2
    size: float = 0.003
    root: tuple[float, float] = (0.1, 0.6)
    seconds: float = 0.5


@one_thread
def fit_body(lifted: Lifted, keypoints: Keypoints2D, camera: Camera,
             settings: ProportionSettings = ProportionSettings()) -> Generator[Progress, None, SeenBody]:
    """The body, of the lifted one's height, that suits canonical keypoints of the clip's T frames best, step by step.

    A clip in which nothing is seen keeps its lengths, and has the usual places.
    """
    every = -(-len(keypoints) // FRAMES)
    part = slice(every // 2, None, every)
    seen, few = keypoints[part], lifted[part]
    alike = max(1.0, settings.seconds * seen.fps)
    prior = _prior(lifted, settings)
    change = np.zeros(len(prior))
    directions = few.directions
    usual = _changed(lifted, change).places
    root = path = yield from part_of(
        fit_root(lifted.skeleton, lifted.bone_lengths, directions, seen, camera, places=usual),
        Progress("body", 0, 3 * ROUNDS), 0.0, 1 / (3 * ROUNDS))
    for number in range(ROUNDS):
        yield Progress("body", 3 * number + 1, 3 * ROUNDS)
        evidence, pull = _evidence(few, (directions, root), _changed(lifted, change), seen, camera, settings)
        change = change + np.linalg.solve(evidence / alike + prior, pull / alike - prior @ change)
        yield Progress("body", 3 * number + 2, 3 * ROUNDS)
        if number < ROUNDS - 1:
            directions, root = fitted_pose(few, _changed(lifted, change), path, (directions, root), seen, camera,
                                           RefineSettings(settings.trust), 1)
    body = _changed(lifted, change)
    whole = body_height(lifted.bone_lengths, lifted.skeleton) / body_height(body.lengths, lifted.skeleton)
    return replace(body, lengths=body.lengths * whole)


def _prior(lifted: Lifted, settings: ProportionSettings) -> np.ndarray:
    """Inverse covariance of the change: logarithms of the limbs' lengths, then places, in shares of the height."""
    spread = 0.01 * settings.place * np.array([SPREAD[part] for part in PARTS])
    lengths = np.array([LENGTH_SPREAD[limb[0]] for limb in LIMBS])
    prior = np.diag(np.concatenate([(settings.limb * lengths) ** -2, spread.ravel() ** -2]))
    size = _OF_BONE.T @ lifted.bone_lengths
    size /= np.linalg.norm(size)
    prior[: len(LIMBS), : len(LIMBS)] += np.outer(size, size) / settings.size**2
    return prior


def _changed(lifted: Lifted, change: np.ndarray) -> SeenBody:
    limbs, places = np.split(change, [len(LIMBS)])
    height = body_height(lifted.bone_lengths, lifted.skeleton)
    return SeenBody(lifted.bone_lengths * np.exp(_OF_BONE @ limbs),
                    usual_places(height) + height * places.reshape(-1, 3)[PART_OF])


def _evidence(lifted: Lifted, pose: tuple[np.ndarray, np.ndarray], body: SeenBody, keypoints: Keypoints2D,
              camera: Camera, settings: ProportionSettings) -> tuple[np.ndarray, np.ndarray]:
    """Of all frames on the change: its information and where it pulls. pose: directions and root to linearise at."""
    directions, root = pose
    turns, trust = Turns(directions), settings.trust
    here = linear(body, root, directions, rays_of(keypoints, camera), turns)
    frames, unknown = len(root), here.by_turns.shape[2]
    # What the errors would be at the lifter's own directions.
    back = turns.towards(lifted.directions, directions).reshape(frames, unknown, 1)
    errors = here.errors + (here.by_turns @ back)[..., 0]
    wrong = trust.of_directions(lifted, root, turns.axes)
    explained = here.by_turns @ wrong @ here.by_turns.swapaxes(1, 2)
    sideways, depth = settings.root
    explained += (here.by_root * np.array([sideways, sideways, depth]) ** 2) @ here.by_root.swapaxes(1, 2)
    own = np.repeat(1.0 / np.maximum(trust.of_keypoints(keypoints), 1e-6), 2, axis=1)
    index = np.arange(own.shape[1])
    noise = own
    for _ in range(REWEIGHTS):  # a point far off pulls at pose and root, and its good neighbours look off, until told
        whole = explained.copy()
        whole[:, index, index] += noise
        left = noise * np.linalg.solve(whole, errors[..., None])[..., 0]  # of the errors, the keypoints' own
        kept = np.repeat(trust.kept(left.reshape(frames, -1, 2), keypoints), 2, axis=1)
        noise = own / np.maximum(kept, 1e-8)
    explained[:, index, index] += noise
    height = body_height(lifted.bone_lengths, lifted.skeleton)
    moved = _moved(body, root, directions, here.by_root.reshape(frames, -1, 2, 3), height)
    weighed = np.linalg.solve(explained, np.concatenate([moved, errors[..., None]], axis=-1))
    both = np.einsum("tag,tah->gh", moved, weighed, optimize=True)
    return both[:, :-1], -both[:, -1]


def _moved(body: SeenBody, root: np.ndarray, directions: np.ndarray, rows: np.ndarray, height: float) -> np.ndarray:
    """(T, 2K, changes) metres by which the errors (rows (T, K, 2, 3)) change with each of the changes."""
    frames, (points, bones) = len(root), body.reach.shape
    limbs = (body.reach[:, None, :] * _OF_BONE.T).reshape(-1, bones) @ directions  # where each limb takes a keypoint
    by_limb = rows @ limbs.reshape(frames, points, len(LIMBS), 3).swapaxes(2, 3)
    by_place = np.zeros((frames, points, 2, len(PARTS), 3))
    by_place[:, np.arange(points), :, PART_OF] = np.moveaxis(height * (rows @ body.axes(root, directions)), 1, 0)
    return np.concatenate([by_limb.reshape(frames, -1, len(LIMBS)),
                           by_place.reshape(frames, -1, 3 * len(PARTS))], axis=-1)
