"""Motion capture on a person: bone rotations, posed vertices, standing on the floor; made-up moves of hands.

The motion set gives a hand one direction. A body posed by it alone turns its palms as the elbows turn, so it can't show
whether a roll is found. Where `HandMoves` are given, each palm turns on its own, slowly, within what an arm can do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.detector_points import unit

from .person import Person

# Directions (left, back, up) of a person who stands upright in the motion set; the body at rest has them, too.
_STANDING = {"spine": (0.0, 0.08, 0.997), "thorax": (0.0, -0.11, 0.994), "head": (0.0, 0.15, 0.989),
             "nose": (0.0, -0.967, 0.254)}
_LEFT = np.array([1.0, 0.0, 0.0])
_FORWARD = np.array([0.0, -1.0, 0.0])

_USUAL_ROLL, _LARGEST_ROLL = 60.0, 85.0
"""Degrees: the mean roll of a clip is drawn evenly within the first, and no frame exceeds the second; guessed."""
_ROLL_CHANGE, _ROLL_SECONDS = 30.0, 0.5
"""Degrees by which a roll changes within a clip (standard deviation), and the time of a change; guessed."""
_CURLS = (5.0, 50.0)
"""Degrees between which the mean bend of a finger's joints in a clip is drawn; guessed."""
_CURL_CHANGE = 10.0
"""Degrees by which it changes within a clip (standard deviation); guessed."""
_FINGERS = ("Index", "Middle", "Ring", "Pinky")


@dataclass(frozen=True)
class Posed:
    """rotations (T, B, 3, 3) and heads (T, B, 3) of the bones: a rest point p of bone b is at
    heads[b] + rotations[b] @ (p - person.heads[b])."""

    rotations: np.ndarray
    heads: np.ndarray

    def raised(self, by: np.ndarray) -> Posed:
        """The same pose moved up by (T,) metres."""
        return Posed(self.rotations, self.heads + by[:, None, None] * np.array([0.0, 0.0, 1.0]))

    def points(self, person: Person) -> np.ndarray:
        """(T, P, 3) the person's POINTS."""
        rest = person.points - person.heads[person.carriers]
        return self.heads[:, person.carriers] + np.einsum("tpij,pj->tpi", self.rotations[:, person.carriers], rest)

    def vertices(self, person: Person, rest: np.ndarray, used: np.ndarray) -> np.ndarray:
        """(T, M, 3) float32 of the vertices `used` (M,) of the mesh, whose rest places are `rest` (M, 3)."""
        moved = self.heads - np.einsum("tbij,bj->tbi", self.rotations, person.heads)
        table = np.concatenate([self.rotations, moved[..., None]], axis=-1).reshape(*self.heads.shape[:2], 12)
        weights, full = person.weights[used], np.concatenate([rest, np.ones((len(rest), 1))], axis=1)
        result = np.empty((len(table), len(rest), 3), dtype=np.float32)
        for frame, rows in enumerate(table):
            result[frame] = ((weights @ rows).reshape(-1, 3, 4) @ full[..., None])[..., 0]
        return result


@dataclass(frozen=True)
class HandMoves:
    """rolls: (T, 2) radians, left first, the turn of the palm about the hand's direction, beyond that of an arm that
    hangs. curls: (T, 2) radians, the bend of each joint of the fingers."""

    rolls: np.ndarray
    curls: np.ndarray


