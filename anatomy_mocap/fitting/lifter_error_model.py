"""The covariance of the errors of the lifter's directions: of single bones and of groups of bones.

The lifter turns a pelvis, a head or a whole person some degrees too far, so an error of one bone, visible in the
picture, is evidence on the others. Errors are small rotations about the axes of the view: sideways, downwards and along
the line of sight. Rotations about the first two change depth, which a single camera hardly shows, and are larger.

The tables are measured on simulated clips of training subjects (`python -m training measure-directions`), in units of
the error that the lifter's confidence leads to expect (`doubt`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..core.skeleton import MOCAP22
from ..maths.rotations import TINY, unit
from .tuning import TUNING

OWN = {
    "hip": (0.8, 1.2), "knee": (2.0, 3.4), "ankle": (1.1, 2.3), "toe": (2.6, 3.5), "spine": (1.8, 2.1),
    "thorax": (1.9, 2.3), "neck": (2.6, 3.0), "nose": (1.3, 1.6), "head": (1.2, 1.2), "shoulder": (1.6, 1.5),
    "elbow": (2.0, 3.5), "wrist": (2.4, 3.9), "knuckle": (4.7, 5.5),
}
"""Standard deviation, degrees, of the bone that ends at a joint alone: about the line of sight, and about axes across
it. Measured."""

_LIMBS = {side: {"leg": tuple(f"{side}_{part}" for part in ("hip", "knee", "ankle", "toe")),
                 "arm": tuple(f"{side}_{part}" for part in ("shoulder", "elbow", "wrist", "knuckle"))}
          for side in ("left", "right")}

TOGETHER = (
    (MOCAP22.joint_names[1:], (1.0, 1.1, 0.0)),
    (("spine", "thorax", "neck", "nose", "head", "left_shoulder", "right_shoulder"), (0.9, 1.0, 0.0)),
    (_LIMBS["left"]["leg"], (1.0, 1.3, 0.0)), (_LIMBS["right"]["leg"], (1.0, 1.3, 0.0)),
    (_LIMBS["left"]["arm"], (1.4, 1.5, 0.3)), (_LIMBS["right"]["arm"], (1.4, 1.5, 0.3)),
    (("left_hip", "right_hip"), (2.7, 3.8, 2.2)), (("left_shoulder", "right_shoulder"), (0.0, 1.9, 0.0)),
    (("spine", "thorax"), (1.0, 0.0, 0.0)), (("neck", "nose", "head"), (0.9, 0.7, 0.0)),
    (("nose", "head"), (2.8, 3.2, 2.6)),
)
"""Groups of bones, by the joints at their ends, that turn too far together, and standard deviations about each axis of
the view, degrees. Measured, except for the last group: it was measured at 4.7, 5.4 and 4.3 degrees and chosen smaller,
as a head with that freedom follows the noise of its keypoints."""


def odds_against(chance: np.ndarray) -> np.ndarray:
    """Odds (1 - p) / p against something with the confidence or score p in 0..1, any shape."""
    chance = np.clip(chance, *TUNING.chances)
    return (1.0 - chance) / chance


def doubt(confidence: np.ndarray, more: float) -> np.ndarray:
    """How many times wider than usual a direction's error is: 1 + more sqrt(odds against its joint).

    confidence: 0..1, any shape. more: see Trust.doubt.
    """
    return 1.0 + more * np.sqrt(odds_against(confidence))


def view_axes(root: np.ndarray) -> np.ndarray:
    """(T, 3, 3): the rows are sideways, downwards and the line of sight to the pelvis root (T, 3), camera axes."""
    sight = unit(root)
    sideways = np.stack([sight[:, 2], np.zeros(len(sight)), -sight[:, 0]], axis=-1)
    sideways = np.where(np.linalg.norm(sideways, axis=-1, keepdims=True) > TINY, unit(sideways), [1.0, 0.0, 0.0])
    return np.stack([sideways, np.cross(sight, sideways), sight], axis=1)


def turn_covariance(root: np.ndarray, axes: np.ndarray, wider: np.ndarray) -> np.ndarray:
    """(T, 2(J - 1), 2(J - 1)) covariance, radians squared, of the directions' errors, expressed in turns.

    root: (T, 3) metres. axes: (T, J - 1, 2, 3) of the turns, at right angles to the directions and to one another,
    camera axes (`Turns`). wider: (T, J - 1) factors on the standard deviation of each direction.
    """
    frames, bones = wider.shape
    # A rotation r turns a direction d by r x d; along an axis a of the turns that is (d x a) . r.
    by_rotation = np.stack([axes[:, :, 1], -axes[:, :, 0]], axis=2) @ view_axes(root)[:, None].swapaxes(-1, -2)
    by_rotation *= wider[..., None, None]
    own, together, axis = _tables()
    shared = (by_rotation[..., axis] * together[:, None]).reshape(frames, 2 * bones, -1)
    covariance = shared @ shared.swapaxes(-1, -2)
    alone = (by_rotation * own[:, None]) @ by_rotation.swapaxes(-1, -2)
    for bone in range(bones):
        both = slice(2 * bone, 2 * bone + 2)
        covariance[:, both, both] += alone[:, bone]
    return covariance


class _Tables(NamedTuple):
    """own: (J - 1, 3) radians squared, OWN about the view's axes. together: (J - 1, S) radians, TOGETHER with a column
    for each group and axis. axis: (S,) the axes of these columns."""

    own: np.ndarray
    together: np.ndarray
    axis: np.ndarray


@lru_cache
def _tables() -> _Tables:
    names = MOCAP22.joint_names[1:]
    own = np.radians([OWN[name.rpartition("_")[2]] for name in names])[:, [1, 1, 0]] ** 2
    columns = [(np.radians(angle) * np.isin(names, joints), axis)
               for joints, angles in TOGETHER for axis, angle in enumerate(angles) if angle]
    together, axis = zip(*columns, strict=True)
    return _Tables(own, np.stack(together, axis=-1), np.array(axis))
