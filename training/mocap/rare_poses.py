"""Draw frames of the motion set so that rare poses come more often than walking."""

from __future__ import annotations

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22

from .dataset import MocapSet, directions_of
from .postures import body_axes
from .tuning import TUNING

_BLOCK = 1024

_BONES = [index for index, name in enumerate(MOCAP22.joint_names)
          if not name.endswith(("pelvis", "nose", "head", "toe", "knuckle"))]


class RarePoses:
    """Draws frames of a set with a probability that falls with the square root of the number of similar frames."""

    def __init__(self, mocap: MocapSet) -> None:
        frames = [np.arange(0, count, TUNING.rare_every) for count in mocap.frames]
        self.clip = np.repeat(np.arange(len(mocap)), [len(part) for part in frames])
        self.frame = np.concatenate(frames)
        poses = pose_features(mocap.positions[mocap.start[self.clip] + self.frame])
        chance = alike(poses) ** -0.5
        self.chance = chance / chance.sum()

    def draw(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Random clips (count,) and frames (count,) in them."""
        picked = rng.choice(len(self.clip), count, p=self.chance)
        return self.clip[picked], self.frame[picked] + rng.uniform(0, TUNING.rare_every, count)


def alike(poses: np.ndarray) -> np.ndarray:
    """(F, n) -> (F,) the number of poses within `rare_near` of each pose, itself included."""
    square = (poses * poses).sum(-1)
    count = np.zeros(len(poses))
    for first in range(0, len(poses), _BLOCK):
        rows = slice(first, first + _BLOCK)
        distance = square[rows, None] + square - 2 * poses[rows] @ poses.T
        count[rows] = (distance < TUNING.rare_near**2).sum(axis=1)
    return np.maximum(count, 1)


def pose_features(positions: np.ndarray) -> np.ndarray:
    """(F, J, 3) metres, world axes -> (F, n) the bones' directions in axes that turn with the person's heading."""
    directions = directions_of(positions.astype(np.float32))
    left, forward = body_axes(directions)
    axes = np.stack([left, forward, np.broadcast_to((0.0, 0.0, 1.0), left.shape)], axis=-2)
    return (directions[:, _BONES] @ np.swapaxes(axes, -1, -2)).reshape(len(positions), -1).astype(np.float32)
