"""One person at rest: a body of some build and size, its bones, and its points of known truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from anatomy_mocap.core.skeleton import MOCAP22

from .body_files import base_mesh, bones, morph, weights

RACES = ("african", "asian", "caucasian")
EXTRA = ("left_eye", "right_eye", "left_ear", "right_ear", "left_heel", "right_heel")
"""Points beyond the 22 joints that the detector has keypoints for."""

PALM = tuple(f"{side}_{finger}" for side in ("left", "right") for finger in ("index", "pinky", "thumb"))
"""Knuckles that show how a palm is turned; clips from before 1 December lack them."""

POINTS = (*MOCAP22.joint_names, *EXTRA, *PALM)

# The middle of the head, from which mocap's nose and head-top are reckoned, lies behind and below the tip of the nose
# by these shares of the height (the simulator's own offset of the nose from `neck`).
_BEHIND_NOSE, _BELOW_NOSE = 0.052, 0.015

# The motion set's shoulder line climbs from its thorax by 19 degrees, and its spine curves backwards: shares of the
# height, chosen so that the bones of the trunk point on bodies as they do in the set (notes/rendered_people.md).
_BELOW_SHOULDERS, _SPINE_BACK = 0.03, 0.01


@dataclass(frozen=True)
class Shape:
    """male: 0 (a woman) .. 1 (a man). races: (3,) shares that sum to 1. muscle, weight, tall: -1..1, 0 is average; the
    last changes proportions only. height: standing height, metres."""

    male: float
    races: tuple[float, float, float]
    muscle: float
    weight: float
    tall: float
    height: float


@dataclass(frozen=True)
class Person:
    """vertices: (N, 3) metres at rest, world axes, soles at 0. weights: (N, B). names, parents, heads (B, 3),
    tails (B, 3): of the bones. points: (P, 3) at rest, of POINTS. carriers: (P,) the bone that carries each, whole.
    dominant: (N,) the bone that moves each vertex most. height: metres."""

    vertices: np.ndarray
    weights: csr_matrix
    names: tuple[str, ...]
    parents: np.ndarray
    heads: np.ndarray
    tails: np.ndarray
    points: np.ndarray
    carriers: np.ndarray
    dominant: np.ndarray
    height: float

    def head(self, bone: str) -> np.ndarray:
        """(3,) where the bone begins."""
        return self.heads[self.names.index(bone)]

    def tail(self, bone: str) -> np.ndarray:
        """(3,) where the bone ends."""
        return self.tails[self.names.index(bone)]

    @property
    def leg(self) -> float:
        """Length of thigh and shank, metres."""
        chain = np.stack([self.head(name) for name in ("LeftUpLeg", "LeftLeg", "LeftFoot")])
        return float(np.linalg.norm(np.diff(chain, axis=0), axis=1).sum())


def draw_shape(rng: np.random.Generator) -> Shape:
    """A random adult. MakeHuman's available targets are of young adults, so there are no children and no old people."""
    male = float(np.clip(rng.choice([0.0, 1.0]) + rng.normal(0, 0.15), 0, 1))
    muscle, weight, tall = np.clip(rng.normal((0.0, 0.1, 0.1), (0.45, 0.45, 0.3)), -0.95, 0.95)
    height = np.clip(rng.normal(1.63 + 0.13 * male, 0.075), 1.42, 2.05)
    races = rng.dirichlet((0.4, 0.4, 0.4))
    return Shape(male, tuple(races.tolist()), float(muscle), float(weight), float(tall), float(height))


def build_person(shape: Shape, bodies: Path, rig: Path) -> Person:
    """The body of a shape. bodies: folder of base.obj; rig: rig.mixamo.json."""
    base, skeleton, skin = base_mesh(bodies), bones(bodies, rig), weights(bodies, rig)
    vertices = base.vertices + _morphs(shape, bodies)
    body = np.unique(base.faces["body"])
    floor, top = vertices[body, 2].min(), vertices[body, 2].max()
    scale = shape.height / (top - floor)
    vertices = (vertices - (0, 0, floor)) * scale
    heads = np.stack([vertices[index].mean(axis=0) for index in skeleton.heads])
    tails = np.stack([vertices[index].mean(axis=0) for index in skeleton.tails])
    dominant = np.asarray(skin.argmax(axis=1)).ravel()
    points, carriers = _points(vertices, base.faces, body, dominant, skeleton.names, heads, tails)
    return Person(vertices, skin, skeleton.names, skeleton.parents, heads, tails, points, carriers, dominant,
                  shape.height)


def _between(value: float, low: str, high: str, middle: str) -> list[tuple[str, float]]:
    """Targets and shares of a value in -1..1."""
    return [(middle, 1 - abs(value)), (high if value > 0 else low, abs(value))]


