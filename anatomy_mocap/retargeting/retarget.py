"""Retarget: put a motion on a rig, whatever the rig's rest pose and bone rolls.

For every mapped bone b with the motion's rotation M_b (world <- T-pose) and the alignment A_b of rest poses,

    world rotation of b from its rest pose = M_b * A_b,

so that the rig's limbs have the motion's directions in the world. Unmapped bones keep their rest pose on their parent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..core.errors import MocapError
from ..core.motion import Motion, in_place_shift, make_in_place, rotate_about_vertical
from ..core.skeleton import SIDES
from ..maths.rotations import angle_between, multiply
from ..rigs.rest_pose import RestPose, read_rest_pose
from ..rigs.rig import TargetRig
from ..rigs.same_skeleton import LimbTwists
from ..rigs.skin import Skin
from ..rigs.t_pose_alignment import SOURCE_JOINTS, alignments
from ..settings import RetargetSettings
from .armature_pose import ArmaturePose
from .bone_keys import BoneKeys, armature_pose, to_bone_keys
from .hand_foot_targets import foot_places, hand_places, limbs_of, reach
from .hip_path import Stance, hip_path, read_stance, toe_turns
from .on_floor import put_on_floor
from .performer import Performer, read_performer
from .rig_detail import MappedBones, RigDetail, RigMotion, match_limb_twists
from .spine_turns import neck_turns, shoulder_turns, spine_turns
from .tuning import TUNING
from .twist_bones import share_twist


class Floor(NamedTuple):
    """skin: of the character. strength: 0..1, how far it is held on the floor."""

    skin: Skin
    strength: float


def retarget(motion: Motion, rig: TargetRig, bone_map: MappedBones,
             settings: RetargetSettings | None = None,
             detail: RigDetail | None = None, floor: Floor | None = None) -> BoneKeys:
    """Keys with which `rig` performs `motion`.

    bone_map: its `bones` name the rig's bones of each body part (names as in `bone_maps.bone_map.PARTS`).
    settings: proportions and placement; None for the defaults.
    detail: of a motion that was read from a rig; None for a take, or for a motion that was changed since.
    floor: the character's skin, which is put on the floor; None leaves it where the motion's feet put it.
    Raises MocapError if the motion is empty, or the map does not fit the rig.
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
    pose = _with_ends_placed(armature_pose(rest, turns, path), settings, stance, performer, turns)
    bent = None
    if floor is not None:
        before, pose = pose, put_on_floor(pose, floor.skin, stance, performer, floor.strength)
        turned = [angle_between(before.rotations[bone], turn) for bone, turn in pose.rotations.items()
                  if turn is not before.rotations[bone]]
        bent = np.max(turned, axis=0) > np.radians(TUNING.bent) if turned else None
    return replace(to_bone_keys(share_twist(pose) if settings.twist_bones else pose, settings.ground_on_root),
                   bent=bent)


def _with_ends_placed(pose: ArmaturePose, settings: RetargetSettings, stance: Stance, performer: Performer,
                      turns: dict[str, np.ndarray]) -> ArmaturePose:
    """The pose with hands and feet at the targets of the settings."""
    limbs, places = [], {}
    if settings.hands != "directions":
        limbs += limbs_of(pose.rest, performer, "arm")
        hands = hand_places(pose, stance, performer, settings.hands == "space")
        places |= {(side, "arm"): place for side, place in hands.items()}
    if settings.feet != "directions":
        limbs += limbs_of(pose.rest, performer, "leg")
        feet = foot_places(pose.rest, stance, performer, turns)
        places |= {(side, "leg"): place for side, place in feet.items()}
    return reach(pose, limbs, places) if limbs else pose


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

    keep_posture: see RetargetSettings. twists: limb twists from a second rest pose, see `alignments`.
    """
    detailed = keep_posture and performer.detail is not None
    align = alignments(rest, keep_posture, at_ease=not detailed, twists=twists)
    turns = _posture_of_rig(performer, rest, align) if detailed \
        else _posture_of_take(performer, rest, align, keep_posture)
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


def _posture_of_take(performer: Performer, rest: RestPose, align: dict, keep_posture: bool) -> dict[str, np.ndarray]:
    """Rotations of hips, head and feet from a take's bones."""
    turns = {"hips": multiply(performer.turn("pelvis"), align["pelvis"])}
    if "head" in rest.bones:
        turns["head"] = multiply(performer.turn("head"), align["head"])
    for side in SIDES if keep_posture else ():
        if f"{side}_foot" in rest.bones:
            turns[f"{side}_foot"] = multiply(performer.turn(f"{side}_toe"), performer.flat[side].level,
                                             align[f"{side}_foot"])
    return turns


def _posture_of_rig(performer: Performer, rest: RestPose, align: dict) -> dict[str, np.ndarray]:
    """Rotations of hips, head, feet and toes from those of the rig that the motion was read from."""
    source = performer.detail.turns
    turns = {"hips": multiply(source["hips"], align["pelvis"])}
    if "head" in rest.bones:
        turns["head"] = multiply(source["head"], align["head"])
    for side in SIDES:
        for part in (f"{side}_foot", f"{side}_toes"):
            if part in rest.bones and part in source:
                turns[part] = multiply(source[part], align.get(f"{side}_foot", align["pelvis"]))
    return turns
