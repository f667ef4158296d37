"""A character's own skin on the floor: the last correction of a pose that was made for a body of other proportions.

Toes bend up, the whole body rises where trunk, head or legs would sink (and sinks where a lying body would float), and
legs and arms bend until feet and hands are not below the floor. What stands above the floor keeps its place.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.skeleton import MOCAP22, SIDES
from ..core.soles import BODY_JOINTS, body_points
from ..maths.rotations import about, apply, inverse, multiply, swing, unit
from ..maths.smooth_series import smooth_series, upper_envelope
from ..rigs.skin import Skin, body_size
from .armature_pose import ArmaturePose, in_armature, skin_heights
from .hand_foot_targets import Limb, limbs_of
from .hip_path import Stance
from .performer import Performer
from .tuning import TUNING

_ARM = ("elbow", "wrist", "knuckle")
_BODY = 4 + np.flatnonzero([MOCAP22.joint_names[joint].rpartition("_")[2] not in _ARM for joint in BODY_JOINTS])
"""The rows of `body_points` of trunk, head and thighs."""


def put_on_floor(pose: ArmaturePose, skin: Skin, stance: Stance, performer: Performer, strength: float = 1.0
                 ) -> ArmaturePose:
    """The pose with no part of the skin deeper in the floor than TUNING.floor_slack.

    stance: gives the height of the floor. performer: whose motion the pose has; it rests where its own body does.
    strength: 0..1, the share of each correction.
    """
    if strength <= 0:
        return pose
    pose = _toes_up(pose, skin, stance, performer.motion.fps, strength)
    lies = _lies(performer)
    for _ in range(TUNING.floor_rounds):  # a foot that is lifted lowers its knee
        pose = _lifted_once(pose, skin, stance, performer, strength, lies)
        lies = np.zeros_like(lies)
    return pose


def _lifted_once(pose: ArmaturePose, skin: Skin, stance: Stance, performer: Performer, strength: float,
                 lies: np.ndarray) -> ArmaturePose:
    """The pose with its body, then its limbs, where they should be above the floor. lies: see `_body_shift`."""
    fps, size = performer.motion.fps, body_size(pose.rest)
    heights = skin_heights(pose, skin) - stance.origin[2]
    feet, arms = skin.of_parts("foot", "toes"), skin.of_parts("hand", "lower_arm")
    limbs = [(limb, heights[:, own].min(axis=1)) for kind, ends in (("leg", ("foot", "toes")),
                                                                   ("arm", ("hand", "lower_arm")))
             for limb in limbs_of(pose.rest, performer, kind)
             if (own := skin.of_parts(*(f"{limb.side}_{end}" for end in ends))).any()]
    shift = _body_shift(heights[:, ~feet & ~arms].min(axis=1), lies, size, fps)
    straight = np.max([_straightness(pose, limb) * np.maximum(-low - shift - _slack(limb, size), 0.0)
                       for limb, low in limbs], axis=0, initial=0.0)
    shift = shift + upper_envelope(straight, TUNING.floor_seconds, fps)
    if shift.any():
        pose = replace(pose, centre=pose.centre + strength * shift[:, None] * _up(pose))
    for limb, low in limbs:
        kept = np.exp(-np.maximum(low, 0.0) / (TUNING.contact_height * size)) * (1.0 - _straightness(pose, limb)) \
            if limb.kind == "leg" else 0.0
        lift = upper_envelope(-low - shift * (1.0 - kept) - _slack(limb, size), TUNING.floor_seconds, fps)
        pose = _lifted(pose, limb, strength * (lift - kept * shift))
    return pose


def _slack(limb: Limb, size: float) -> float:
    """World units by which a foot or hand may reach into the floor."""
    return TUNING.floor_slack[limb.kind == "leg"] * size


def _straightness(pose: ArmaturePose, limb: Limb) -> np.ndarray:
    """(T,) 0..1: whether a limb is straight and points down, so that its body rises rather than that it bends."""
    links, (first, second), _ = _links(pose, limb)
    reach = links[0] + links[1]
    far = np.linalg.norm(reach, axis=-1)
    up = _up(pose)
    steep = np.clip(-2.0 * (reach @ up) / np.maximum(far * np.linalg.norm(up), 1e-12), 0.0, 1.0) ** 2
    bent, straight = TUNING.carries
    return steep * np.clip((far / (first + second) - bent) / (straight - bent), 0.0, 1.0)


def _links(pose: ArmaturePose, limb: Limb) -> tuple[list[np.ndarray], tuple[float, float], tuple[int, int]]:
    """(two (T, 3) vectors along a limb in armature space, their lengths, the limb's bones)."""
    rest, rig = pose.rest, pose.rest.rig
    bones = rest.bones[limb.upper][0], rest.bones[limb.lower][0]
    joints = [rig.heads[bones[0]], rig.heads[bones[1]], in_armature(rig, rest.tips[limb.lower])]
    reaches = [after - before for before, after in zip(joints[:-1], joints[1:], strict=True)]
    links = [apply(pose.turn(bone), reach) for bone, reach in zip(bones, reaches, strict=True)]
    return links, tuple(float(np.linalg.norm(reach)) for reach in reaches), bones


def _up(pose: ArmaturePose) -> np.ndarray:
    """(3,) armature space, one world unit upwards."""
    return np.linalg.inv(pose.rest.rig.world_from_armature[:3, :3])[:, 2]


def _lies(performer: Performer) -> np.ndarray:
    """(T,) 0..1: how surely trunk, head or thighs of the performer rest on the floor."""
    low = body_points(performer.positions)[:, _BODY, 2].min(axis=1)
    whole, none = TUNING.rest_height
    rests = np.clip((none - low) / (none - whole), 0.0, 1.0)
    return np.clip(smooth_series(rests, TUNING.floor_seconds, performer.motion.fps), 0.0, 1.0)


def _body_shift(body: np.ndarray, lies: np.ndarray, size: float, fps: float) -> np.ndarray:
    """(T,) world units by which the body rises or, where it lies, sinks.

    body: (T,) its lowest point. lies: (T,) 0..1, how surely it rests on the floor.
    """
    shift = -lies * smooth_series(body, TUNING.floor_seconds, fps)
    return shift + upper_envelope(-(body + shift) - TUNING.floor_slack[0] * size, TUNING.floor_seconds, fps)


def _toes_up(pose: ArmaturePose, skin: Skin, stance: Stance, fps: float, strength: float) -> ArmaturePose:
    """The pose with toes bent up where they would be in the floor; of a foot on its instep the foot is stretched."""
    bones = pose.rest.bones
    for side in SIDES:
        for moved, way in ((("toes",), -1.0), (("foot", "toes"), 1.0)):
            parts = [f"{side}_{part}" for part in moved if bones.get(f"{side}_{part}", (None,))[0] in pose.rotations]
            own = skin.of_parts(*(f"{side}_{part}" for part in moved))
            if parts and parts[0] == f"{side}_{moved[0]}" and own.any():
                turn = strength * _bend(pose, skin.points[own], bones[parts[0]][0], stance, way, fps)
                axis = apply(pose.turn(bones[parts[0]][0]), _left(pose))
                pose = replace(pose, rotations=pose.rotations | {
                    bones[part][0]: multiply(about(axis, way * turn), pose.rotations[bones[part][0]])
                    for part in parts})
    return pose


def _left(pose: ArmaturePose) -> np.ndarray:
    """(3,) unit, armature space, the body's left at rest."""
    return unit(np.linalg.inv(pose.rest.rig.world_from_armature[:3, :3]) @ pose.rest.body_from_world[0])


def _bend(pose: ArmaturePose, points: np.ndarray, bone: int, stance: Stance, way: float, fps: float) -> np.ndarray:
    """(T,) radians that bring the outer skin of a bone, (N, 3) world at rest, up to the floor, by a turn about _left.

    way: -1 where the sole is turned to the floor, 1 where it is turned up; elsewhere the angle is 0.
    """
    rest, rig = pose.rest, pose.rest.rig
    linear, one = rig.world_from_armature[:3, :3], np.linalg.norm(_up(pose))
    posed, axis = pose.full()[0], _left(pose)
    turn = pose.posed_turn(bone, posed)
    head = (rig.in_world(pose.head(bone, posed))[:, 2] - stance.origin[2]) * one
    offsets = in_armature(rig, points) - rig.heads[bone]
    offsets = offsets - (offsets @ axis)[:, None] * axis
    reach = np.linalg.norm(offsets, axis=1)
    outer = reach > TUNING.toe_share * reach.max()
    now = np.arcsin(np.clip(apply(inverse(turn), linear[2] * one) @ offsets[outer].T / reach[outer], -1.0, 1.0))
    wanted = np.arcsin(np.clip(-np.maximum(head, 0.0)[:, None] / reach[outer], -1.0, 1.0))
    sole_up = apply(turn, np.linalg.inv(linear) @ rest.body_from_world[2]) @ linear[2]
    turned = np.clip(-way * sole_up / TUNING.sole_turned, 0.0, 1.0)
    bend = upper_envelope((wanted - now).max(axis=1) * turned, TUNING.floor_seconds, fps)
    return np.minimum(bend, np.radians(TUNING.bend_up[way > 0]))


def _lifted(pose: ArmaturePose, limb: Limb, lift: np.ndarray) -> ArmaturePose:
    """The pose with the end of a limb moved up by (T,) world units; where that is 0, unchanged.

    The limb bends in its own plane, an almost straight one in that of its hinge, and swings about its first joint.
    """
    if not lift.any():
        return pose
    links, (first, second), bones = _links(pose, limb)
    before = np.linalg.norm(links[0] + links[1], axis=-1)
    goal = links[0] + links[1] + lift[:, None] * _up(pose)
    distance = np.clip(np.linalg.norm(goal, axis=-1), abs(first - second) + 0.01 * first,
                       np.maximum(before, TUNING.full_stretch * (first + second)))
    bend = limb.bend @ np.linalg.inv(pose.rest.rig.world_from_armature[:3, :3]).T
    axis = np.cross(links[0], links[1]) / (first * second)
    axis = unit(axis - TUNING.hinge_pull * np.cross(unit(links[0] + links[1]), unit(bend)))
    angle = [np.arccos(np.clip((far**2 - first**2 - second**2) / (2 * first * second), -1.0, 1.0))
             for far in (before, distance)]
    more = about(axis, np.where(lift != 0.0, angle[1] - angle[0], 0.0))
    turn = swing(unit(links[0] + apply(more, links[1])), unit(goal))
    rotations = dict(pose.rotations)
    rotations[bones[0]] = multiply(turn, rotations[bones[0]])
    rotations[bones[1]] = multiply(turn, more, rotations[bones[1]])
    return replace(pose, rotations=rotations)
