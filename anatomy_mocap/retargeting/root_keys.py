"""Location channels: of the hips' path, of a root bone that takes the horizontal part, and of loose parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ..core.errors import MocapError
from ..maths.rotations import apply, inverse
from ..rigs.loose_parts import LoosePart, movable
from ..rigs.rig import TargetRig
from .armature_pose import ArmaturePose, in_armature


class Locations(NamedTuple):
    """root_bone: the bone with the hips' path. root: (T, 3) its local basis locations. more: bone -> (T, 3), others."""

    root_bone: str
    root: np.ndarray
    more: dict[str, np.ndarray]


def location_keys(pose: ArmaturePose, posed: Mapping[int, np.ndarray], ground_bone: bool) -> Locations:
    """The location channels of a pose. A bone connected to its parent has none; the next free ancestor takes its place.

    posed: the first dict of `ArmaturePose.full`. ground_bone: the topmost bone above the hips takes the horizontal
    travel. Raises MocapError if ground_bone is asked for and there is no such bone, or if a loose part is connected.
    """
    rest, rig = pose.rest, pose.rest.rig
    moved = next(bone for bone in rig.lineage(rest.body_root) if rig.parents[bone] < 0 or not rig.connected[bone])
    shift, more, ground = pose.body_root_head - rig.heads[rest.body_root], {}, {}
    if ground_bone:
        top = rig.lineage(moved)[-1]
        if top == moved:
            raise MocapError(f"{rig.name}: no bone above {rig.bone_names[moved]!r} that could take the way over the "
                             "ground; let the hips keep it")
        ground[top] = _over_ground(pose)
        more[rig.bone_names[top]] = ground[top] @ _location_axes(rig, top)
        shift = shift - ground[top]
    for part in rest.loose:
        bone, way = _loose_way(pose, part, posed, ground)
        more[rig.bone_names[bone]] = way @ _location_axes(rig, bone)
    return Locations(rig.bone_names[moved], shift @ _location_axes(rig, moved), more)


def _loose_way(pose: ArmaturePose, part: LoosePart, posed: Mapping[int, np.ndarray],
               ground: Mapping[int, np.ndarray]) -> tuple[int, np.ndarray]:
    """(bone that is moved for a loose part, (T, 3) its shift along its parent's rest axes in armature space).

    ground: root bone -> (T, 3) its horizontal travel, which moves its descendants too.
    """
    rig = pose.rest.rig
    bone = movable(rig, part, {*pose.rotations, *rig.lineage(pose.rest.body_root)})
    above, line = int(rig.parents[bone]), rig.lineage(part.bone)
    stops = {each.bone for each in pose.rest.loose} | {pose.rest.body_root}
    start = np.broadcast_to(rig.heads[bone], pose.centre.shape)
    if above >= 0:
        start = pose.below([bone, above], pose.head(above, posed), posed)
    if not stops & set(rig.lineage(bone)[1:]):
        start = start + ground.get(line[-1], 0.0)
    way = pose.attached_head(part, posed) - pose.below(line[:line.index(bone) + 1], start, posed)
    return bone, way if above < 0 else apply(inverse(pose.posed_turn(above, posed)), way)


def _over_ground(pose: ArmaturePose) -> np.ndarray:
    """(T, 3) armature space: the horizontal distance of the middle of the hips from its rest place."""
    linear = pose.rest.rig.world_from_armature[:3, :3]
    way = (pose.centre - in_armature(pose.rest.rig, pose.rest.hip_centre)) @ linear.T
    way[:, 2] = 0.0
    return way @ np.linalg.inv(linear).T


def _location_axes(rig: TargetRig, bone: int) -> np.ndarray:
    """(3, 3) matrix whose columns are the axes of a bone's location channels, armature space."""
    if rig.local_location[bone]:
        return rig.rest[bone, :3, :3]
    parent = rig.parents[bone]
    return rig.rest[parent, :3, :3] if parent >= 0 else np.eye(3)
