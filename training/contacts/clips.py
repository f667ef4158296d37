"""Short clips of the training subjects by kind, and their takes, which are lifted once and kept in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.soles import body_points
from anatomy_mocap.core.take import Take, load_take, save_take
from anatomy_mocap.pipeline import lift_keypoints
from anatomy_mocap.settings import CaptureSettings

from ..mocap.dataset import LIFTER_FPS, MocapSet
from ..mocap.made_up_acts import act
from ..simulate.simulate_clip import CAMERAS, moving, simulate_clip, subjects_body
from .true_contacts import TrueContacts, true_contacts

ACTS = ("sit", "kneel", "lie")
"""Kinds that are made up, since no recording shows them."""
DANCERS, ACROBATS = (5, 55, 60, 61, 93, 94), (49, 88, 90)
"""Subjects of CMU who dance, and who turn cartwheels."""
RUN_SPEED = 1.8
"""Metres a second of the pelvis, on average, from which a clip is a run. Chosen: between a fast walk and a jog."""
SECONDS = {"run": 6.0, "dance": 8.0, "acrobat": 8.0, "other": 8.0, "sit": 10.0, "kneel": 10.0, "lie": 12.0}
"""Kind -> the longest piece of it. Chosen."""
SHARES = {"run": 0.25, "dance": 0.18, "acrobat": 0.12, "other": 0.18, "sit": 0.06, "kneel": 0.08, "lie": 0.13}
"""Kind -> share of the clips. Chosen: what is hard (runs, lying) is more frequent than in life."""


class Piece(NamedTuple):
    """One clip of a kind: a motion set of one clip, the camera's number and a name for files."""

    kind: str
    motion: MocapSet
    view: int
    name: str


class Example(NamedTuple):
    """A take and what truly touches the floor in it. name: of the piece. subject: number of the recorded person."""

    kind: str
    take: Take
    truth: TrueContacts
    name: str
    subject: int


def pieces(mocap: MocapSet, count: int, seed: int) -> list[Piece]:
    """About `count` pieces of the clips of a motion set, all kinds mixed, the same for the same seed."""
    rng = np.random.default_rng(seed)
    by_kind = {kind: [] for kind in SECONDS}
    for clip in range(len(mocap)):
        by_kind[_kind(mocap, clip)].append(clip)
    longest = int(np.argmax(mocap.frames))
    found = []
    for kind, share in SHARES.items():
        clips = by_kind[kind] if kind not in ACTS else [c for c in range(len(mocap)) if mocap.frames[c] > 4 * mocap.fps]
        order = rng.permutation(clips)
        for number in range(round(share * count)):
            clip = int(order[number % len(order)]) if len(order) else longest
            most = int(SECONDS[kind] * mocap.fps)
            size = int(min(most, mocap.frames[clip]))
            first = int(mocap.start[clip] + rng.integers(mocap.frames[clip] - size + 1))
            joints = mocap.positions[first:first + size]
            if kind in ACTS:
                joints = _on_floor(act(rng, kind, joints.astype(float), mocap.fps)).astype(np.float32)
            one = MocapSet(joints, np.zeros(1, int), np.array([len(joints)]), mocap.subject[clip:clip + 1],
                           mocap.loose_shoulders[clip:clip + 1], (f"{kind}{number}",), mocap.fps)
            found.append(Piece(kind, one, int(rng.integers(len(CAMERAS))), f"{kind}{number:03d}_{mocap.names[clip]}"))
    return [found[index] for index in rng.permutation(len(found))]


def _kind(mocap: MocapSet, clip: int) -> str:
    if mocap.subject[clip] in ACROBATS:
        return "acrobat"
    if mocap.subject[clip] in DANCERS:
        return "dance"
    root = mocap.positions[mocap.start[clip]:mocap.start[clip] + mocap.frames[clip], 0, :2]
    speed = np.linalg.norm(np.diff(root[::5], axis=0), axis=1).mean() * mocap.fps / 5 if len(root) > 10 else 0.0
    return "run" if speed > RUN_SPEED else "other"


def _on_floor(joints: np.ndarray) -> np.ndarray:
    """Joints (T, 22, 3) raised so that in each frame the body's skin touches the floor, where an act puts a joint."""
    return joints - body_points(joints)[..., 2].min(axis=1)[:, None, None] * [0.0, 0.0, 1.0]


def examples(chosen: list[Piece], folder: Path, seed: int) -> Iterator[Example]:
    """The takes of pieces with their truth; a take that lies in `folder` is read."""
    for piece in chosen:
        joints = moving(piece.motion, 0, subjects_body(piece.motion, 0), LIFTER_FPS)[0][0]
        file = folder / f"{piece.name}.{piece.view}.npz"
        if file.is_file():
            take = load_take(file)
        else:
            seen = simulate_clip(piece.motion, 0, piece.view, seed=seed + len(piece.name))
            take = drain(lift_keypoints(seen.keypoints, seen.camera, CaptureSettings(device="cpu"),
                                        {"warnings": [], "seconds": {}}))
            folder.mkdir(parents=True, exist_ok=True)
            save_take(take, file)
        truth = true_contacts(joints)
        # Frames in which nobody is seen at the clip's ends are not in the take.
        first = int(round(float(take.times[0]) * LIFTER_FPS))
        kept = slice(first, first + len(take))
        yield Example(piece.kind, take, TrueContacts(*(part[kept] for part in truth)), piece.name,
                      int(piece.motion.subject[0]))
