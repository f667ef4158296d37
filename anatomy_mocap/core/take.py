"""The take: a captured performance before smoothing and retargeting, and its file (.npz without pickles)."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .camera import Camera
from .errors import MocapError, one_line, require_file
from .keypoint_layouts import LAYOUTS
from .keypoints import Keypoints2D, remove_invalid, step_of
from .npz_file import read_arrays
from .skeleton import MOCAP22, Skeleton
from .soles import PARTS
from .whole_file import written_whole

SCHEMA = "anatomy_mocap.take"
SCHEMA_VERSION = 1

ORIGINS = ("lifted", "known")

LOWEST_RATE, HIGHEST_RATE = 0.001, 10_000.0
"""Frames per second of a take. Chosen: beyond those of any camera, and within what Blender's scenes can hold."""
SHORTEST_BONE, LONGEST_BONE = 1e-5, 100.0
"""Metres. Chosen: far beyond people; what is outside is damage."""
FARTHEST, LATEST, LARGEST_SIDE = 1e6, 1e12, 100_000
"""Metres from the origin, seconds (of any clock), pixels. Chosen, as above."""


_MAY_LACK = {"finger_points": np.float32, "finger_presence": np.float32, "contacts": np.float32,
             "contact_edits": np.int8}
"""Fields of a take that may be None, each with its type in the file."""


