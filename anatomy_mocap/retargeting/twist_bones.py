"""Twist bones: helpers along a limb that take their share of its twist, so that skin doesn't wring at the joints.

An upper arm or thigh twists against the trunk: none of it at its beginning, all of it at elbow or knee. A forearm or
shank carries the hand's or foot's twist: none at its beginning, all of it at wrist or ankle.
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

WORDS = ("twist", "roll", "捩", "twst")
_ASIDE = 0.2
"""Twist bones are no further off the limb's line, in lengths of the limb."""
_LIMBS = ("upper_arm", "lower_arm", "upper_leg", "lower_leg")


@dataclass(frozen=True)
class TwistBone:
    """A helper of a limb. bone: its index. part: the limb ("left_lower_arm"). share: 0..1 of the twist at its place."""

    bone: int
    part: str
    share: float


def find_twist_bones(rest: RestPose) -> list[TwistBone]:
    """Twist bones of the rig's arms and legs, and the limbs' own bones where the twist bones go on from them.

    Between a limb's bone and the next one every helper on the limb's line is one; a bone beside that chain has to be
    named so. Bones with constraints are left to these.
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
    """Names of what `find_twist_bones` finds on a rig. bones: the bone map's; MocapError where they do not fit it."""
    return frozenset(rig.bone_names[helper.bone] for helper in find_twist_bones(read_rest_pose(rig, bones)))


def twisted(pose: ArmaturePose) -> ArmaturePose:
    """The pose with its twist bones, each turned by its share about the limb's axis."""
    rotations, twists, found = dict(pose.rotations), {}, find_twist_bones(pose.rest)
    for helper in found:
        if helper.part not in twists:
            twists[helper.part] = _twist(pose, helper.part)
        # A limb's own turn has an upper limb's whole twist and nothing of what is to come of a lower one's.
        share = helper.share - 1.0 if "upper" in helper.part else helper.share
        turn = multiply(pose.turn(pose.rest.bones[helper.part][0]),
                        about(_axis(pose.rest, helper.part), share * twists[helper.part]))
        rotations[helper.bone] = pose.rotation(helper.bone, turn)
    helpers = {helper.bone: helper.part for helper in found if helper.bone not in pose.rotations}
    return replace(pose, rotations=rotations, helpers=helpers)


def _twist(pose: ArmaturePose, part: str) -> np.ndarray:
    """(T,) radians about the limb's axis: an upper limb's against what carries it, a lower one's end against it."""
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
    """Helpers between the limb's bone and the next mapped one, downwards."""
    rig, limb = rest.rig, rest.bones[part][0]
    below = [bone for names in rest.bones.values() for bone in names
             if bone != limb and limb in rig.lineage(bone)]
    if not below:
        return []
    line = rig.lineage(min(below, key=lambda bone: len(rig.lineage(bone))))
    inside = line[1:line.index(limb)][::-1]
    return [bone for bone in inside if _fraction(rest, part, bone) is not None and _free(rest, bone)]


def _beside(rest: RestPose, part: str, chain: set[int]) -> list[tuple[int, float]]:
    """(bone, share) of the twist bones that hang on the limb beside its chain."""
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
            # At the beginning of a lower limb nothing twists: such a bone means the limb as a whole.
            found.append((bone, 0.5 if fraction < 0.1 and "lower" in part else fraction))
    return found


def _fraction(rest: RestPose, part: str, bone: int) -> float | None:
    """How far along the limb a bone begins, 0..1; None where it is off the limb's line."""
    limb = rest.bones[part][0]
    reach = rest.tips[part] - rest.heads[limb]
    length = np.linalg.norm(reach)
    offset = (rest.heads[bone] - rest.heads[limb]) / max(length, 1e-12)
    along = float(offset @ unit(reach))
    aside = float(np.linalg.norm(offset - along * unit(reach)))
    return float(np.clip(along, 0.0, 1.0)) if aside < _ASIDE and -_ASIDE < along < 1.0 + _ASIDE / 2 else None


def _free(rest: RestPose, bone: int) -> bool:
    return rest.rig.bone_names[bone] not in rest.rig.constraints
