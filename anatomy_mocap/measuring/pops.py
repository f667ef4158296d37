"""Pops: a bone or the hips jump within one frame, unlike the frames around it.

With the turn w of a bone within a frame (a rotation vector), the measure is

    |w_t - (w_(t-1) + w_(t+1)) / 2|

which is small for smooth motion, however fast, and nearly the size of the jump for a jump.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.ndimage import median_filter
from scipy.spatial.transform import Rotation

from ..maths.rotations import unit
from .tuning import TUNING


class Pop(NamedTuple):
    """frame: index of the first frame after the jump. bone: its name. size: degrees of a turn, metres of a move."""

    frame: int
    bone: str
    size: float


def turns_of_directions(directions: np.ndarray) -> np.ndarray:
    """(T - 1, B, 3) rotation vectors, degrees, of the shortest turns between frames of unit directions (T, B, 3)."""
    before, after = unit(directions[:-1]), unit(directions[1:])
    axis = np.cross(before, after)
    size = np.linalg.norm(axis, axis=-1, keepdims=True)
    angle = np.arctan2(size, (before * after).sum(axis=-1, keepdims=True))
    return np.degrees(angle) * axis / np.maximum(size, 1e-12)


def turns_of_rotations(matrices: np.ndarray) -> np.ndarray:
    """(T - 1, B, 3) rotation vectors, degrees, between frames of rotation matrices (T, B, 3, 3)."""
    steps = matrices[1:] @ np.swapaxes(matrices[:-1], -1, -2)
    return np.degrees(Rotation.from_matrix(steps.reshape(-1, 3, 3)).as_rotvec()).reshape(*steps.shape[:2], 3)


def find_pops(steps: np.ndarray, names: tuple[str, ...], least: float, fps: float) -> list[Pop]:
    """Pops of B bones, by frame.

    steps: (T - 1, B, 3), what each bone does within a frame. names: B names. least: the smallest pop, in the unit of
    `steps`. fps: frames per second. One jump is one pop, though the frames beside it deviate too. The first and the
    last step have no neighbours and are left out.
    """
    if len(steps) < 3:
        return []
    off = np.zeros(steps.shape[:2])
    off[1:-1] = np.linalg.norm(steps[1:-1] - (steps[:-2] + steps[2:]) / 2, axis=-1)
    around = 2 * max(2, round(TUNING.pop_seconds * fps)) + 1
    usual = median_filter(off[1:-1], size=(around, 1), mode="mirror")
    is_pop = np.zeros(off.shape, dtype=bool)
    is_pop[1:-1] = off[1:-1] > np.maximum(least, TUNING.pop_times * usual)
    found = []
    for bone, frame in zip(*np.nonzero(is_pop.T), strict=True):
        beside = off[max(frame - 1, 0):frame + 2, bone]
        if off[frame, bone] == beside.max():  # the frames beside a jump deviate by half of it
            found.append(Pop(int(frame) + 1, names[bone], float(off[frame, bone])))
    return sorted(found)


def direction_pops(directions: np.ndarray, names: tuple[str, ...], fps: float) -> list[Pop]:
    """Pops of directions (T, B, 3)."""
    return find_pops(turns_of_directions(directions), names, TUNING.pop_turn, fps)


def rotation_pops(matrices: np.ndarray, names: tuple[str, ...], fps: float) -> list[Pop]:
    """Pops of rotation matrices (T, B, 3, 3), turns about the bone itself included."""
    return find_pops(turns_of_rotations(matrices), names, TUNING.pop_turn, fps)


def root_pops(path: np.ndarray, fps: float) -> list[Pop]:
    """Pops of the hips' path (T, 3), metres."""
    return find_pops(np.diff(path, axis=0)[:, None], ("hips",), TUNING.pop_move, fps)
