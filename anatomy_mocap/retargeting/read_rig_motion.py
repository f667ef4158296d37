"""Motion of any posed rig: an animated armature as a source, read with the same alignment as a target.

This is the inverse of `retarget`: a rig's own motion returns to it unchanged, and a rig of the same skeleton with
another rest pose, other rolls and names rotates its body parts exactly like the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..core.errors import MocapError
from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES, rest_directions
from ..maths.rotations import continuous, inverse, multiply, slerp
from ..rigs.rest_pose import RestPose, read_rest_pose
from ..rigs.rig import TargetRig, from_matrix
from ..rigs.t_pose_alignment import SOURCE_JOINTS, alignments
from .hip_path import Stance, leg_length, sole_offsets, stance_of
from .rig_detail import MappedBones, RigDetail, RigMotion
from .spine_turns import spine_fractions
from .tuning import TUNING

_FOOT_RUN = float(-rest_directions()[MOCAP22.index("left_toe"), 1])
"""Horizontal share of the foot bone's direction in the T-pose."""


def read_rig_motion(rig: TargetRig, bone_map: MappedBones, world: np.ndarray, fps: float,
                    start_time: float = 0.0) -> RigMotion:
    """The motion of a posed rig, with its detail.

    rig: the rest pose. bone_map: its `bones` name the rig's bones of each body part.
    world: (T, B, 4, 4) posed bones in world space (armature object's matrix @ pose bone's matrix), metres, in the order
    of the rig's bones; the movement of the object is included. fps: frames per second. start_time: seconds of the first
    frame. Body parts without a bone rotate with the part above them.
    Raises MocapError if the map does not fit the rig, or if the poses have the wrong shape or hold NaN.
    """
    world = np.asarray(world, dtype=float)
    if world.shape[1:] != (len(rig), 4, 4) or not len(world):
        raise MocapError(f"{rig.name}: poses of shape {world.shape} don't fit its {len(rig)} bones; "
                         "give one matrix a frame and bone")
    if not np.isfinite(world).all():
        raise MocapError(f"{rig.name}: its pose holds NaN; look for a constraint or driver that fails")
    rest = read_rest_pose(rig, bone_map.bones)
    stance = _stance(rest, posed := _Posed(rest, world))
    turns = _body_turns(rest, posed)
    joints = _joints(rest, posed) - stance.origin
    detail = RigDetail(turns, _spine_fractions(rest), joints, _flat_feet(rest, stance), _soles(rest, posed, stance),
                       rest)
    motion = Motion(continuous(_rotations(rest, posed, turns)), joints[:, 0], _lengths(rest, stance), float(fps),
                    float(start_time))
    return RigMotion(motion, detail)


def _stance(rest: RestPose, posed: _Posed) -> Stance:
    """The source's stance; its floor is that of the motion where the rest pose stands on no floor."""
    stance = stance_of(rest)
    up = rest.body_from_world[2]
    if up[2] < 0.99 or _rest_is_on_floor(rest, stance):
        return stance
    floor = _floor_of_motion(_soles(rest, posed, stance))
    if abs(floor) < TUNING.floor_near * leg_length(rest):
        return stance
    return replace(stance, origin=stance.origin + np.array([0.0, 0.0, floor]))


def stands_at_rest(rest: RestPose) -> bool:
    """Whether a rest pose can be a standing body: its legs point down, and its ankles are equally high."""
    legs = [rest.direction(f"{side}_{part}_leg")[2] for side in SIDES for part in ("upper", "lower")]
    up = rest.body_from_world[2]
    left, right = (float(rest.tips[f"{side}_lower_leg"] @ up) for side in SIDES)
    return max(legs) < -TUNING.leg_down and abs(left - right) < TUNING.ankles_level * leg_length(rest)


def _rest_is_on_floor(rest: RestPose, stance: Stance) -> bool:
    """Whether the rest pose stands on the armature object's origin or on the world's floor."""
    leg, up = leg_length(rest), rest.body_from_world[2]
    floor = float(stance.origin @ up)
    origin = float(rest.rig.world_from_armature[:3, 3] @ up)
    return min(abs(floor - origin), abs(floor)) < TUNING.floor_near * leg


def _floor_of_motion(soles: Mapping[str, Mapping[str, np.ndarray]]) -> float:
    """Height of the floor under a motion, in the axes of its soles: where the lower foot is most of the time it is low.

    soles: side -> point -> (T, 3).
    """
    lowest = np.min([points[..., 2] for each in soles.values() for points in each.values()], axis=0)
    return float(np.percentile(lowest, TUNING.floor_percentile))


