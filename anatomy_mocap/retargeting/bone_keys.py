"""BoneKeys: from world rotations of body parts and the hips' path to a rig's local channels, parents first.

Location channels hold the hips' path; a root bone may take its horizontal part, and loose parts have their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..core.errors import MocapError
from ..maths.rotations import apply, continuous, inverse, multiply, swing, unit
from ..rigs.loose_parts import LoosePart, movable
from ..rigs.rest_pose import RestPose
from ..rigs.rig import TargetRig, from_matrix
from .armature_pose import ArmaturePose, in_armature


@dataclass(frozen=True)
class BoneKeys:
    """A pose over time as a rig's local channels.

    bone_names: B keyed bones, parents first.
    rotations: (T, B, 4) local basis quaternions, signs continuous over time.
    root_bone: the bone whose location holds the hips' path.
    root_locations: (T, 3) local basis locations of the root bone, armature units.
    more_locations: other bone -> (T, 3): a root bone that takes the travel over the ground, and loose parts.
    helpers: keyed bones that the map does not name (twist bones) -> their body part.
    bent: (T,) bool, frames in which limbs leave the motion's directions, to stay above the floor; None for no frame.
    """

    bone_names: tuple[str, ...]
    rotations: np.ndarray
    root_bone: str
    root_locations: np.ndarray
    more_locations: Mapping[str, np.ndarray] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)
    bent: np.ndarray | None = None


def world_rotation(rig: TargetRig) -> np.ndarray:
    """(4,) quaternion, world <- armature space: the rotation in the object's matrix, without scale and mirror."""
    left, _, right = np.linalg.svd(rig.world_from_armature[:3, :3])
    turn = left @ right
    return from_matrix(turn * np.sign(np.linalg.det(turn)))


def armature_pose(rest: RestPose, turns: Mapping[str, np.ndarray], path: np.ndarray) -> ArmaturePose:
    """The pose in armature space from world rotations R from rest: W^-1 R W rest, with the object's rotation W.

    turns: part -> (T, 4) (spine and neck (T, N, 4)) world rotation from rest.
    path: (T, 3) world, the middle of the hip joints.
    """
    rig = rest.rig
    by_bone = {rest.bones["hips"][0]: turns["hips"], rest.body_root: turns["hips"]}
    for part, turn in turns.items():
        if part in ("spine_chain", "neck"):
            by_bone |= {bone: turn[:, n] for n, bone in enumerate(rest.bones[part])}
        elif part != "hips" and part in rest.bones:
            by_bone[rest.bones[part][0]] = turn
    for part in rest.loose:
        by_bone.setdefault(part.bone, by_bone[part.anchor])
    world, rest_rotations = world_rotation(rig), from_matrix(rig.rest[:, :3, :3])
    rotations = {bone: multiply(inverse(world), turn, multiply(world, rest_rotations[bone]))
                 for bone, turn in by_bone.items()}
    stretch = np.linalg.svd(rig.world_from_armature[:3, :3], compute_uv=False)
    if stretch.max() / stretch.min() > 1 + 1e-6:
        _aim_under_shear(rest, turns, rotations, rest_rotations)
    return ArmaturePose(rest, rotations, in_armature(rig, path))


def _aim_under_shear(rest: RestPose, turns: Mapping, rotations: dict[int, np.ndarray], rest_rotations) -> None:
    """An uneven object scale changes directions: swing each limb until its direction in the world is the wanted one."""
    linear = rest.rig.world_from_armature[:3, :3]
    to_armature = np.linalg.inv(linear)
    for part, tip in rest.tips.items():
        bone = rest.bones[part][0]
        if bone not in rotations or part == "head":
            continue
        limb = to_armature @ (tip - rest.heads[bone])
        turn = turns[part] if part != "neck" else turns[part][:, 0]
        wanted = apply(turn, linear @ limb) @ to_armature.T
        now = apply(multiply(rotations[bone], inverse(rest_rotations[bone])), limb)
        fix = swing(unit(now), unit(wanted))
        for each in rest.bones[part]:
            rotations[each] = multiply(fix, rotations[each])


def to_bone_keys(pose: ArmaturePose, ground_bone: bool = False) -> BoneKeys:
    """The pose as local basis channels, each bone's rotation divided by the factor of its parents.

    ground_bone: the topmost bone above the hips takes the travel over the ground, the hips the rest.
    """
    rig = pose.rest.rig
    posed, bases = pose.full()
    keyed = sorted(pose.rotations)
    channels = [multiply(inverse(bases[bone]), pose.rotations[bone]) for bone in keyed]
    rotations = continuous(unit(np.stack(channels, axis=1)))
    return BoneKeys(tuple(rig.bone_names[bone] for bone in keyed), rotations, *location_keys(pose, posed, ground_bone),
                    {rig.bone_names[bone]: part for bone, part in pose.helpers.items()})


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
