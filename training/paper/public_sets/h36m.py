"""Human3.6M: data_3d_h36m.npz with data_2d_h36m_gt.npz, and a file of 2D detections beside them.

None of these files holds the cameras. They are solved from the true 2D (data_2d_h36m_gt.npz), which is an exact
projection of the 3D, so that no table of calibrations is needed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError

from ..videos import Videos, normalised, pack
from .camera_from_points import Resected, resect
from .files import numbers, read_dictionary, scores_of

TRAIN, TEST = ("S1", "S5", "S6", "S7", "S8"), ("S9", "S11")
ACTIONS = ("Directions", "Discussion", "Eating", "Greeting", "Phoning", "Photo", "Posing", "Purchases", "Sitting",
           "SittingDown", "Smoking", "Waiting", "WalkDog", "Walking", "WalkTogether")
"""The actions in the order of the paper's table 1."""

_RAW_NAMES = {"TakingPhoto": "Photo", "WalkingDog": "WalkDog"}
"""Other names of actions in the set's own files; the usual .npz files rename them."""

SIZE = 1000.0
"""Pixels of the pictures. Two of the four cameras have 1002 rows; the shift is the same in training and test."""

_KEPT = (0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27)
"""The 17 joints among Human3.6M's 32, in the paper's order."""

_SIDES = ((4, 5, 6, 11, 12, 13), (1, 2, 3, 14, 15, 16))
"""Left and right among the 17."""

LARGEST_ERROR = 1.0
"""Largest reprojection error of a solved camera, pixels."""


def load_h36m(folder: str | Path, detections: str, subjects: tuple[str, ...]) -> Videos:
    """The videos of `subjects`. detections: "gt", "cpn_ft_h36m_dbb" or another ending of a file data_2d_h36m_*.npz."""
    folder = Path(folder)
    place = folder / "data_3d_h36m.npz"
    positions = read_dictionary(place, "positions_3d")
    exact_file, seen_file = folder / "data_2d_h36m_gt.npz", folder / f"data_2d_h36m_{detections}.npz"
    exact = _keypoints(exact_file)
    seen = exact if detections == "gt" else _keypoints(seen_file)
    parts = []
    for subject in subjects:
        for file, content in ((place, positions), (exact_file, exact), (seen_file, seen)):
            if subject not in content:
                raise MocapError(f"{file}: no subject {subject}, but {', '.join(map(str, content))}; "
                                 "the protocol needs S1, S5, S6, S7, S8, S9 and S11")
            if not isinstance(content[subject], dict) or not content[subject]:
                raise MocapError(f"{file}: {subject} is not a dictionary of actions; is it the file of that name?")
        world = {action: _seventeen(place, subject, action, value) for action, value in positions[subject].items()}
        cameras = _cameras(exact_file, subject, world, exact[subject])
        for action in world:
            parts += _videos(seen_file, subject, action, world[action], seen[subject], cameras)
    return pack(parts)


def _keypoints(path: Path) -> dict:
    """positions_2d of a 2D file; its 17 keypoints must be Human3.6M's."""
    metadata, content = read_dictionary(path, "metadata"), read_dictionary(path, "positions_2d")
    try:
        sides = tuple(tuple(int(i) for i in side) for side in metadata.get("keypoints_symmetry", ()))
    except (TypeError, ValueError) as error:
        raise MocapError(f"{path}: 'keypoints_symmetry' of its metadata is not two lists of joints ({error}); "
                         "download it again") from error
    if metadata.get("num_joints") != 17 or sides != _SIDES:
        layout = metadata.get("layout_name", f"{metadata.get('num_joints')} joints, left and right {sides}")
        raise MocapError(f"{path}: its keypoints are not Human3.6M's 17 ({layout}); give the ground truth (gt) or "
                         "CPN's fine-tuned detections (cpn_ft_h36m_dbb)")
    return content


