"""Compares layouts by the body that a file's keypoints then form: equal limbs on both sides, a face of little size."""

from __future__ import annotations

import numpy as np

from ..core.keypoint_layouts import LAYOUTS

_LIMBS = (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
_FACE = ("left_eye", "right_eye", "left_ear", "right_ear")
_LEAST_ROWS = 5
# Layouts that have the same number of keypoints, or begin another one: guessed -> the others.
_OTHER = {("COCO18", 18): ("BODY25",), ("BODY25", 25): ("MEDIAPIPE33", "BODY25B"),
          ("MEDIAPIPE33", 33): ("BODY25",)}
_BODY = 0.6
"""Largest strangeness of a body; guessed on figures and random points."""


def better_layout(points: np.ndarray, layout: str) -> str | None:
    """The layout in which these keypoints (N, K, 3) form a body, where they do not in the guessed one; else None."""
    own, best = None, None
    for other in _OTHER.get((layout, points.shape[1]), ()):
        own = _strangeness(points, layout) if own is None else own
        value = _strangeness(points, other)
        if own is not None and value is not None and value < _BODY and own > 3 * value + 0.3 \
                and (best is None or value < best[0]):
            best = (value, other)
    return best[1] if best else None


def body_start(points: np.ndarray, starts: tuple[int, ...], layout: str) -> int | None:
    """The index from which points (N, K, 3) form a body in a layout; the only start is right if nothing is known."""
    size = len(LAYOUTS[layout])
    values = {start: _strangeness(points[:, start:start + size], layout) for start in starts}
    bodies = [start for start, value in values.items() if value is not None and value < _BODY]
    return bodies[0] if len(bodies) == 1 else starts[0] if len(starts) == 1 and values[starts[0]] is None else None


@np.errstate(all="ignore")  # damaged files hold huge numbers
def _strangeness(points: np.ndarray, layout: str) -> float | None:
    """The mean |log| ratio of left to right limbs, plus the size of the face by the torso's; None if unknown."""
    index = {name: i for i, name in enumerate(LAYOUTS[layout].keypoint_names) if i < points.shape[1]}
    seen = (points[..., 2] > 0) & np.isfinite(points[..., :2]).all(axis=-1)
    xy = np.where(seen[..., None], points[..., :2], np.nan)

    def length(a, b):
        return np.linalg.norm(xy[:, index[a]] - xy[:, index[b]], axis=-1)

    parts = ("left_shoulder", "right_shoulder", "left_hip", "right_hip", "nose")
    if any(name not in index for name in parts):
        return None
    torso = np.linalg.norm(xy[:, [index[n] for n in parts[:2]]].mean(axis=1)
                           - xy[:, [index[n] for n in parts[2:4]]].mean(axis=1), axis=-1)
    ratios = []
    for a, b in _LIMBS:
        names = [f"{side}_{part}" for side in ("left", "right") for part in (a, b)]
        if all(name in index for name in names):
            pair = (length(*names[:2]) + 0.02 * torso) / (length(*names[2:]) + 0.02 * torso)
            ratios.append(_middle(np.abs(np.log(np.maximum(pair, 1e-9)))))
    faces = [_middle(length("nose", name) / np.maximum(torso, 1e-9)) for name in _FACE if name in index]
    ratios, faces = [r for r in ratios if r is not None], [f for f in faces if f is not None]
    if len(ratios) < 2:
        return None
    return float(np.mean(ratios) + (np.mean(faces) if faces else 0.0))


def _middle(values: np.ndarray) -> float | None:
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) >= _LEAST_ROWS else None
