"""Keypoint layouts: the named keypoint sets of detectors and files, the set that the lifter reads, and hands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Layout:
    """A named keypoint set: K keypoint names in order ("left" is the person's left)."""

    name: str
    keypoint_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.keypoint_names)

    @property
    def flip(self) -> np.ndarray:
        """(K,) int: index of each keypoint's mirror image; a keypoint of the middle is its own."""
        swap = {"left": "right", "right": "left"}
        names = []
        for name in self.keypoint_names:
            side, _, rest = name.partition("_")
            if side == "face":
                names.append(f"face_{_FACE_MIRROR[int(rest)]}")
            else:
                names.append(f"{swap[side]}_{rest}" if side in swap else name)
        return np.array([self.keypoint_names.index(name) for name in names])


# The 68 face points: jaw, brows, bridge of the nose, its lower edge, right eye, left eye, outer lips, inner lips.
_FACE_MIRROR = (
    *range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1), 45, 44, 43, 42, 47, 46, 39, 38, 37, 36,
    41, 40, *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), *range(67, 64, -1))


def _both(*names: str) -> tuple[str, ...]:
    return tuple(f"{side}_{name}" for name in names for side in ("left", "right"))


_FACE = ("nose", *_both("eye", "ear"))
_LIMBS = _both("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_FINGERS = ("thumb", "index", "middle", "ring", "pinky")
_HAND = ("hand_root", *(f"{finger}_{i}" for finger in _FINGERS for i in range(1, 5)))
CANONICAL = Layout("CANONICAL23", (*_FACE, *_LIMBS, *_both("heel", "toe", "knuckle")))
"""The layout that the lifter reads: COCO's 17, heels, toes (front of the foot), knuckles (middle of the knuckles)."""
LAYOUTS: dict[str, Layout] = {layout.name: layout for layout in (
    CANONICAL,
    Layout("COCO17", (*_FACE, *_LIMBS)),
    Layout("COCO18", (
        "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
        "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
        "right_eye", "left_eye", "right_ear", "left_ear")),
    Layout("BODY25", (
        "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
        "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
        "right_eye", "left_eye", "right_ear", "left_ear", "left_big_toe", "left_small_toe", "left_heel",
        "right_big_toe", "right_small_toe", "right_heel")),
    Layout("HALPE26", (*_FACE, *_LIMBS, "head_top", "neck", "mid_hip", *_both("big_toe", "small_toe", "heel"))),
    Layout("MEDIAPIPE33", (
        "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer",
        *_both("ear", "mouth", "shoulder", "elbow", "wrist", "pinky_knuckle", "index_knuckle", "thumb_knuckle",
               "hip", "knee", "ankle", "heel", "foot_index"))),
    Layout("H36M17", (
        "pelvis", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "spine", "thorax",
        "nose", "head_top", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow",
        "right_wrist")),
    Layout("COCO133", (
        *_FACE, *_LIMBS, "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe",
        "right_heel", *(f"face_{i}" for i in range(68)),
        *(f"left_{name}" for name in _HAND), *(f"right_{name}" for name in _HAND))),
    Layout("BODY25B", (
        *_FACE, *_LIMBS, "neck", "head_top", "left_big_toe", "left_small_toe", "left_heel", "right_big_toe",
        "right_small_toe", "right_heel")),
)}
# A canonical keypoint that a layout lacks by name is the mean of the first of these groups that the layout has.
_SOURCES = {
    "toe": (("foot_index",), ("big_toe", "small_toe")),
    "knuckle": (("index_knuckle", "pinky_knuckle"), ("index_1", "pinky_1")),
}


def keypoint_groups(layout: str) -> list[tuple[int, ...]]:
    """For each canonical keypoint, the indices in `layout` of which it is the mean; empty where the layout has none."""
    names = LAYOUTS[layout].keypoint_names
    groups = []
    for name in CANONICAL.keypoint_names:
        side, _, part = name.partition("_")
        options = [(name,)] + [tuple(f"{side}_{p}" for p in group) for group in _SOURCES.get(part, ())]
        found = next((group for group in options if all(n in names for n in group)), ())
        groups.append(tuple(names.index(n) for n in found))
    return groups


HAND_POINTS = 21
"""Points of a hand as MediaPipe numbers them: 0 the wrist, 1 to 4 the thumb, then four points of each finger from its
knuckle: index, middle, ring, pinky."""
KNUCKLES = (5, 9, 13, 17)
"""The knuckles of index, middle, ring and pinky."""


def palm_axes(points: np.ndarray, side: str) -> np.ndarray:
    """(..., 3, 3): unit rows along the hand, across the palm to the thumb's side, and out of the palm.

    points: (..., 21, 3) of one hand. side: "left" or "right". The rows of a hand whose points coincide are zero.
    """
    from ..maths.rotations import unit  # brings scipy, and the panel needs the layouts when Blender starts

    points = np.asarray(points, dtype=float)
    knuckles = points[..., list(KNUCKLES), :]
    along = unit(knuckles.mean(axis=-2) - points[..., 0, :])
    across = knuckles[..., 0, :] - knuckles[..., -1, :]
    across = unit(across - along * (across * along).sum(-1, keepdims=True))
    return np.stack([along, across, np.cross(along, across) * (1.0 if side == "left" else -1.0)], axis=-2)
