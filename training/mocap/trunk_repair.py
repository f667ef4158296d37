"""Give all skeletons of the motion set the trunk of CMU's own.

The set's thorax is the place where a skeleton's collar bones begin. In CMU's own skeletons, and in MakeHuman's bodies
(notes/rendered_people.md), it lies low in the chest, below the shoulder joints. In the skeletons `cmu-daz` and `neo`
(all of subject 85 but 85_02) it is the foot of the neck: the shoulders lie below it, and the trunk is 11 and 16 cm
longer. Their heads begin 4 and 11 cm further forward, although the same people were recorded on CMU's own skeletons,
too (subjects 13, 14, 94 and 135, standing upright). Training takes only directions from the set: without the repair
these people would have shoulders on their ribs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.detector_points import unit

from .head_and_hand_repair import ModelHead, size_of
from .tuning import TUNING

_J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}


@dataclass(frozen=True)
class Trunk:
    """A skeleton's trunk: means over upright frames, in axes of the trunk (left, back, up from pelvis to thorax), in
    units of the model's size.

    climb: rise from the thorax to the shoulders, degrees. half: half of the shoulders' distance. spine: (3,) from half
    way between pelvis and thorax. head: (3,) its beginning, from the thorax.
    """

    climb: float
    half: float
    spine: np.ndarray
    head: np.ndarray


USUAL = Trunk(20.2, 0.184, np.array([0.0, 0.031, 0.0]), np.array([0.0, 0.0, 0.200]))
"""The trunk of CMU's own skeletons (`asf`), left and right equal."""


def trunk_of(clips: list[np.ndarray]) -> Trunk:
    """The trunk of a skeleton from all its clips, each (T, J, 3) metres, Z up; NaN if no frame stands upright."""
    rows = []
    for clip in clips:
        axes, size = _axes(clip), size_of(clip)
        pelvis, thorax, spine = (clip[:, _J[name]] for name in ("pelvis", "thorax", "spine"))
        left, right = clip[:, _J["left_shoulder"]], clip[:, _J["right_shoulder"]]
        parts = np.stack([(left + right) / 2 - thorax, (left - right) / 2, spine - (pelvis + thorax) / 2,
                          ModelHead.of(clip).begin - thorax], axis=1)
        upright = axes[:, 2, 2] > np.cos(np.radians(TUNING.upright))
        rows.append((parts @ np.swapaxes(axes, 1, 2))[upright] / size)
    rows = np.concatenate(rows)
    above, across, spine, head = rows.mean(axis=0) if len(rows) else np.full((4, 3), np.nan)
    return Trunk(float(np.degrees(np.arctan2(above[2], across[0]))), float(across[0]), spine, head)


def as_usual(clips: list[np.ndarray]) -> list[np.ndarray]:
    """The clips of one skeleton. If its thorax is the foot of the neck, thorax, spine and head are moved, constant in
    axes of the trunk, so that their means are USUAL."""
    found = trunk_of(clips)
    if not found.climb <= TUNING.least_climb:  # NaN where it never stands upright
        return clips
    down = found.half * (np.tan(np.radians(USUAL.climb)) - np.tan(np.radians(found.climb)))
    lowered = np.array([0.0, 0.0, -down])
    spine, head = USUAL.spine - found.spine + lowered / 2, USUAL.head - found.head + lowered
    return [_moved(clip, lowered, spine, head) for clip in clips]


def _moved(positions: np.ndarray, thorax: np.ndarray, spine: np.ndarray, head: np.ndarray) -> np.ndarray:
    """The clip with these moved, each (3,) in axes of the trunk and parts of the size."""
    to_world, old = np.swapaxes(_axes(positions), 1, 2) * size_of(positions), ModelHead.of(positions)
    moved = positions.copy()
    moved[:, _J["thorax"]] += to_world @ thorax
    moved[:, _J["spine"]] += to_world @ spine
    return replace(old, begin=old.begin + to_world @ head).put_on(moved)


def _axes(positions: np.ndarray) -> np.ndarray:
    """(T, 3, 3), rows left, back and up of the whole trunk."""
    up = unit(positions[:, _J["thorax"]] - positions[:, _J["pelvis"]])
    left = positions[:, _J["left_shoulder"]] - positions[:, _J["right_shoulder"]]
    left = unit(left - (left * up).sum(-1, keepdims=True) * up)
    return np.stack([left, np.cross(up, left), up], axis=1)
