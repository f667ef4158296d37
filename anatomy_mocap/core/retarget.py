"""A motion onto a rig: in world space the rig's limbs point as the motion's do, whatever its rest pose and rolls.

For every mapped bone, world rotation from the rest pose = (motion's rotation of that bone) * (alignment of the rest
poses); bones that are not mapped keep their rest pose on their parent. See docs/retargeting.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .alignment import SOURCE_JOINTS, alignments
from .errors import MocapError
from .motion import Motion, held_in_place, turned
from .performer import SIDES, Performer, read_performer
from .rest_pose import RestPose, read_rest_pose
from .rig import TargetRig, from_matrix
from .root_path import hip_path, read_stance, toe_turns
from .rotations import apply, continuous, inverse, multiply, swing, unit
from .torso import neck_turns, shoulder_turns, spine_turns


class MappedBones(Protocol):
    """Anything with a bone map's table."""

    bones: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class RetargetSettings:
    """What the user may choose.

    scale: character's size / performer's for the path through space; None takes it from the legs.
    turn: radians about the vertical by which the whole performance is turned.
    in_place: the hips stay above where they begin (their height still changes).
    keep_posture: spine, neck, head, collar bones and soles keep the character's own carriage where the performer stands
        at ease; otherwise they, too, point as the performer's joints do, which bends most characters oddly.
    """

    scale: float | None = None
    turn: float = 0.0
    in_place: bool = False
    keep_posture: bool = True


@dataclass(frozen=True)
class BoneKeys:
    """A pose over time, as a rig's own channels.

    bone_names: B keyed bones, parents first. rotations: (T, B, 4) local basis quaternions, continuous signs.
    root_bone: the bone whose location is keyed. root_locations: (T, 3) local basis, armature units.
    """

    bone_names: tuple[str, ...]
    rotations: np.ndarray
    root_bone: str
    root_locations: np.ndarray


def retarget(motion: Motion, rig: TargetRig, bone_map: MappedBones,
             settings: RetargetSettings | None = None) -> BoneKeys:
    """Keys that make `rig` perform `motion`; MocapError where the map does not fit the rig.

    bone_map: its `bones` name the rig's bone of each body part (docs/architecture.md, the part names).
    """
    settings = settings or RetargetSettings()
    if len(motion) == 0:
        raise MocapError(f"{rig.name}: the motion has no frames; capture the take again")
    rest = read_rest_pose(rig, bone_map.bones)
    performer = read_performer(_placed(motion, settings))
    turns = world_turns(performer, rest, settings.keep_posture)
    path = hip_path(rest, read_stance(rest, performer, settings.scale), performer, turns)
    return _local_keys(rest, turns, path)


def _placed(motion: Motion, settings: RetargetSettings) -> Motion:
    """The motion turned about the vertical and held in place, as the settings ask."""
    if settings.in_place:
        motion = held_in_place(motion)
    return turned(motion, settings.turn) if settings.turn else motion


def world_turns(performer: Performer, rest: RestPose, keep_posture: bool = True) -> dict[str, np.ndarray]:
    """Part -> (T, 4) world rotation of its bone from the rest pose ((T, N, 4) for the N bones of spine and neck)."""
    detailed = keep_posture and performer.motion.detail is not None
    align = alignments(rest, keep_posture, at_ease=not detailed)
    turns = _own_carriage(performer, rest, align) if detailed else _takes_carriage(performer, rest, align, keep_posture)
    for side in SIDES:
        for limb, joint in SOURCE_JOINTS.items():
            part = f"{side}_{limb}"
            if part in rest.bones and part not in turns and limb != "shoulder":
                turns[part] = multiply(performer.turn(f"{side}_{joint}"), align[part])
    turns["spine_chain"] = spine_turns(performer, rest, align, detailed)
    chest = turns["spine_chain"][:, -1] if rest.bones["spine_chain"] \
        else multiply(performer.turn("thorax"), align["thorax"])
    if "neck" in rest.bones:
        turns["neck"] = neck_turns(performer, rest, align, chest, turns.get("head"), detailed)
    return turns | shoulder_turns(performer, rest, align, chest, keep_posture) | toe_turns(performer, rest, turns)


def _takes_carriage(performer: Performer, rest: RestPose, align: dict, keep_posture: bool) -> dict[str, np.ndarray]:
    """Hips, head and feet after a take's joints."""
    turns = {"hips": multiply(performer.turn("pelvis"), align["pelvis"])}
    if "head" in rest.bones:
        turns["head"] = multiply(performer.turn("head"), align["head"])
    for side in SIDES if keep_posture else ():
        if f"{side}_foot" in rest.bones:
            turns[f"{side}_foot"] = multiply(performer.turn(f"{side}_toe"), performer.flat[side].level,
                                             align[f"{side}_foot"])
    return turns


