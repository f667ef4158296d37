"""Movements of one person: endless straight walks, stretches of recordings, handstands, rolls and made-up acts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.core.skeleton import MOCAP22

from ..mocap.dataset import MocapSet
from ..mocap.made_up_acts import act
from ..rendered_people.motions import Motions, mirror, source_step

WINDOW = 150
"""Frames of the set of which a walk's cycle is taken."""

CYCLE = (45, 75)
"""Frames of the set that a cycle of two steps may take: 0.9 to 1.5 s."""

STANDING = (5, 14, 17, 29, 30, 31, 49, 55, 60, 61, 86, 135)
"""Subjects who dance, box, signal or do karate within a few metres."""

DANCING = (5, 49, 55, 60, 61)
"""Subjects who dance."""

_RADIUS = 0.17
"""Half the thickness of a rolling body, metres."""

_J = {name: MOCAP22.index(name) for name in MOCAP22.joint_names}


@dataclass(frozen=True)
class Movement:
    """kind: "walk" (a cycle of a recording, repeated for ever, along +X), "clip" (a stretch of a recording), "lie"
    (made up), "handstand" and "roll" (a recording, the whole body turned; see `turned`).

    clip, first: the place in the motion set. step: frames of the set from one frame to the next. mirrored: left and
    right exchanged. seed: of what is made up.
    """

    kind: str
    clip: int
    first: float
    step: float
    mirrored: bool
    seed: int


def walking(rng: np.random.Generator, motions: Motions, fps: float, speed: float) -> Movement:
    """A walk of a random person, played so that it goes at about `speed` metres a second (at most a quarter faster or
    slower than it was)."""
    starts = _straight_walks(motions.mocap)
    subjects = sorted({int(motions.mocap.subject[clip]) for clip, _, _ in starts})
    subject = int(rng.choice(subjects))
    own = [one for one in starts if int(motions.mocap.subject[one[0]]) == subject]
    clip, first, natural = own[int(rng.integers(len(own)))]
    faster = float(np.clip(speed / natural, 0.75, 1.25))
    return Movement("walk", clip, float(first), source_step(motions.mocap, fps, faster), bool(rng.random() < 0.5),
                    int(rng.integers(1 << 30)))


def staying(rng: np.random.Generator, motions: Motions, fps: float, frames: int, extent: float = 1.0,
            subjects: tuple[int, ...] = STANDING) -> Movement:
    """A stretch of somebody who moves on the spot: of twelve random ones the first whose path stays within `extent`
    metres, or the one of the smallest extent."""
    step = source_step(motions.mocap, fps)
    clips = np.flatnonzero(np.isin(motions.mocap.subject, subjects) & (motions.mocap.frames > frames * step + 1))
    if not len(clips):
        raise MocapError(f"the motion set has no recording of {frames} frames of subjects {subjects}; give the whole "
                         "motion set, or fewer frames (--frames)")
    best, smallest = None, np.inf
    for _ in range(12):
        clip = int(rng.choice(clips))
        first = float(rng.random() * (motions.mocap.frames[clip] - 1 - frames * step))
        path = motions.positions(clip, first, frames, step)[:, 0]
        size = float(np.ptp(path[:, :2], axis=0).max())
        if size < smallest:
            best, smallest = (clip, first), size
        if size < extent:
            break
    return Movement("clip", *best, step, bool(rng.random() < 0.5), int(rng.integers(1 << 30)))


def named(motions: Motions, names: tuple[str, ...], rng: np.random.Generator, fps: float, frames: int,
          speed: float = 1.0) -> Movement:
    """A stretch of one of the recordings `names`, around a frame in which the head is below the hips if it has one."""
    there = [motions.mocap.names.index(name) for name in names if name in motions.mocap.names]
    if not there:
        raise MocapError(f"the motion set has none of the recordings {', '.join(names)}; give the whole motion set")
    clip, step = int(rng.choice(there)), source_step(motions.mocap, fps, speed)
    total = int(motions.mocap.frames[clip])
    joints = motions.positions(clip, 0.0, total, 1.0)
    upside = np.flatnonzero(joints[:, _J["head"], 2] < joints[:, _J["pelvis"], 2])
    middle = float(rng.choice(upside)) if len(upside) else rng.random() * total
    first = float(np.clip(middle - frames * step / 2, 0, max(0.0, total - 1 - frames * step)))
    return Movement("clip", clip, first, step, bool(rng.random() < 0.5), int(rng.integers(1 << 30)))


def recorded(movement: Movement, motions: Motions, frames: int, fps: float) -> np.ndarray:
    """(T, 22, 3) joints of the movement, of the recorded body, before any turn."""
    if movement.kind == "walk":
        joints = _endless(motions.positions(movement.clip, movement.first, WINDOW, 1.0), movement.step, frames)
    else:
        joints = motions.positions(movement.clip, movement.first, frames, movement.step)
    if movement.kind == "lie":
        joints = act(np.random.default_rng(movement.seed), "lie", joints, fps)
    if movement.kind in ("handstand", "roll"):
        joints = _arms_up(joints)
    if not movement.mirrored:
        return joints
    return mirror(joints) * ((-1, -1, 1) if movement.kind == "walk" else 1)  # a walk still goes along +X


