"""A motion onto a rig: in world space the rig's limbs point as the motion's do, whatever its rest pose and rolls.

For every mapped bone, world rotation from the rest pose = (motion's rotation of that bone) * (alignment of the rest
poses); bones that are not mapped keep their rest pose on their parent. See docs/retargeting.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from ..core.errors import MocapError
from ..core.motion import Motion, in_place_shift, make_in_place, rotate_about_vertical
from ..core.skeleton import SIDES
from ..maths.rotations import multiply
from ..rigs.rest_pose import RestPose, read_rest_pose
from ..rigs.rig import TargetRig
from ..rigs.same_skeleton import LimbTwists
from ..rigs.t_pose_alignment import SOURCE_JOINTS, alignments
from ..settings import RetargetSettings
from .armature_pose import ArmaturePose
from .bone_keys import BoneKeys, armature_pose, local_keys
from .hand_foot_targets import foot_places, hand_places, limbs_of, reached
from .hip_path import Stance, hip_path, read_stance, toe_turns
from .performer import Performer, read_performer
from .rig_detail import RigDetail, RigMotion, match_limb_twists
from .spine_turns import neck_turns, shoulder_turns, spine_turns
from .twist_bones import twisted


class MappedBones(Protocol):
    """Anything with a bone map's table."""

    bones: Mapping[str, tuple[str, ...]]




def retarget(motion: Motion, rig: TargetRig, bone_map: MappedBones,
             settings: RetargetSettings | None = None,
             detail: RigDetail | None = None) -> BoneKeys:
    """Keys that make `rig` perform `motion`; MocapError where the map does not fit the rig.

    bone_map: its `bones` name the rig's bone of each body part (docs/architecture.md, the part names).
    """
    settings = settings or RetargetSettings()
    if len(motion) == 0:
        raise MocapError(f"{rig.name}: the motion has no frames; capture the take again")
    rest = read_rest_pose(rig, bone_map.bones)
    matched = match_limb_twists(*_placed(motion, detail, settings), rest)
    performer = read_performer(matched.motion, matched.detail)
    turns = world_turns(performer, rest, settings.keep_posture, matched.twists)
    stance = read_stance(rest, performer, settings.scale)
    path = hip_path(rest, stance, performer, turns)
    pose = _in_place(armature_pose(rest, turns, path), settings, stance, performer, turns)
    return local_keys(twisted(pose) if settings.twist_bones else pose, settings.ground_on_root)


def _in_place(pose: ArmaturePose, settings: RetargetSettings, stance: Stance, performer: Performer,
              turns: dict[str, np.ndarray]) -> ArmaturePose:
    """The pose with hands and feet in the places that the settings ask for."""
    limbs, places = [], {}
    if settings.hands != "directions":
        limbs += limbs_of(pose.rest, performer, "arm")
        hands = hand_places(pose, stance, performer, settings.hands == "space")
        places |= {(side, "arm"): place for side, place in hands.items()}
    if settings.feet != "directions":
        limbs += limbs_of(pose.rest, performer, "leg")
        feet = foot_places(pose.rest, stance, performer, turns)
        places |= {(side, "leg"): place for side, place in feet.items()}
    return reached(pose, limbs, places) if limbs else pose


def _placed(motion: Motion, detail: RigDetail | None, settings: RetargetSettings) -> RigMotion:
    """The motion and its detail in place and rotated about the vertical, as the settings ask."""
    if settings.in_place:
        detail = detail and detail.shift(in_place_shift(motion))
        motion = make_in_place(motion)
    if settings.turn:
        detail = detail and detail.rotate_about_vertical(settings.turn)
        motion = rotate_about_vertical(motion, settings.turn)
    return RigMotion(motion, detail)


def world_turns(performer: Performer, rest: RestPose, keep_posture: bool = True,
                twists: LimbTwists | None = None) -> dict[str, np.ndarray]:
    """Part -> (T, 4) world rotation of its bone from the rest pose ((T, N, 4) for the N bones of spine and neck).

    twists: of limbs of which more is known than the rest pose tells, see `alignments`.
    """
    detailed = keep_posture and performer.detail is not None
    align = alignments(rest, keep_posture, at_ease=not detailed, twists=twists)
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
    theirs = performer.detail.turns
    turns = {"hips": multiply(theirs["hips"], align["pelvis"])}
    if "head" in rest.bones:
        turns["head"] = multiply(theirs["head"], align["head"])
    for side in SIDES:
        for part in (f"{side}_foot", f"{side}_toes"):
            if part in rest.bones and part in theirs:
                turns[part] = multiply(theirs[part], align.get(f"{side}_foot", align["pelvis"]))
    return turns
