"""Skin: a few hundred points of a character's meshes that tell how far its body reaches around its bones.

They stand for all vertices: of those that follow one bone, the outermost ones in many directions. Vertices far off
their bone for the part of a body that it moves (skirts, long hair, wings, props) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..core.skeleton import SIDES
from .forward_kinematics import pose_matrices
from .rest_pose import RestPose
from .rig import TargetRig
from .tuning import TUNING

_TRUNK = ("hips", "spine_chain")


@dataclass(frozen=True)
class Skin:
    """N points of a character's skin at rest, each carried by up to K of its B mapped bones.

    points: (N, 3) world. bone_names: B names. parts: B body parts. carriers: (N, K) which bones, weights: (N, K) how
    much of each point they carry; rows sum to 1.
    """

    points: np.ndarray
    bone_names: tuple[str, ...]
    parts: tuple[str, ...]
    carriers: np.ndarray
    weights: np.ndarray

    def of_parts(self, *ends: str) -> np.ndarray:
        """(N,) bool: the points that are carried most by a part whose name ends with one of `ends`."""
        chosen = np.array([part.endswith(ends) for part in self.parts])
        return chosen[self.carriers[:, 0]]


def read_skin(rest: RestPose, vertices: np.ndarray, names: Sequence[str], weights: np.ndarray) -> Skin | None:
    """The skin of a character; None where nothing is left of its meshes.

    vertices: (V, 3) world, at rest. names: G bones. weights: (V, G) how much each bone carries of each vertex, as in
    Blender's vertex groups. A bone that is not mapped counts for the mapped bone above it, else for the nearest one.
    """
    mapped = {bone: part for part, bones in rest.bones.items() for bone in bones}
    if not len(vertices) or not len(names) or not mapped:
        return None
    bones = sorted(mapped)
    ends = np.array([_end(rest, bone, mapped) for bone in bones])
    carried = np.zeros((len(vertices), len(bones)))
    for column, name in enumerate(names):
        if (bone := _carrier(rest, name, mapped, bones, ends, vertices, weights[:, column])) is not None:
            carried[:, bone] += weights[:, column]
    total = carried.sum(axis=1)
    order = np.argsort(-carried, axis=1)[:, : TUNING.skin_carriers]
    parts = tuple(mapped[bone] for bone in bones)
    kept = (total > 1e-6) & _near(rest, vertices, order[:, 0], bones, ends, parts)
    if not kept.any():
        return None
    chosen = np.flatnonzero(kept)[_outermost(vertices[kept], order[kept, 0])]
    shares = np.take_along_axis(carried[chosen], order[chosen], axis=1)
    return Skin(np.asarray(vertices, float)[chosen], tuple(rest.rig.bone_names[bone] for bone in bones), parts,
                order[chosen], shares / shares.sum(axis=1, keepdims=True))


def _end(rest: RestPose, bone: int, mapped: Mapping[int, str]) -> np.ndarray:
    """(3,) world, the end of a mapped bone."""
    below = [child for child in rest.rig.children[bone] if child in mapped]
    if mapped[bone] in rest.tips and rest.bones[mapped[bone]][-1] == bone:
        return rest.tips[mapped[bone]]
    return rest.heads[below[0]] if len(below) == 1 else rest.rig.in_world(rest.rig.tails[bone])


def _carrier(rest, name, mapped, bones, ends, vertices, weights) -> int | None:
    """The column of the mapped bone that a deform bone counts for.

    The deform bones of a control rig hang on its root or hips, whatever control moves them: a limb that is much nearer
    than the trunk bone above takes them.
    """
    rig = rest.rig
    if name not in rig.indices or not weights.any():
        return None
    away = _distances(np.average(vertices, axis=0, weights=weights)[None], rest.heads[bones], ends)[0]
    nearest = int(away.argmin())
    above = next((bone for bone in rig.lineage(rig.indices[name]) if bone in mapped), None)
    if above is None or (mapped[above] in _TRUNK and mapped[bones[nearest]] not in _TRUNK
                         and away[nearest] < TUNING.skin_nearer * away[bones.index(above)]):
        return nearest
    return bones.index(above)


def _distances(points: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(N, B) of points (N, 3) from the segments between starts and ends (B, 3)."""
    line = ends - starts
    share = ((points[:, None] - starts) * line).sum(-1) / np.maximum((line**2).sum(-1), 1e-12)
    return np.linalg.norm(points[:, None] - starts - np.clip(share, 0.0, 1.0)[..., None] * line, axis=-1)


