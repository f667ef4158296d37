"""MakeHuman's base mesh, its morphs, bones and skin weights, as arrays.

World axes throughout: metres, Z up, the body faces -Y, its left is +X.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from anatomy_mocap.core.errors import MocapError

PREFIX = "mixamorig:"
WEIGHTS = "weights.mixamo.json"


@dataclass(frozen=True)
class BaseMesh:
    """vertices: (N, 3) of the neutral mesh. faces: by group name, (F, 4) vertex indices each."""

    vertices: np.ndarray
    faces: dict[str, np.ndarray]


@dataclass(frozen=True)
class Bones:
    """names: B bone names without prefix, parents first. parents: (B,), -1 for the root.

    heads, tails: for each bone the vertices whose mean it is.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    heads: tuple[np.ndarray, ...]
    tails: tuple[np.ndarray, ...]


_BODIES = "the folder of MakeHuman bodies (base.obj, macrodetails, weights)"
_RIG = "rig.mixamo.json, that belongs to the bodies"


@contextlib.contextmanager
def opened(path: Path, what: str = _BODIES):
    """The lines of a file as text. Raises MocapError if it is missing, or if the block fails to read `what` from it."""
    if not path.is_file():
        raise MocapError(f"{path}: not found; give {what}")
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as stream:
            yield stream
    except (OSError, EOFError, zlib.error, LookupError, TypeError, ValueError, AttributeError) as error:
        raise MocapError(f"{path}: not what is expected there ({type(error).__name__}: {error}); give {what}"
                         ) from error


@functools.lru_cache(maxsize=2)
def base_mesh(folder: Path) -> BaseMesh:
    """Read base.obj; every face is a quad."""
    vertices, faces, group = [], {}, ""
    with opened(folder / "base.obj") as stream:
        for line in stream:
            kind, _, rest = line.partition(" ")
            if kind == "v":
                vertices.append([float(value) for value in rest.split()])
            elif kind == "g":
                group = rest.strip()
            elif kind == "f":
                faces.setdefault(group, []).append([int(corner.partition("/")[0]) - 1 for corner in rest.split()])
        mesh = BaseMesh(_upright(np.array(vertices)), {name: np.array(each) for name, each in faces.items()})
        if "body" not in mesh.faces:
            raise ValueError("no group of faces is named body")
    return mesh


@functools.lru_cache(maxsize=128)
def morph(folder: Path, name: str) -> np.ndarray:
    """The displacement (N, 3) metres of each vertex by a target. name: path below macrodetails, without its endings."""
    offsets = np.zeros_like(base_mesh(folder).vertices)
    with opened(folder / "macrodetails" / f"{name}.target.gz") as stream:
        rows = [line.split() for line in stream if line.strip() and not line.startswith("#")]
        table = np.array(rows, dtype=float).reshape(-1, 4)
        offsets[table[:, 0].astype(int)] = _upright(table[:, 1:4])
    return offsets


def _upright(points: np.ndarray) -> np.ndarray:
    """Decimetres with Y up, facing +Z -> metres with Z up, facing -Y."""
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=-1) / 10


@functools.lru_cache(maxsize=2)
def bones(folder: Path, rig: Path) -> Bones:
    """The rig's bones on that mesh. rig: rig.mixamo.json; its default positions belong to another body."""
    cubes = base_mesh(folder).faces
    with opened(rig, _RIG) as stream:
        return _bones(json.load(stream)["bones"], cubes)


def _bones(table: dict, cubes: dict[str, np.ndarray]) -> Bones:
    """table: bones by name, as the rig's file has them. cubes: faces that some bones end in, by name."""
    def vertices_of(end: dict) -> np.ndarray:
        return np.unique(cubes[end["cube_name"]]) if end["strategy"] == "CUBE" else np.array(end["vertex_indices"])

    order: list[str] = []

    def add(name: str) -> None:
        if name not in order:
            if table[name]["parent"]:
                add(table[name]["parent"])
            order.append(name)

    for name in table:
        add(name)
    parents = [order.index(table[name]["parent"]) if table[name]["parent"] else -1 for name in order]
    return Bones(tuple(name.removeprefix(PREFIX) for name in order), np.array(parents),
                 tuple(vertices_of(table[name]["head"]) for name in order),
                 tuple(vertices_of(table[name]["tail"]) for name in order))


@functools.lru_cache(maxsize=2)
def weights(folder: Path, rig: Path) -> csr_matrix:
    """(N, B) skin weights; rows sum to 1 where a vertex has any (the file's do not)."""
    names = bones(folder, rig).names
    full = np.zeros((len(base_mesh(folder).vertices), len(names)))
    with opened(folder / WEIGHTS) as stream:
        everything = json.load(stream)["weights"]
        table = {name.removeprefix(PREFIX): entries for name, entries in everything.items() if entries}
        if foreign := sorted(table.keys() - set(names)):
            raise MocapError(f"{rig}: has no bone {foreign[0]}, which {WEIGHTS} gives skin to; give {_RIG}")
        for name, entries in table.items():
            part = np.array(entries, dtype=float)
            full[part[:, 0].astype(int), names.index(name)] = part[:, 1]
    return csr_matrix(full / np.maximum(full.sum(axis=1, keepdims=True), 1e-12))
