"""One crowd clip as two files: the video (.mp4) and the truth (.npz) of the same name beside it."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.whole_file import written_whole

_BROKEN = (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""Errors that reading a foreign or truncated file may raise."""


@dataclass(frozen=True)
class Crowd:
    """T frames of N people before one camera at a time. P points by name, the 22 joints of MOCAP22 first.

    times: (T,) seconds. size: (2,) width, height. intrinsics: (3, 3). world_from_camera: (T, 4, 4), camera axes x
    right, y down, z forward, world Z up, metres, the floor at 0. shots: (S,) frames at which a shot begins.
    present: (N, T) bool, in the scene (people may stand outside of the picture); where it is false all else is 0.
    points: (N, T, P, 3) world. points_px: (N, T, P, 2) pixels. hidden: (N, T, P) bool, behind the own body or behind
    somebody else. boxes: (N, T, 4) left, top, right, bottom of the whole body, pixels, beyond the picture too.
    visible, covered, outside: (N, T) shares of the silhouette: shown, behind others, outside of the picture.
    heights: (N,) metres. lengths: (N, 22) bones of the body, metres. subjects, recordings: (N,) of each person's first
    movement in the motion set. about: kind, clothes, ways, cameras.
    """

    times: np.ndarray
    size: np.ndarray
    intrinsics: np.ndarray
    world_from_camera: np.ndarray
    shots: np.ndarray
    present: np.ndarray
    points: np.ndarray
    points_px: np.ndarray
    hidden: np.ndarray
    boxes: np.ndarray
    visible: np.ndarray
    covered: np.ndarray
    outside: np.ndarray
    point_names: np.ndarray
    heights: np.ndarray
    lengths: np.ndarray
    subjects: np.ndarray
    recordings: np.ndarray
    about: dict

    def __len__(self) -> int:
        return len(self.times)

    @property
    def people(self) -> int:
        """Number of people."""
        return len(self.present)

    @property
    def kind(self) -> str:
        """Name of the kind, such as "hide"."""
        return str(self.about["kind"])

    def in_camera(self) -> np.ndarray:
        """(N, T, P, 3) the points in camera axes."""
        turn, eye = self.world_from_camera[:, :3, :3], self.world_from_camera[:, :3, 3]
        return np.einsum("ntpi,tij->ntpj", self.points - eye[None, :, None], turn)


def save_crowd(path: Path, crowd: Crowd) -> None:
    """Write the truth, whole or not at all. path: of the .npz."""
    values = {field.name: getattr(crowd, field.name) for field in fields(crowd)}
    values["about"] = json.dumps(crowd.about)
    with written_whole(path, "truth of a crowd clip") as partial, partial.open("wb") as stream:
        np.savez_compressed(stream, **values)


def load_crowd(path: str | Path) -> Crowd:
    """Read the truth of a clip. path: of the .npz or of its .mp4. Raises MocapError for other and damaged files."""
    path = Path(path).with_suffix(".npz")
    try:
        with np.load(path) as data:
            values = {field.name: np.asarray(data[field.name]) for field in fields(Crowd)}
        values["about"] = dict(json.loads(str(values["about"])))
        return Crowd(**values)
    except _BROKEN as error:
        raise MocapError(f"{path}: not the truth of a crowd clip, or a broken one ({error}); take it out of the folder "
                         "and make the set with the command render-crowds") from error


def video_of(path: str | Path) -> Path:
    """The video of a truth."""
    return Path(path).with_suffix(".mp4")


def crowd_files(folder: str | Path) -> list[Path]:
    """The truths (.npz) of a folder whose videos are there, in order. Raises MocapError if there are none."""
    found = [path for path in sorted(Path(folder).glob("*.npz")) if video_of(path).is_file()]
    if not found:
        raise MocapError(f"{folder}: no crowd clips in it; make some with the command render-crowds")
    return found