@dataclass(frozen=True)
class Take:
    """A captured performance: all that smoothing, foot contacts and retargeting need, so that no network runs again.

    joint_names, parents: the skeleton, J joints (see `skeleton`).
    fps: frames per second, even. times: (T,) seconds from the start of the source.
    bone_lengths: (J,) metres, row 0 is 0; constant over time.
    directions: (T, J, 3) unit vectors in camera axes, row 0 is zero.
    root_positions: (T, 3) metres, the pelvis in camera axes.
    world_from_camera: (4, 4) rigid transform, camera axes -> world (Z up, floor at Z = 0).
    keypoints: the 2D input at the take's frames, in its own layout.
    confidence: (T, J) in 0..1, see Lifted.
    camera: the pinhole camera that was assumed.
    info: facts for people (source, detector, device, warnings ...), JSON values only.
    finger_points: (T, 2, 21, 3) metres, camera axes, from each hand's own middle: MediaPipe's points of the left and
        the right hand; None where nobody looked at the hands.
    finger_presence: (T, 2) in 0..1, how sure the hand network is of each hand; None likewise.
    contacts: (T, 10) in 0..1, how likely each of PARTS (soles.py) touches the floor; None where nobody looked.
    contact_edits: (T, 10) int8, the user's word on it: 1 touches, -1 does not, 0 as found; None likewise.
    origin: "lifted" from a picture by a camera that stands still, or "known" from joint positions.
    settings: how the motion is cleaned up, name of a field of AnimationSettings -> value; empty for the defaults.
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
    finger_points: np.ndarray | None = None
    finger_presence: np.ndarray | None = None
    settings: dict = field(default_factory=dict)
    contacts: np.ndarray | None = None
    contact_edits: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.directions)

    def __getitem__(self, part: slice | np.ndarray) -> Take:
        """Some of the frames: a slice, (T,) bool or (N,) indices. A slice with a step divides the frame rate by it."""
        return replace(
            self, fps=self.fps / step_of(part), times=self.times[part], directions=self.directions[part],
            root_positions=self.root_positions[part], keypoints=self.keypoints[part], confidence=self.confidence[part],
            **{name: None if (values := getattr(self, name)) is None else values[part] for name in _MAY_LACK})

    @property
    def skeleton(self) -> Skeleton:
        return Skeleton(tuple(self.joint_names), tuple(self.parents))

    def joint_positions(self, space: str = "world") -> np.ndarray:
        """(T, J, 3) metres. space: "camera" or "world" axes. Raises MocapError for another word."""
        points = self.skeleton.joint_positions(self.bone_lengths, self.directions, self.root_positions)
        if space == "camera":
            return points
        if space == "world":
            return points @ self.world_from_camera[:3, :3].T + self.world_from_camera[:3, 3]
        raise MocapError(f'space {space!r} is unknown; use "camera" or "world"')


def save_take(take: Take, path: str | Path) -> Path:
    """Write a take as .npz and return its path. An interrupted run leaves no partial file.

    Raises MocapError where the file cannot be written.
    """
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
        "info": json.dumps(take.info), "settings": json.dumps(take.settings), "origin": take.origin,
        "keypoints_exact": bool(keypoints.exact),
    }
    arrays |= {name: np.asarray(values, dtype=kind) for name, kind in _MAY_LACK.items()
               if (values := getattr(take, name)) is not None}
    with written_whole(path, "take") as partial, open(partial, "wb") as handle:
        np.savez_compressed(handle, **arrays)
    return path


def load_take(path: str | Path) -> Take:
    """Read and validate a take. Raises MocapError with the cause and the remedy for any other or damaged file.

    Whatever a take that loads holds is usable: finite, within generous limits, and of the 22 joints of MOCAP22. A
    keypoint without a finite place or score counts as missing.
    """
    path = Path(path)
    require_file(path, "give the .npz file that `capture` wrote")
    if not zipfile.is_zipfile(path):
        raise MocapError(f"{path}: not a take, or a damaged one; give the .npz file that `capture` wrote")
    try:
        arrays = read_arrays(path)
    except (OSError, ValueError, MemoryError) as error:
        raise MocapError(f"{path}: not a readable take ({one_line(error)}); capture the source again") from error
    if str(arrays.get("schema", "")) != SCHEMA:
        raise MocapError(f"{path}: not a take (no schema {SCHEMA!r}); give the .npz file that `capture` wrote")
    version = arrays.get("schema_version", np.array(-1))
    if version.shape or version != SCHEMA_VERSION:
        raise MocapError(f"{path}: the take has schema version {one_line(version)}, and this version of the add-on "
                         f"reads version {SCHEMA_VERSION}; update the add-on, or capture the source again")
    try:
        with np.errstate(all="ignore"):  # numbers out of range become infinite, and are refused as such
            take = _from_arrays(arrays)
            problem = take_problem(take)
    except Exception as error:  # arrays of any type and shape: what is wrong with them has no end of kinds
        raise MocapError(f"{path}: the take is incomplete ({one_line(repr(error))}); capture the source again"
                         ) from error
    if problem:
        raise MocapError(f"{path}: {problem}; the file is damaged, so capture the source again")
    return take


def _from_arrays(arrays: dict) -> Take:
    for name in ("camera", "fps", "keypoints_score", "keypoints_xy", "confidence", "parents"):
        if arrays[name].dtype.kind not in "fiu" or (name == "fps" and arrays[name].shape):
            raise ValueError(f"{name} is no number" if name == "fps" else f"{name} holds no numbers")
    width, height, focal, cx, cy = (float(value) for value in arrays["camera"])
    camera = Camera(int(width), int(height), focal, cx, cy)
    fps, times = float(arrays["fps"]), arrays["times"]
    score, confidence = arrays["keypoints_score"].astype(float), arrays["confidence"].astype(float)
    # Older files lack these two fields. In them all scores are 1 where keypoints are exact, and all confidences are 1
    # where the joints are known.
    exact = bool(arrays.get("keypoints_exact", (score[score > 0] == 1).all()))
    origin = str(arrays.get("origin", "lifted" if (confidence[:, 1:] < 1).any() else "known"))
    keypoints = Keypoints2D(arrays["keypoints_xy"].astype(float), score, str(arrays["keypoints_layout"]), fps, times,
                            camera.width, camera.height, exact)
    if not (np.isfinite(keypoints.xy).all() and np.isfinite(score).all()):
        keypoints = remove_invalid(keypoints)
    return Take(
        tuple(str(name) for name in arrays["joint_names"]), tuple(int(p) for p in arrays["parents"]), fps, times,
        arrays["bone_lengths"], arrays["directions"], arrays["root_positions"], arrays["world_from_camera"],
        keypoints, confidence, camera, json.loads(str(arrays["info"])), origin,
        settings=json.loads(str(arrays.get("settings", "{}"))),
        **{name: _numbers(arrays, name) for name in _MAY_LACK if name in arrays})


def _numbers(arrays: dict, name: str) -> np.ndarray:
    """An array of the file as floats, or as whole numbers where it holds such. Raises ValueError for anything else."""
    wanted = "i" if np.dtype(_MAY_LACK[name]).kind == "i" else "fiu"
    if arrays[name].dtype.kind not in wanted:
        raise ValueError(f"{name} holds {arrays[name].dtype} in place of numbers")
    return arrays[name] if wanted == "i" else arrays[name].astype(float)


def take_problem(take: Take) -> str:
    """The first fault of a take's arrays, in a few words; empty where there is none."""
    frames, joints, points = len(take.times), len(take.joint_names), take.keypoints.xy.shape[1]
    shapes = {
        "parents": (np.shape(take.parents), (joints,)), "bone_lengths": (take.bone_lengths.shape, (joints,)),
        "directions": (take.directions.shape, (frames, joints, 3)),
        "root_positions": (take.root_positions.shape, (frames, 3)),
        "world_from_camera": (take.world_from_camera.shape, (4, 4)),
        "confidence": (take.confidence.shape, (frames, joints)),
        "keypoints": (take.keypoints.xy.shape + take.keypoints.score.shape, (frames, points, 2, frames, points)),
    }
    if take.finger_points is not None or take.finger_presence is not None:
        shapes["finger_points"] = (np.shape(take.finger_points), (frames, 2, 21, 3))
        shapes["finger_presence"] = (np.shape(take.finger_presence), (frames, 2))
    for name in ("contacts", "contact_edits"):
        if getattr(take, name) is not None:
            shapes[name] = (np.shape(getattr(take, name)), (frames, len(PARTS)))
    for name, (found, wanted) in shapes.items():
        if found != wanted:
            return f"{name} has shape {found} in place of {wanted}"
    if frames == 0:
        return "it has no frames"
    if take.origin not in ORIGINS:
        return f"its origin is {take.origin!r} in place of one of {', '.join(ORIGINS)}"
    if take.keypoints.layout not in LAYOUTS:
        return f"keypoint layout {take.keypoints.layout!r} is unknown"
    if points != len(LAYOUTS[take.keypoints.layout]):
        return f"{points} keypoints do not fit the layout {take.keypoints.layout}"
    if take.parents[0] != -1 or any(not 0 <= p < j for j, p in enumerate(take.parents) if j):
        return "parents do not come before their children"
    if take.skeleton != MOCAP22:
        return "its joints are not the 22 of this add-on's skeleton"
    return (_number_problem(take) or _camera_problem(take.camera) or _info_problem(take.info)
            or _settings_problem(take.settings))


