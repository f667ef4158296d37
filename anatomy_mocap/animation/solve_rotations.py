"""From bone directions to full rotations: each bone's swing is its direction, its twist comes from the body.

Trunk: pelvis from the hip line, chest from the shoulder line, spine and neck half way between their neighbours.
Limbs: elbows and knees are hinges (see `hinges`); forearm, shank and hand add no twist of their own.
Feet from toe and shank, head from its own bone and the nose.
All in world axes, for the whole clip at once.
"""

from __future__ import annotations

import numpy as np

from ..core.errors import MocapError
from ..core.motion import Motion
from ..core.skeleton import MOCAP22, Skeleton, rest_directions
from ..core.take import Take
from ..maths.rotations import about, align, apply, carried, continuous, inverse, multiply, twist_angle
from .hinge_axes import Hinge, hinge_axis, steady_axis

X, Y, Z = np.eye(3)

# Centres and limits fit CMU mocap; benchmarks/solve.py prints how far the hinges of bent limbs lie from the reference.
ARM = {side: Hinge((s, 0, 0), (0, 0, -s), (0.3 * s, -0.4, -0.86), np.cos(np.radians(100)), np.cos(np.radians(140)))
        for side, s in (("left", 1.0), ("right", -1.0))}
LEG = Hinge((0, 0, -1), (1, 0, 0), (0.0, -0.76, -0.65), np.cos(np.radians(50)), np.cos(np.radians(90)))
FOOT_HINT = 0.7


def solve(take: Take) -> Motion:
    """The take as rotations and root path in world axes, unsmoothed."""
    turn, shift = take.world_from_camera[:3, :3], take.world_from_camera[:3, 3]
    rotations = solve_rotations(take.skeleton, take.bone_lengths, take.directions @ turn.T, take.fps)
    return Motion(take.skeleton, rotations, take.root_positions @ turn.T + shift, np.array(take.bone_lengths, float),
                  float(take.fps), float(take.times[0]), eye=shift if take.origin == "lifted" else None)


def solve_rotations(skeleton: Skeleton, bone_lengths, directions, fps: float) -> np.ndarray:
    """(T, J, 4) world <- rest rotations of every bone, signs continuous over time.

    bone_lengths: (J,) metres (they weigh the two halves of the hip and shoulder lines).
    directions: (T, J, 3) unit vectors, world axes. fps: frames per second.
    """
    missing = sorted(set(MOCAP22.joint_names) - set(skeleton.joint_names))
    if missing:
        raise MocapError(f"skeleton lacks the joints {', '.join(missing)}; only takes of the 22 joints can be solved")
    bones = _Bones(skeleton, np.asarray(bone_lengths, float), np.asarray(directions, float))
    _solve_trunk(bones)
    for side in ("left", "right"):
        _solve_leg(bones, side, fps)
        _solve_arm(bones, side, fps)
    return continuous(bones.rotations)


class _Bones:
    """Directions, rest directions and the rotations found so far, by joint name."""

    def __init__(self, skeleton: Skeleton, lengths: np.ndarray, directions: np.ndarray):
        self.skeleton, self.lengths, self.directions = skeleton, lengths, directions
        self.rest = rest_directions(skeleton)
        self.rotations = np.zeros((*directions.shape[:2], 4))
        self.rotations[..., 0] = 1.0

    def along(self, name: str) -> np.ndarray:
        return self.directions[:, self.skeleton.index(name)]

    def rest_of(self, name: str) -> np.ndarray:
        return self.rest[self.skeleton.index(name)]

    def line(self, part: str) -> np.ndarray:
        """(T, 3) metres from the right to the left joint called `part`, children of one parent."""
        left, right = self.skeleton.index(f"left_{part}"), self.skeleton.index(f"right_{part}")
        return self.lengths[left] * self.directions[:, left] - self.lengths[right] * self.directions[:, right]

    def carry(self, name: str, parent: np.ndarray) -> np.ndarray:
        """Give bone `name` its parent's rotation, swung onto the bone's direction."""
        rotation = carried(parent, self.rest_of(name), self.along(name))
        self.rotations[:, self.skeleton.index(name)] = rotation
        return rotation

    def put(self, name: str, rotation: np.ndarray) -> np.ndarray:
        self.rotations[:, self.skeleton.index(name)] = rotation
        return rotation


def _solve_trunk(bones: _Bones) -> None:
    pelvis = bones.put("pelvis", align(X, Z, bones.line("hip"), bones.along("spine"), bones.along("thorax")))
    pelvis_x = apply(pelvis, X)
    chest = bones.put("thorax", align(Z, X, bones.along("thorax"), bones.line("shoulder"), pelvis_x))
    head = bones.put("head", align(Z, -Y, bones.along("head"), bones.along("nose"), apply(chest, -Y)))
    bones.put("nose", align(-Y, Z, bones.along("nose"), bones.along("head"), bones.along("neck")))
    bones.put("spine", _between(pelvis, chest, bones.along("spine")))
    bones.put("neck", _between(chest, head, bones.along("neck")))
    for side in ("left", "right"):
        bones.carry(f"{side}_hip", pelvis)
        bones.carry(f"{side}_shoulder", chest)


def _between(below, above, direction) -> np.ndarray:
    """(T, 4) rotations that take +Z to `direction`, with the mean of the twists that `below` and `above` would give.

    Where those are more than 120 degrees apart, which no body does, the mean fades to `below`: it would jump at 180.
    """
    low, high = carried(below, Z, direction), carried(above, Z, direction)
    angle = twist_angle(multiply(inverse(low), high), Z)
    share = 0.5 * np.clip((np.pi - np.abs(angle)) / (np.pi / 3.0), 0.0, 1.0)
    return multiply(low, about(Z, share * angle))


def _solve_arm(bones: _Bones, side: str, fps: float) -> None:
    chest, hinge = bones.rotations[:, bones.skeleton.index("thorax")], ARM[side]
    upper, lower = bones.along(f"{side}_elbow"), bones.along(f"{side}_wrist")
    axis = apply(chest, hinge_axis(hinge, apply(inverse(chest), upper), apply(inverse(chest), lower), fps))
    arm = bones.put(f"{side}_elbow", align(hinge.rest_bone, hinge.rest_axis, upper, axis))
    bones.carry(f"{side}_knuckle", bones.carry(f"{side}_wrist", arm))


def _solve_leg(bones: _Bones, side: str, fps: float) -> None:
    pelvis = bones.rotations[:, 0]
    upper, lower, toe = (bones.along(f"{side}_{part}") for part in ("knee", "ankle", "toe"))
    across = np.cross(toe, lower)
    local = inverse(pelvis)
    axis = hinge_axis(LEG, apply(local, upper), apply(local, lower), fps, FOOT_HINT * apply(local, across))
    thigh = bones.put(f"{side}_knee", align(LEG.rest_bone, LEG.rest_axis, upper, apply(pelvis, axis)))
    shank = bones.carry(f"{side}_ankle", thigh)
    # The foot's side axis is square to toe and shank; with pointed toes it is the shank's own.
    own = apply(carried(shank, bones.rest_of(f"{side}_toe"), toe), X)
    side_axis = apply(pelvis, steady_axis(apply(local, across), apply(local, own), fps))
    bones.put(f"{side}_toe", align(bones.rest_of(f"{side}_toe"), X, toe, side_axis, own))