def _near(rest, vertices, carrier, bones, ends, parts) -> np.ndarray:
    """(V,) bool: whether a vertex is no further from its bone than the flesh of such a part can be."""
    size = body_size(rest)
    kept = np.zeros(len(vertices), bool)
    for column, bone in enumerate(bones):
        own = np.flatnonzero(carrier == column)
        if not len(own):
            continue
        away = _distances(vertices[own], rest.heads[[bone]], ends[[column]])[:, 0]
        usual = np.percentile(away, TUNING.skin_percentile) * TUNING.skin_beyond
        kept[own] = away <= min(usual, TUNING.skin_reach[parts[column].removeprefix("left_").removeprefix("right_")]
                                * size)
    return kept


def body_size(rest: RestPose) -> float:
    """World units, the mean length of a leg."""
    legs = [np.linalg.norm(rest.heads[rest.bones[f"{side}_lower_leg"][0]]
                           - rest.heads[rest.bones[f"{side}_upper_leg"][0]])
            + np.linalg.norm(rest.tips[f"{side}_lower_leg"] - rest.heads[rest.bones[f"{side}_lower_leg"][0]])
            for side in SIDES]
    return float(np.mean(legs))


def _outermost(vertices: np.ndarray, carrier: np.ndarray) -> np.ndarray:
    """Indices of the vertices that reach furthest in one of many directions among those of their bone."""
    count = TUNING.skin_directions
    heights = 1.0 - (2.0 * np.arange(count) + 1.0) / count
    turns = np.pi * (1.0 + np.sqrt(5.0)) * np.arange(count)
    across = np.sqrt(1.0 - heights**2)
    ways = np.column_stack([across * np.cos(turns), across * np.sin(turns), heights])
    found = []
    for column in np.unique(carrier):
        own = np.flatnonzero(carrier == column)
        found.append(np.unique(own[(vertices[own] @ ways.T).argmax(axis=0)]))
    return np.concatenate(found)


def bent_vertices(rig: TargetRig, vertices: np.ndarray, names: Sequence[str], weights: np.ndarray,
                  turns: Mapping[str, np.ndarray]) -> np.ndarray:
    """(V, 3) world, the vertices at rest but for some bones, such as fingers that will stay curled.

    vertices, names, weights: see `read_skin`. turns: bone name -> (4,) local rotation from its rest pose.
    """
    basis = np.tile([1.0, 0.0, 0.0, 0.0], (1, len(rig), 1))
    for name, turn in turns.items():
        basis[0, rig.index(name)] = turn
    to_world = rig.world_from_armature
    moves = to_world @ pose_matrices(rig, basis)[0] @ np.linalg.inv(rig.rest) @ np.linalg.inv(to_world)
    points = np.column_stack([vertices, np.ones(len(vertices))])
    total = np.maximum(weights.sum(axis=1), 1e-9)
    shift = np.zeros((len(vertices), 3))
    for column, name in enumerate(names):
        move = moves[rig.indices[name]] if name in rig.indices else np.eye(4)
        rows = np.flatnonzero(weights[:, column] > 0) if not np.allclose(move, np.eye(4)) else []
        if len(rows):
            moved = points[rows] @ move[:3].T - points[rows, :3]
            shift[rows] += (weights[rows, column] / total[rows])[:, None] * moved
    return vertices + shift
