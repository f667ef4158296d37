"""Fit a lifted clip to its keypoints: small turns of the bones that bring the joints onto what the picture shows.

The lifter's directions are a prior; each frame is one linear least squares problem in the root and all directions
(equation 1 of the paper makes joints linear in both, and x = ray * z makes reprojection linear in the joints), solved
a few times over with robust weights. Lengths stay as they are (proportions.py fits those).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .blas import one_thread
from .camera import Camera
from .keypoints import Keypoints2D, is_exact
from .lifted import Lifted
from .reprojection import Reprojection, off_the_ray
from .rotations import unit

ROUNDS = 4
CHUNK = 256
"""Frames solved at a time; bounds memory, changes nothing in the result."""

_RIGID = 0.02
"""How far, relative to its length, a direction may leave the unit sphere within one round."""

_CHANCES = 0.02, 0.98
"""Confidences are thought to lie between these."""


@dataclass(frozen=True)
class RefineSettings:
    """Whom to trust how far.

    keypoint: metres by which a sure keypoint lies off its joint's projection; exact: the same in a clip of exact ones,
    which still lie beside the joints. direction: radians by which a sure one of the lifter's directions is off, across
    the line of sight and along it. doubt: how much more one is off that is not sure, times the root of the odds against
    its joint (the lifter's confidence). root: metres sideways by which the root's path is off, three times that in
    depth.
    """

    keypoint: float = 0.05
    exact: float = 0.03
    direction: tuple[float, float] = (0.07, 0.14)
    doubt: float = 2.0
    root: float = 0.05


@one_thread
def refine(lifted: Lifted, root, keypoints: Keypoints2D, camera: Camera,
           settings: RefineSettings = RefineSettings()) -> tuple[np.ndarray, np.ndarray]:
    """Directions (T, J, 3) and root (T, 3), camera axes, fitted to canonical keypoints of T frames.

    root: (T, 3) metres, the path to start from. Frames without keypoints are returned as they came.
    """
    directions, root = np.array(lifted.directions, dtype=float), np.array(root, dtype=float)
    problem = _Problem(lifted, settings, is_exact(keypoints))
    rays, score = problem.body.seen(keypoints, camera)
    for start in range(0, len(directions), CHUNK):
        part = slice(start, start + CHUNK)
        trust = problem.trust(root[part], lifted.confidence[part])
        directions[part], root[part] = problem.solve(directions[part], root[part], rays[part], score[part], trust)
    return directions, root


class _Problem:
    """What is the same for all frames."""

    def __init__(self, lifted: Lifted, settings: RefineSettings, exact: bool = False):
        self.settings = settings
        sure = settings.exact if exact else settings.keypoint
        self.body = Reprojection(lifted.skeleton, lifted.bone_lengths, sure)

    def solve(self, directions, root, rays, score, trust):
        """Some frames; see `refine`. trust: as `trust` gives it."""
        frames, bones = directions.shape[:2]
        prior = np.concatenate([root[:, None], directions[:, 1:]], axis=1)
        now = prior.copy()
        for _ in range(ROUNDS):
            beside = self.body.beside(now)
            rows = off_the_ray(rays)
            errors = (rows @ (self.body.influence @ now + beside)[..., None])[..., 0]
            weight = score * self.body.robust(errors) / (self.body.sure * self.body.loose) ** 2
            square = np.swapaxes(rows, -1, -2) @ rows * weight[..., None, None]
            normal, right = self._normal(square, beside)
            along = now[:, 1:, :, None] * now[:, 1:, None, :] / _RIGID**2
            index = np.arange(bones)
            normal[:, index, :, index] += np.moveaxis(trust, 0, 1)
            normal[:, index[1:], :, index[1:]] += np.moveaxis(along, 0, 1)
            right += (trust @ prior[..., None])[..., 0]
            right[:, 1:] += now[:, 1:] / _RIGID**2
            size = 3 * bones
            now = np.linalg.solve(normal.reshape(frames, size, size), right.reshape(frames, size, 1))
            now = now.reshape(frames, bones, 3)
            now[:, 1:] = unit(now[:, 1:])
        refined = np.concatenate([np.zeros((frames, 1, 3)), now[:, 1:]], axis=1)
        return refined, now[:, 0]

    def trust(self, root: np.ndarray, confidence: np.ndarray) -> np.ndarray:
        """(T, J, 3, 3) inverse covariances of the prior on root and directions."""
        sight = unit(root)
        along = (sight[:, :, None] * sight[:, None, :])[:, None]
        across, depth = self.settings.direction
        chance = np.clip(confidence, *_CHANCES)[..., None, None]
        wider = 1.0 + self.settings.doubt * np.sqrt((1.0 - chance) / chance)
        trust = ((np.eye(3) - along) / across**2 + along / depth**2) / wider**2
        trust[:, 0] = np.diag(1.0 / (self.settings.root * np.array([1.0, 1.0, 3.0])) ** 2)
        return trust

    def _normal(self, square, beside):
        """(T, J, 3, J, 3) and (T, J, 3): the normal equations of the reprojection."""
        frames, influence = len(square), self.body.influence
        points, bones = influence.shape
        outer = (influence[:, :, None] * influence[:, None, :]).reshape(points, -1)
        normal = np.swapaxes(square.reshape(frames, points, 9), 1, 2) @ outer
        normal = normal.reshape(frames, 3, 3, bones, bones).transpose(0, 3, 1, 4, 2)
        pulled = (square @ beside[..., None])[..., 0]
        return np.ascontiguousarray(normal), -(influence.T @ pulled)