class _Posed:
    """World rotations from rest and places of a posed rig's parts, each computed once."""

    def __init__(self, rest: RestPose, world: np.ndarray):
        self.rest, self.world, self._turns, self._linears = rest, world, {}, {}
        self._object = rest.rig.world_from_armature[:3, :3]

    def linear(self, bone: int) -> np.ndarray:
        """(T, 3, 3) world: the linear part of a bone's pose relative to rest, without scales of the pose itself."""
        if bone not in self._linears:
            inside = np.linalg.inv(self._object) @ self.world[:, bone, :3, :3] \
                @ np.linalg.inv(self.rest.rig.rest[bone, :3, :3])
            self._linears[bone] = self._object @ nearest_rotation(inside) @ np.linalg.inv(self._object)
        return self._linears[bone]

    def turn(self, bone: int) -> np.ndarray:
        """(T, 4) world rotation of a bone from its rest pose, without scale and mirror of the object."""
        if bone not in self._turns:
            self._turns[bone] = from_matrix(nearest_rotation(self.linear(bone)))
        return self._turns[bone]

    def part(self, *names: str) -> np.ndarray | None:
        """(T, 4) rotation from rest of the first of these parts that the rig has; None if it has none."""
        bones = [self.rest.bones[name] for name in names if self.rest.bones.get(name)]
        return self.turn(bones[0][0]) if bones else None

    def point(self, bone: int, at_rest: np.ndarray) -> np.ndarray:
        """(T, 3) world: a point that moves with a bone. at_rest: (3,) its place in the rest pose."""
        return self.world[:, bone, :3, 3] + self.linear(bone) @ (at_rest - self.rest.heads[bone])


def nearest_rotation(matrices: np.ndarray) -> np.ndarray:
    """(..., 3, 3) the rotations nearest to matrices that may scale (by SVD); rotations are returned unchanged."""
    error = np.abs(matrices @ np.swapaxes(matrices, -1, -2) - np.eye(3)).max() if matrices.size else 0.0
    if error < 1e-6:
        return matrices
    left, _, right = np.linalg.svd(matrices)
    left[..., 2] *= np.linalg.det(left @ right)[..., None]
    return left @ right


def _body_turns(rest: RestPose, posed: _Posed) -> dict[str, np.ndarray]:
    """`RigDetail.turns`: rotation of each part from the rest pose; a missing part rotates with the part below it."""
    base = alignments(rest, at_ease=False)
    chest = inverse(base["chest"])
    found = {"hips": multiply(posed.part("hips"), inverse(base["pelvis"]))}
    spine = [multiply(posed.turn(bone), chest) for bone in rest.bones["spine_chain"]] or [found["hips"]]
    found["spine_chain"] = np.stack(spine, axis=1)
    head = posed.part("head")
    if head is not None:
        found["head"] = multiply(head, inverse(base["head"]))
    necks = [multiply(posed.turn(bone), inverse(base["neck"])) for bone in rest.bones.get("neck", ())]
    if not necks:
        necks = [slerp(spine[-1], found["head"], 0.5) if head is not None else spine[-1]]
    found["neck"] = np.stack(necks, axis=1)
    found.setdefault("head", necks[-1])
    for side in SIDES:
        collar = posed.part(f"{side}_shoulder")
        found[f"{side}_shoulder"] = spine[-1] if collar is None else multiply(collar, chest)
        foot = posed.part(f"{side}_foot")
        if foot is None:
            foot = multiply(posed.part(f"{side}_lower_leg"), inverse(base[f"{side}_lower_leg"]))
        else:
            foot = multiply(foot, inverse(base[f"{side}_foot"]))
            if f"{side}_toes" in rest.bones:
                found[f"{side}_toes"] = multiply(posed.part(f"{side}_toes"), inverse(base[f"{side}_foot"]))
        found[f"{side}_foot"] = foot
    return found


