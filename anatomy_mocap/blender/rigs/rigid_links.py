"""Effective parents of bones, found from poses that Blender evaluated (no bpy here).

In a control rig constraints move mechanism bones. If a mechanism bone keeps its transform relative to one control in
several random poses, and to no other one, it behaves as a child of that control.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ...rigs.rig import TargetRig

_LOOSE = 2e-3
"""Largest change of an entry of the relative matrix of rigidly linked bones (lengths as shares of the rig's size).
Guessed: a thousand times the error of 32-bit matrices."""


def rigid_parents(rest: np.ndarray, poses: np.ndarray, followers: np.ndarray,
                  leaders: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """For each follower the leader that it follows most rigidly, and the remaining change.

    rest: (B, 4, 4) evaluated at rest. poses: (K, B, 4, 4) evaluated in K random poses of the leaders.
    followers: F bone indices. leaders: L bone indices.
    Returns (F,) the index of a leader, -1 for a bone that never moves, and (F,) the largest change relative to it.
    """
    followers, leaders = np.asarray(followers, int), np.asarray(leaders, int)
    size = max(float(np.ptp(rest[:, :3, 3], axis=0).max()), 1e-9)
    everything = np.concatenate([rest[None], poses])
    everything = without_scale(everything)
    everything[..., :3, 3] /= size
    frames = np.concatenate([np.tile(np.eye(4), (len(everything), 1, 1, 1)), everything[:, leaders]], axis=1)
    relative = rigid_inverse(frames)[:, :, None] @ everything[:, None, followers]
    change = np.abs(relative[1:] - relative[:1]).max(axis=(0, 3, 4))
    best = change.argmin(axis=0)
    return np.concatenate([[-1], leaders])[best], change[best, np.arange(len(followers))]


def is_rigid(change: float | np.ndarray) -> np.ndarray:
    """Whether a change that `rigid_parents` returns is within the error of single precision."""
    return np.asarray(change) < _LOOSE


def rigid_inverse(matrices: np.ndarray) -> np.ndarray:
    """Inverse of (..., 4, 4) rigid transforms."""
    result = np.zeros_like(matrices)
    turned = np.swapaxes(matrices[..., :3, :3], -1, -2)
    result[..., :3, :3] = turned
    result[..., :3, 3] = -(turned @ matrices[..., :3, 3:])[..., 0]
    result[..., 3, 3] = 1.0
    return result


def without_scale(matrices: np.ndarray) -> np.ndarray:
    """(..., 4, 4) matrices without their scale."""
    result = np.array(matrices, dtype=float)
    norms = np.linalg.norm(result[..., :3, :3], axis=-2, keepdims=True)
    result[..., :3, :3] /= np.maximum(norms, 1e-12)
    return result


def rehung(rig: TargetRig, rest: np.ndarray, parents: dict[int, int]) -> TargetRig:
    """The rig with other parents for some bones, and with `rest` (B, 4, 4) as its rest pose; parents come first.

    Bones with a new parent inherit its whole rotation and are not connected. A change that would make a bone its own
    ancestor is left out.
    """
    wanted = rig.parents.copy()
    for bone, parent in parents.items():
        before, wanted[bone] = wanted[bone], parent
        if _in_a_ring(wanted, bone):
            wanted[bone] = before
    moved = np.isin(np.arange(len(rig)), list(parents))
    order = _parents_first(wanted)
    place = np.empty(len(rig), int)
    place[order] = np.arange(len(rig))
    return replace(
        rig, bone_names=tuple(rig.bone_names[bone] for bone in order),
        parents=np.where(wanted[order] >= 0, place[wanted[order]], -1), rest=without_scale(rest)[order],
        lengths=rig.lengths[order], connected=(rig.connected & ~moved)[order],
        inherit_rotation=(rig.inherit_rotation | moved)[order],
        local_location=(rig.local_location | moved)[order],
        inherit_scale=tuple(rig.inherit_scale[bone] for bone in order), deform=rig.deform[order],
        rotation_modes=tuple(rig.rotation_modes[bone] for bone in order))


def part_of_rig(rig: TargetRig, names: Iterable[str]) -> TargetRig:
    """The rig reduced to the named bones and their ancestors."""
    kept = sorted({above for name in names for above in rig.lineage(rig.index(name))})
    place = {bone: number for number, bone in enumerate(kept)}
    return replace(
        rig, bone_names=tuple(rig.bone_names[bone] for bone in kept),
        parents=np.array([place.get(int(rig.parents[bone]), -1) for bone in kept]), rest=rig.rest[kept],
        lengths=rig.lengths[kept], connected=rig.connected[kept], inherit_rotation=rig.inherit_rotation[kept],
        local_location=rig.local_location[kept], inherit_scale=tuple(rig.inherit_scale[bone] for bone in kept),
        deform=rig.deform[kept], rotation_modes=tuple(rig.rotation_modes[bone] for bone in kept))


def _in_a_ring(parents: np.ndarray, bone: int) -> bool:
    seen = set()
    while bone >= 0:
        if bone in seen:
            return True
        seen.add(bone)
        bone = int(parents[bone])
    return False


def _parents_first(parents: np.ndarray) -> np.ndarray:
    """An order of the bones in which parents come first; otherwise the present order is kept."""
    depth = np.zeros(len(parents), int)
    above = parents.copy()
    while (above >= 0).any():
        depth += above >= 0
        above = np.where(above >= 0, parents[above], -1)
    if np.all(parents < np.arange(len(parents))):
        return np.arange(len(parents))
    return np.argsort(depth, kind="stable")
