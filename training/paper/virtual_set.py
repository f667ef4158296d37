"""The benchmark's videos: each motion capture clip filmed by four still cameras, with detected 2D keypoints.

The set is deliberately simple and independent of the product's simulator (simulate_batch.py), so that results of
different days can be compared. Bodies are the recorded ones, the joints are the paper's 17, keypoints and joints are
the same points, 25 frames a second.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter1d

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.core.whole_file import written_whole

from ..mocap.dataset import LIFTER_FPS, MocapSet, load_split
from ..simulate.occlusion import hidden
from .skeleton17 import PAPER17
from .videos import Videos, pack, projected

SEED = 20200224
VERSION = 2
"""Version of the videos. A change makes results of other days incomparable."""
FOCAL = 2.29
"""Focal length in units of half the picture's width, as of Human3.6M's cameras."""

_JOINTS = [MOCAP22.index(name) for name in PAPER17.joint_names]
_FACTOR = np.array([0.7 if name in ("pelvis", "spine", "thorax", "neck") else
                    1.4 if name.endswith(("wrist", "ankle", "head")) else 1.0 for name in PAPER17.joint_names])
# Where each canonical keypoint is for the occlusion test, and which of them answers for each of the 17.
_PLACES = {"eye": "nose", "ear": "nose", "heel": "ankle"}
_ANSWERS = {"neck": "nose", "head": "nose"}


def virtual_videos(mocap: MocapSet, seed: int, spread: float = 1.0) -> Videos:
    """Each clip filmed by four cameras. spread: variety of the cameras' heights, distances and headings; 0 for the test
    set."""
    parts = []
    for index in range(len(mocap)):
        rng = np.random.default_rng((SEED, seed, index))
        step = mocap.fps / LIFTER_FPS
        count = max(1, int((mocap.frames[index] - 1) / step))
        clip = mocap.sample(np.array([index]), np.zeros(1), np.array([step]), count)[0]
        heading = rng.uniform(-np.pi, np.pi) * spread
        for side in range(4):
            points = _filmed(rng, clip, heading + np.pi * (0.25 + 0.5 * side), spread)
            xy, score = _detected(rng, points)
            parts.append({"xy": xy, "score": score, "joints": points[:, _JOINTS], "subject": str(mocap.subject[index]),
                          "action": mocap.names[index], "lens": np.array([FOCAL, FOCAL, 0, 0, 0, 0, 0, 0, 0.0])})
    return pack(parts)


def _filmed(rng: np.random.Generator, clip: np.ndarray, heading: float, spread: float) -> np.ndarray:
    """World joints (T, J, 3), Z up, in the axes of a level-headed camera that has the whole path in its picture."""
    root = clip[:, 0]
    middle = 0.5 * (root.min(axis=0) + root.max(axis=0))
    reach = np.linalg.norm(root - middle, axis=1).max() + 1.1
    distance = max(4.5 + rng.uniform(-0.7, 0.7) * spread, reach * FOCAL * 0.62 + reach)
    height = 1.5 + rng.uniform(-0.4, 0.4) * spread
    forward = np.array([np.cos(heading), np.sin(heading), 0.0])
    place = np.array([middle[0], middle[1], height]) - distance * forward
    look = np.array([middle[0], middle[1], 0.95]) - place
    look /= np.linalg.norm(look)
    right = np.cross(look, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    return ((clip - place) @ np.stack([right, np.cross(look, right), look]).T).astype(np.float32)


def _covered(points: np.ndarray) -> np.ndarray:
    """(T, 17) in 0..1, how far the body itself hides each of the 17 joints; points (T, 22, 3) in camera axes."""
    def place(name: str) -> str:
        side, _, part = name.rpartition("_")
        part = _PLACES.get(part, part)
        return f"{side}_{part}" if side and part != "nose" else part

    seen = points[:, [MOCAP22.index(place(name)) for name in CANONICAL.keypoint_names]]
    cover = hidden(seen[None], points[None], np.array([1.7]))[0]
    names = list(CANONICAL.keypoint_names)
    columns = [names.index(_ANSWERS.get(name, name)) if _ANSWERS.get(name, name) in names else -1
               for name in PAPER17.joint_names]
    return np.where(np.array(columns) < 0, 0.0, cover[:, columns])


def _detected(rng: np.random.Generator, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """xy (T, 17, 2) and visibility (T, 17) as a good detector gives them."""
    joints = points[:, _JOINTS]
    exact = projected(joints, np.array([FOCAL, FOCAL, 0, 0, 0, 0, 0, 0, 0.0]))
    cover, frames = _covered(points), len(points)
    size = 1.7 * FOCAL / joints[:, :1, 2:]  # a person's height in the picture

    def slow(sigma: float) -> np.ndarray:
        noise = gaussian_filter1d(rng.standard_normal((frames, 17, 2)), sigma, axis=0, mode="wrap")
        return noise * np.sqrt(2 * sigma * np.sqrt(np.pi))

    error = 0.003 * rng.standard_normal((frames, 17, 2)) + 0.006 * slow(4.0) + 0.005 * rng.standard_normal((1, 17, 2))
    error = error * _FACTOR[:, None] + 0.03 * cover[..., None] * slow(4.0)
    jumps = gaussian_filter1d((rng.random((frames, 17)) < 0.002).astype(float), 1.5, axis=0)[..., None]
    error = error + np.minimum(4 * jumps, 1.0) * 0.08 * slow(3.0)
    off = np.linalg.norm(error, axis=-1)
    logit = 3.0 - 5.0 * cover - 25.0 * off + 0.7 * slow(3.0)[..., 0]
    return exact + error * size, 1 / (1 + np.exp(-logit))


def benchmark_videos(data: str, folder: Path) -> tuple[Videos, Videos]:
    """The training and the test videos; stored in `folder` for the next run with the same ones."""
    training, held_out = load_split(data)
    path = folder / f"videos-{VERSION}-{_fingerprint_of_the_making(training, held_out)}.npz"
    kept = _kept(path) if path.is_file() else None
    if kept is None:
        kept = virtual_videos(training, 1), virtual_videos(held_out, 2, 0.0)
        arrays = {f"{prefix}/{key}": np.array(value)
                  for prefix, videos in zip(_PARTS, kept, strict=True) for key, value in vars(videos).items()}
        folder.mkdir(parents=True, exist_ok=True)
        with written_whole(path, "virtual videos") as part, part.open("wb") as stream:
            np.savez(stream, **arrays)
    return kept


_PARTS = ("train", "test")


def _kept(path: Path) -> tuple[Videos, Videos] | None:
    """The stored videos; None if the file is damaged."""
    try:
        with np.load(path) as stored:
            return tuple(Videos(**{key: tuple(stored[f"{prefix}/{key}"].tolist()) if key in ("subject", "action") else
                                   stored[f"{prefix}/{key}"] for key in Videos.__dataclass_fields__})
                         for prefix in _PARTS)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        return None


def fingerprint(videos: tuple[Videos, ...]) -> str:
    """A short name of the content of the videos: other data, another name."""
    return _hashed(value for part in videos for value in vars(part).values())


def _fingerprint_of_the_making(training: MocapSet, held_out: MocapSet) -> str:
    """A short name of all that the videos are made from: the repaired motion, its split, and the shortest clip filmed
    by the present code."""
    filmed = virtual_videos(training.chosen(np.arange(len(training)) == np.argmin(training.frames)), 0)
    parts = [part for some in (training, held_out) for part in (some.start, some.frames, some.subject, some.names)]
    return _hashed([training.positions, training.fps, *parts, *vars(filmed).values()])


def _hashed(values) -> str:
    digest = hashlib.sha256()
    for value in map(np.ascontiguousarray, values):
        digest.update(f"{value.dtype.str}{value.shape}".encode() + value.tobytes())
    return digest.hexdigest()[:16]
