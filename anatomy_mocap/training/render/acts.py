"""Made-up motion that the set lacks: sitting, kneeling, lying down, getting up, crawling.

Poses are joint angles of a puppet, degrees; a clip goes from one to the next, from and into a recorded standing one.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation, Slerp

from ...core.skeleton import MOCAP22

_J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}
_LEGS = (("left", 1.0), ("right", -1.0))

# lean: of the pelvis, forward; spin: about the body's own axis (90: onto its left side when lying); bend: of the chest
# against the pelvis, forward; nod: of the head. Limbs, [left, right] or one for both: hip, knee, ankle flexion; out:
# of thigh; shoulder flexion (180: overhead), side: of upper arm; elbow flexion; turn: of thigh and arm about themselves.
_STAND = dict(lean=0, spin=0, bend=0, nod=0, hip=3, knee=5, ankle=0, out=5, turn=0, shoulder=5, side=12, elbow=15,
              arm_turn=0)
POSES: dict[str, dict] = {
    "stand": _STAND,
    "seat": _STAND | dict(lean=-5, bend=8, hip=85, knee=88, out=12, shoulder=25, side=10, elbow=50, arm_turn=25),
    "slump": _STAND | dict(lean=-15, bend=30, nod=15, hip=75, knee=75, out=14, shoulder=35, elbow=60, arm_turn=40),
    "lean_on_knees": _STAND | dict(lean=25, bend=25, nod=-25, hip=110, knee=92, out=18, shoulder=55, elbow=70,
                                   arm_turn=30),
    "legs_crossed": _STAND | dict(lean=-8, bend=10, hip=[88, 95], knee=[90, 75], out=[5, -12], shoulder=25, elbow=75,
                                  arm_turn=50),
    "floor_long": _STAND | dict(lean=-12, bend=20, hip=80, knee=[12, 20], out=12, shoulder=-35, side=15, elbow=10),
    "floor_knees_up": _STAND | dict(lean=-10, bend=30, hip=115, knee=105, out=10, shoulder=60, elbow=60, arm_turn=35),
    "floor_tailor": _STAND | dict(lean=-5, bend=18, hip=80, knee=125, out=50, turn=-45, shoulder=30, elbow=55,
                                  arm_turn=30),
    "squat": _STAND | dict(lean=20, bend=20, nod=-15, hip=120, knee=130, ankle=20, out=15, shoulder=60, elbow=40,
                           arm_turn=20),
    "kneel_one": _STAND | dict(lean=3, bend=5, hip=[90, 5], knee=[92, 92], ankle=[0, -35], out=[8, 4], shoulder=25,
                               elbow=55, arm_turn=25),
    "kneel_both": _STAND | dict(hip=5, knee=92, ankle=-50, out=8, shoulder=12, elbow=35, arm_turn=20),
    "seiza": _STAND | dict(bend=5, hip=68, knee=150, ankle=-55, out=8, shoulder=25, elbow=45, arm_turn=30),
    "kneel_bow": _STAND | dict(lean=55, bend=30, nod=-20, hip=110, knee=130, ankle=-50, out=10, shoulder=120, elbow=25),
    "all_fours": _STAND | dict(lean=80, bend=5, nod=-45, hip=85, knee=92, ankle=-45, out=5, shoulder=82, side=5,
                               elbow=8),
    "crawl_left": _STAND | dict(lean=80, bend=5, nod=-45, hip=[110, 65], knee=[100, 88], ankle=-45, out=5,
                                shoulder=[65, 100], side=5, elbow=12),
    "crawl_right": _STAND | dict(lean=80, bend=5, nod=-45, hip=[65, 110], knee=[88, 100], ankle=-45, out=5,
                                 shoulder=[100, 65], side=5, elbow=12),
    "plank": _STAND | dict(lean=78, nod=-20, hip=0, knee=4, ankle=35, out=6, shoulder=85, elbow=6),
    "supine": _STAND | dict(lean=-88, nod=5, hip=5, knee=10, ankle=-25, out=9, shoulder=8, side=25, elbow=20),
    "supine_knees_up": _STAND | dict(lean=-88, nod=8, hip=50, knee=100, out=9, shoulder=10, side=35, elbow=45),
    "supine_arms_up": _STAND | dict(lean=-88, hip=4, knee=12, ankle=-25, out=14, shoulder=150, side=25, elbow=40),
    "sit_up": _STAND | dict(lean=-45, bend=25, nod=15, hip=70, knee=40, out=9, shoulder=-20, side=20, elbow=40),
    "on_left": _STAND | dict(lean=-88, spin=90, bend=10, nod=5, hip=[35, 60], knee=[50, 80], out=4,
                             shoulder=[85, 50], side=5, elbow=[70, 60], arm_turn=20),
    "on_right": _STAND | dict(lean=-88, spin=-90, bend=10, nod=5, hip=[60, 35], knee=[80, 50], out=4,
                              shoulder=[50, 85], side=5, elbow=[60, 70], arm_turn=20),
    "prone": _STAND | dict(lean=88, nod=-15, hip=0, knee=8, ankle=-40, out=9, shoulder=[20, 150], side=25,
                           elbow=[30, 90]),
    "prone_elbows": _STAND | dict(lean=62, bend=-20, nod=-25, hip=-12, knee=8, ankle=-40, out=9, shoulder=75, side=10,
                                  elbow=85),
}
"""Angles of each pose, degrees."""

STORIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "sit": (("stand", "seat", "slump", "seat", "stand"), ("stand", "seat", "lean_on_knees", "stand"),
            ("seat", "legs_crossed", "seat"), ("stand", "squat", "floor_long", "floor_knees_up"),
            ("floor_tailor", "floor_knees_up", "floor_long"), ("stand", "seat", "legs_crossed")),
    "kneel": (("stand", "kneel_one", "kneel_both", "kneel_one", "stand"), ("kneel_both", "seiza", "kneel_bow", "seiza"),
              ("stand", "squat", "kneel_both", "seiza"), ("kneel_one", "kneel_both", "all_fours", "kneel_both")),
    "lie": (("stand", "kneel_both", "all_fours", "prone", "prone_elbows"), ("supine", "sit_up", "floor_long"),
            ("supine", "supine_knees_up", "supine_arms_up"), ("supine", "on_left", "sit_up", "squat", "stand"),
            ("on_right", "supine", "on_left"), ("all_fours", "crawl_left", "crawl_right", "crawl_left", "crawl_right"),
            ("prone", "prone_elbows", "all_fours", "kneel_one", "stand"), ("all_fours", "plank", "prone"),
            ("stand", "squat", "floor_long", "sit_up", "supine")),
}
"""What follows what, by kind."""


def act(rng: np.random.Generator, kind: str, recorded: np.ndarray, fps: float) -> np.ndarray:
    """(T, 22, 3) metres: a story of that kind, T as `recorded` (T, 22, 3) has it.

    The recorded clip lends bone lengths and heading, and some of its arm and head movement.
    """
    count = len(recorded)
    story = STORIES[kind][int(rng.integers(len(STORIES[kind])))]
    if rng.random() < 0.4:
        story = story[::-1]
    angles = [_varied(rng, POSES[name]) for name in story]
    keys = _key_frames(rng, len(story), count)
    heading = np.degrees(np.arctan2(*_left(recorded[:1])[0, [1, 0]])) + rng.normal(0, 20, len(story)).cumsum()
    directions = _between_poses(angles, heading, keys, count)
    directions = _with_movement(rng, directions, recorded, fps)
    lengths = _lengths(recorded)
    joints = MOCAP22.joint_positions(lengths, directions, np.zeros((count, 3)))
    return joints + _anchored(joints)[:, None]


def seat_of(points: np.ndarray, vertices: np.ndarray) -> tuple[float, float, float, float] | None:
    """x, y, height and half width of a stool below the hips where they are lowest; None where that is the floor.

    points: (T, P, 3) with the pelvis first, vertices: (T, M, 3), world axes.
    """
    frame = int(points[:, 0, 2].argmin())
    pelvis = points[frame, 0]
    below = np.abs(vertices[frame, :, :2] - pelvis[:2]).max(axis=1) < 0.12
    top = float(vertices[frame, below, 2].min()) - 0.01
    return (float(pelvis[0]), float(pelvis[1]), top, 0.18) if 0.2 < top < 0.75 else None


def _varied(rng, pose: dict) -> dict[str, np.ndarray]:
    """(2,) angles for left and right, each a little different."""
    spread = {"knee": 7.0, "hip": 7.0, "shoulder": 14.0, "elbow": 14.0, "side": 9.0, "arm_turn": 15.0}
    return {name: np.broadcast_to(value, 2) + rng.normal(0, spread.get(name, 4.0), 2 if np.ndim(value) or
                                                         name in spread else 1) for name, value in pose.items()}


def _key_frames(rng, poses: int, count: int) -> np.ndarray:
    """(poses, 2) first and last frame of each hold."""
    parts = rng.dirichlet(np.full(2 * poses - 1, 4.0)) * count
    parts[1::2] = np.maximum(parts[1::2], 0.6 * count / poses / 2)
    edges = np.concatenate([[0], parts.cumsum()]) / parts.sum() * (count - 1)
    return np.stack([edges[:-1:2], edges[1::2]], axis=-1)


def _between_poses(angles, heading, keys, count: int) -> np.ndarray:
    """(T, 22, 3) directions: angles eased from pose to pose, the pelvis by the shortest turn."""
    at = np.arange(count)
    edges = keys.ravel() + np.arange(2 * len(keys)) * 1e-6
    place = np.interp(at, edges, np.repeat(np.arange(len(keys)), 2))
    low = np.minimum(place.astype(int), len(keys) - 2)
    share = place - low
    eased = low + share * share * (3 - 2 * share)
    series = {name: np.stack([np.interp(eased, np.arange(len(keys)), [pose[name][min(side, len(pose[name]) - 1)]
                                                                     for pose in angles]) for side in (0, 1)], axis=-1)
              for name in angles[0]}
    turns = Rotation.concatenate([
        Rotation.from_euler("ZXZ", [turn, pose["lean"][0], pose["spin"][0]], degrees=True)
        for turn, pose in zip(heading, angles, strict=True)])
    pelvis = Slerp(np.arange(len(keys)), turns)(eased)
    return _directions(pelvis, series)


def _directions(pelvis: Rotation, angle: dict[str, np.ndarray]) -> np.ndarray:
    """(T, 22, 3) of the puppet. The body faces -Y, its left is +X; flexion is a turn about X."""
    count = len(pelvis)
    found = np.zeros((count, len(MOCAP22), 3))

    def about(axis: str, degrees) -> Rotation:
        return Rotation.from_euler(axis, np.asarray(degrees)[:, None], degrees=True)

    half = pelvis * about("X", angle["bend"][:, 0] / 3)
    chest = pelvis * about("X", angle["bend"][:, 0])
    head = chest * about("X", angle["nod"][:, 0])
    for name, turn, rest in (
            ("spine", half, (0, 0.08, 1)), ("thorax", chest, (0, -0.11, 1)), ("neck", head, (0, -0.38, 0.92)),
            ("nose", head, (0, -0.96, 0.25)), ("head", head, (0, 0.15, 0.98))):
        found[:, _J[name]] = turn.apply(rest)
    for side, (name, sign) in enumerate(_LEGS):
        found[:, _J[f"{name}_hip"]] = pelvis.apply((sign, 0, 0))
        found[:, _J[f"{name}_shoulder"]] = chest.apply((sign, 0, 0.2))
        thigh = pelvis * about("X", -angle["hip"][:, side]) * about("Y", -sign * angle["out"][:, side]) * \
            about("Z", sign * angle["turn"][:, side])
        shank = thigh * about("X", angle["knee"][:, side])
        foot = shank * about("X", -angle["ankle"][:, side])
        found[:, _J[f"{name}_knee"]], found[:, _J[f"{name}_ankle"]] = thigh.apply((0, 0, -1)), shank.apply((0, 0, -1))
        found[:, _J[f"{name}_toe"]] = foot.apply((0.12 * sign, -0.95, -0.28))
        upper = chest * about("X", -angle["shoulder"][:, side]) * about("Y", -sign * angle["side"][:, side]) * \
            about("Z", -sign * angle["arm_turn"][:, side])
        fore = upper * about("X", -angle["elbow"][:, side])
        found[:, _J[f"{name}_elbow"]], found[:, _J[f"{name}_wrist"]] = upper.apply((0, 0, -1)), fore.apply((0, 0, -1))
        found[:, _J[f"{name}_knuckle"]] = fore.apply((0, -0.1, -1))
    found[:, 1:] /= np.linalg.norm(found[:, 1:], axis=-1, keepdims=True)
    return found


def _with_movement(rng, directions: np.ndarray, recorded: np.ndarray, fps: float) -> np.ndarray:
    """Arms and head move as the recorded ones do about their mean, by a random share; and everything sways a little."""
    from ..dataset import directions_of

    own = directions_of(recorded)
    moving = own - own.mean(axis=0)
    limbs = [index for name, index in _J.items() if name.endswith(("elbow", "wrist", "knuckle"))]
    directions = directions.copy()
    directions[:, limbs] += rng.uniform(0, 0.7) * moving[:, limbs]
    sway = gaussian_filter1d(rng.standard_normal(directions.shape), 0.4 * fps, axis=0, mode="nearest")
    directions += 0.03 * sway / max(float(sway.std()), 1e-9)
    directions[:, 0] = 0
    directions[:, 1:] /= np.linalg.norm(directions[:, 1:], axis=-1, keepdims=True)
    return directions


def _left(positions: np.ndarray) -> np.ndarray:
    """(T, 3) from the right to the left hip."""
    return positions[:, _J["left_hip"]] - positions[:, _J["right_hip"]]


def _lengths(positions: np.ndarray) -> np.ndarray:
    """(22,) mean bone lengths, the same on both sides."""
    lengths = np.zeros(len(MOCAP22))
    lengths[1:] = np.linalg.norm(positions[:, 1:] - positions[:, np.array(MOCAP22.parents)[1:]], axis=-1).mean(axis=0)
    return (lengths + lengths[MOCAP22.mirror]) / 2


def _anchored(joints: np.ndarray) -> np.ndarray:
    """(T, 3) shift of the whole body that keeps still, on the floor, what is lowest.

    joints: (T, 22, 3) with the pelvis at the origin.
    """
    above = joints[..., 2] - joints[..., 2].min(axis=1, keepdims=True)
    weight = np.exp(-above / 0.04)
    weight = (weight[1:] + weight[:-1])[..., None]
    moved = (weight * np.diff(joints[..., :2], axis=0)).sum(axis=1) / weight.sum(axis=1)
    path = np.zeros((len(joints), 3))
    path[1:, :2] = -moved.cumsum(axis=0)
    path[:, 2] = -joints[..., 2].min(axis=1)
    return path
