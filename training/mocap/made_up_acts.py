"""Made-up motion that the set lacks: sitting, kneeling, lying down, getting up, crawling.

Poses are joint angles of a puppet (act_poses.py). A clip goes from pose to pose; some of the movement of its arms and
head comes from a recorded clip.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation, Slerp

from anatomy_mocap.core.skeleton import MOCAP22

from .act_poses import POSES, STORIES
from .dataset import directions_of
from .tuning import TUNING

_J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}
_LEGS = (("left", 1.0), ("right", -1.0))


def act(rng: np.random.Generator, kind: str, recorded: np.ndarray, fps: float) -> np.ndarray:
    """A made-up act of a kind: joints (T, 22, 3) metres, as long as the recorded clip `recorded` (T, 22, 3).

    The recorded clip gives bone lengths and heading, and some of the movement of arms and head.
    """
    count = len(recorded)
    story = STORIES[kind][int(rng.integers(len(STORIES[kind])))]
    if rng.random() < TUNING.act_backward:
        story = story[::-1]
    poses = min(len(story), max(2, round(count / fps / TUNING.act_seconds) + 1))
    start = int(rng.integers(len(story) - poses + 1))
    story = story[start : start + poses]
    angles = [_varied(rng, POSES[name]) for name in story]
    keys = _key_frames(rng, len(story), count)
    turns = rng.normal(0, TUNING.act_heading, len(story)).cumsum()
    heading = np.degrees(np.arctan2(*_left(recorded[:1])[0, [1, 0]])) + turns
    directions = _between_poses(angles, heading, keys, count)
    directions = _with_movement(rng, directions, recorded, fps)
    lengths = _lengths(recorded)
    joints = MOCAP22.joint_positions(lengths, directions, np.zeros((count, 3)))
    return joints + _anchored(joints)[:, None]


class Stool(NamedTuple):
    """The top of a stool: its middle and half width, metres, world axes."""

    x: float
    y: float
    height: float
    half_width: float


def stool_below(points: np.ndarray, vertices: np.ndarray) -> Stool | None:
    """The stool below the hips where they are lowest; None where they are on the floor.

    points: (T, P, 3) with the pelvis first, vertices: (T, M, 3), world axes.
    """
    frame = int(points[:, 0, 2].argmin())
    pelvis = points[frame, 0]
    below = np.abs(vertices[frame, :, :2] - pelvis[:2]).max(axis=1) < 0.12
    top = float(vertices[frame, below, 2].min()) - 0.01
    return Stool(float(pelvis[0]), float(pelvis[1]), top, 0.18) if 0.2 < top < 0.75 else None


def _varied(rng: np.random.Generator, pose: dict) -> dict[str, np.ndarray]:
    """(2,) angles for left and right, each a little different."""
    spread = {"knee": 7.0, "hip": 7.0, "shoulder": 14.0, "elbow": 14.0, "side": 9.0, "arm_turn": 15.0}
    return {name: np.broadcast_to(value, 2) + rng.normal(0, spread.get(name, 4.0), 2 if np.ndim(value) or
                                                         name in spread else 1) for name, value in pose.items()}


def _key_frames(rng: np.random.Generator, poses: int, count: int) -> np.ndarray:
    """(poses, 2) first and last frame of each hold; moving takes at least twice as long as holding."""
    holds, moves = rng.dirichlet(np.full(poses, 4.0)), rng.dirichlet(np.full(poses - 1, 30.0))
    share = rng.uniform(0.1, 0.3)
    parts = np.empty(2 * poses - 1)
    parts[::2], parts[1::2] = share * holds, (1 - share) * moves
    edges = np.concatenate([[0], parts.cumsum()]) * (count - 1)
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


def _with_movement(rng: np.random.Generator, directions: np.ndarray, recorded: np.ndarray, fps: float) -> np.ndarray:
    """Arms and head move as the recorded ones do about their mean, by a random share; and everything sways a little."""
    own = directions_of(recorded)
    moving = own - own.mean(axis=0)
    limbs = [index for name, index in _J.items() if name.endswith(("elbow", "wrist", "knuckle"))]
    directions = directions.copy()
    directions[:, limbs] += rng.uniform(0, TUNING.act_borrowed) * moving[:, limbs]
    spread, seconds = TUNING.act_sway
    sway = gaussian_filter1d(rng.standard_normal(directions.shape), seconds * fps, axis=0, mode="nearest")
    directions += spread * sway / max(float(sway.std()), 1e-9)
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
