"""The motion capture set: reading its files, repairing it, and sampling poses."""

from __future__ import annotations

import csv
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22

from .head_and_hand_repair import hands_along, head_on
from .straight_knees import straightened
from .trunk_repair import as_usual

VALIDATION_SUBJECTS = (9, 69, 85, 86, 131)
"""Subjects of validation, which training never sees."""

LIFTER_FPS = 25.0
"""Frame rate of the lifter."""

_NAMES = {  # joints of the set under the product's names
    "rhip": "right_hip", "rknee": "right_knee", "rankle": "right_ankle", "lhip": "left_hip", "lknee": "left_knee",
    "lankle": "left_ankle", "headtop": "head", "lshoulder": "left_shoulder", "lelbow": "left_elbow",
    "lwrist": "left_wrist", "rshoulder": "right_shoulder", "relbow": "right_elbow", "rwrist": "right_wrist",
    "ltoe": "left_toe", "rtoe": "right_toe", "lknuckle": "left_knuckle", "rknuckle": "right_knuckle",
}


@dataclass(frozen=True)
class MocapSet:
    """Clips, packed one after the other.

    positions: (F, 22, 3) metres, world axes (Z up). start, frames: (clips,) place of each clip. fps: of all clips.
    subject: (clips,) int. loose_shoulders: (clips,) bool, unreliable collar bones. names: of the clips.
    """

    positions: np.ndarray
    start: np.ndarray
    frames: np.ndarray
    subject: np.ndarray
    loose_shoulders: np.ndarray
    names: tuple[str, ...]
    fps: float

    def __len__(self) -> int:
        return len(self.start)

    def chosen(self, keep: np.ndarray) -> MocapSet:
        """The clips where `keep` (clips,) is true; the positions are shared."""
        names = tuple(name for name, kept in zip(self.names, keep, strict=True) if kept)
        return MocapSet(self.positions, self.start[keep], self.frames[keep], self.subject[keep],
                        self.loose_shoulders[keep], names, self.fps)

    def sample(self, clip: np.ndarray, first: np.ndarray, step: np.ndarray, count: int) -> np.ndarray:
        """`count` poses of each clip from frame `first` on, `step` frames apart (both real): (N, count, 22, 3).

        Outside of the clip its first or last pose is held.
        """
        at = first[:, None] + step[:, None] * np.arange(count)
        at = np.clip(at, 0, self.frames[clip][:, None] - 1.001)
        low = at.astype(int)
        mix = (at - low).astype(np.float32)[..., None, None]
        index = self.start[clip][:, None] + low
        return self.positions[index] * (1 - mix) + self.positions[index + 1] * mix


def load_mocap(path: str | Path) -> MocapSet:
    """Read cmu17.npz and the .csv of the same name beside it.

    Raises MocapError if one of them is missing or damaged, or lacks what the other one lists.
    """
    path = Path(path)
    table = path.with_suffix(".csv")
    for file in (path, table):
        if not file.is_file():
            raise MocapError(f"{file}: not found; give the motion set's .npz file, with its .csv beside it")
    rows, clips = _rows(table), []
    try:
        with np.load(path) as data:
            names = [_NAMES.get(name, name) for name in (*data["joints"], *data["extra"])]
            order = [names.index(name) for name in MOCAP22.joint_names]
            for row in rows:
                both = np.concatenate([data["pos/" + row["clip"]], data["ext/" + row["clip"]]], axis=1)[:, order]
                upright = np.stack([both[..., 0], -both[..., 2], both[..., 1]], axis=-1)
                clips.append(hands_along(upright).astype(np.float32))
    except _DAMAGED as error:
        raise MocapError(f"{path}: not the motion set that {table.name} lists ({error}); download both files "
                         "again") from error
    recordings = [row["clip"].partition(".")[0] for row in rows]
    _mend(clips, recordings, head_on)
    _mend(clips, [row["skeleton"] for row in rows], as_usual)
    _mend(clips, [(row["subject"], row["skeleton"]) for row in rows], _straightened)
    frames = np.array([len(clip) for clip in clips])
    return MocapSet(
        np.concatenate(clips), np.cumsum(frames) - frames, frames,
        np.array([_number(row) for row in rows]),
        np.array([row["skeleton"] == "cmu-daz" for row in rows]),
        tuple(row["clip"] for row in rows), float(rows[0]["fps"]))


_DAMAGED = (OSError, EOFError, ValueError, KeyError, IndexError, TypeError, zipfile.BadZipFile, zlib.error)
"""Errors that numpy and zipfile raise on truncated, overwritten or foreign files."""


def _rows(table: Path) -> list[dict[str, str]]:
    """The table of the clips, one row each."""
    try:
        with table.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            _number(row), float(row["fps"]), row["skeleton"] + row["clip"]
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, csv.Error) as error:
        raise MocapError(f"{table}: not the table of a motion set ({error}); clip, subject (as cmu_009), skeleton and "
                         "fps are expected; download it again") from error
    if not rows:
        raise MocapError(f"{table}: no clip in it; download it again")
    return rows


def _number(row: dict[str, str]) -> int:
    """The subject's: 9 of cmu_009."""
    return int(row["subject"].split("_")[1])


def _mend(clips: list[np.ndarray], groups: list, mended) -> None:
    """Replace the clips of each group by what `mended` returns for them together."""
    for group in dict.fromkeys(groups):
        indices = [index for index, other in enumerate(groups) if other == group]
        for index, clip in zip(indices, mended([clips[index] for index in indices]), strict=True):
            clips[index] = clip.astype(np.float32)


def _straightened(clips: list[np.ndarray]) -> list[np.ndarray]:
    """One person's clips without the bent knees."""
    together = np.concatenate(clips)
    for side in ("left", "right"):
        together = straightened(together, side)
    return np.split(together, np.cumsum([len(clip) for clip in clips])[:-1])


def split(mocap: MocapSet) -> tuple[MocapSet, MocapSet]:
    """The training and the validation clips."""
    held_out = np.isin(mocap.subject, VALIDATION_SUBJECTS)
    return mocap.chosen(~held_out), mocap.chosen(held_out)


def load_split(path: str | Path) -> tuple[MocapSet, MocapSet]:
    """The training and the validation clips of a motion set. Raises MocapError if either has no clip."""
    parts = split(load_mocap(path))
    for part, whose in zip(parts, ("training", "validation"), strict=True):
        if not len(part):
            raise MocapError(f"{path}: no clip of a {whose} subject (for validation: "
                             f"{', '.join(map(str, VALIDATION_SUBJECTS))}); give the whole motion set")
    return parts


def directions_of(positions: np.ndarray) -> np.ndarray:
    """(..., J, 3) positions -> (..., J, 3) unit directions of the bones, row 0 zero."""
    parents = np.array(MOCAP22.parents)
    bones = np.zeros_like(positions)
    bones[..., 1:, :] = positions[..., 1:, :] - positions[..., parents[1:], :]
    return bones / np.maximum(np.linalg.norm(bones, axis=-1, keepdims=True), 1e-6)
