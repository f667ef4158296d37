"""Check the header and the tree of a glTF file before Blender's importer reads it (no bpy here).

The importer is a Python add-on that believes the file: a node that is its own child keeps it busy for ever, and an
accessor of a thousand million numbers gets its memory.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import NamedTuple

from ...core.errors import MocapError, one_line

HEADER = struct.Struct("<III")
CHUNK = struct.Struct("<II")
GLB, JSON = 0x46546C67, 0x4E4F534A
LARGEST_JSON = 256 * 2**20
"""Bytes of JSON. Chosen: far above the largest character's."""
FREE_NUMBERS = 2**22
"""Numbers that an accessor without data may have: they count as zeros. Chosen: above any mesh's morph targets."""
DEEPEST = 500
"""Levels of the tree of nodes. Chosen: the importer calls itself at each, and Python allows a thousand."""

_COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}


class Gltf(NamedTuple):
    """scene: the JSON object. version: of the container. rest: the bytes after the JSON chunk."""

    scene: dict
    version: int
    rest: bytes


def read_gltf(path: Path, what: str = "glTF file") -> Gltf:
    """Read and check a .glb, .vrm or .gltf file. what: its kind, for messages. Raises MocapError for a damaged one."""
    try:
        if path.suffix.lower() == ".gltf":
            if path.stat().st_size > LARGEST_JSON:
                raise ValueError("its JSON is too large")
            found = Gltf(json.loads(path.read_text(encoding="utf-8-sig")), 2, b"")
        else:
            found = _container(path.read_bytes())
        _check(found)
    except OSError as error:
        raise MocapError(f"{path}: can't be read ({error.strerror}); check it") from error
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError,
            RecursionError, MemoryError) as error:
        raise MocapError(f"{path}: not a {what} ({one_line(error)}); export the character again") from error
    return found


def _container(data: bytes) -> Gltf:
    if len(data) < HEADER.size + CHUNK.size:
        raise ValueError("the file is cut off")
    magic, version, _ = HEADER.unpack_from(data)
    length, kind = CHUNK.unpack_from(data, HEADER.size)
    start = HEADER.size + CHUNK.size
    if magic != GLB or kind != JSON:
        raise ValueError("no glTF header")
    if start + length > len(data):
        raise ValueError("the file is cut off")
    if length > LARGEST_JSON:
        raise ValueError("its JSON is too large")
    return Gltf(json.loads(data[start:start + length]), version, data[start + length:])


def _check(found: Gltf) -> None:
    """Raise ValueError where the importer could wait for ever, or take memory that the file does not fill."""
    scene = found.scene
    if not isinstance(scene, dict):
        raise ValueError(f"its JSON is a {type(scene).__name__}")
    for name in ("nodes", "skins", "accessors", "bufferViews", "buffers", "meshes", "animations", "scenes"):
        _dicts(scene, name)
    _check_tree(_dicts(scene, "nodes"))
    views = _dicts(scene, "bufferViews")
    for number, view in enumerate(views):
        if not 0 <= _whole(view.get("byteLength", 0)) <= 2**40:
            raise ValueError(f"buffer view {number} has an impossible length")
    if found.rest and any(_whole(view.get("byteLength", 0)) > len(found.rest) for view in views
                          if view.get("buffer", 0) == 0 and "uri" not in (_dicts(scene, "buffers") or [{}])[0]):
        raise ValueError("a buffer view is larger than the file")
    for number, accessor in enumerate(_dicts(scene, "accessors")):
        _check_accessor(number, accessor, views)


def _check_accessor(number: int, accessor: dict, views: list[dict]) -> None:
    count = _whole(accessor.get("count", 0))
    numbers = count * _COMPONENTS.get(accessor.get("type"), 16)
    if count < 0:
        raise ValueError(f"accessor {number} has {count} elements")
    if "bufferView" not in accessor:
        if numbers > FREE_NUMBERS:
            raise ValueError(f"accessor {number} claims {numbers} numbers without data")
        return
    length = _whole(_at(views, accessor["bufferView"], "buffer view").get("byteLength", 0))
    if numbers * _BYTES.get(accessor.get("componentType"), 1) > max(length, 0):
        raise ValueError(f"accessor {number} claims {numbers} numbers in {length} bytes")


def _check_tree(nodes: list[dict]) -> None:
    """Every child is a node, and every node has one parent and at most DEEPEST ancestors."""
    parents = [-1] * len(nodes)
    for index, node in enumerate(nodes):
        children = node.get("children", [])
        if not isinstance(children, list):
            raise ValueError(f"the children of node {index} are no list")
        for child in children:
            _at(nodes, child, "node")
            if parents[child] >= 0:
                raise ValueError(f"node {child} has two parents")
            parents[child] = index
    depth = [0 if parent < 0 else -1 for parent in parents]
    for index in range(len(nodes)):
        way = []
        while depth[index] < 0:
            if len(way) > DEEPEST:
                raise ValueError(f"node {way[0]} has more than {DEEPEST} nodes above it, or is above itself")
            way.append(index)
            index = parents[index]
        for step, below in enumerate(reversed(way), 1):
            depth[below] = depth[index] + step
    if depth and max(depth) > DEEPEST:
        raise ValueError(f"its nodes are more than {DEEPEST} levels deep")


def _dicts(scene: dict, name: str) -> list[dict]:
    found = scene.get(name, [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise ValueError(f"its {name} are no list of objects")
    return found


def _at(items: list, index, what: str):
    if type(index) is not int or not 0 <= index < len(items):
        raise ValueError(f"{what} {one_line(index)[:40]} does not exist")
    return items[index]


def _whole(value) -> int:
    if type(value) is float and value.is_integer():
        return int(value)
    if type(value) is not int:
        raise ValueError(f"{one_line(value)[:40]} in place of a whole number")
    return value
