"""Points of a body that the body itself hides from the camera."""

from __future__ import annotations

import numpy as np

from .person import POINTS, Person

_DEPTH = {"pelvis": 0.22, "spine": 0.25, "thorax": 0.20, "hip": 0.22, "shoulder": 0.16, "knee": 0.12, "ankle": 0.10,
          "elbow": 0.10, "wrist": 0.09, "toe": 0.08, "heel": 0.08, "knuckle": 0.07, "nose": 0.06, "eye": 0.06,
          "ear": 0.06, "index": 0.07, "pinky": 0.07, "thumb": 0.07}
"""Depth of the body's own flesh in front of each point, metres."""

_OTHER = 0.05
"""Distance in front of a point from which another part of the body hides it, metres."""

_NEAR = 0.018
"""Distance from the line of sight up to which vertices count, metres."""

_GROUPS = ("trunk", "head", "arm", "fore", "hand", "thigh", "shank", "foot")
_OWN = {"hip": ("trunk", "thigh"), "knee": ("thigh", "shank"), "ankle": ("shank", "foot"), "toe": ("foot",),
        "heel": ("foot", "shank"), "shoulder": ("trunk", "arm"), "elbow": ("arm", "fore"), "wrist": ("fore", "hand"),
        "knuckle": ("hand",), "index": ("hand",), "pinky": ("hand",), "thumb": ("hand",),
        "nose": ("head",), "eye": ("head",), "ear": ("head",), "neck": ("head",),
        "head": ("head",)}


def _group(bone: str) -> str:
    for key, group in (("Head", "head"), ("Neck", "head"), ("ForeArm", "fore"), ("Hand", "hand"), ("Arm", "arm"),
                       ("UpLeg", "thigh"), ("Foot", "foot"), ("Toe", "foot"), ("Leg", "shank")):
        if key in bone:
            side = bone[0] if group not in ("head", "trunk") else ""
            return side + group
    return "trunk"


class Occlusion:
    """Self-occlusion for one person's drawn vertices."""

    def __init__(self, person: Person, used: np.ndarray):
        groups = np.array([_group(name) for name in person.names])[person.dominant[used]]
        self._foreign = np.ones((len(POINTS), len(used)), dtype=bool)
        self._depth = np.empty(len(POINTS))
        for row, name in enumerate(POINTS):
            side, _, part = name.partition("_")
            own = [part_group if part_group in ("trunk", "head") else side[0].upper() + part_group
                   for part_group in _OWN.get(part or side, ("trunk",))]
            self._foreign[row] = ~np.isin(groups, own)
            self._depth[row] = _DEPTH.get(part or side, 0.13)

    def hidden(self, vertices: np.ndarray, points: np.ndarray) -> np.ndarray:
        """(P,) bool. vertices: (M, 3), points: (P, 3), both in camera axes, metres."""
        ahead = np.maximum(points[:, 2:], 0.1)
        rays = points[:, :2] / ahead
        seen = vertices[:, :2] / np.maximum(vertices[:, 2:], 0.1)
        reach = (_NEAR / ahead).astype(np.float32)
        near = (np.abs(seen[:, 0] - rays[:, :1]) < reach) & (np.abs(seen[:, 1] - rays[:, 1:]) < reach)
        gap = np.where(near, points[:, 2:] - vertices[:, 2], -np.inf)
        return (gap.max(axis=1) > self._depth) | (np.where(self._foreign, gap, -np.inf).max(axis=1) > _OTHER)