def _seventeen(path: Path, subject: str, action: str, value) -> np.ndarray:
    """(T, 17, 3) metres, world axes, of a file with all 32 joints or the 17."""
    joints = numbers(path, f"{subject} {action}", value)
    if joints.ndim != 3 or joints.shape[1] not in (17, 32) or joints.shape[2] != 3:
        raise MocapError(f"{path}: {subject} {action} is of shape {joints.shape}; (frames, 32, 3) is expected")
    joints = joints[:, list(_KEPT)] if joints.shape[1] == 32 else joints
    if not 0.2 < np.median(np.linalg.norm(joints[:, 2] - joints[:, 1], axis=-1)) < 0.8:
        raise MocapError(f"{path}: {subject} {action} has thighs of other than human length; positions in metres are "
                         "expected")
    return joints


def _pixels(path: Path, subject: str, action: str, content: dict, frames: int) -> list[np.ndarray]:
    """(T, 17, 2 or 3) of each camera, cut to the motion's frames."""
    if action not in content:
        raise MocapError(f"{path}: {subject} has no {action}; it and data_3d_h36m.npz must be of one release")
    if not isinstance(content[action], list | tuple | np.ndarray) or not len(content[action]):
        raise MocapError(f"{path}: {subject} {action} is not a list of cameras; it and data_3d_h36m.npz must be of one "
                         "release")
    views = [numbers(path, f"{subject} {action}", view) for view in content[action]]
    for view in views:
        if view.ndim != 3 or view.shape[1] != 17 or view.shape[2] not in (2, 3) or len(view) < frames:
            raise MocapError(f"{path}: {subject} {action} is of shape {view.shape} for {frames} frames of motion; "
                             "it and data_3d_h36m.npz must be of one release")
    return [view[:frames] for view in views]


def _cameras(path: Path, subject: str, world: dict, exact: dict, points: int = 4000) -> list[Resected]:
    """Each camera of a subject, solved from the exact 2D over all actions."""
    views = {action: _pixels(path, subject, action, exact, len(joints)) for action, joints in world.items()}
    count = min(len(view) for view in views.values())
    joints = np.concatenate(list(world.values())).reshape(-1, 3)
    chosen = np.random.default_rng(0).permutation(len(joints))[:points]
    cameras = []
    for index in range(count):
        seen = np.concatenate([view[index][..., :2] for view in views.values()]).reshape(-1, 2)
        try:
            with np.errstate(divide="ignore", invalid="ignore"):
                camera = resect(joints[chosen], seen[chosen])
            problem = "" if camera.error < LARGEST_ERROR else f"{camera.error:.1f} pixels off"
        except (np.linalg.LinAlgError, ValueError) as error:  # points that are all one, or in a plane
            problem = str(error)
        if problem:
            raise MocapError(f"{path}: camera {index} of {subject} can't be solved ({problem}); the file must be the "
                             "ground truth made with this data_3d_h36m.npz")
        cameras.append(camera)
    return cameras


def _videos(path: Path, subject: str, action: str, world: np.ndarray, seen: dict,
            cameras: list[Resected]) -> list[dict]:
    """One video for each camera."""
    views = _pixels(path, subject, action, seen, len(world))
    if len(views) > len(cameras):
        raise MocapError(f"{path}: {subject} {action} has {len(views)} cameras, the ground truth {len(cameras)}")
    scale, name = 2.0 / SIZE, action.split(" ")[0]
    shift = np.array([scale, scale, scale, scale, 1, 1, 1, 1, 1])
    return [{
        "xy": normalised(view[..., :2], SIZE, SIZE),
        "score": scores_of(path, f"{subject} {action}", view),
        "joints": camera.see(world), "lens": camera.lens * shift - np.array([0, 0, 1, 1, 0, 0, 0, 0, 0]),
        "subject": subject, "action": _RAW_NAMES.get(name, name),
    } for view, camera in zip(views, cameras, strict=False)]
