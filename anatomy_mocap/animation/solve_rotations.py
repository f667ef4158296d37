"""Solve: from bone directions to full rotations. The direction of a bone gives its swing, the body gives its twist.

Trunk: the pelvis from the hip line, the chest from the shoulder line, spine and neck half way between neighbours.
Limbs: elbows and knees are hinges (`hinge_axes`); the shank adds no twist of its own; hand and forearm add that which
the picture shows (`forearm_roll`).
Feet from toe and shank, the head from its own bone and the nose.
All in world axes, the whole clip at once.
"""

from __future__ import annotations

import numpy as np

from ..core.errors import MocapError
from ..core.motion import Motion
from ..core.skeleton import MOCAP22, SIDES, rest_directions
from ..core.take import Take
from ..maths.rotations import about, align, apply, carried, continuous, inverse, multiply, twist_angle
from .forearm_roll import forearm_rolls
from .hinge_axes import Hinge, hinge_axis, steady_axis
from .tuning import TUNING

X, Y, Z = np.eye(3)


def _arm(sign: float) -> Hinge:
    """The elbow of the left (1) or right (-1) arm, in the chest's axes."""
    x, y, z = TUNING.arm_centre
    trusted, refused = np.cos(np.radians(TUNING.arm_limits))
    return Hinge((sign, 0, 0), (0, 0, -sign), (sign * x, y, z), trusted, refused)


ARM = {"left": _arm(1.0), "right": _arm(-1.0)}
LEG = Hinge((0, 0, -1), (1, 0, 0), TUNING.leg_centre, *np.cos(np.radians(TUNING.leg_limits)))


def solve(take: Take, palms: bool = True) -> Motion:
    """The take as rotations and root path in world axes, unsmoothed; bone lengths and directions stay exact.

    palms: hands and forearms turn as the picture shows thumb, index and little finger; otherwise they follow the elbow.
    Raises MocapError if the take's skeleton is not the 22 joints of MOCAP22.
    """
    if take.skeleton != MOCAP22:
        missing = [name for name in MOCAP22.joint_names if name not in take.joint_names]
        found = f"the joints {', '.join(missing)} are missing" if missing else "its joints are in another order"
        raise MocapError(f"the take has another skeleton: {found}; only takes of the 22 joints can be solved")
    turn, shift = take.world_from_camera[:3, :3], take.world_from_camera[:3, 3]
    rotations = solve_rotations(take.bone_lengths, take.directions @ turn.T, take.fps)
    rotations = _rolled(rotations, take) if palms else rotations
    return Motion(rotations, take.root_positions @ turn.T + shift, np.array(take.bone_lengths, float),
                  float(take.fps), float(take.times[0]), eye=shift if take.origin == "lifted" else None)


def _rolled(rotations: np.ndarray, take: Take) -> np.ndarray:
    """The rotations with the palms turned as the picture shows them, and the forearms by a share of it."""
    wrists, knuckles = ([MOCAP22.index(f"{side}_{joint}") for side in SIDES] for joint in ("wrist", "knuckle"))
    rolls = forearm_rolls(take, rotations[:, knuckles])
    if not rolls.any():
        return rotations
    rotations, rest = rotations.copy(), rest_directions()
    for bones, share in ((wrists, TUNING.forearm_share), (knuckles, 1.0)):
        for number, bone in enumerate(bones):
            rotations[:, bone] = multiply(rotations[:, bone], about(rest[bone], share * rolls[:, number]))
    return continuous(rotations)


def solve_rotations(bone_lengths: np.ndarray, directions: np.ndarray, fps: float) -> np.ndarray:
    """(T, 22, 4) world <- rest rotations of every bone, signs continuous over time.

    bone_lengths: (22,) metres; they weigh the two halves of the hip and shoulder lines.
    directions: (T, 22, 3) unit vectors, world axes. fps: frames per second.
    """
    bones = _Bones(np.asarray(bone_lengths, float), np.asarray(directions, float))
    _solve_trunk(bones)
    for side in SIDES:
        _solve_leg(bones, side, fps)
        _solve_arm(bones, side, fps)
    return continuous(bones.rotations)


