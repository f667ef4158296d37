"""Videos with 2D keypoints and true joints, packed one after the other, and the batches drawn from them.

The same form serves Human3.6M, MPI-INF-3DHP and the benchmark's virtual videos.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .skeleton17 import PAPER17, bones_of


@dataclass(frozen=True)
class Videos:
    """N videos of F frames in all.

    xy: (F, 17, 2) normalised as the paper does: x * 2 / w - 1, y * 2 / w - h / w. score: (F, 17) visibility in 0..1.
    joints: (F, 17, 3) metres in camera axes (x right, y down, z forward), root included.
    counted: (F,) bool, frames that evaluation counts. start, frames: (N,) where each video lies.
    lens: (N, 9) fx, fy, cx, cy in normalised units, radial k1, k2, k3 and tangential p1, p2 (see `projected`); NaN
    where the camera is not known.
    subject, action: N names each.
    """

    xy: np.ndarray
    score: np.ndarray
    joints: np.ndarray
    counted: np.ndarray
    start: np.ndarray
    frames: np.ndarray
    lens: np.ndarray
    subject: tuple[str, ...]
    action: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.start)

    @property
    def lengths(self) -> np.ndarray:
        """(N, 16) metres: each video's bone lengths, the mean over its frames."""
        measured = np.linalg.norm(bones_of(self.joints), axis=-1)
        return np.stack([measured[a : a + n].mean(axis=0) for a, n in zip(self.start, self.frames, strict=True)])

    def video(self, index: int) -> slice:
        """The slice of one video's frames."""
        return slice(int(self.start[index]), int(self.start[index] + self.frames[index]))


def pack(parts: list[dict]) -> Videos:
    """Videos from one dictionary each: xy, score, joints, lens, subject, action, and counted if not all frames count.
    """
    frames = np.array([len(part["xy"]) for part in parts])
    counted = [np.asarray(part.get("counted", np.ones(len(part["xy"]), bool)), dtype=bool) for part in parts]
    return Videos(
        *(np.concatenate([part[name] for part in parts]).astype(np.float32) for name in ("xy", "score", "joints")),
        np.concatenate(counted), np.cumsum(frames) - frames, frames,
        np.stack([part["lens"] for part in parts]).astype(np.float32),
        tuple(part["subject"] for part in parts), tuple(part["action"] for part in parts))


def normalised(pixels: np.ndarray, width: float, height: float) -> np.ndarray:
    """Pixels (..., 2) in the paper's picture coordinates: x in -1..1, y by the same scale."""
    return pixels * (2.0 / width) - np.array([1.0, height / width])


RELATIVE_SCALE = 3.0
"""Factor that gives a person's extent as much weight as the place in the picture."""


def relative(xy: np.ndarray) -> np.ndarray:
    """Keypoints (..., 17, 2) relative to the pelvis, which keeps its own place.

    The information is the same; networks trained for minutes only learn far faster from it.
    """
    result = (xy - xy[..., :1, :]) * RELATIVE_SCALE
    result[..., 0, :] = xy[..., 0, :]
    return result


def projected(points: np.ndarray, lens: np.ndarray) -> np.ndarray:
    """Camera-space points (..., M, 3) through lenses (..., 9) as in `Videos.lens`: (..., M, 2).

    The lens is Human3.6M's: k along the ray's distance from the axis, p as that set's own projection has it.
    """
    fx, fy, cx, cy, k1, k2, k3, p1, p2 = np.moveaxis(np.asarray(lens)[..., None, :], -1, 0)
    x, y = np.moveaxis(points[..., :2] / np.maximum(points[..., 2:], 1e-3), -1, 0)
    r2 = x * x + y * y
    bent = 1 + r2 * (k1 + r2 * (k2 + r2 * k3)) + p1 * x + p2 * y
    return np.stack([fx * (x * bent + p1 * r2) + cx, fy * (y * bent + p2 * r2) + cy], axis=-1)


def window_frames(frame: np.ndarray, count: np.ndarray, before: int, after: int) -> np.ndarray:
    """(B, before + 1 + after) frame numbers around `frame` (B,) of videos of `count` (B,) frames, ends repeated."""
    return np.clip(frame[:, None] + np.arange(-before, after + 1), 0, count[:, None] - 1)


def length_frames(rng: np.random.Generator, frame: np.ndarray, count: np.ndarray, size: int, causal: bool,
                  consecutive: bool) -> np.ndarray:
    """(B, size) frames to take the lengths from: random ones of the video (causal: up to `frame`), or neighbours."""
    if consecutive:
        before = size - 1 if causal else size // 2
        return window_frames(frame, count, before, size - 1 - before)
    last = frame + 1 if causal else count
    return (rng.random((len(frame), size)) * last[:, None]).astype(int)


@dataclass(frozen=True)
class PaperBatch:
    """B windows and V bags of frames, each bag shared by B / V windows of one video.

    xy (B, T, 17, 2), score (B, T, 17): the windows. joints (B, 17, 3): of the current frame, relative to the root.
    lengths (V, 16). bag_xy (V, L, 17, 2), bag_joints (V, L, 17, 3) relative to the root.
    extra_xy (V, L, 17, 2), extra_lengths (V, 16): the augmented bags; None where there are none.
    """

    xy: np.ndarray
    score: np.ndarray
    joints: np.ndarray
    lengths: np.ndarray
    bag_xy: np.ndarray
    bag_joints: np.ndarray
    extra_xy: np.ndarray | None
    extra_lengths: np.ndarray | None


def mirrored(values: np.ndarray, flip: np.ndarray) -> np.ndarray:
    """Values (B, ..., 17, D) with the rows where `flip` (B,) is true mirrored; D = 1 for scores."""
    sign = np.array([-1, 1, 1][: values.shape[-1]] if values.shape[-1] > 1 else [1], dtype=values.dtype)
    other = values[..., PAPER17.mirror, :] * sign
    return np.where(flip.reshape(-1, *[1] * (values.ndim - 1)), other, values)


def mirrored_lengths(lengths: np.ndarray, flip: np.ndarray) -> np.ndarray:
    """(B, 16) lengths, left and right exchanged where `flip` is true."""
    return np.where(flip[:, None], lengths[:, PAPER17.mirror[1:] - 1], lengths)