def _number_problem(take: Take) -> str:
    """The first fault of the numbers of a take whose arrays have the right shapes."""
    numbers = ("times", "bone_lengths", "directions", "root_positions", "world_from_camera", "confidence")
    for name in numbers:
        values = getattr(take, name)
        if values.dtype.kind not in "fiu":
            return f"{name} holds {values.dtype} in place of numbers"
        if not np.isfinite(values).all():
            return f"{name} holds NaN or infinite values"
    if take.finger_points is not None:
        if not (np.isfinite(take.finger_points).all() and np.abs(take.finger_points).max() < FARTHEST):
            return "finger_points holds NaN or infinite values"
        if not ((take.finger_presence >= 0) & (take.finger_presence <= 1 + 1e-6)).all():
            return "finger_presence is not in 0..1"
    if take.contacts is not None and not ((take.contacts >= 0) & (take.contacts <= 1 + 1e-6)).all():
        return "contacts are not in 0..1"
    if take.contact_edits is not None and not np.isin(take.contact_edits, (-1, 0, 1)).all():
        return "contact_edits are none of -1, 0 and 1"
    norms = np.linalg.norm(take.directions[:, 1:], axis=-1)
    if np.abs(norms - 1).max() > 1e-3:
        return "directions are not unit vectors"
    turn = take.world_from_camera[:3, :3]
    if np.abs(turn @ turn.T - np.eye(3)).max() > 1e-3 or np.linalg.det(turn) < 0 \
            or np.abs(take.world_from_camera[3] - (0, 0, 0, 1)).max() > 1e-6:
        return "world_from_camera is not a rigid transform"
    if not 0 < take.fps < np.inf or (take.bone_lengths[1:] <= 0).any():
        return "the frame rate or a bone length is not positive"
    if not LOWEST_RATE <= take.fps <= HIGHEST_RATE:
        return f"its frame rate is {take.fps:g} in place of {LOWEST_RATE:g} to {HIGHEST_RATE:g} frames per second"
    if take.bone_lengths.max() > LONGEST_BONE or take.bone_lengths[1:].min() < SHORTEST_BONE:
        return f"a bone is not {SHORTEST_BONE:g} to {LONGEST_BONE:g} m long"
    if max(np.abs(take.root_positions).max(), np.abs(take.world_from_camera[:3, 3]).max()) > FARTHEST:
        return f"it leads farther than {FARTHEST:g} m away"
    if np.abs(take.times - take.times[0] - np.arange(len(take.times)) / take.fps).max() > 0.5 / take.fps \
            or np.abs(take.times).max() > LATEST:
        return f"its times do not rise evenly at its {take.fps:g} frames per second"
    if take.confidence.min() < 0 or take.confidence.max() > 1 + 1e-6:
        return "confidence is not in 0..1"
    return ""


