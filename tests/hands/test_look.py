"""The look at hands: which frames and squares, and what a picture without a hand gives."""

from __future__ import annotations

import numpy as np
import pytest

from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.progress import Progress, drain
from anatomy_mocap.hands import look
from anatomy_mocap.hands.finger_angles import finger_poses
from tests.animation.test_forearm_roll import seen_hands


def filmed(frames, width=1280, height=720):
    """Grey pictures at 30 frames per second."""
    for n in range(frames):
        yield n / 30.0, np.full((height, width, 3), 120, np.uint8)


def test_a_picture_without_hands_gives_relaxed_hands():
    take, _ = seen_hands(np.zeros((6, 2)), frames=6)
    (found,) = drain(look.look_at_hands(filmed(6), [take], "cpu", Progress("hands", 0, 6, "")))
    assert found.finger_points.shape == (6, 2, 21, 3)
    assert finger_poses(found) is None


def test_the_square_lies_along_the_forearm_around_the_hand():
    """The hand's knuckle is within the square, above its middle line; a hand of few pixels has none."""
    take, _ = seen_hands(np.zeros((4, 2)), yaw=50.0, frames=4)
    places = take.joint_positions("camera")
    for side, name in enumerate(("left", "right")):
        region = look._region(take, places, 2, side)
        joint = take.joint_names.index(f"{name}_knuckle")
        pixel = Camera.project(take.camera, places[2, joint])
        inside = (pixel - region.centre) @ region.axes.T / region.size
        assert np.abs(inside).max() < 0.4
        wrist = Camera.project(take.camera, places[2, take.joint_names.index(f"{name}_wrist")])
        assert ((wrist - region.centre) @ region.axes.T)[1] > 0  # the forearm comes from below
    far, _ = seen_hands(np.zeros((4, 2)), distance=40.0, frames=4)
    assert look._region(far, far.joint_positions("camera"), 2, 0) is None


@pytest.mark.parametrize("slower", [1.0, 4.0])
def test_frames_are_found_by_their_times(monkeypatch, slower):
    take, _ = seen_hands(np.zeros((6, 2)), frames=6)
    looked = []
    monkeypatch.setattr(look, "_look", lambda session, rgb, region, side: looked.append(int(rgb[0, 0, 0])) or (0, 0.9))
    pictures = ((n / 30.0, np.full((720, 1280, 3), n, np.uint8)) for n in range(24))
    (found,) = drain(look.look_at_hands(pictures, [take], "cpu", Progress("hands", 0, 24, ""), slower))
    assert (found.finger_presence == 0.9).all()
    assert set(looked) <= set(range(24)) and len(set(looked)) >= 6
