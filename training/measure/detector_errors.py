"""Errors of a detector on clips with known truth: bias, spread, course in time, scores, exchanged sides.

All errors are in % of the person's standing height, in the picture, at the person's distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.detector_points import detector_points

from ..simulate.occlusion import hidden as hidden_by_capsules

PARTS = ("nose", "eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "toe", "knuckle")
LIMBS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
LAGS = (1, 2, 4, 8, 16, 32)
SMOOTH = (2.0, 8.0)
"""Frames. What the second smoother leaves of an error is slow, what it takes away middle, and the first's part fast."""

WILD = 8.0
"""Error, % of height, from which a point is called wild and left out of biases, spreads and correlations."""


@dataclass(frozen=True)
class SeenClip:
    """T frames of one person.

    joints: (T, 22, 3) metres, camera axes. rays: (T, K, 2) keypoints on the plane z = 1. score: (T, K), 0 for missing
    ones. height: metres. hidden: (T, K) bool, or None if it is not known.
    """

    joints: np.ndarray
    rays: np.ndarray
    score: np.ndarray
    height: float
    hidden: np.ndarray | None = None

    @property
    def covered(self) -> np.ndarray:
        """(T, K) in 0..1: how far the simulator's capsules hide each keypoint."""
        points = detector_points(self.joints[None], np.zeros((1, len(CANONICAL), 3)))
        return hidden_by_capsules(points, self.joints[None], np.array([self.height]))[0]

    @property
    def angle(self) -> np.ndarray:
        """(T,) degrees from which the torso is seen: 0 in front, 90 from a side, 180 behind."""
        left = self._at("left_shoulder") - self._at("right_shoulder") + self._at("left_hip") - self._at("right_hip")
        front = np.cross(left, self._at("thorax") - self._at("pelvis"))
        view = -self._at("pelvis")
        cosine = (front * view).sum(-1) / (np.linalg.norm(front, axis=-1) * np.linalg.norm(view, axis=-1))
        return np.degrees(np.arccos(np.clip(cosine, -1, 1)))

    @property
    def tilt(self) -> np.ndarray:
        """(T,) degrees between the torso and the picture's vertical, 0..180."""
        trunk = self._at("thorax") - self._at("pelvis")
        return np.degrees(np.arctan2(np.abs(trunk[:, 0]), -trunk[:, 1]))

    def _at(self, name: str) -> np.ndarray:
        return self.joints[:, MOCAP22.index(name)]


def part_of(name: str) -> str:
    """"knee" of "left_knee"."""
    return name.rpartition("_")[2]


def keypoints_of(part: str) -> list[int]:
    """Indices of the canonical keypoints of that part, left first."""
    return [index for index, name in enumerate(CANONICAL.keypoint_names) if part_of(name) == part]


def _frames(clip: SeenClip) -> tuple[np.ndarray, np.ndarray]:
    """The simulator's origin of each keypoint (T, K, 3), and the axes outward, up, forward there (T, K, 3, axis)."""
    def moved(axis: int | None) -> np.ndarray:
        offsets = np.zeros((1, len(CANONICAL), 3))
        if axis is not None:
            offsets[..., axis] = 1.0
        return detector_points(clip.joints[None], offsets)[0]

    origin = moved(None)
    return origin, np.stack([moved(axis) - origin for axis in range(3)], axis=-1)


def _equations(clip: SeenClip) -> tuple[np.ndarray, np.ndarray]:
    """(T, K, 2, 3) and (T, K, 2): rows whose solution is an offset in % of height, residuals in % of height."""
    origin, axes = _frames(clip)
    rows = axes[..., :2, :] - clip.rays[..., :, None] * axes[..., 2:, :]
    right = clip.rays * origin[..., 2:] - origin[..., :2]
    scale = 100 / clip.height  # the rows are metres at the point's depth; their solution has the same unit
    return rows, right * scale


@dataclass(frozen=True)
class Biases:
    """offset: (parts, 3) outward, up the limb, forward, % of height; between: (parts, 3) how it differs between people
    (standard deviation of the clips' own offsets, drawn to the mean where a clip's camera does not show an axis)."""

    offset: np.ndarray
    between: np.ndarray


