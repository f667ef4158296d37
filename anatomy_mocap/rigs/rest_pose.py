"""A rig's rest pose read as a body: joints, limb directions, facing and up axis.

All in world axes, so the armature object's rotation and mirror are included. Joints are bone heads, so a bone need not
point along its limb.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..core.errors import MocapError
from ..core.skeleton import SIDES
from ..maths.rotations import unit
from .foot_form import foot_bones, heelless_end
from .loose_parts import LoosePart, find_body_root, loose_parts
from .palm import Palm, read_palm
from .rig import TargetRig
from .sides import other_side, sides_swapped
from .tuning import TUNING

_NEXT = {"shoulder": "upper_arm", "upper_arm": "lower_arm", "lower_arm": "hand", "upper_leg": "lower_leg",
         "lower_leg": "foot", "foot": "toes"}
_BEFORE = {"lower_arm": "upper_arm", "hand": "lower_arm", "lower_leg": "upper_leg"}
_LEVEL_SNAP = np.cos(np.radians(TUNING.level_snap))


@dataclass(frozen=True)
class RestPose:
    """A mapped rig's rest pose in world axes.

    bones: part ("hips", "spine_chain", "left_hand" ...) -> indices of its bones, from the hips outwards.
    heads: (B, 3) world, the joints.
    tips: part -> (3,) world, the end of the limb.
    body_from_world: (3, 3), rows left, back and up of the body; it maps world axes to T-pose axes.
    upright: whether the torso lies along an axis of the armature; the head then looks ahead.
    body_root: the bone that moves the whole body.
    loose: parts that the body_root does not move; each has a location of its own.
    hip_centre, neck_base: (3,) world.
    palms: side -> palm of a hand that has fingers.
    """

    rig: TargetRig
    bones: dict[str, tuple[int, ...]]
    heads: np.ndarray
    tips: dict[str, np.ndarray]
    body_from_world: np.ndarray
    upright: bool
    body_root: int
    loose: tuple[LoosePart, ...]
    hip_centre: np.ndarray
    neck_base: np.ndarray
    palms: Mapping[str, Palm]

    def direction(self, part: str) -> np.ndarray:
        """(3,) unit direction of a limb in the rest pose, in the body's axes (left X, back Y, up Z)."""
        return self.body_from_world @ unit(self.tips[part] - self.heads[self.bones[part][0]])

    @property
    def stands(self) -> bool:
        """Whether the feet are flat: the body is upright, or stands but is modelled tilted as a whole."""
        legs = [self.direction(f"{side}_{part}_leg") for side in SIDES for part in ("upper", "lower")]
        return self.upright or min(-leg[2] for leg in legs) > _LEVEL_SNAP

    def shows_toes(self, side: str) -> bool:
        """Whether bones below the foot give its direction; the tail of a single foot bone may be arbitrary."""
        return f"{side}_foot" in self.bones and len(foot_bones(self.rig, self.bones, side)) > 1


def read_rest_pose(rig: TargetRig, mapped: Mapping[str, tuple[str, ...]]) -> RestPose:
    """Read the rest pose of a rig.

    mapped: part -> names of its bones, from the hips outwards. Raises MocapError if a required part has no bone, if the
    armature object has a scale of zero, or if the bones form no body.
    """
    bones = {part: tuple(rig.index(name) for name in names) for part, names in mapped.items() if names}
    _require(rig, bones)
    if np.linalg.cond(rig.world_from_armature[:3, :3]) > 1e6:
        raise MocapError(f"{rig.name}: the armature object has a scale of zero along an axis; set its scale")
    heads = rig.in_world(rig.heads)
    _require_limbs(rig, bones, heads)
    if sides_swapped(rig, bones):
        bones = {other_side(part): indices for part, indices in bones.items()}
    hip_centre = np.mean([heads[bones[f"{side}_upper_leg"][0]] for side in SIDES], axis=0)
    body_root = find_body_root(rig, bones)
    bones["spine_chain"] = _bending_spine(rig, bones, body_root)
    neck_base = _neck_base(rig, bones, heads)
    body_from_world, upright = _body_axes(rig, bones, heads, neck_base - hip_centre)
    palms = {side: read_palm(rig, heads, bones[f"{side}_lower_arm"][0], bones[f"{side}_hand"][0])
             for side in SIDES if f"{side}_hand" in bones}
    palms = {side: palm for side, palm in palms.items() if palm is not None}
    tips = {part: _tip(rig, bones, heads, palms, part) for part in bones if part not in ("hips", "spine_chain")}
    tips |= {f"{side}_foot": _assumed_toe(rig, bones, heads, body_from_world, side) for side in SIDES
             if f"{side}_foot" in bones and f"{side}_toes" not in bones}
    loose = loose_parts(rig, bones, body_root)
    return RestPose(rig, bones, heads, tips, body_from_world, upright, body_root, loose, hip_centre, neck_base, palms)