def _camera_problem(camera: Camera) -> str:
    """The first fault of a take's camera."""
    if not (1 <= camera.width <= LARGEST_SIDE and 1 <= camera.height <= LARGEST_SIDE):
        return f"its camera's picture has {camera.width:g} x {camera.height:g} pixels"
    side = max(camera.width, camera.height)
    if not side * 1e-6 <= camera.focal <= side * 1e6:
        return f"its camera's focal length is {camera.focal:g} pixels"
    if not all(abs(value) <= 100 * side for value in (camera.cx, camera.cy)):
        return f"its camera's principal point is ({camera.cx:g}, {camera.cy:g})"
    return ""


def _info_problem(info) -> str:
    """The first fault of a take's facts for people; only those that the program itself uses have a fixed type."""
    if not isinstance(info, dict):
        return f"its info is a {type(info).__name__} in place of a dict"
    try:
        json.dumps(info, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        return "its info holds numbers or text that can't be shown"
    seconds, warnings = info.get("seconds", {}), info.get("warnings", [])
    if not isinstance(seconds, dict) or not all(type(value) in (int, float) and 0 <= value < 1e9
                                                for value in seconds.values()):
        return "the seconds of its info are not numbers by stage"
    if not isinstance(warnings, list) or not all(isinstance(line, str) for line in warnings):
        return "the warnings of its info are not a list of sentences"
    for name in ("source", "detector", "device"):
        if not isinstance(info.get(name, ""), str):
            return f"the {name} of its info is no text"
    return ""


def _settings_problem(settings) -> str:
    """The first fault of a take's settings: names with plain values; which names there are, is not checked here."""
    if not isinstance(settings, dict):
        return f"its settings are a {type(settings).__name__} in place of a dict"
    for name, value in settings.items():
        if not isinstance(name, str) or not (value is None or isinstance(value, (bool, int, float, str))):
            return f"its setting {name!r} is no number, word or switch"
        if isinstance(value, float) and not np.isfinite(value):
            return f"its setting {name} is not finite"
    return ""
