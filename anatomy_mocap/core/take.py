"""The take: a captured performance on disk (.npz without pickles), before smoothing and retargeting."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .camera import Camera
from .errors import MocapError
from .keypoint_layouts import LAYOUTS
from .keypoints import Keypoints2D, step_of
from .skeleton import Skeleton
from .whole_file import written_whole

SCHEMA = "anatomy_mocap.take"
SCHEMA_VERSION = 1

ORIGINS = ("lifted", "known")


@dataclass(frozen=True)
class Take:
    """A captured performance: everything that smoothing, contacts and retargeting need, so that none needs inference.

    joint_names, parents: the skeleton, J joints (see `skeleton`).
    fps: frames per second, even. times: (T,) seconds from the start of the source.
    bone_lengths: (J,) metres, row 0 is 0; constant by construction.
    directions: (T, J, 3) unit vectors in camera axes, row 0 is zero.
    root_positions: (T, 3) metres, the pelvis in camera axes.
    world_from_camera: (4, 4) rigid transform, camera axes -> world (Z up, floor at Z = 0).
    keypoints: the 2D input on the take's frames, with scores and its own layout.
    confidence: (T, J) in 0..1, see Lifted.
    camera: the pinhole camera that was assumed.
    info: plain facts for people (source, detector, weights, device, warnings ...), JSON values only.
    origin: "lifted" from a picture by a camera that stands still, or "known" from joint positions.
    """

    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    fps: float
    times: np.ndarray
    bone_lengths: np.ndarray
    directions: np.ndarray
    root_positions: np.ndarray
    world_from_camera: np.ndarray
    keypoints: Keypoints2D
    confidence: np.ndarray
    camera: Camera
    info: dict = field(default_factory=dict)
    origin: str = "lifted"

    def __len__(self) -> int:
        return len(self.directions)

    def __getitem__(self, part: slice | np.ndarray) -> Take:
        """Some of the frames: a slice, (T,) bool or (N,) indices. A slice with a step divides the frame rate by it."""
        return replace(
            self, fps=self.fps / step_of(part), times=self.times[part], directions=self.directions[part],
            root_positions=self.root_positions[part], keypoints=self.keypoints[part], confidence=self.confidence[part])

    @property
    def skeleton(self) -> Skeleton:
        return Skeleton(tuple(self.joint_names), tuple(self.parents))

    def joint_positions(self, space: str = "world") -> np.ndarray:
        """(T, J, 3) metres in "camera" or "world" axes."""
        points = self.skeleton.joint_positions(self.bone_lengths, self.directions, self.root_positions)
        if space == "camera":
            return points
        if space == "world":
            return points @ self.world_from_camera[:3, :3].T + self.world_from_camera[:3, 3]
        raise MocapError(f'space {space!r} is not known; use "camera" or "world"')


def save_take(take: Take, path) -> Path:
    """Write a take as .npz; written beside and renamed, so an interrupted run leaves nothing half-made."""
    path = Path(path)
    keypoints, camera = take.keypoints, take.camera
    arrays = {
        "schema": SCHEMA, "schema_version": SCHEMA_VERSION,
        "joint_names": np.array(take.joint_names), "parents": np.array(take.parents, dtype=np.int32),
        "fps": float(take.fps), "times": np.asarray(take.times, dtype=float),
        "bone_lengths": np.asarray(take.bone_lengths, dtype=float),
        "directions": np.asarray(take.directions, dtype=float),
        "root_positions": np.asarray(take.root_positions, dtype=float),
        "world_from_camera": np.asarray(take.world_from_camera, dtype=float),
        "confidence": np.asarray(take.confidence, dtype=np.float32),
        "keypoints_xy": np.asarray(keypoints.xy, dtype=np.float32),
        "keypoints_score": np.asarray(keypoints.score, dtype=np.float32), "keypoints_layout": keypoints.layout,
        "camera": np.array([camera.width, camera.height, camera.focal, camera.cx, camera.cy]),
        "info": json.dumps(take.info), "origin": take.origin, "keypoints_exact": bool(keypoints.exact),
    }
    with written_whole(path, "take") as partial, open(partial, "wb") as handle:
        np.savez_compressed(handle, **arrays)
    return path


def load_take(path) -> Take:
    """Read and validate a take; MocapError tells what is wrong with the file and what to do."""
    path = Path(path)
    if not path.is_file():
        raise MocapError(f"{path}: no such file; give the .npz that `capture` wrote")
    if not zipfile.is_zipfile(path):
        raise MocapError(f"{path}: no take, or a damaged one; give the .npz that `capture` wrote")
    try:
        with np.load(path, allow_pickle=False) as data:
            arrays = {key: data[key] for key in data.files}
    # RuntimeError: zipfile's for members that are encrypted or packed in a way it does not know.
    except (OSError, ValueError, EOFError, TypeError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise MocapError(f"{path}: not a readable take ({error}); capture it again") from error
    if str(arrays.get("schema", "")) != SCHEMA:
        raise MocapError(f"{path}: not a take (no schema {SCHEMA!r}); give the .npz that `capture` wrote")
    version = int(arrays.get("schema_version", -1))
    if version != SCHEMA_VERSION:
        raise MocapError(f"{path}: take of schema version {version}, this program reads version {SCHEMA_VERSION}; "
                         "update the add-on or capture the source again")
    try:
        take = _from_arrays(arrays)
        problem = take_problem(take)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise MocapError(f"{path}: the take is incomplete ({error!r}); capture it again") from error
    if problem:
        raise MocapError(f"{path}: {problem}; the file is damaged, capture it again")
    return take


def _from_arrays(arrays: dict) -> Take:
    width, height, focal, cx, cy = arrays["camera"]
    camera = Camera(int(width), int(height), float(focal), float(cx), float(cy))
    fps, times = float(arrays["fps"]), arrays["times"]
    score, confidence = arrays["keypoints_score"].astype(float), arrays["confidence"].astype(float)
    # Files of before these two fields: all scores were 1 where keypoints were exact, all confidences where joints were.
    exact = bool(arrays.get("keypoints_exact", (score[score > 0] == 1).all()))
    origin = str(arrays.get("origin", "lifted" if (confidence[:, 1:] < 1).any() else "known"))
    keypoints = Keypoints2D(arrays["keypoints_xy"].astype(float), score, str(arrays["keypoints_layout"]), fps, times,
                            camera.width, camera.height, exact)
    return Take(
        tuple(str(name) for name in arrays["joint_names"]), tuple(int(p) for p in arrays["parents"]), fps, times,
        arrays["bone_lengths"], arrays["directions"], arrays["root_positions"], arrays["world_from_camera"],
        keypoints, confidence, camera, json.loads(str(arrays["info"])), origin)


def take_problem(take: Take) -> str:
    """What is wrong with a take's arrays, in a few words; empty when nothing is."""
    frames, joints, points = len(take.times), len(take.joint_names), take.keypoints.xy.shape[1]
    shapes = {
        "parents": (np.shape(take.parents), (joints,)), "bone_lengths": (take.bone_lengths.shape, (joints,)),
        "directions": (take.directions.shape, (frames, joints, 3)),
        "root_positions": (take.root_positions.shape, (frames, 3)),
        "world_from_camera": (take.world_from_camera.shape, (4, 4)),
        "confidence": (take.confidence.shape, (frames, joints)),
        "keypoints": (take.keypoints.xy.shape + take.keypoints.score.shape, (frames, points, 2, frames, points)),
    }
    for name, (found, wanted) in shapes.items():
        if found != wanted:
            return f"{name} has shape {found} where {wanted} is due"
    if frames == 0:
        return "it has no frames"
    if take.origin not in ORIGINS:
        return f"its origin is {take.origin!r} where one of {', '.join(ORIGINS)} is due"
    if take.keypoints.layout not in LAYOUTS:
        return f"keypoint layout {take.keypoints.layout!r} is unknown"
    if points != len(LAYOUTS[take.keypoints.layout]):
        return f"{points} keypoints do not fit the layout {take.keypoints.layout}"
    if take.parents[0] != -1 or any(not 0 <= p < j for j, p in enumerate(take.parents) if j):
        return "parents do not come before their children"
    for name in ("times", "bone_lengths", "directions", "root_positions", "world_from_camera"):
        if not np.isfinite(getattr(take, name)).all():
            return f"{name} holds NaN or infinite values"
    norms = np.linalg.norm(take.directions[:, 1:], axis=-1)
    if joints > 1 and np.abs(norms - 1).max() > 1e-3:
        return "directions are not unit vectors"
    turn = take.world_from_camera[:3, :3]
    if np.abs(turn @ turn.T - np.eye(3)).max() > 1e-3 or np.linalg.det(turn) < 0:
        return "world_from_camera is not a rigid transform"
    if not 0 < take.fps < np.inf or (take.bone_lengths[1:] <= 0).any():
        return "the frame rate or a bone length is not positive"
    return ""
