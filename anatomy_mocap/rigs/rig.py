"""TargetRig: an armature as plain arrays, all that bone maps and retargeting need of a character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from ..core.errors import MocapError
from ..maths.rotations import quaternions


@dataclass(frozen=True)
class TargetRig:
    """An armature of B bones in its rest pose.

    name: the armature's name, for messages.
    bone_names: B names.
    parents: (B,) int, -1 for roots; parents come first.
    rest: (B, 4, 4) rest matrices in armature space (Blender's bone.matrix_local): the head in the last column, the bone
        along its own Y.
    lengths: (B,) armature units, from head to tail.
    connected, inherit_rotation, local_location: (B,) bool, Blender's flags of these names.
    inherit_scale: B of Blender's modes ("FULL", "NONE" ...).
    deform: (B,) bool.
    rotation_modes: B of Blender's modes.
    world_from_armature: (4, 4) matrix of the armature object; it may rotate, scale, mirror and shear.
    constraints: bone name -> names of its active constraints.
    """

    name: str
    bone_names: tuple[str, ...]
    parents: np.ndarray
    rest: np.ndarray
    lengths: np.ndarray
    connected: np.ndarray
    inherit_rotation: np.ndarray
    local_location: np.ndarray
    inherit_scale: tuple[str, ...]
    deform: np.ndarray
    rotation_modes: tuple[str, ...]
    world_from_armature: np.ndarray
    constraints: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.bone_names)

    @cached_property
    def indices(self) -> dict[str, int]:
        """Bone name -> index."""
        return {name: index for index, name in enumerate(self.bone_names)}

    def index(self, name: str) -> int:
        """Index of the bone called `name`; raises MocapError if there is none."""
        if name not in self.indices:
            raise MocapError(f"{self.name}: no bone {name!r}; the bone map belongs to another rig; map the bones again")
        return self.indices[name]

    @cached_property
    def heads(self) -> np.ndarray:
        """(B, 3) rest heads, armature space."""
        return self.rest[:, :3, 3]

    @cached_property
    def tails(self) -> np.ndarray:
        """(B, 3) rest tails, armature space."""
        return self.heads + self.rest[:, :3, 1] * self.lengths[:, None]

    def in_world(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) armature-space points in world space."""
        return np.asarray(points) @ self.world_from_armature[:3, :3].T + self.world_from_armature[:3, 3]

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each bone, the indices of its children."""
        found: list[list[int]] = [[] for _ in range(len(self))]
        for bone, parent in enumerate(self.parents):
            if parent >= 0:
                found[parent].append(bone)
        return tuple(tuple(bones) for bones in found)

    def lineage(self, bone: int) -> list[int]:
        """The bone and its ancestors, upwards."""
        line = []
        while bone >= 0:
            line.append(int(bone))
            bone = self.parents[bone]
        return line

    def subtree(self, bone: int) -> list[int]:
        """The bone and its descendants, in order of index."""
        below = {bone}
        for index in range(bone + 1, len(self)):
            if self.parents[index] in below:
                below.add(index)
        return sorted(below)

    def common_ancestor(self, bones: Sequence[int]) -> int:
        """The lowest bone that is, for each of `bones`, the bone itself or an ancestor; -1 if there is none."""
        lines = [self.lineage(bone) for bone in bones]
        shared = set(lines[0]).intersection(*lines[1:]) if lines else set()
        return max(shared, default=-1)


def make_rig(name: str, bone_names: Sequence[str], parents: Sequence[int], rest: np.ndarray, lengths: np.ndarray,
             world_from_armature: np.ndarray | None = None, **flags: Any) -> TargetRig:
    """A TargetRig whose unnamed flags have Blender's defaults for new bones.

    Arguments are the fields of TargetRig; `flags` are the optional ones (connected, inherit_rotation ...). Raises
    MocapError if a parent comes after its child.
    """
    count = len(bone_names)
    parents = np.asarray(parents, dtype=int)
    if np.any(parents >= np.arange(count)):
        raise MocapError(f"{name}: parents must come before their children")
    return TargetRig(
        name=name, bone_names=tuple(bone_names), parents=parents, rest=np.asarray(rest, dtype=float),
        lengths=np.asarray(lengths, dtype=float),
        connected=np.asarray(flags.pop("connected", np.zeros(count)), dtype=bool),
        inherit_rotation=np.asarray(flags.pop("inherit_rotation", np.ones(count)), dtype=bool),
        local_location=np.asarray(flags.pop("local_location", np.ones(count)), dtype=bool),
        inherit_scale=tuple(flags.pop("inherit_scale", ("FULL",) * count)),
        deform=np.asarray(flags.pop("deform", np.ones(count)), dtype=bool),
        rotation_modes=tuple(flags.pop("rotation_modes", ("QUATERNION",) * count)),
        world_from_armature=np.eye(4) if world_from_armature is None else np.asarray(world_from_armature, dtype=float),
        **flags)


def from_matrix(matrices: np.ndarray) -> np.ndarray:
    """(..., 4) quaternions (w, x, y, z) from (..., 3, 3) rotation matrices."""
    matrices = np.asarray(matrices, dtype=float)
    return quaternions(Rotation.from_matrix(matrices.reshape(-1, 3, 3))).reshape(*matrices.shape[:-2], 4)
