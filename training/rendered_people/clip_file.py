"""One rendered clip as a file: the detections and the truth."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.keypoints import Keypoints2D, to_canonical
from anatomy_mocap.core.whole_file import written_whole

_BROKEN = (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""Errors that reading a foreign or truncated file may raise."""


@dataclass(frozen=True)
class RenderedClip:
    """T frames of one person, one camera.

    keypoints: (T, 33, 2) pixels and scores: (T, 33), MEDIAPIPE33 as the tracker gives them; 0 where nobody was seen.
    rival: (T, 33, 3) the detector's own 3D landmarks, metres from the hips, camera axes.
    times: (T,) seconds. size: (2,) width, height. intrinsics: (3, 3). world_from_camera: (T, 4, 4), camera axes x
    right, y down, z forward, world Z up, metres.
    points: (T, P, 3) world, points_px: (T, P, 2) pixels, hidden: (T, P) by the body itself; P points by name, the 22
    joints of MOCAP22 first. lengths: (22,) the body's bones (means over the clip), metres. height: metres.
    subject, motion, source_frames (T,): where the motion comes from; clips that sit, kneel or lie have only arms, head,
    heading and bone lengths from there. about: kind, shape, view ...
    """

    keypoints: np.ndarray
    scores: np.ndarray
    rival: np.ndarray
    times: np.ndarray
    size: np.ndarray
    intrinsics: np.ndarray
    world_from_camera: np.ndarray
    points: np.ndarray
    points_px: np.ndarray
    hidden: np.ndarray
    point_names: np.ndarray
    lengths: np.ndarray
    height: float
    subject: int
    motion: str
    source_frames: np.ndarray
    about: dict

    def __len__(self) -> int:
        return len(self.times)

    @property
    def detected(self) -> np.ndarray:
        """(T,) bool: frames in which the tracker saw the person."""
        return (self.scores > 0).any(axis=1)

    @property
    def camera(self) -> Camera:
        """The true camera."""
        return Camera.from_focal(int(self.size[0]), int(self.size[1]), float(self.intrinsics[0, 0]))

    def detections(self) -> Keypoints2D:
        """The detections as the tracker gives them."""
        step = float(np.median(np.diff(self.times))) if len(self) > 1 else 1.0
        return Keypoints2D(self.keypoints.astype(float), self.scores.astype(float), "MEDIAPIPE33", 1 / step,
                           self.times, int(self.size[0]), int(self.size[1]))

    def canonical(self) -> Keypoints2D:
        """The detections in the layout that the lifter reads."""
        return to_canonical(self.detections())

    def in_camera(self) -> np.ndarray:
        """(T, P, 3) the points in camera axes."""
        return (self.points - self.world_from_camera[:, None, :3, 3]) @ self.world_from_camera[:, :3, :3]

    @property
    def up(self) -> np.ndarray:
        """(T, 3) the world's up in camera axes."""
        return self.world_from_camera[:, 2, :3]


def save_clip(path: Path, clip: RenderedClip) -> None:
    """Write a clip, whole or not at all."""
    values = {field.name: getattr(clip, field.name) for field in fields(clip)}
    values["about"] = json.dumps(clip.about)
    with written_whole(path, "rendered clip") as partial, partial.open("wb") as stream:
        np.savez_compressed(stream, **values)


def load_clip(path: Path) -> RenderedClip:
    """Read a clip that `save_clip` wrote. Raises MocapError for other and for damaged files."""
    values = _read(path, [field.name for field in fields(RenderedClip)])
    return RenderedClip(**values)


def load_about(path: Path) -> dict:
    """Read only `about` of a clip that `save_clip` wrote, which is quicker."""
    return _read(path, ["about"])["about"]


def _read(path: Path, names: list[str]) -> dict:
    """Some of a clip's fields by name."""
    plain = {"height": float, "subject": int, "motion": str, "about": _about}
    try:
        with np.load(path) as data:
            return {name: plain.get(name, np.asarray)(data[name]) for name in names}
    except _BROKEN as error:
        raise MocapError(f"{path}: not a rendered clip, or a broken one ({error}); take it out of the folder and make "
                         "the set with the command render") from error


def _about(value: np.ndarray) -> dict:
    return dict(json.loads(str(value)))


def clip_files(folder: str | Path) -> list[Path]:
    """The clips of a folder, in order. Raises MocapError if there are none."""
    found = sorted(Path(folder).glob("*.npz"))
    if not found:
        raise MocapError(f"{folder}: no rendered clips in it; make some with the command render")
    return found
