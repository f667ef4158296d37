"""The meshes of a character: which they are, and their vertices at rest with the bones that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import bpy
import numpy as np

from ...rigs.rest_pose import RestPose
from ...rigs.skin import Skin, bent_vertices, read_skin

_MOST_VERTICES = 12_000
"""Vertices of a mesh that are read; of more, every second, third ... one. Chosen: a few per square centimetre."""


class Vertices(NamedTuple):
    """places: (V, 3) world, at rest. names: G bones. weights: (V, G) how much each bone carries of each vertex."""

    places: np.ndarray
    names: tuple[str, ...]
    weights: np.ndarray


def meshes_of(armature: bpy.types.Object) -> list[bpy.types.Object]:
    """The visible mesh objects that an armature deforms or carries."""
    return [item for item in bpy.context.view_layer.objects
            if item.type == "MESH" and item.visible_get() and item.data.vertices
            and (_deformed(item, armature) or item.parent == armature)]


def _deformed(item: bpy.types.Object, armature: bpy.types.Object) -> bool:
    return any(mod.type == "ARMATURE" and mod.object == armature and mod.show_viewport for mod in item.modifiers)


def skin_of(armature: bpy.types.Object, rest: RestPose, turns: Mapping[str, np.ndarray] | None = None) -> Skin | None:
    """The skin of a character; None for an armature without visible meshes. The scene is unchanged afterwards.

    turns: bone -> (4,) local rotation of bones, such as fingers, that will stay so.
    """
    found = read_vertices(armature)
    if found is None:
        return None
    return read_skin(rest, bent_vertices(rest.rig, *found, turns or {}), found.names, found.weights)


def read_vertices(armature: bpy.types.Object) -> Vertices | None:
    """The vertices of the meshes that an armature deforms, else of those that hang on its bones, with it at rest."""
    meshes = meshes_of(armature)
    meshes = [item for item in meshes if _deformed(item, armature)] or \
        [item for item in meshes if item.parent_type == "BONE"]
    if not meshes:
        return None
    before = armature.data.pose_position
    armature.data.pose_position = "REST"
    try:
        bpy.context.view_layer.update()
        graph = bpy.context.evaluated_depsgraph_get()
        parts = [_vertices(item, graph) for item in meshes]
    finally:
        armature.data.pose_position = before
        bpy.context.view_layer.update()
    names = tuple(dict.fromkeys(name for part in parts for name in part.names if name in armature.data.bones))
    weights = [np.column_stack([part.weights[:, part.names.index(name)] if name in part.names
                                else np.zeros(len(part.places)) for name in names]) for part in parts]
    return Vertices(np.concatenate([part.places for part in parts]), names, np.concatenate(weights)) if names else None


def _vertices(item: bpy.types.Object, graph: bpy.types.Depsgraph) -> Vertices:
    """The vertices of one mesh after its modifiers."""
    evaluated = item.evaluated_get(graph)
    mesh = evaluated.to_mesh(preserve_all_data_layers=True, depsgraph=graph)
    try:
        places = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", places)
        step = max(1, -(-len(mesh.vertices) // _MOST_VERTICES))
        to_world = np.array(evaluated.matrix_world, dtype=float)
        places = places.reshape(-1, 3)[::step] @ to_world[:3, :3].T + to_world[:3, 3]
        if item.parent_type == "BONE":
            return Vertices(places, (item.parent_bone,), np.ones((len(places), 1)))
        names = tuple(group.name for group in item.vertex_groups)
        weights = np.zeros((len(places), len(names)))
        for row in range(len(places)):
            for group in mesh.vertices[row * step].groups:
                if group.group < len(names):
                    weights[row, group.group] = group.weight
        return Vertices(places, names, weights)
    finally:
        evaluated.to_mesh_clear()
