"""Bone lengths of the 22 joints: measure them, make both sides alike, scale a body to a known height."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..maths.time_interpolation import nearest_known
from .errors import MocapError
from .skeleton import MOCAP22, SIDES

SHARE_OF_HEIGHT = 0.955
"""Shank, thigh, trunk, neck and head, joint to joint, as a share of the standing height. The rest lies below the ankle
and in the curve of the back. Segment lengths of Drillis & Contini."""


def lengths_and_directions(positions: ArrayLike, name: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Split joint positions into constant bone lengths and unit directions.

    positions: (T, J, 3) metres, any axes. name: of the rig or clip, for messages.
    Returns lengths (J,) in metres, the median over time, row 0 zero, and directions (T, J, 3), row 0 zero. A bone
    without length in a frame has its direction in the nearest frame where it has a length. Raises MocapError for other
    shapes, NaN, and a bone that never has a length.
    """
    positions, where = np.asarray(positions, dtype=float), f"{name}: " if name else ""
    if positions.ndim != 3 or positions.shape[1:] != (len(MOCAP22), 3) or len(positions) == 0:
        raise MocapError(f"{where}joint positions of shape {positions.shape} do not fit a skeleton of "
                         f"{len(MOCAP22)} joints; give (frames, {len(MOCAP22)}, 3)")
    if not np.isfinite(positions).all():
        raise MocapError(f"{where}joint positions hold NaN or infinite values; remove or fill those frames")
    bones = np.zeros_like(positions)
    parents = np.array(MOCAP22.parents)
    bones[:, 1:] = positions[:, 1:] - positions[:, parents[1:]]
    norms = np.linalg.norm(bones, axis=-1)
    lengths = np.zeros(len(MOCAP22))
    directions = np.zeros_like(bones)
    for joint in range(1, len(MOCAP22)):
        known = norms[:, joint] > 1e-6
        if not known.any():
            raise MocapError(f"{where}the bone to {MOCAP22.joint_names[joint]} has no length in any frame; "
                             "check the order of the joints, and of a rig its bone map")
        lengths[joint] = np.median(norms[known, joint])
        nearest = nearest_known(known)
        directions[:, joint] = bones[nearest, joint] / norms[nearest, joint, None]
    return lengths, directions


def symmetric(lengths: ArrayLike) -> np.ndarray:
    """(J,) lengths in which both sides have their mean."""
    lengths = np.asarray(lengths, dtype=float)
    return (lengths + lengths[MOCAP22.mirror]) / 2


_HEAD = MOCAP22.index("head")
_LEGS = [[MOCAP22.index(f"{side}_{part}") for part in ("knee", "ankle")] for side in SIDES]


def body_height(lengths: ArrayLike) -> float:
    """Standing height, metres, of a body with bone lengths (J,) in metres.

    The bones from the pelvis to the hips lie level and add no height. Raises MocapError for lengths of other joints.
    """
    lengths = np.asarray(lengths, dtype=float)
    if lengths.shape != (len(MOCAP22),):
        raise MocapError(f"bone lengths of shape {lengths.shape} give no height; give those of the {len(MOCAP22)} "
                         "joints of a take")
    trunk_and_head = (MOCAP22.ancestors @ lengths)[_HEAD]
    legs = np.mean([lengths[leg].sum() for leg in _LEGS])
    return float((trunk_and_head + legs) / SHARE_OF_HEIGHT)


def scaled_to_height(lengths: ArrayLike, metres: float) -> np.ndarray:
    """(J,) bone lengths, metres, of the same body with a standing height of `metres`.

    Raises MocapError for a height outside 0.3 to 3 m.
    """
    if not np.isfinite(metres) or not 0.3 <= metres <= 3.0:
        raise MocapError(f"height {metres} m is not usable; give the person's standing height in metres, from 0.3 to 3")
    return np.asarray(lengths, dtype=float) * (metres / body_height(lengths))