def frame(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(..., 3, 3) rotations with columns x, y made perpendicular to it, and their cross product."""
    x = unit(x)
    y = unit(y - (y * x).sum(-1, keepdims=True) * x)
    return np.stack([x, y, np.cross(x, y)], axis=-1)


def turn(rest_x: np.ndarray, rest_y: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Rotations (T, 3, 3) from the frame of two rest directions to that of two posed ones (T, 3)."""
    return frame(x, y) @ frame(np.asarray(rest_x), np.asarray(rest_y)).T


def swing(parent: np.ndarray, rest: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The parent's rotations (T, 3, 3) followed by the smallest turn that brings `rest` (3,) to `direction` (T, 3)."""
    now, wanted = parent @ unit(rest), unit(direction)
    axis = np.cross(now, wanted)
    sine = np.linalg.norm(axis, axis=-1, keepdims=True)
    angle = np.arctan2(sine, (now * wanted).sum(-1, keepdims=True))
    return Rotation.from_rotvec(axis / np.maximum(sine, 1e-9) * angle).as_matrix() @ parent


def between(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    """Rotations (T, 3, 3) part of the way from the first ones to the second ones."""
    start = Rotation.from_matrix(first)
    way = (start.inv() * Rotation.from_matrix(second)).as_rotvec()
    return (start * Rotation.from_rotvec(share * way)).as_matrix()


def pose(person: Person, positions: np.ndarray, hands: HandMoves | None = None) -> Posed:
    """The person in the poses of joints (T, 22, 3); the root's path is scaled as the legs are.

    hands: moves of palms and fingers; None leaves them as the arm turns them.
    """
    at = {name: positions[:, index] for index, name in enumerate(MOCAP22.joint_names)}
    turns = _trunk(at)
    for side, name, sign in (("Left", "left", 1.0), ("Right", "right", -1.0)):
        turns |= _leg(person, at, turns["Hips"], side, name)
        turns |= _arm(person, at, turns["Spine2"], side, name, sign)
    if hands is not None:
        turns = with_hand_moves(turns, person, hands)
    return _placed(person, turns, positions)


def _trunk(at) -> dict[str, np.ndarray]:
    up, chest_up = at["spine"] - at["pelvis"], at["thorax"] - at["spine"]
    hips = turn(_LEFT, _STANDING["spine"], at["left_hip"] - at["right_hip"], up)
    chest = turn(_LEFT, _STANDING["thorax"], at["left_shoulder"] - at["right_shoulder"], chest_up)
    head = turn(_STANDING["head"], _STANDING["nose"], at["head"] - at["neck"], at["nose"] - at["neck"])
    return {"Hips": hips, "Spine": between(hips, chest, 1 / 3), "Spine1": between(hips, chest, 2 / 3),
            "Spine2": chest, "Neck": between(chest, head, 0.5), "Head": head}


def _hinge(upper: np.ndarray, lower: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """(T, 3) the axis about which a knee or elbow bends; `usual` where it is straight or bent the wrong way."""
    usual = unit(usual - (usual * unit(upper)).sum(-1, keepdims=True) * unit(upper))
    axis = np.cross(unit(upper), unit(lower))
    axis = np.where((axis * usual).sum(-1, keepdims=True) < -0.2, 0.0, axis) + 0.25 * usual
    return unit(gaussian_filter1d(unit(axis), 1.2, axis=0, mode="nearest"))


def _limb(person: Person, bones: tuple[str, str, str], upper, lower, axis, rest_axis) -> dict[str, np.ndarray]:
    """Rotations of a limb's two bones from their directions (T, 3) and the hinge's axis (T, 3)."""
    start, middle, end = (person.head(bone) for bone in bones)
    return {bones[0]: turn(middle - start, rest_axis, upper, axis),
            bones[1]: turn(end - middle, rest_axis, lower, axis)}


def _leg(person: Person, at, hips, side: str, name: str) -> dict[str, np.ndarray]:
    thigh, shank = at[f"{name}_knee"] - at[f"{name}_hip"], at[f"{name}_ankle"] - at[f"{name}_knee"]
    bones = (side + "UpLeg", side + "Leg", side + "Foot")
    turns = _limb(person, bones, thigh, shank, _hinge(thigh, shank, hips[..., 0]), _LEFT)
    rest = person.head(side + "ToeBase") - person.head(side + "Foot")
    turns[bones[2]] = swing(turns[bones[1]], rest, at[f"{name}_toe"] - at[f"{name}_ankle"])
    return turns


def _arm(person: Person, at, chest, side: str, name: str, sign: float) -> dict[str, np.ndarray]:
    upper, lower = at[f"{name}_elbow"] - at[f"{name}_shoulder"], at[f"{name}_wrist"] - at[f"{name}_elbow"]
    bones = (side + "Arm", side + "ForeArm", side + "Hand")
    rest = person.head(bones[1]) - person.head(bones[0])
    # The collar bone goes up with the arm.
    raised = np.arcsin(np.clip((unit(upper) * chest[..., 2]).sum(-1), -1, 1)) - np.arcsin(unit(rest)[2])
    lift = np.clip(0.33 * raised, -0.1, 0.6)
    collar = Rotation.from_rotvec(chest @ _FORWARD * (sign * lift)[:, None]).as_matrix() @ chest
    rest_axis = unit(np.cross(rest, _FORWARD))
    usual = np.einsum("tij,j->ti", swing(collar, rest, upper), rest_axis)
    turns = _limb(person, bones, upper, lower, _hinge(upper, lower, usual), rest_axis)
    hand = unit(at[f"{name}_knuckle"] - at[f"{name}_wrist"]) * 0.7 + unit(lower) * 0.3
    turns[bones[2]] = swing(turns[bones[1]], person.tail(bones[2]) - person.head(bones[2]), hand)
    return turns | {side + "Shoulder": collar}


def _placed(person: Person, turns: dict[str, np.ndarray], positions: np.ndarray) -> Posed:
    """Heads of all bones, the middle of the hips on the scaled path; bones without a turn follow their parent's."""
    count = len(positions)
    rotations, heads = np.zeros((count, len(person.names), 3, 3)), np.zeros((count, len(person.names), 3))
    for bone, (name, parent) in enumerate(zip(person.names, person.parents, strict=True)):
        rotations[:, bone] = turns[name] if name in turns else rotations[:, parent]
        if parent >= 0:
            heads[:, bone] = heads[:, parent] + rotations[:, parent] @ (person.heads[bone] - person.heads[parent])
    chain = [MOCAP22.index(name) for name in ("left_hip", "left_knee", "left_ankle")]
    leg = np.linalg.norm(np.diff(positions[:, chain], axis=1), axis=-1).sum(axis=1).mean()
    hips = heads[:, [person.names.index("LeftUpLeg"), person.names.index("RightUpLeg")]].mean(axis=1)
    return Posed(rotations, heads + (positions[:, 0] * (person.leg / leg) - hips)[:, None])


def floor_shift(vertices: np.ndarray, every_frame: bool) -> np.ndarray:
    """Heights (T,) metres by which vertices (T, N, 3) are raised to stand on z = 0.

    every_frame: the lowest point always touches the floor; otherwise once in the clip (people jump), with a little more
    in frames that would sink into the floor.
    """
    lowest = vertices[..., 2].min(axis=1).astype(float)
    if every_frame:
        return -gaussian_filter1d(lowest, 1.0, mode="nearest")
    shift = np.full(len(lowest), -np.percentile(lowest, 10))
    sunk = np.maximum(0, -(lowest + shift))
    return shift + np.maximum(gaussian_filter1d(sunk, 2, mode="nearest"), 0.6 * sunk)


def draw_hand_moves(rng: np.random.Generator, frames: int, fps: float) -> HandMoves:
    """The moves of both hands over T frames."""
    def series(mean: np.ndarray, change: float) -> np.ndarray:
        sigma = _ROLL_SECONDS * fps / 2.0
        noise = gaussian_filter1d(rng.standard_normal((frames, 2)), sigma, axis=0, mode="wrap")
        return np.radians(mean + change * noise * np.sqrt(2.0 * sigma * np.sqrt(np.pi)))

    rolls = series(rng.uniform(-_USUAL_ROLL, _USUAL_ROLL, 2), _ROLL_CHANGE)
    most = np.radians(_LARGEST_ROLL)
    return HandMoves(np.clip(rolls, -most, most), np.maximum(series(rng.uniform(*_CURLS, 2), _CURL_CHANGE), 0.0))


def with_hand_moves(turns: Mapping[str, np.ndarray], person: Person, moves: HandMoves) -> dict[str, np.ndarray]:
    """The rotations (T, 3, 3) of a person's bones by name, with hands, forearms and fingers moved.

    turns: of the arms at least. The forearm's bone takes half of the roll, since its mesh twists between both ends.
    """
    result = dict(turns)
    for number, side in enumerate(("Left", "Right")):
        hand, forearm = f"{side}Hand", f"{side}ForeArm"
        axes = palm_axes(person, side)
        along = turns[hand] @ axes[0]
        for bone, share in ((forearm, 0.5), (hand, 1.0)):
            # The forearm turns about itself: about the hand's direction its end would leave the wrist.
            axis = along if bone == hand else turns[forearm] @ unit(person.head(hand) - person.head(forearm))
            result[bone] = _about(axis, share * moves.rolls[:, number]) @ turns[bone]
        hinge = np.cross(axes[0], axes[2])
        for finger in _FINGERS:
            for joint in (1, 2, 3):
                bend = _about(np.broadcast_to(hinge, (len(moves.curls), 3)), joint * moves.curls[:, number])
                result[f"{hand}{finger}{joint}"] = result[hand] @ bend
    return result


def palm_axes(person: Person, side: str) -> np.ndarray:
    """(3, 3) unit rows at rest: along the hand, across the palm to the thumb's side, out of the palm. side: "Left" or
    "Right"."""
    hand = f"{side}Hand"
    index, pinky = person.head(f"{hand}Index1"), person.head(f"{hand}Pinky1")
    along = unit((index + pinky) / 2 - person.head(hand))
    across = index - pinky
    across = unit(across - along * (across @ along))
    return np.array([along, across, np.cross(along, across) * (1.0 if side == "Left" else -1.0)])


def _about(axes: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """(T, 3, 3) rotations about unit axes (T, 3) by (T,) radians."""
    return Rotation.from_rotvec(np.asarray(axes) * angles[:, None]).as_matrix()