def _morphs(shape: Shape, folder: Path) -> np.ndarray:
    """(N, 3) metres, the macro targets in their shares."""
    total = np.zeros((1, 3))
    for sex, of_sex in (("male", shape.male), ("female", 1 - shape.male)):
        if of_sex <= 0:
            continue
        for race, share in zip(RACES, shape.races, strict=True):
            total = total + of_sex * share * morph(folder, f"{race}-{sex}-young")
        for muscle, a in _between(shape.muscle, "minmuscle", "maxmuscle", "averagemuscle"):
            for weight, b in _between(shape.weight, "minweight", "maxweight", "averageweight"):
                build = f"{sex}-young-{muscle}-{weight}"
                total = total + of_sex * a * b * morph(folder, f"universal-{build}")
                end = "max" if shape.tall > 0 else "min"
                total = total + of_sex * a * b * abs(shape.tall) * morph(folder, f"height/{build}-{end}height")
    return total


def _points(vertices, faces, body, dominant, names, heads, tails) -> tuple[np.ndarray, np.ndarray]:
    """Where the body has the points POINTS at rest, (P, 3), and the bones that carry them, (P,).

    Hips, knees, ankles, shoulders, elbows, wrists: the bones' heads. toe: the ball of the foot. knuckle: end of the
    hand bone. index, pinky, thumb: heads of the fingers' first bones and of the thumb's second one. thorax: below
    the middle of the shoulder joints at rest, carried by the chest. spine: half way up to the thorax and a little
    behind. nose: its tip. neck: in the head, behind the nose. head: top of the head.
    """
    at = {}
    for side, name in (("Left", "left"), ("Right", "right")):
        for part, bone in (("hip", "UpLeg"), ("knee", "Leg"), ("ankle", "Foot"), ("toe", "ToeBase"),
                           ("shoulder", "Arm"), ("elbow", "ForeArm"), ("wrist", "Hand")):
            at[f"{name}_{part}"] = heads[names.index(side + bone)], side + bone
        at[f"{name}_knuckle"] = tails[names.index(side + "Hand")], side + "Hand"
        for finger, bone in (("index", "Index1"), ("pinky", "Pinky1"), ("thumb", "Thumb2")):
            at[f"{name}_{finger}"] = heads[names.index(f"{side}Hand{bone}")], side + "Hand"
        at[f"{name}_eye"] = vertices[np.unique(faces[f"helper-{name[0]}-eye"])].mean(axis=0), "Head"
        foot = body[np.isin(dominant[body], [names.index(side + "Foot")])]
        at[f"{name}_heel"] = vertices[foot[vertices[foot, 1].argmax()]], side + "Foot"
    at["pelvis"] = (at["left_hip"][0] + at["right_hip"][0]) / 2, "Hips"
    height = vertices[body, 2].max()
    low = np.array([0, 0, _BELOW_SHOULDERS * height])
    at["thorax"] = (at["left_shoulder"][0] + at["right_shoulder"][0]) / 2 - low, "Spine2"
    spine = (at["pelvis"][0] + at["thorax"][0]) / 2 + np.array([0, _SPINE_BACK * height, 0])
    at["spine"] = spine, _spine_bone(spine[2], names, heads)
    head = body[dominant[body] == names.index("Head")]
    nose, ears, top = _head_marks(vertices[head], at["left_eye"][0][2])
    at |= {"nose": (nose, "Head"), "left_ear": (ears[0], "Head"), "right_ear": (ears[1], "Head"), "head": (top, "Head"),
           "neck": (nose + np.array([0, _BEHIND_NOSE, -_BELOW_NOSE]) * height, "Head")}
    return np.stack([at[name][0] for name in POINTS]), np.array([names.index(at[name][1]) for name in POINTS])


def _spine_bone(level: float, names, heads) -> str:
    """The spine's bone at that height."""
    chain = ("Spine", "Spine1", "Spine2")
    below = [name for name in chain if heads[names.index(name)][2] <= level]
    return below[-1] if below else chain[0]


def _head_marks(head: np.ndarray, eye_level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tip of the nose, the outermost points of the ears (2, 3) left first, and the crown."""
    size = head[:, 2].max() - eye_level
    near = head[np.abs(head[:, 2] - eye_level) < 0.6 * size]
    face = near[(np.abs(near[:, 0]) < 0.02) & (near[:, 2] < eye_level)]
    nose = face[face[:, 1].argmin()] * (0, 1, 1)
    ears = np.stack([near[near[:, 0].argmax()], near[near[:, 0].argmin()]])
    crown = head[head[:, 2] > head[:, 2].max() - 0.03].mean(axis=0)
    return nose, ears, np.array([0.0, crown[1], head[:, 2].max()])
