"""Bodies in motion for tests: a T-pose, random poses, and walks and jumps with exact foot contacts."""

from __future__ import annotations

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.core.soles import SOLES

_HALF = {
    "hip": 0.10, "knee": 0.43, "ankle": 0.41, "toe": 0.15, "spine": 0.22, "thorax": 0.25, "neck": 0.11, "nose": 0.12,
    "head": 0.20, "shoulder": 0.18, "elbow": 0.29, "wrist": 0.25, "knuckle": 0.09, "pelvis": 0.0}
LENGTHS = np.array([_HALF[name.rpartition("_")[2]] for name in MOCAP22.joint_names])
FOOT = LENGTHS[MOCAP22.index("left_toe")]
FLAT_FOOT = np.array([0.0, -np.sqrt(1 - (SOLES["ankle"] - SOLES["toe"]) ** 2), SOLES["toe"] - SOLES["ankle"]])
"""Direction of a flat foot that points to -Y."""


def index(name: str) -> int:
    return MOCAP22.index(name)


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def turned(positions, yaw: float):
    """Turn positions about the world's Z by `yaw` radians."""
    c, s = np.cos(yaw), np.sin(yaw)
    return np.asarray(positions) @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]]).T


def mirrored(positions):
    """Mirror a motion (T, 22, 3): X changes its sign, left and right are exchanged."""
    return (positions * (-1.0, 1.0, 1.0))[:, MOCAP22.mirror]


def t_pose(frames: int = 1):
    """Return the rest pose (frames, 22, 3) in metres, with the pelvis at height 0.9."""
    directions = np.tile(rest_directions(), (frames, 1, 1))
    return MOCAP22.joint_positions(LENGTHS, directions, np.full((frames, 3), (0, 0, 0.9)))


def random_poses(frames: int, seed: int, spread: float = 0.5):
    """Return the rest pose with random directions that vary smoothly over time: (frames, 22, 3) in metres."""
    rng = np.random.default_rng(seed)
    phases, speeds = rng.uniform(0, 2 * np.pi, (2, 22, 3)), rng.uniform(0.02, 0.08, (2, 22, 3))
    t = np.arange(frames)[:, None, None]
    push = sum(np.sin(speed * t + phase) for speed, phase in zip(speeds, phases, strict=True))
    root = np.cumsum(rng.normal(scale=0.002, size=(frames, 3)), axis=0) + (0, 0, 0.9)
    return MOCAP22.joint_positions(LENGTHS, unit(rest_directions() + spread * push + 1e-9), root)


def _knee(hip, ankle, forward):
    """Return knee positions for hips and ankles (T, 3), bent towards `forward` (3,)."""
    thigh, shank = LENGTHS[index("left_knee")], LENGTHS[index("left_ankle")]
    line = ankle - hip
    distance = np.linalg.norm(line, axis=-1, keepdims=True)
    along = (thigh**2 + distance**2 - shank**2) / (2 * distance)
    line = line / distance
    aside = unit(forward - line * (line @ forward)[:, None])
    return hip + line * along + aside * np.sqrt(thigh**2 - along**2)


def _body(pelvis, ankles, swing):
    """Build a body (T, 22, 3) that faces -Y from pelvis, ankles {side: (T, 3)} and the arms' `swing` (T,), radians."""
    frames = len(pelvis)
    directions = np.tile(rest_directions(), (frames, 1, 1))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        # Arms hang slightly bent and swing.
        for part, bend in (("elbow", 0.0), ("wrist", 0.4), ("knuckle", 0.4)):
            angle = sign * swing + bend
            out = np.full(frames, 0.15 * sign)
            directions[:, index(f"{side}_{part}")] = unit(np.stack([out, -np.sin(angle), -np.cos(angle)], -1))
    positions = MOCAP22.joint_positions(LENGTHS, directions, pelvis)
    for side in ("left", "right"):
        hip = positions[:, index(f"{side}_hip")]
        positions[:, index(f"{side}_ankle")] = ankles[side]
        positions[:, index(f"{side}_knee")] = _knee(hip, ankles[side], np.array([0, -1.0, 0]))
        positions[:, index(f"{side}_toe")] = ankles[side] + FOOT * FLAT_FOOT
    return positions


def walk(seconds: float = 4.0, fps: float = 30.0, speed: float = 1.0):
    """Make a walk towards -Y on the floor: joints (T, 22, 3) in metres, and (T, 2) bool, standing feet [left, right].

    Each foot stands for 0.6 s and swings for 0.4 s. It stays flat.
    """
    t = np.arange(round(seconds * fps)) / fps
    pelvis = np.stack([0 * t, -speed * t, 0.80 + 0.01 * np.cos(4 * np.pi * t)], -1)
    ankles, stands = {}, np.zeros((len(t), 2), bool)
    for column, (side, offset) in enumerate((("left", 0.0), ("right", 0.5))):
        phase = (t + offset) % 1.0
        step = np.floor(t + offset) - offset
        moved = np.clip((phase - 0.6) / 0.4, 0, 1)
        eased = moved**3 * (10 - 15 * moved + 6 * moved**2)
        lift = 0.12 * np.sin(np.pi * moved) ** 2
        y = -speed * (step + eased + 0.3)
        ankles[side] = np.stack([np.full_like(t, 0.1 if side == "left" else -0.1), y, SOLES["ankle"] * FOOT + lift], -1)
        stands[:, column] = phase <= 0.6
    return _body(pelvis, ankles, 0.4 * np.sin(2 * np.pi * t)), stands


def jump(fps: float = 30.0, height: float = 0.4):
    """Make a crouch, a jump straight up and a landing: joints (T, 22, 3) in metres, and (T,) bool, feet in the air."""
    flight = 2 * np.sqrt(2 * height / 9.81)
    t = np.arange(round((2.0 + flight) * fps)) / fps
    air = np.clip(t - 1.0, 0, flight)
    rise = 9.81 * air * (flight - air) / 2
    crouch = 0.25 * np.exp(-((t - 0.7) / 0.2) ** 2) + 0.2 * np.exp(-((t - 1.3 - flight) / 0.2) ** 2)
    pelvis = np.stack([0 * t, 0 * t, 0.84 - crouch + rise], -1)
    ankles = {side: np.stack([np.full_like(t, x), 0 * t - 0.05, SOLES["ankle"] * FOOT + rise], -1)
              for side, x in (("left", 0.1), ("right", -0.1))}
    return _body(pelvis, ankles, 0 * t), rise > 1e-6
