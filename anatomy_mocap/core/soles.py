"""Soles, and the other points of the body that touch the floor."""

from __future__ import annotations

import numpy as np

from .bone_lengths import body_height, lengths_and_directions
from .skeleton import MOCAP22, SIDES

SOLES = {"ankle": 0.38, "toe": 0.05}
"""Height of a foot's joints above the sole of a flat foot, as shares of the foot bone's length. Measured on CMU's
motion capture."""


def foot_points(positions: np.ndarray) -> np.ndarray:
    """(T, 2, 2, 3) metres: [left, right] x [heel, toe] on the sole, for (T, J, 3) positions with Z up.

    The heel's point lies straight below the ankle.
    """
    points = np.zeros((len(positions), 2, 2, 3))
    for column, side in enumerate(SIDES):
        ankle, toe = (positions[:, MOCAP22.index(f"{side}_{part}")] for part in ("ankle", "toe"))
        length = np.linalg.norm(toe - ankle, axis=1)
        points[:, column, 0], points[:, column, 1] = ankle, toe
        points[:, column, 0, 2] -= SOLES["ankle"] * length
        points[:, column, 1, 2] -= SOLES["toe"] * length
    return points


PARTS = ("left_heel", "left_toe", "right_heel", "right_toe", "left_hand", "right_hand", "left_knee", "right_knee",
         "seat", "back")
"""The parts of the body that touch the floor, in the order of the columns of `Take.contacts`."""
LIMBS = {"left_foot": ("left_heel", "left_toe"), "right_foot": ("right_heel", "right_toe"),
         "left_hand": ("left_hand",), "right_hand": ("right_hand",)}
"""Feet and hands, each with its parts."""

RADII = {"pelvis": 0.050, "hip": 0.050, "spine": 0.055, "thorax": 0.060, "neck": 0.035, "nose": 0.010, "head": 0.010,
         "shoulder": 0.035, "elbow": 0.022, "wrist": 0.015, "knuckle": 0.010, "knee": 0.030}
"""Joint -> thickness of the body between joint and skin, shares of the standing height; guessed."""

BODY_JOINTS = tuple(index for index, name in enumerate(MOCAP22.joint_names) if name.rpartition("_")[2] in RADII)
"""The joints of the points that `body_points` adds to those of the feet."""

_SHARES = np.array([RADII[MOCAP22.joint_names[index].rpartition("_")[2]] for index in BODY_JOINTS])


def radii(positions: np.ndarray) -> np.ndarray:
    """(N,) metres: the radii of BODY_JOINTS for a body in (T, J, 3) positions."""
    return _SHARES * body_height(lengths_and_directions(positions)[0])


def body_points(positions: np.ndarray) -> np.ndarray:
    """(T, 4 + N, 3) metres: left heel and toe, right heel and toe, then the skin below BODY_JOINTS.

    positions: (T, J, 3) metres, Z up.
    """
    skin = np.array(positions[:, BODY_JOINTS], dtype=float)
    skin[..., 2] -= radii(positions)
    return np.concatenate([foot_points(positions).reshape(len(positions), 4, 3), skin], axis=1)
