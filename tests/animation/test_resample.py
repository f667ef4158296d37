"""A motion at other times: exact at its own frames, by the shortest rotation between them."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from anatomy_mocap.animation.resample import resample
from anatomy_mocap.core.motion import Motion


def turning(frames: int) -> Motion:
    """A body that turns steadily about an axis of each bone's own, and walks."""
    axes = np.random.default_rng(0).normal(size=(22, 3))
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    turns = Rotation.from_rotvec((np.arange(frames)[:, None, None] * 0.3 * axes).reshape(-1, 3))
    quaternions = np.roll(turns.as_quat(), 1, axis=-1).reshape(frames, 22, 4)
    return Motion(quaternions, np.arange(frames)[:, None] * [[0.1, 0.2, 0.0]], np.ones(22), 20.0)


def test_steady_turns_are_met_exactly_between_the_frames():
    times, wanted = np.arange(11) * 1.2, np.arange(13.0)
    found, axes = resample(turning(11), times, wanted, 24.0), turning(2).rotations[1]
    angle = 2 * np.arctan2(np.linalg.norm(axes[:, 1:], axis=-1), axes[:, 0])
    wanted_turns = Rotation.from_rotvec(np.stack([
        axes[:, 1:] / np.linalg.norm(axes[:, 1:], axis=-1, keepdims=True) * (angle * time / 1.2)[:, None]
        for time in wanted]).reshape(-1, 3))
    got = Rotation.from_quat(np.roll(found.rotations, -1, axis=-1).reshape(-1, 4))
    assert (got * wanted_turns.inv()).magnitude().max() < 1e-6
    assert np.allclose(found.root_positions, wanted[:, None] / 1.2 * [[0.1, 0.2, 0.0]]) and found.fps == 24.0


def test_its_own_frames_stay_and_one_frame_is_enough():
    motion = turning(5)
    same = resample(motion, np.arange(5.0), np.arange(5.0), 20.0)
    assert np.allclose(np.abs((same.rotations * motion.rotations).sum(-1)), 1)
    assert len(resample(turning(1), np.zeros(1), np.zeros(3), 20.0)) == 3
