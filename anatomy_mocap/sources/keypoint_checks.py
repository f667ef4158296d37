"""Checks the numbers of a keypoint file: NaN, scores, third values, the posture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.keypoint_layouts import LAYOUTS
from .keypoint_formats.records import NO_SCORES_NOTE, Detections, FormatError, present_scores

THIRD = ("auto", "score", "depth")
"""What a user may state of the third values."""

_DEPTH_NOTE = f"the third values of the keypoints are depths, no confidences{{}}; {NO_SCORES_NOTE}"
# All guessed, on the scores of detectors (often near 1, different from joint to joint, rough in time) and on depths.
_LOW, _NEAR_ONE = 0.5, 0.9  # the middle of scores is above _LOW, of saturated ones above _NEAR_ONE
_FLAT = 0.04  # standard deviation over the joints of a frame: a body seen from afar has one depth
_SMOOTH = 0.05  # change from frame to frame, by the spread over the clip; the noise of scores is larger
_FRAMES = 8  # least number of frames to judge by change


def checked_points(found: Detections, names: tuple[str, ...]) -> tuple[np.ndarray, list[str]]:
    """Return points (N, K, 3) with finite x, y (0 where missing) and scores clipped to 0..1, and notes.

    A keypoint whose x and y are both NaN is missing. Raises FormatError with frame and keypoint if another value is
    NaN or infinite and the score is not 0.
    """
    points, notes = found.points.astype(float, copy=True), []
    points[np.isnan(points[..., :2]).all(axis=-1)] = 0
    score = points[..., 2]
    nowhere = _stands_for_missing(points) & (score != 0)
    if nowhere.any():
        places = sorted({f"({x:g}, {y:g})" for x, y in np.unique(points[nowhere, :2], axis=0)[:50]})
        points[nowhere] = 0
        notes.append(f"{int(nowhere.sum())} keypoints at {', '.join(places[:3])} count as missing")
    finite = np.isfinite(points[..., :2]).all(axis=-1)
    bad = ~np.isfinite(score) | (~finite & ~(score <= 0))
    if bad.any():
        row, k = np.argwhere(bad)[0]
        raise FormatError(f"frame {found.frame_keys[row]}, keypoint {names[k]}: NaN or infinite value "
                          f"({int(bad.sum())} in total); set the score of missing keypoints to 0, or export again")
    low, high = float(score.min()), float(score.max())
    most = _largest_score(score[score > 0])
    if most > 1:
        score /= most
        notes.append(f"scores range from {low:.3g} to {high:.3g}: they are divided by {most:g}")
    elif low < 0 or high > 1:
        notes.append(f"scores range from {low:.3g} to {high:.3g}: values below 0 become 0, values above 1 become 1")
    points[..., 2] = np.clip(score, 0, 1)
    points[points[..., 2] <= 0, :2] = 0
    return points, notes


def _stands_for_missing(points: np.ndarray) -> np.ndarray:
    """Which of points (N, K, 3) stand at a place that means "missing": (0, 0), (-1, -1), (-999, -999) ..."""
    x, y = points[..., 0], points[..., 1]
    with np.errstate(invalid="ignore"):
        return (x == y) & ((x == 0) | ((x <= -1) & (x == np.round(x))))


def _largest_score(score: np.ndarray) -> float:
    """100 for scores in percent, 255 for those of a byte, else 1: some networks give scores somewhat above 1."""
    if not len(score) or np.median(score) <= 20 or score.max() > 255:
        return 1.0
    return 100.0 if score.max() <= 100 else 255.0


def posture_notes(points: np.ndarray, layout: str) -> list[str]:
    """Notes about (N, K, 3) points whose body lies or stands on its head: x and y swapped, or y upwards."""
    names = LAYOUTS[layout].keypoint_names
    parts = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
    if any(name not in names for name in parts):
        return []
    four = points[:, [names.index(name) for name in parts]]
    four = four[(four[..., 2] > 0).all(axis=1), :, :2]
    if not len(four):
        return []
    across, down = (np.median(values) for values in (four[:, 2:].mean(axis=1) - four[:, :2].mean(axis=1)).T)
    if abs(across) > 2 * abs(down):
        return ["the body lies on its side in most frames; if the person stands, the file has y before x: swap them"]
    if down < 0:
        return ["the body is upside down in most frames; if the person stands, y points up in the file: turn it"]
    return []


def settle_third(found: Detections, third: str) -> Detections:
    """The detections with third values that are scores.

    third: "score" or "depth" as the user says, or "auto": the values decide. Raises FormatError where they could be
    either: taken wrongly, depths lose most keypoints.
    """
    if not found.unsure:
        said = [] if third == "auto" else [f"third values as {third}s: not used, the file names its values"]
        return replace(found, notes=[*found.notes, *said])
    values = found.points[..., 2]
    depth = third == "depth" or (third == "auto" and _is_depth(values))
    if not depth and third == "auto":
        _refuse_doubtful(found)
    if not depth:
        return found
    points = found.points.copy()
    points[..., 2] = present_scores(points)
    return replace(found, points=points, notes=[
        *found.notes, _DEPTH_NOTE.format(", as given" if third == "depth" else "")])


def _is_depth(values: np.ndarray) -> bool:
    """Whether third values are certainly depths: more than 1 % of them are negative, or most are above 1."""
    values = values[np.isfinite(values)]
    return bool(len(values)) and (np.mean(values < 0) > 0.01 or np.mean(values > 1.05) > 0.5)


@np.errstate(all="ignore")
def _refuse_doubtful(found: Detections) -> None:
    """Raise FormatError where third values within 0..1 do not look like a detector's scores."""
    values, xy = found.points[..., 2], found.points[..., :2]
    there = np.isfinite(values) & np.isfinite(xy).all(axis=-1) & ~(xy == 0).all(axis=-1)
    seen = values[there]
    zero = (xy == 0).all(axis=-1) & (values == 0)
    if not len(seen) or len(np.unique(seen)) <= 3 or (zero.any() and np.mean(seen == 0) < 0.5):
        return  # flags, or a score of 0 at missing keypoints: a depth there would be a coincidence
    middle, high = np.quantile(seen, 0.5), np.quantile(seen, 0.95)
    if middle > _NEAR_ONE:
        return
    reason = ""
    if middle < _LOW:
        reason = f"are low (half of them below {middle:.2g}, 95 % below {high:.2g})"
    elif _flatness(np.where(there, values, np.nan)) < _FLAT:
        reason = "are nearly the same for all keypoints of a frame"
    elif _roughness(found, np.where(there, values, np.nan)) < _SMOOTH and np.mean(seen > _NEAR_ONE) < 0.2:
        reason = "change smoothly, as depths do"
    if reason:
        raise FormatError(f"the third values of the keypoints may be confidences or depths: they lie within "
                          f"{seen.min():.2g} to {seen.max():.2g} and {reason}; say which they are (--third score, "
                          "--third depth)")


def _flatness(values: np.ndarray) -> float:
    """The usual standard deviation of (N, K) values over the keypoints of a row; NaN is missing."""
    rows = values[np.isfinite(values).sum(axis=1) > 5]
    return float(np.median(np.nanstd(rows, axis=1))) if len(rows) else np.inf


def _roughness(found: Detections, values: np.ndarray) -> float:
    """The deviation of (N, K) values from the mean of the frames before and after that 90 % keep, by their spread."""
    if len(set(map(str, found.frame_keys))) < len(found.frame_keys) or len(values) < _FRAMES:
        return np.inf  # several people: the rows are no series
    bend = np.abs(values[1:-1] - (values[:-2] + values[2:]) / 2)
    spread = np.nanquantile(values, 0.9) - np.nanquantile(values, 0.1)
    bend = bend[np.isfinite(bend)]
    return float(np.quantile(bend, 0.9) / spread) if len(bend) and spread > 0 else np.inf