def fit_biases(clips: list[SeenClip]) -> Biases:
    """The offsets from the simulator's origins that explain the detections best."""
    return _fitted([(*_equations(clip), clip.score > 0) for clip in clips])


def fit_differences(clips: list[SeenClip], others: list[SeenClip]) -> Biases:
    """Offsets between the detections of `others` and of `clips`: the same clips with something changed that the joints
    do not show, such as clothes."""
    equations = []
    for clip, other in zip(clips, others, strict=True):
        rows, right = _equations(clip)
        equations.append((rows, _equations(other)[1] - right, (clip.score > 0) & (other.score > 0)))
    return _fitted(equations)


def _fitted(equations: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Biases:
    """equations: of each clip rows (T, K, 2, 3), right sides (T, K, 2), and which of them to take (T, K)."""
    parts = [_part_equations(equations, part) for part in PARTS]
    return Biases(np.stack([_robust_offset(rows, right) for rows, right, _ in parts]),
                  np.stack([_between_people(*each) for each in parts]))


def _part_equations(equations, part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows (N, 2, 3), right sides (N, 2) and the clip of each (N,), of one part's keypoints."""
    rows, right, owner = [], [], []
    for number, (a, b, there) in enumerate(equations):
        for k in keypoints_of(part):
            keep = there[:, k]
            rows.append(a[keep, k])
            right.append(b[keep, k])
            owner.append(np.full(int(keep.sum()), number))
    return np.concatenate(rows), np.concatenate(right), np.concatenate(owner)


def _robust_offset(rows, right) -> np.ndarray:
    """(3,) least squares, wild ones left out more and more."""
    offset = np.zeros(3)
    for limit in (30.0, 15.0, WILD, WILD, WILD):
        off = np.linalg.norm(right - rows @ offset, axis=-1)
        keep = off < limit
        if keep.sum() < 8:
            return offset
        offset = np.linalg.lstsq(rows[keep].reshape(-1, 3), right[keep].ravel(), rcond=None)[0]
    return offset


def _between_people(rows, right, owner) -> np.ndarray:
    """(3,) standard deviation of the clips' own offsets from the common one."""
    common = _robust_offset(rows, right)
    own, known = [], []
    for number in np.unique(owner):
        a, b = rows[owner == number], right[owner == number] - rows[owner == number] @ common
        keep = np.linalg.norm(b, axis=-1) < WILD
        if keep.sum() < 20:
            continue
        a, b = a[keep] / np.sqrt(keep.sum()), b[keep] / np.sqrt(keep.sum())
        square = np.einsum("nij,nik->jk", a, a)
        # One unit of prior variance: an axis that the clip does not show gives nothing and counts for nothing.
        inverse = np.linalg.inv(square + 0.15 * np.eye(3))
        own.append(inverse @ np.einsum("nij,ni->j", a, b))
        known.append(np.diag(inverse @ square))
    own, known = np.reshape(own, (-1, 3)), np.reshape(known, (-1, 3))
    return np.sqrt((own**2).sum(axis=0) / np.maximum((known**2).sum(axis=0), 1e-9))


@dataclass(frozen=True)
class Errors:
    """residual: (T, K, 2) % of height after the bias; raw: (T, K) length before it; there: (T, K) bool."""

    residual: np.ndarray
    raw: np.ndarray
    there: np.ndarray

    @property
    def length(self) -> np.ndarray:
        """(T, K) of the residuals."""
        return np.linalg.norm(self.residual, axis=-1)


def errors_of(clip: SeenClip, biases: Biases, true: np.ndarray | None = None) -> Errors:
    """The errors of one clip. true: (T, K, 3) the true points, camera axes; None takes the simulator's origins."""
    rows, right = _equations(clip)
    offset = np.stack([biases.offset[PARTS.index(part_of(name))] for name in CANONICAL.keypoint_names])
    residual = right - np.einsum("tkij,kj->tki", rows, offset)
    if true is not None:
        right = (clip.rays * true[..., 2:] - true[..., :2]) * 100 / clip.height
    return Errors(residual, np.linalg.norm(right, axis=-1), clip.score > 0)


def time_parts(errors: list[Errors], points: list[int]) -> dict[str, float]:
    """Standard deviation, a coordinate: constant over a clip, slow, middle and fast (see SMOOTH), % of height."""
    means, bands = [], {"slow": [], "middle": [], "fast": []}
    for series in _tame_series(errors, points):
        mean = series.mean(axis=0)
        rest = series - mean
        fine, coarse = (gaussian_filter1d(rest, sigma, axis=0, mode="nearest") for sigma in SMOOTH)
        means.append(mean)
        bands["slow"].append(coarse)
        bands["middle"].append(fine - coarse)
        bands["fast"].append(rest - fine)
    if not means:
        return {"constant": np.nan, "slow": np.nan, "middle": np.nan, "fast": np.nan}
    return {"constant": float(np.sqrt(np.mean(np.square(means)))),
            **{name: float(np.sqrt(np.mean(np.square(np.concatenate(parts))))) for name, parts in bands.items()}}


def correlation(errors: list[Errors], points: list[int]) -> np.ndarray:
    """Autocorrelation (LAGS,) of the errors about each clip's mean."""
    product, square = np.zeros(len(LAGS)), np.zeros(len(LAGS))
    for series in _tame_series(errors, points):
        rest = series - series.mean(axis=0)
        for index, lag in enumerate(LAGS):
            if len(rest) > lag:
                product[index] += (rest[lag:] * rest[:-lag]).sum()
                square[index] += (rest[lag:] ** 2 + rest[:-lag] ** 2).sum() / 2
    return product / np.maximum(square, 1e-12)


def _tame_series(errors: list[Errors], points: list[int], least: int = 24):
    """(N, 2) runs of frames, at least `least` long, in which a point is there and not wild."""
    for each in errors:
        for k in points:
            good = each.there[:, k] & (each.length[:, k] < WILD)
            edges = np.flatnonzero(np.diff(np.concatenate([[0], good.astype(int), [0]])))
            for start, end in zip(edges[::2], edges[1::2], strict=True):
                if end - start >= least:
                    yield each.residual[start:end, k]


def ranking(score: np.ndarray, good: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a good point has a higher score than a bad one."""
    order = np.argsort(score, kind="stable")
    ranks = np.empty(len(score))
    ranks[order] = np.arange(1, len(score) + 1)
    values, inverse = np.unique(score, return_inverse=True)
    sums = np.bincount(inverse, weights=ranks) / np.bincount(inverse)
    ranks = sums[inverse]
    count = int(good.sum())
    if count in (0, len(good)):
        return float("nan")
    return float((ranks[good].sum() - count * (count + 1) / 2) / (count * (len(good) - count)))


def swap_share(clip: SeenClip) -> tuple[int, int]:
    """The number of limb keypoint pairs with exchanged sides, and of pairs far enough apart to be judged."""
    wrong = total = 0
    for part in LIMBS:
        left, right = (MOCAP22.index(f"{side}_{part}") for side in ("left", "right"))
        a, b = keypoints_of(part)
        true = clip.joints[..., :2] / np.maximum(clip.joints[..., 2:], 0.1)
        depth = clip.joints[:, 0, 2]
        apart = np.linalg.norm(true[:, left] - true[:, right], axis=-1) * depth / clip.height * 100
        tell = (clip.score[:, [a, b]] > 0).all(axis=1) & (apart > 5)
        straight = np.linalg.norm(clip.rays[:, a] - true[:, left], axis=-1) + \
            np.linalg.norm(clip.rays[:, b] - true[:, right], axis=-1)
        crossed = np.linalg.norm(clip.rays[:, a] - true[:, right], axis=-1) + \
            np.linalg.norm(clip.rays[:, b] - true[:, left], axis=-1)
        wrong += int((tell & (crossed < 0.5 * straight)).sum())
        total += int(tell.sum())
    return wrong, total