def turned(movement: Movement, frames: int) -> np.ndarray:
    """(T, 3, 3) turns of the whole body about its middle, for a person who faces -Y.

    A handstand tips over sideways within the first sixth of the frames, stays upside down, and tips back. A roll lies
    along +X and turns about that axis, two and a half times.
    """
    share = np.linspace(0, 1, frames) if frames > 1 else np.zeros(1)
    if movement.kind == "handstand":
        up = np.clip(np.minimum(share - 0.08, 0.95 - share) / 0.16, 0, 1)
        angle = np.pi * up * up * (3 - 2 * up)
        return Rotation.from_rotvec(angle[:, None] * np.array([0.0, 1.0, 0.0])).as_matrix()
    if movement.kind == "roll":
        lying = Rotation.from_rotvec(np.array([0.0, np.pi / 2, 0.0]))
        return (Rotation.from_rotvec(5 * np.pi * share[:, None] * np.array([1.0, 0.0, 0.0])) * lying).as_matrix()
    return np.tile(np.eye(3), (frames, 1, 1))


def slid(movement: Movement, frames: int) -> np.ndarray:
    """(T, 2) metres by which a rolling body moves over the floor, in the axes of `turned`; 0 for other movements."""
    result = np.zeros((frames, 2))
    if movement.kind == "roll":
        result[:, 1] = -_RADIUS * 5 * np.pi * np.linspace(0, 1, frames)
    return result


def _straight_walks(mocap: MocapSet) -> list[tuple[int, int, float]]:
    """Clip, first frame and speed (metres a second) of all windows of a straight, steady, upright walk."""
    found = []
    for clip in range(len(mocap)):
        root = mocap.positions[mocap.start[clip] : mocap.start[clip] + mocap.frames[clip], 0].astype(float)
        for first in range(0, len(root) - WINDOW, 25):
            path = root[first : first + WINDOW : 12]
            net = np.linalg.norm((path[-1] - path[0])[:2])
            ways = np.linalg.norm(np.diff(path[:, :2], axis=0), axis=-1)
            speed = net / len(ways) / 12 * mocap.fps
            steady = 0.6 * ways.mean() < ways.min() and ways.max() < 1.5 * ways.mean()
            if steady and net > 0.97 * ways.sum() and 0.9 < speed < 1.6 and path[:, 2].min() > 0.75:
                found.append((clip, first, float(speed)))
    if not found:
        raise MocapError("the motion set has no straight walk; give the whole motion set")
    return found


def _endless(window: np.ndarray, step: float, frames: int) -> np.ndarray:
    """(T, 22, 3) a walk along +X from (0, 0), made of one cycle of the walk in `window` (W, 22, 3).

    The cycle begins and ends at the two frames whose poses agree best. What is left of their difference is spread
    evenly over the cycle.
    """
    window = _along_x(window.astype(float))
    pose = window - window[:, :1] * (1, 1, 0)
    lags = np.arange(CYCLE[0], CYCLE[1] + 1)
    last = len(window) - CYCLE[1] - 2
    moves = np.diff(pose, axis=0)
    unlike = np.array([[np.abs(pose[a] - pose[a + lag]).mean() + 5 * np.abs(moves[a] - moves[a + lag]).mean()
                        for lag in lags] for a in range(0, last, 3)])
    row, column = np.unravel_index(unlike.argmin(), unlike.shape)
    a, lag = 3 * int(row), int(lags[column])
    drift = (np.arange(lag + 1) / lag)[:, None, None] * (pose[a + lag] - pose[a])
    cycle, path = pose[a : a + lag + 1] - drift, window[a : a + lag + 1, 0, :2] - window[a, 0, :2]
    path = path - (np.arange(lag + 1) / lag)[:, None] * (0.0, path[-1, 1])  # straight on in the long run
    at = np.arange(frames) * step
    low = np.floor(at % lag).astype(int)
    mix = (at % lag - low)[:, None, None]
    joints = cycle[low] * (1 - mix) + cycle[low + 1] * mix
    along = path[low] * (1 - mix[..., 0]) + path[low + 1] * mix[..., 0] + np.floor(at / lag)[:, None] * path[-1]
    joints[..., :2] += along[:, None]
    return joints


def _along_x(joints: np.ndarray) -> np.ndarray:
    """The joints turned about the vertical so that the root goes along +X."""
    way = (joints[-1, 0] - joints[0, 0])[:2]
    cosine, sine = way / max(float(np.linalg.norm(way)), 1e-6)
    return joints @ np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1.0]])


def _arms_up(joints: np.ndarray) -> np.ndarray:
    """The same joints with the arms stretched past the head, as for a handstand, a little apart and unsteady."""
    result = joints.copy()
    up = joints[:, _J["thorax"]] - joints[:, _J["pelvis"]]
    across = joints[:, _J["left_shoulder"]] - joints[:, _J["right_shoulder"]]
    up, across = (gaussian_filter1d(each, 3, axis=0, mode="nearest") for each in (up, across))
    up, across = (each / np.linalg.norm(each, axis=-1, keepdims=True) for each in (up, across))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for bone, (parent, child, apart) in enumerate((("shoulder", "elbow", 0.20), ("elbow", "wrist", 0.05),
                                                       ("wrist", "knuckle", 0.0))):
            start, end = _J[f"{side}_{parent}"], _J[f"{side}_{child}"]
            length = np.linalg.norm(joints[:, end] - joints[:, start], axis=-1, keepdims=True)
            way = joints[:, end] - joints[:, start]
            direction = up + sign * apart * across + 0.12 * (bone < 2) * way / np.maximum(length, 1e-6)
            direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
            result[:, end] = result[:, start] + length * direction
    return result
