"""All keys of an F-curve of Blender as arrays, and back."""

from __future__ import annotations

import bpy
import numpy as np

from .merged_curves import ATTRIBUTES, Keys


def read_keys(curve: bpy.types.FCurve) -> Keys:
    """All keys of an F-curve."""
    points, found = curve.keyframe_points, {}
    for name, (size, kind, _) in ATTRIBUTES.items():
        numbers = np.empty(size * len(points), kind)
        points.foreach_get(name, numbers)
        found[name] = numbers.reshape(-1, size)
    return Keys(found)


def write_keys_of(curve: bpy.types.FCurve, keys: Keys) -> None:
    """Replace the keys of an F-curve."""
    points = curve.keyframe_points
    points.clear()
    points.add(len(keys))
    for name in ATTRIBUTES:
        points.foreach_set(name, keys.values[name].ravel())
    curve.update()
