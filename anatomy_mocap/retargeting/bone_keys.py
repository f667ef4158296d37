"""BoneKeys: from world rotations of body parts and the hips' path to a rig's local channels, parents first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..maths.rotations import apply, continuous, inverse, multiply, swing, unit
from ..rigs.rest_pose import RestPose
from ..rigs.rig import TargetRig, from_matrix
from .armature_pose import ArmaturePose, in_armature
from .root_keys import location_keys


@dataclass(frozen=True)
class BoneKeys:
    """A pose over time as a rig's local channels.

    bone_names: B keyed bones, parents first.
    rotations: (T, B, 4) local basis quaternions, signs continuous over time.
    root_bone: the bone whose location holds the hips' path.
    root_locations: (T, 3) local basis locations of the root bone, armature units.
    more_locations: other bone -> (T, 3): a root bone that takes the travel over the ground, and loose parts.
    helpers: keyed bones that the map does not name (twist bones) -> their body part.
    """

    bone_names: tuple[str, ...]
    rotations: np.ndarray
    root_bone: str
    root_locations: np.ndarray
    more_locations: Mapping[str, np.ndarray] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)


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
