"""Fit a lifted clip to its keypoints: small turns of the bones that bring them onto what the picture shows.

The lifter's directions are a prior; each frame is one linear least squares problem in the root and the turns of all
bones, solved a few times over with robust weights. The body stays as it is (body_fit.py fits that).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from ..core.camera import Camera
from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from ..core.progress import Progress, chunks
from ..maths.rotations import unit
from ..maths.single_thread import one_thread
from .depth_smoothing import sides
from .reprojection import Trust, Turns, linear, rays_of
from .seen_body import SeenBody

ROUNDS = 5
SETTLING = 3
"""The last rounds, in which a keypoint that is far off is believed as little as it deserves. In each round before them
it may be twice as far off as in the next: a limb that is far from where the picture has it would else lose its
keypoints before it gets there."""

CHUNK = 128
"""Frames solved at a time; bounds memory and the time between two steps, changes nothing in the result."""

_ACROSS = 0.1
"""A bone whose part along the line of sight is less lies across it, and may pass from one side to the other."""


@dataclass(frozen=True)
class RefineSettings:
    """trust: whom to trust how far. root: metres sideways by which the root's path is off, three times that in
    depth."""

    trust: Trust = Trust()
    root: float = 0.05


@one_thread
def refine(lifted: Lifted, body: SeenBody, root, keypoints: Keypoints2D, camera: Camera,
           settings: RefineSettings = RefineSettings()) -> Generator[Progress, None, tuple[np.ndarray, np.ndarray]]:
    """Directions (T, J, 3) and root (T, 3), camera axes, fitted to canonical keypoints of T frames, step by step.

    body: whose keypoints they are. root: (T, 3) metres, the path to start from. Frames without keypoints are returned
    as they came.
    """
    directions, root = np.array(lifted.directions, dtype=float), np.array(root, dtype=float)
    along = None
    if not keypoints.exact:
        seen = (keypoints.score > 0).any(axis=1)
        along = np.where(seen[:, None], sides(directions, root, lifted.confidence, keypoints.fps), 0.0)
    frames = len(directions)
    for part in chunks(frames, CHUNK):
        yield Progress("refine", part.start, frames)
        directions[part], root[part] = fitted_pose(
            lifted[part], body, root[part], (directions[part], root[part]), keypoints[part], camera, settings, ROUNDS,
            None if along is None else along[part])
    yield Progress("refine", frames, frames)
    return directions, root


def fitted_pose(lifted: Lifted, body: SeenBody, root: np.ndarray, start: tuple[np.ndarray, np.ndarray],
                keypoints: Keypoints2D, camera: Camera, settings: RefineSettings, rounds: int,
                along: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Directions and root after so many rounds. lifted, root: the prior. start: directions and root to begin at. along:
    (T, J) the side on which each bone has to lie, as `on_the_side_of` takes it."""
    rays, known = rays_of(keypoints, camera), settings.trust.of_keypoints(keypoints)
    path = 1.0 / (settings.root * np.array([1.0, 1.0, 3.0])) ** 2
    directions, place = start
    for number in range(rounds):
        turns = Turns(directions)
        here = linear(body, place, directions, rays, turns)
        farther = 2.0 ** max(0, rounds - SETTLING - number)
        weight = known * settings.trust.kept(here.errors.reshape(*known.shape, 2) / farther, keypoints)
        slopes = np.concatenate([here.by_root, here.by_turns], axis=-1)
        weighed = slopes * np.repeat(weight, 2, axis=1)[..., None]
        normal = np.swapaxes(weighed, 1, 2) @ slopes
        right = -(np.swapaxes(weighed, 1, 2) @ here.errors[..., None])[..., 0]
        believed = np.linalg.inv(settings.trust.of_directions(lifted, place, turns.axes))
        back = turns.towards(lifted.directions, directions).reshape(len(place), -1, 1)
        right += np.concatenate([path * (root - place), (believed @ back)[..., 0]], axis=1)
        index = np.arange(3)
        normal[:, index, index] += path
        normal[:, 3:, 3:] += believed
        step = np.linalg.solve(normal, right[..., None])[..., 0]
        place = place + step[:, :3]
        directions = turns.turned(directions, step[:, 3:].reshape(len(step), -1, 2))
        if along is not None:
            directions = on_the_side_of(along, directions, place)
    return directions, place


def on_the_side_of(along: np.ndarray, directions: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Directions (T, J, 3), those mirrored in depth that point to the camera where `along` (T, J) is positive, or away
    from it where it is negative: the picture shows both alike, so that it is the lifter who says which it is.

    root: (T, 3) metres, camera axes; the line of sight is that to the pelvis.
    """
    sight = unit(root)[:, None]
    found = (directions * sight).sum(axis=-1, keepdims=True)
    crossed = (found * along[..., None] < 0) & (np.abs(found) > _ACROSS)
    return np.where(crossed, directions - 2.0 * found * sight, directions)
