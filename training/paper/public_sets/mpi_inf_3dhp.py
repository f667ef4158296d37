"""MPI-INF-3DHP: data_train_3dhp.npz and data_test_3dhp.npz, as later works distribute them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError

from ..skeleton17 import PAPER17
from ..videos import Videos, normalised, pack
from .camera_from_points import pinhole
from .files import numbers, read_dictionary, scores_of

_ORDER = (14, 8, 9, 10, 11, 12, 13, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4)
"""The paper's 17 joints among the set's, whose order is: top of the head, neck, right and left arm, right and left leg,
pelvis, spine, head."""

FOURTEEN = tuple(index for index, name in enumerate(PAPER17.joint_names) if name not in ("pelvis", "spine", "neck"))
"""The joints that PCK, AUC and the MPJPE count: limbs, thorax and the top of the head."""

_WIDE = ("TS5", "TS6")
"""Test videos of 1920 x 1080 pixels; all others are 2048 x 2048."""

LARGEST_ERROR = 40.0
"""Largest reprojection error of a solved camera, pixels; above it the 3D is not in camera axes, and no camera is given.
"""


def load_3dhp_train(folder: str | Path) -> Videos:
    """All sequences and cameras of the training file."""
    path = Path(folder) / "data_train_3dhp.npz"
    parts = []
    for name, content in read_dictionary(path, "data").items():
        views = content[0] if isinstance(content, list | tuple | np.ndarray) and len(content) else content
        if not isinstance(views, dict) or not views:
            raise MocapError(f"{path}: {name} is not a dictionary of cameras; is it the file of that name?")
        for camera, entry in views.items():
            xy, score, joints = _poses(path, f"{name}, camera {camera}", entry, 2048, 2048)
            lens = np.full(9, np.nan)
            if (joints[..., 2] > 0.3).all():
                lens, error = pinhole(joints, xy)
                lens = lens if error < LARGEST_ERROR * 2 / 2048 else np.full(9, np.nan)
            parts.append(_video(xy, score, joints, lens, name.split(" ")[0], name))
    return pack(parts)


def load_3dhp_test(folder: str | Path) -> Videos:
    """TS1 to TS6; invalid frames of the set are not counted."""
    path = Path(folder) / "data_test_3dhp.npz"
    parts = []
    for name, entry in read_dictionary(path, "data").items():
        size = (1920, 1080) if name in _WIDE else (2048, 2048)
        xy, score, joints = _poses(path, name, entry, *size)
        valid = numbers(path, f"valid of {name}", entry.get("valid", ())).astype(bool).ravel()
        if len(valid) != len(xy):
            raise MocapError(f"{path}: {name} has {len(xy)} frames and {len(valid)} marks of valid ones; "
                             "download it again")
        parts.append(_video(xy, score, joints, np.full(9, np.nan), name, name) | {"counted": valid})
    return pack(parts)


def _poses(path: Path, what: str, entry, width: int, height: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """xy (T, 17, 2) normalised, visibility (T, 17) and joints (T, 17, 3) metres of one video, in the paper's order."""
    if not isinstance(entry, dict) or not {"data_2d", "data_3d"} <= set(entry):
        raise MocapError(f"{path}: {what} has no data_2d and data_3d; is it the file of that name?")
    seen, joints = (numbers(path, f"{key} of {what}", entry[key]) for key in ("data_2d", "data_3d"))
    if joints.shape[1:] != (17, 3) or seen.shape[:-1] != joints.shape[:-1] or seen.shape[-1] not in (2, 3):
        raise MocapError(f"{path}: {what} is of shapes {seen.shape} and {joints.shape}; (frames, 17, 2 or 3) and "
                         "(frames, 17, 3) are expected")
    joints = joints[:, list(_ORDER)] / 1000
    if not 0.2 < np.median(np.linalg.norm(joints[:, 2] - joints[:, 1], axis=-1)) < 0.8:
        raise MocapError(f"{path}: {what} has thighs of other than human length; positions in millimetres are expected")
    seen = seen[:, list(_ORDER)]
    return normalised(seen[..., :2], width, height), scores_of(path, what, seen), joints


def _video(xy: np.ndarray, score: np.ndarray, joints: np.ndarray, lens: np.ndarray, subject: str, action: str) -> dict:
    return {"xy": xy, "score": score, "joints": joints, "lens": lens, "subject": subject, "action": action}
