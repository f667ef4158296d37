"""Measures the directions of hands and the rolls of palms on rendered people whose palms are known.

    python -m benchmarks.palms FOLDER [FOLDER ...] [--cache out/motion] [--fresh]

FOLDER: clips of `python -m training render --set palms`, in which palms turn on their own, or of another set after
`render-truth`. Takes are lifted once and kept in the cache. One row for all frames, for the hands whose keypoints are
seen well, fairly and badly, and for each kind of motion. Columns, in degrees:

    direction    mean angle between the found and the true direction from wrist to knuckles
    forearm      the same of the forearm, from which the hand's error begins
    plane, depth  parts of the direction's error: within the picture where the hand is not foreshortened by more than
                 half, and of the angle to the picture's plane
    relaxed      mean roll error of a palm that follows the elbow (palms off)
    palms        mean roll error of the palms as found
    within 45    share of the found palms that err by less than 45 degrees, per cent
The roll error is the angle between found and true palm after the hand's direction is swung onto the true one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.keypoint_layouts import LAYOUTS
from anatomy_mocap.core.skeleton import MOCAP22, SIDES
from anatomy_mocap.core.take import Take
from anatomy_mocap.maths.rotations import apply, swing, unit
from benchmarks.machine import machine
from benchmarks.motion_clips import KINDS, rendered
from training.rendered_people.clip_file import RenderedClip, load_clip

Samples = dict[str, np.ndarray]
_NAMES = LAYOUTS["MEDIAPIPE33"].keypoint_names
_PALM = np.array([0.0, 0.0, -1.0])
"""Out of the palm in the T-pose."""
_COLUMNS = ("direction", "forearm", "plane", "depth", "relaxed", "palms")
_ROWS = (("seen well", 0.85, 1.01), ("seen fairly", 0.7, 0.85), ("seen badly", 0.0, 0.7))
"""Lowest score of wrist, index and little finger: of a row at least the first and below the second."""


def true_palms(clip: RenderedClip) -> np.ndarray | None:
    """(T, 2, 3) unit vectors out of the palms, left first, camera axes; None for clips without them."""
    names, points = list(clip.point_names), clip.in_camera()
    if "left_index" not in names:
        return None
    found = []
    for side in SIDES:
        wrist, index, pinky = (points[:, names.index(f"{side}_{part}")] for part in ("wrist", "index", "pinky"))
        found.append(unit(np.cross(index - wrist, pinky - wrist)) * (-1.0 if side == "left" else 1.0))
    return np.stack(found, axis=1)


def samples(take: Take, joints: np.ndarray, palms: np.ndarray | None, kind: str) -> Samples:
    """Samples of a clip's hands. joints: (T, 22, 3), palms: (T, 2, 3), the truth in camera axes."""
    turn = take.world_from_camera[:3, :3]
    motions = {name: solve(take, name == "palms") for name in ("relaxed", "palms")}
    sight = unit(take.joint_positions("camera"))
    parts: list[Samples] = []
    for number, side in enumerate(SIDES):
        elbow, wrist, knuckle = (MOCAP22.index(f"{side}_{name}") for name in ("elbow", "wrist", "knuckle"))
        found, true = take.directions[:, knuckle], unit(joints[:, knuckle] - joints[:, wrist])
        plane, depth = _parts(found, true, sight[:, knuckle])
        own = {"direction": _angle(found, true), "plane": plane, "depth": depth, "kind": np.full(len(take), kind),
               "forearm": _angle(take.directions[:, wrist], joints[:, wrist] - joints[:, elbow]),
               "score": np.min([take.keypoints.score[:, _NAMES.index(f"{side}_{name}")]
                                for name in ("wrist", "index_knuckle", "pinky_knuckle")], axis=0)}
        for name, motion in motions.items():
            out = apply(swing(found, true), apply(motion.rotations[:, knuckle], _PALM) @ turn)
            out = out - true * (out * true).sum(-1, keepdims=True)
            own[name] = np.full(len(take), np.nan) if palms is None else _angle(out, palms[:, number])
        parts.append(own)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _parts(found: np.ndarray, true: np.ndarray, sight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Degrees of the error within the picture (NaN for a hand foreshortened by more than half), and in depth."""
    depth = [np.degrees(np.arcsin(np.clip((each * sight).sum(-1), -1, 1))) for each in (found, true)]
    flat = [each - sight * (each * sight).sum(-1, keepdims=True) for each in (found, true)]
    return np.where(np.abs(depth[1]) < 60.0, _angle(*flat), np.nan), np.abs(depth[0] - depth[1])


def _angle(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second), axis=-1), (first * second).sum(-1)))


def header(title: str) -> str:
    """The lines above a table."""
    return f"{title}\n{'':20}{'hands':>7}" + "".join(f"{name:>10}" for name in (*_COLUMNS, "within 45"))


def row(name: str, of: Samples, part: np.ndarray) -> str:
    """A line of the table; `part` (N,) bool chooses the samples."""
    cells = [f"{np.nanmean(of[column][part]):10.1f}" if np.isfinite(of[column][part]).any() else f"{'-':>10}"
             for column in _COLUMNS]
    known = part & np.isfinite(of["palms"])
    right = f"{100 * np.mean(of['palms'][known] < 45.0):10.0f}" if known.any() else f"{'-':>10}"
    return f"{name:20}{int(part.sum()):7}" + "".join(cells) + right


def main() -> None:
    """Measure each folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", help="folders of rendered clips")
    parser.add_argument("--cache", type=Path, default=Path("out/motion"), help="folder of the lifted takes")
    parser.add_argument("--fresh", action="store_true", help="lift all takes again")
    given = parser.parse_args()
    print(machine())
    for folder in given.folders:
        parts = []
        clips = {path.stem: load_clip(path) for path in sorted(folder.glob("*.npz"))}
        for truth, take in rendered(folder, given.cache, given.fresh, KINDS, None):
            clip = clips[truth.name.partition(".")[0]]
            seen = np.flatnonzero(clip.detected)
            palms = true_palms(clip)
            palms = None if palms is None else palms[seen[0]: seen[-1] + 1]
            parts.append(samples(take, truth.joints @ truth.turn, palms, truth.kind))
        whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        print(header(folder.name))
        print(row("all", whole, np.ones(len(whole["score"]), dtype=bool)))
        for name, low, high in _ROWS:
            print(row(name, whole, (whole["score"] >= low) & (whole["score"] < high)))
        for kind in (kind for kind in KINDS if (whole["kind"] == kind).any()):
            print(row(kind, whole, whole["kind"] == kind))


if __name__ == "__main__":
    main()
