"""Trembling in depth, and the lean of people who stand upright."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.fitting.lifter_corrections import correct_lean, smooth_depth
from anatomy_mocap.fitting.tuning import TUNING
from anatomy_mocap.maths.rotations import unit
from tests.support.waving_person import clip

FPS = 25.0
UP = np.array([0.0, -1.0, 0.0])

def held(frames: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Directions (T, J, 3) of a body that holds still, and its root (T, 3), in front of the camera and to the side."""
    turn = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # world to camera axes
    directions = np.repeat((rest_directions(MOCAP22) @ turn.T)[None], frames, axis=0)
    return directions, np.tile((1.0, 0.2, 3.0), (frames, 1))


def parts(directions, root) -> tuple[np.ndarray, np.ndarray]:
    sight = unit(root)[:, None]
    along = (directions * sight).sum(axis=-1, keepdims=True)
    return along[..., 0], directions - along * sight


def test_shaking_in_depth_goes_and_moves_across_stay():
    still, root = held()
    rng = np.random.default_rng(0)
    sight = unit(root)[:, None]
    shaken = unit(still + 0.1 * rng.normal(size=(*still.shape[:2], 1)) * sight)
    shaken[:, 0] = 0
    found = smooth_depth(shaken, root, FPS)
    np.testing.assert_allclose(np.linalg.norm(found[:, 1:], axis=-1), 1, atol=1e-9)
    np.testing.assert_array_equal(found[:, 0], 0)
    assert np.diff(parts(found, root)[0], axis=0).std() < 0.35 * np.diff(parts(shaken, root)[0], axis=0).std()
    aside = np.cross(sight, (0, 1.0, 0))
    across = unit(still + 0.1 * np.sin(np.arange(200) * 1.5)[:, None, None] * aside)  # several times a second
    across[:, 0] = 0
    moved, kept = (np.diff(parts(part, root)[1], axis=0) for part in (across, smooth_depth(across, root, FPS)))
    assert np.abs(kept[20:-20]).mean() > 0.9 * np.abs(moved[20:-20]).mean()


def test_what_is_steady_stays_as_it_is():
    still, root = held()
    np.testing.assert_allclose(smooth_depth(still, root, FPS), still, atol=1e-9)


def test_a_slow_move_towards_the_camera_stays():
    still, root = held()
    swing = 0.6 * np.sin(2 * np.pi * 0.5 * np.arange(200) / FPS)  # half a turn of the cycle a second
    moving = unit(still + swing[:, None, None] * unit(root)[:, None])
    moving[:, 0] = 0
    off = np.degrees(np.arccos(np.clip((smooth_depth(moving, root, FPS) * moving)[:, 1:].sum(-1), -1, 1)))
    assert off[10:-10].max() < 3


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_short_clips(frames):
    still, root = held(frames)
    np.testing.assert_allclose(smooth_depth(still, root, FPS, TUNING.depth_seconds), still, atol=1e-9)


def lifted_of(trunk, up, frames=2):
    """Somebody whose trunk points to `trunk`, lifted with `up` in each frame; straight ahead."""
    truth, _, _ = clip(frames)
    directions = truth.directions.copy()
    for name in ("spine", "thorax"):
        directions[:, MOCAP22.index(name)] = trunk
    return (replace(truth, directions=directions, up=np.tile(up, (frames, 1))), np.tile([0.0, 0.0, 4.0], (frames, 1)))


def tilted(degrees, axis=(1.0, 0.0, 0.0)):
    return Rotation.from_rotvec(np.radians(degrees) * np.array(axis))


def test_who_stands_upright_is_turned_by_a_share_of_what_up_is_off():
    """The lifter takes the camera to look up by 10 degrees more than it does, and the person to lean as far."""
    wrong = tilted(10)
    lifted, root = lifted_of(wrong.apply(UP), wrong.apply(UP))
    found = correct_lean(lifted.directions, lifted, root, UP)
    np.testing.assert_allclose(found, tilted(-10 * TUNING.lean_share).apply(lifted.directions.reshape(-1, 3)).reshape(
        found.shape), atol=1e-9)
    trunk = MOCAP22.index("spine")
    assert found[0, trunk] @ UP > lifted.directions[0, trunk] @ UP


@pytest.mark.parametrize(("trunk", "up"), [
    (UP, UP),  # the frame and the clip agree
    ((1.0, 0.0, 0.0), tilted(10).apply(UP)),  # lying
    (-UP, tilted(10).apply(UP)),  # upside down
    (UP, tilted(10, (0.0, 0.0, 1.0)).apply(UP)),  # the picture shows a roll
    (UP, tilted(40).apply(UP)),  # the frame's up is plainly wrong
], ids=["right", "lying", "upside down", "rolled", "far off"])
def test_others_stay_as_they_are(trunk, up):
    lifted, root = lifted_of(trunk, up)
    np.testing.assert_allclose(correct_lean(lifted.directions, lifted, root, UP), lifted.directions, atol=1e-9)


def test_directions_stay_unit_vectors_and_the_root_bone_none():
    lifted, root = lifted_of(UP, tilted(8).apply(UP), 5)
    found = correct_lean(lifted.directions, lifted, root, UP)
    np.testing.assert_allclose(np.linalg.norm(found[:, 1:], axis=-1), 1, atol=1e-12)
    assert not found[:, 0].any()