def _require(rig: TargetRig, bones: Mapping) -> None:
    """Raise MocapError if a required part has no bone."""
    needed = ["hips", *(f"{side}_{part}" for part in ("upper_leg", "lower_leg", "upper_arm", "lower_arm")
                        for side in SIDES)]
    missing = [part for part in needed if part not in bones]
    if missing:
        raise MocapError(f"{rig.name}: the bone map lacks {', '.join(missing)}; name these bones in the map")


def _require_limbs(rig: TargetRig, bones: Mapping, heads: np.ndarray) -> None:
    """Raise MocapError if the joints of a limb lie on each other: such a rest pose is no body."""
    used = heads[[bone for indices in bones.values() for bone in indices]]
    least = TUNING.collapsed * float(np.ptp(used, axis=0).max())
    for side in SIDES:
        for limb in ("leg", "arm"):
            upper, lower = (bones[f"{side}_{part}_{limb}"][0] for part in ("upper", "lower"))
            if np.linalg.norm(heads[lower] - heads[upper]) <= least:
                raise MocapError(f"{rig.name}: its rest pose is no body ({rig.bone_names[lower]} lies on "
                                 f"{rig.bone_names[upper]}); pose it as a T and apply that as the rest pose")


def _bending_spine(rig: TargetRig, bones: Mapping, body_root: int) -> tuple[int, ...]:
    """The spine's bones without the ancestors of a leg, whose rotation would move the leg."""
    legs = {bone for side in SIDES for bone in rig.lineage(bones[f"{side}_upper_leg"][0])}
    return tuple(bone for bone in bones.get("spine_chain", ()) if bone not in legs and bone != body_root)


def _neck_base(rig: TargetRig, bones: Mapping, heads: np.ndarray) -> np.ndarray:
    """(3,) world: the head of neck or head, else the middle of the shoulders."""
    for part in ("neck", "head"):
        if part in bones:
            return heads[bones[part][0]]
    return np.mean([heads[bones[f"{side}_upper_arm"][0]] for side in SIDES], axis=0)


def _body_axes(rig: TargetRig, bones: Mapping, heads: np.ndarray, torso: np.ndarray) -> tuple[np.ndarray, bool]:
    """((3, 3) rows left, back, up of the body in world axes; whether `up` is an axis of the armature)."""
    left = unit(heads[bones["left_upper_leg"][0]] - heads[bones["right_upper_leg"][0]])
    if abs(np.dot(left, unit(torso))) > TUNING.hips_along_spine or not left.any() or not torso.any():
        raise MocapError(f"{rig.name}: its rest pose is no body (the hip line lies along the spine); "
                         "pose it as a T and apply that as the rest pose")
    axes = unit(rig.world_from_armature[:3, :3].T)
    axes = np.concatenate([axes, -axes])
    closeness = axes @ unit(torso)
    upright = bool(closeness.max() > _LEVEL_SNAP)
    up = axes[np.argmax(closeness)] if upright else unit(torso)
    left = unit(left - up * np.dot(left, up))
    return np.array([left, np.cross(up, left), up]), upright


def _tip(rig: TargetRig, bones: Mapping, heads: np.ndarray, palms: Mapping[str, Palm], part: str) -> np.ndarray:
    """(3,) world, the end of a limb: the head of the next mapped bone, else the knuckles, else its own tail."""
    side, _, rest = part.partition("_")
    bone = bones[part][-1]
    following = f"{side}_{_NEXT[rest]}" if side in SIDES and rest in _NEXT else {"neck": "head"}.get(part)
    if following in bones:
        return heads[bones[following][0]]
    if rest == "hand" and side in palms:
        return palms[side].knuckles
    tail = rig.in_world(rig.tails[bone])
    above = f"{side}_{_BEFORE[rest]}" if rest in _BEFORE else ""
    if above not in bones:
        return tail
    # Importers invent the tails of end bones: a tail counts only if it continues the limb, at a limb's length.
    reach, line = tail - heads[bone], heads[bone] - heads[bones[above][0]]
    way, length, upper = unit(line), float(np.linalg.norm(reach)), float(np.linalg.norm(line))
    low, high = TUNING.end_hand if rest == "hand" else TUNING.end_limb
    likely = float(np.clip(length, low * upper, high * upper)) if upper > 0 else length
    continues = np.dot(unit(reach), way) > np.cos(np.radians(TUNING.continues))
    return tail if continues and likely == length else heads[bone] + (unit(reach) if continues else way) * likely


def _assumed_toe(rig: TargetRig, bones: Mapping, heads: np.ndarray, body_from_world: np.ndarray,
                 side: str) -> np.ndarray:
    """(3,) world, the end of a foot without toes: its tail or a bone below it if ahead; else ahead and down."""
    foot = bones[f"{side}_foot"][0]
    tail, far = rig.in_world(rig.tails[foot]), heelless_end(rig, bones, side)
    for end in (tail, far):
        ahead = body_from_world @ unit(end - heads[foot])
        if -ahead[1] > np.cos(np.radians(TUNING.toe_ahead)):
            return end
    length = max(float(np.linalg.norm(tail - heads[foot])), 1e-6)
    return heads[foot] + length * (np.array([0.0, -0.9, -0.436]) @ body_from_world)