class _Bones:
    """Directions, rest directions and the rotations found so far, by joint name."""

    def __init__(self, lengths: np.ndarray, directions: np.ndarray):
        self.lengths, self.directions = lengths, directions
        self.rest = rest_directions()
        self.rotations = np.zeros((*directions.shape[:2], 4))
        self.rotations[..., 0] = 1.0

    def direction(self, name: str) -> np.ndarray:
        return self.directions[:, MOCAP22.index(name)]

    def rest_direction(self, name: str) -> np.ndarray:
        return self.rest[MOCAP22.index(name)]

    def line(self, part: str) -> np.ndarray:
        """(T, 3) metres from the right to the left joint called `part`, children of one parent."""
        left, right = MOCAP22.index(f"left_{part}"), MOCAP22.index(f"right_{part}")
        return self.lengths[left] * self.directions[:, left] - self.lengths[right] * self.directions[:, right]

    def follow(self, name: str, parent: np.ndarray) -> np.ndarray:
        """Give bone `name` its parent's rotation, swung onto the bone's own direction."""
        return self.put(name, carried(parent, self.rest_direction(name), self.direction(name)))

    def put(self, name: str, rotation: np.ndarray) -> np.ndarray:
        self.rotations[:, MOCAP22.index(name)] = rotation
        return rotation


def _solve_trunk(bones: _Bones) -> None:
    pelvis = bones.put("pelvis", align(X, Z, bones.line("hip"), bones.direction("spine"), bones.direction("thorax")))
    pelvis_x = apply(pelvis, X)
    chest = bones.put("thorax", align(Z, X, bones.direction("thorax"), bones.line("shoulder"), pelvis_x))
    head = bones.put("head", align(Z, -Y, bones.direction("head"), bones.direction("nose"), apply(chest, -Y)))
    bones.put("nose", align(-Y, Z, bones.direction("nose"), bones.direction("head"), bones.direction("neck")))
    bones.put("spine", _between(pelvis, chest, bones.direction("spine")))
    bones.put("neck", _between(chest, head, bones.direction("neck")))
    for side in SIDES:
        bones.follow(f"{side}_hip", pelvis)
        bones.follow(f"{side}_shoulder", chest)


def _between(below: np.ndarray, above: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """(T, 4) rotations that take +Z to `direction`, with the mean of the twists of `below` and `above`.

    Beyond 120 degrees between the two, which no body reaches, the mean fades to `below`; it would jump at 180.
    """
    low, high = carried(below, Z, direction), carried(above, Z, direction)
    angle = twist_angle(multiply(inverse(low), high), Z)
    share = 0.5 * np.clip((np.pi - np.abs(angle)) / (np.pi / 3.0), 0.0, 1.0)
    return multiply(low, about(Z, share * angle))


def _solve_arm(bones: _Bones, side: str, fps: float) -> None:
    chest, hinge = bones.rotations[:, MOCAP22.index("thorax")], ARM[side]
    upper, lower = bones.direction(f"{side}_elbow"), bones.direction(f"{side}_wrist")
    axis = apply(chest, hinge_axis(hinge, apply(inverse(chest), upper), apply(inverse(chest), lower), fps))
    arm = bones.put(f"{side}_elbow", align(hinge.rest_bone, hinge.rest_axis, upper, axis))
    bones.follow(f"{side}_knuckle", bones.follow(f"{side}_wrist", arm))


def _solve_leg(bones: _Bones, side: str, fps: float) -> None:
    pelvis = bones.rotations[:, 0]
    upper, lower, toe = (bones.direction(f"{side}_{part}") for part in ("knee", "ankle", "toe"))
    across = np.cross(toe, lower)
    local = inverse(pelvis)
    axis = hinge_axis(LEG, apply(local, upper), apply(local, lower), fps, TUNING.foot_hint * apply(local, across))
    thigh = bones.put(f"{side}_knee", align(LEG.rest_bone, LEG.rest_axis, upper, apply(pelvis, axis)))
    shank = bones.follow(f"{side}_ankle", thigh)
    # The foot's side axis is square to toe and shank; with pointed toes it is the shank's own.
    own = apply(carried(shank, bones.rest_direction(f"{side}_toe"), toe), X)
    side_axis = apply(pelvis, steady_axis(apply(local, across), apply(local, own), fps))
    bones.put(f"{side}_toe", align(bones.rest_direction(f"{side}_toe"), X, toe, side_axis, own))
