"""Which keys a property gets: every frame or few, and of what type (no bpy here)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .bezier_fit import Curve

KEYFRAME, EXTREME, JITTER = 0, 1, 3
"""Blender's types of keys: usual; a foot's contact begins or ends; the pose is doubtful."""


@dataclass(frozen=True)
class KeyPlan:
    """few: data path -> the few keys of a property; others have one in each frame.

    types: data path -> (T,) the type of a key in each frame; others are usual keys.
    empty: (T,) bool, frames without keys; None for none.
    """

    few: Mapping[str, Curve] = field(default_factory=dict)
    types: Mapping[str, np.ndarray] = field(default_factory=dict)
    empty: np.ndarray | None = None

    def types_of(self, path: str, frames: int) -> np.ndarray:
        """(frames,) the types of the keys of a property with one key a frame."""
        types = self.types.get(path)
        return np.zeros(frames, np.int32) if types is None or len(types) != frames else types


EVERY_FRAME = KeyPlan()
"""One usual key in each frame."""
