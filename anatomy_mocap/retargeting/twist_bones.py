"""Twist bones: helper bones along a limb that share its twist, so that the skin is not wrung at one joint.

The twist of an upper arm or thigh against the trunk grows from 0 at its start to all of it at elbow or knee. The twist
of a hand or foot against forearm or shank grows from 0 at the start of these to all of it at wrist or ankle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..core.skeleton import SIDES
from ..maths.rotations import about, inverse, multiply, twist_angle, unit
from ..rigs.rest_pose import RestPose, read_rest_pose
from ..rigs.rig import TargetRig
from .armature_pose import ArmaturePose, in_armature
from .tuning import TUNING

WORDS = ("twist", "roll", "捩", "twst")
_LIMBS = ("upper_arm", "lower_arm", "upper_leg", "lower_leg")


@dataclass(frozen=True)
class TwistBone:
    """A twist bone. bone: its index. part: its limb ("left_lower_arm"). share: 0..1 of the limb's twist."""

    bone: int
    part: str
    share: float


def find_twist_bones(rest: RestPose) -> list[TwistBone]:
    """The twist bones of arms and legs, and the limbs' own bones if twist bones continue them.

    Every unmapped bone between a limb's bone and the next mapped one, on the limb's line, is a twist bone; a bone
    beside that chain needs one of WORDS in its name. Bones with constraints are ignored.
    """
    found = []
    for part in (f"{side}_{limb}" for side in SIDES for limb in _LIMBS):
        if part in rest.bones:
            inside = _inside(rest, part)
            chain = [rest.bones[part][0], *inside]
            if inside:
                found += [TwistBone(bone, part, n / len(inside)) for n, bone in enumerate(chain)]
            found += [TwistBone(bone, part, share) for bone, share in _beside(rest, part, set(chain))]
    return found


def twist_bone_names(rig: TargetRig, bones: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Names of the twist bones of a rig; bones: of its bone map. Raises MocapError if these do not fit the rig."""
    return frozenset(rig.bone_names[helper.bone] for helper in find_twist_bones(read_rest_pose(rig, bones)))


def share_twist(pose: ArmaturePose) -> ArmaturePose:
    """The pose with its twist bones, each rotated by its share of the twist about the limb's axis."""
    rotations, twists, found = dict(pose.rotations), {}, find_twist_bones(pose.rest)
    for helper in found:
        if helper.part not in twists:
            twists[helper.part] = _twist(pose, helper.part)
        # An upper limb's own rotation has its whole twist; a lower limb's has none of the hand's or foot's.
        share = helper.share - 1.0 if "upper" in helper.part else helper.share
        turn = multiply(pose.turn(pose.rest.bones[helper.part][0]),
                        about(_axis(pose.rest, helper.part), share * twists[helper.part]))
        rotations[helper.bone] = pose.rotation(helper.bone, turn)
    helpers = {helper.bone: helper.part for helper in found if helper.bone not in pose.rotations}
    return replace(pose, rotations=rotations, helpers=helpers)


def _twist(pose: ArmaturePose, part: str) -> np.ndarray:
    """(T,) radians about the limb's axis: of an upper limb against its parent, of hand or foot against a lower limb."""
    side, _, limb = part.partition("_")
    bones, own = pose.rest.bones, pose.turn(pose.rest.bones[part][0])
    if limb.startswith("upper"):
        carriers = [bones["hips"]] if limb == "upper_leg" else \
            [bones.get(f"{side}_shoulder"), bones["spine_chain"][-1:], bones["hips"]]
        carrier = next(found[0] for found in carriers if found)
        relative = multiply(inverse(pose.turn(carrier)), own)
    else:
        end = bones.get(f"{side}_{'hand' if limb == 'lower_arm' else 'foot'}")
        if not end:
            return np.zeros(len(own))
        relative = multiply(inverse(own), pose.turn(end[0]))
    angle = np.unwrap(twist_angle(relative, _axis(pose.rest, part)))
    return angle - 2 * np.pi * np.round(np.median(angle) / (2 * np.pi))


def _axis(rest: RestPose, part: str) -> np.ndarray:
    """(3,) unit, armature space: the limb's direction at rest."""
    return unit(in_armature(rest.rig, rest.tips[part]) - rest.rig.heads[rest.bones[part][0]])


def _inside(rest: RestPose, part: str) -> list[int]:
    """Unmapped bones between the limb's bone and the next mapped one, downwards."""
    rig, limb = rest.rig, rest.bones[part][0]
    below = [bone for names in rest.bones.values() for bone in names
             if bone != limb and limb in rig.lineage(bone)]
    if not below:
        return []
    line = rig.lineage(min(below, key=lambda bone: len(rig.lineage(bone))))
    inside = line[1:line.index(limb)][::-1]
    return [bone for bone in inside if _fraction(rest, part, bone) is not None and _free(rest, bone)]


def _beside(rest: RestPose, part: str, chain: set[int]) -> list[tuple[int, float]]:
    """(bone, share) of the twist bones below the limb's bone, beside its chain."""
    rig = rest.rig
    mapped = {bone for names in rest.bones.values() for bone in names}
    found = []
    for bone in rig.subtree(rest.bones[part][0])[1:]:
        name = rig.bone_names[bone].lower()
        if bone in chain or bone in mapped or not any(word in name for word in WORDS):
            continue
        owner = next(above for above in rig.lineage(bone)[1:] if above in mapped)
        fraction = _fraction(rest, part, bone)
        if owner == rest.bones[part][0] and fraction is not None and _free(rest, bone):
            # The share would be 0 at the start of a lower limb: such a bone stands for the whole limb.
            found.append((bone, 0.5 if fraction < TUNING.twist_at_start and "lower" in part else fraction))
    return found


def _fraction(rest: RestPose, part: str, bone: int) -> float | None:
    """Fraction 0..1 of the limb at which a bone starts; None if it is off the limb's line."""
    limb = rest.bones[part][0]
    reach = rest.tips[part] - rest.heads[limb]
    length = np.linalg.norm(reach)
    offset = (rest.heads[bone] - rest.heads[limb]) / max(length, 1e-12)
    along = float(offset @ unit(reach))
    aside = float(np.linalg.norm(offset - along * unit(reach)))
    most = TUNING.twist_aside
    return float(np.clip(along, 0.0, 1.0)) if aside < most and -most < along < 1.0 + most / 2 else None


def _free(rest: RestPose, bone: int) -> bool:
    return rest.rig.bone_names[bone] not in rest.rig.constraints
