"""The collection of a take's own objects."""

from __future__ import annotations

import bpy

_OF_TAKE = "anatomy_mocap_take"
"""Custom property of what belongs to a take: its name."""


def collection_of(scene: bpy.types.Scene, name: str) -> bpy.types.Collection:
    """The scene's collection "Mocap NAME" for the objects of the take `name`; made if there is none."""
    for found in scene.collection.children_recursive:
        if found.get(_OF_TAKE) == name:
            return found
    made = bpy.data.collections.new(f"Mocap {name}")
    made[_OF_TAKE] = name
    scene.collection.children.link(made)
    return made


def mark(thing: bpy.types.Object, name: str) -> None:
    """Mark an object as one of the take `name`."""
    thing[_OF_TAKE] = name


def is_of(thing: bpy.types.Object, name: str) -> bool:
    """Whether an object is marked as one of the take `name`."""
    return thing.get(_OF_TAKE) == name


def is_of_any(thing: bpy.types.Object) -> bool:
    """Whether an object is marked as one of any take."""
    return _OF_TAKE in thing