def _rotations(rest: RestPose, posed: _Posed, turns: Mapping[str, np.ndarray]) -> np.ndarray:
    """(T, 22, 4) `Motion.rotations`: limbs have the rig's directions, the trunk has the rotations of `turns`."""
    base = alignments(rest, keep_posture=False, at_ease=False)
    spine = turns["spine_chain"]
    by_joint = {"pelvis": turns["hips"], "spine": spine[:, (spine.shape[1] - 1) // 2], "thorax": spine[:, -1],
                "neck": turns["neck"][:, 0], "head": turns["head"], "nose": turns["head"]}
    if "neck" in rest.bones:
        by_joint["neck"] = multiply(posed.part("neck"), inverse(base["neck"]))
    for side in SIDES:
        by_joint[f"{side}_hip"] = turns["hips"]
        by_joint[f"{side}_shoulder"] = spine[:, -1]
        for limb, joint in SOURCE_JOINTS.items():
            part = f"{side}_{limb}"
            if part in rest.bones:
                by_joint[f"{side}_{joint}"] = multiply(posed.part(part), inverse(base[part]))
        by_joint.setdefault(f"{side}_knuckle", by_joint[f"{side}_wrist"])
        by_joint.setdefault(f"{side}_toe", turns[f"{side}_foot"])
    return np.stack([by_joint[joint] for joint in MOCAP22.joint_names], axis=1)


def _spine_fractions(rest: RestPose) -> np.ndarray:
    """`RigDetail.spine_fractions`; (0.5,) for a rig without a spine."""
    return spine_fractions(rest) if rest.bones["spine_chain"] else np.array([0.5])


def _joints(rest: RestPose, posed: _Posed) -> np.ndarray:
    """(T, 22, 3) world: the joints."""
    def head(part):
        return posed.point(rest.bones[part][0], rest.heads[rest.bones[part][0]])

    def tip(part):
        return posed.point(rest.bones[part][-1], rest.tips[part])

    carrier = rest.bones["spine_chain"][-1] if rest.bones["spine_chain"] else rest.bones["hips"][0]
    at = {f"{side}_hip": head(f"{side}_upper_leg") for side in SIDES}
    at["pelvis"] = (at["left_hip"] + at["right_hip"]) / 2
    first = next((part for part in ("neck", "head") if part in rest.bones), None)
    # If the hips can move away from the legs, the line of the back starts at the hips, not between the legs.
    apart = at["pelvis"] - posed.point(rest.bones["hips"][0], rest.hip_centre)
    at["thorax"] = (head(first) if first else posed.point(carrier, rest.neck_base)) + apart
    at["spine"] = (at["pelvis"] + at["thorax"]) / 2
    at["neck"] = head("head") if "head" in rest.bones else at["thorax"]
    at["head"] = at["nose"] = tip("head") if "head" in rest.bones else at["neck"]
    for side in SIDES:
        at[f"{side}_knee"], at[f"{side}_ankle"] = head(f"{side}_lower_leg"), tip(f"{side}_lower_leg")
        at[f"{side}_shoulder"] = head(f"{side}_upper_arm")
        at[f"{side}_elbow"], at[f"{side}_wrist"] = head(f"{side}_lower_arm"), tip(f"{side}_lower_arm")
        at[f"{side}_knuckle"] = tip(f"{side}_hand") if f"{side}_hand" in rest.bones else at[f"{side}_wrist"]
        at[f"{side}_toe"] = tip(f"{side}_foot") if f"{side}_foot" in rest.bones else at[f"{side}_ankle"]
    return np.stack([at[joint] for joint in MOCAP22.joint_names], axis=1)


def _lengths(rest: RestPose, stance: Stance) -> np.ndarray:
    """(22,) metres, bone lengths in the rest pose."""
    still = _Posed(rest, np.asarray([rest.rig.world_from_armature @ rest.rig.rest]))
    joints = _joints(rest, still)[0]
    parents = np.maximum(MOCAP22.parents, 0)
    lengths = np.linalg.norm(joints - joints[parents], axis=-1)
    for side in SIDES:
        ahead = np.linalg.norm((rest.body_from_world @ stance.balls[side])[:2])
        lengths[MOCAP22.index(f"{side}_toe")] = max(ahead / _FOOT_RUN, 1e-3)
    return lengths


def _flat_feet(rest: RestPose, stance: Stance) -> dict[str, tuple[float, float]]:
    """`RigDetail.flat_feet`."""
    up = rest.body_from_world[2]
    return {side: (stance.ankles[side], stance.ankles[side] + float(stance.balls[side] @ up)) for side in SIDES}


def _soles(rest: RestPose, posed: _Posed, stance: Stance) -> dict[str, dict[str, np.ndarray]]:
    """`RigDetail.soles`: points under ankles and balls, relative to the source's own floor and origin."""
    found = {}
    for side in SIDES:
        parts = {part: posed.part(part) for part in (f"{side}_lower_leg", f"{side}_foot", f"{side}_toes")
                 if part in rest.bones}
        ankle = posed.point(rest.bones[f"{side}_lower_leg"][-1], rest.tips[f"{side}_lower_leg"]) - stance.origin
        found[side] = {name: ankle + offset for name, offset in sole_offsets(rest, stance, parts, side).items()}
    return found