def _own_carriage(performer: Performer, rest: RestPose, align: dict) -> dict[str, np.ndarray]:
    """Hips, head, feet and toes: off their rest pose as those of the rig that the motion was read off."""
    theirs = performer.motion.detail.turns
    turns = {"hips": multiply(theirs["hips"], align["pelvis"])}
    if "head" in rest.bones:
        turns["head"] = multiply(theirs["head"], align["head"])
    for side in SIDES:
        for part in (f"{side}_foot", f"{side}_toes"):
            if part in rest.bones and part in theirs:
                turns[part] = multiply(theirs[part], align.get(f"{side}_foot", align["pelvis"]))
    return turns


def _local_keys(rest: RestPose, turns: dict[str, np.ndarray], path: np.ndarray) -> BoneKeys:
    """World rotations and the hips' path as local basis channels of the mapped bones."""
    rig = rest.rig
    wanted = _armature_rotations(rest, turns)
    rest_rotations = from_matrix(rig.rest[:, :3, :3])
    needed = sorted({above for bone in wanted for above in rig.lineage(bone)})
    posed: dict[int, np.ndarray] = {}
    keyed, channels = [], []
    for bone in needed:
        parent = int(rig.parents[bone])
        base = rest_rotations[bone]
        if parent >= 0 and rig.inherit_rotation[bone]:
            base = multiply(posed[parent], multiply(inverse(rest_rotations[parent]), base))
        posed[bone] = wanted.get(bone, base)
        if bone in wanted:
            keyed.append(rig.bone_names[bone])
            channels.append(multiply(inverse(base), wanted[bone]))
    root, locations = _root_locations(rest, wanted[rest.carrier], rest_rotations, path)
    return BoneKeys(tuple(keyed), continuous(unit(np.stack(channels, axis=1))), root, locations)


def _armature_rotations(rest: RestPose, turns: dict[str, np.ndarray]) -> dict[int, np.ndarray]:
    """Bone -> (T, 4) its pose in armature space."""
    rig = rest.rig
    linear = rig.world_from_armature[:3, :3]
    left, stretch, right = np.linalg.svd(linear)
    world = left @ right
    world = from_matrix(world * np.sign(np.linalg.det(world)))
    rest_rotations = from_matrix(rig.rest[:, :3, :3])
    by_bone = {rest.bones["hips"][0]: turns["hips"], rest.carrier: turns["hips"]}
    for part, turn in turns.items():
        if part in ("spine_chain", "neck"):
            by_bone |= {bone: turn[:, n] for n, bone in enumerate(rest.bones[part])}
        elif part != "hips" and part in rest.bones:
            by_bone[rest.bones[part][0]] = turn
    result = {bone: multiply(inverse(world), turn, multiply(world, rest_rotations[bone]))
              for bone, turn in by_bone.items()}
    if stretch.max() / stretch.min() > 1 + 1e-6:
        _aim_under_shear(rest, turns, result, rest_rotations)
    return result


def _aim_under_shear(rest: RestPose, turns: dict, rotations: dict[int, np.ndarray], rest_rotations) -> None:
    """Under an uneven scale directions bend: turn each limb on so that its world direction is the wanted one again."""
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


def _root_locations(rest: RestPose, carrier_pose: np.ndarray, rest_rotations: np.ndarray,
                    path: np.ndarray) -> tuple[str, np.ndarray]:
    """The bone that takes the path, and its local basis locations, (T, 3).

    A bone connected to its parent can't be moved: the next one above that can is taken then.
    """
    rig, carrier = rest.rig, rest.carrier
    to_armature = np.linalg.inv(rig.world_from_armature)
    centre = path @ to_armature[:3, :3].T + to_armature[:3, 3]
    hips_at_rest = to_armature[:3, :3] @ rest.hip_centre + to_armature[:3, 3]
    turned = multiply(carrier_pose, inverse(rest_rotations[carrier]))
    head = centre - apply(turned, hips_at_rest - rig.heads[carrier])
    moved = next(bone for bone in rig.lineage(carrier) if rig.parents[bone] < 0 or not rig.connected[bone])
    axes = rig.rest[moved, :3, :3]
    if not rig.local_location[moved]:
        parent = rig.parents[moved]
        axes = rig.rest[parent, :3, :3] if parent >= 0 else np.eye(3)
    return rig.bone_names[moved], (head - rig.heads[carrier]) @ axes
