"""The smoothing of directions along the line of sight."""

import numpy as np
import pytest

from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.fitting.depth_smoothing import SECONDS, steadied
from anatomy_mocap.maths.rotations import unit

FPS = 25.0


def held(frames: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Return directions (T, J, 3) of a still body and its root (T, 3), beside the camera's axis."""
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
    found = steadied(shaken, root, FPS)
    np.testing.assert_allclose(np.linalg.norm(found[:, 1:], axis=-1), 1, atol=1e-9)
    np.testing.assert_array_equal(found[:, 0], 0)
    assert np.diff(parts(found, root)[0], axis=0).std() < 0.35 * np.diff(parts(shaken, root)[0], axis=0).std()
    aside = np.cross(sight, (0, 1.0, 0))
    across = unit(still + 0.1 * np.sin(np.arange(200) * 1.5)[:, None, None] * aside)  # several times a second
    across[:, 0] = 0
    moved, kept = (np.diff(parts(part, root)[1], axis=0) for part in (across, steadied(across, root, FPS)))
    assert np.abs(kept[20:-20]).mean() > 0.9 * np.abs(moved[20:-20]).mean()


def test_what_is_steady_stays_as_it_is():
    still, root = held()
    np.testing.assert_allclose(steadied(still, root, FPS), still, atol=1e-9)


def test_a_slow_move_towards_the_camera_stays():
    still, root = held()
    swing = 0.6 * np.sin(2 * np.pi * 0.5 * np.arange(200) / FPS)  # half a turn of the cycle a second
    moving = unit(still + swing[:, None, None] * unit(root)[:, None])
    moving[:, 0] = 0
    off = np.degrees(np.arccos(np.clip((steadied(moving, root, FPS) * moving)[:, 1:].sum(-1), -1, 1)))
    assert off[10:-10].max() < 3


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_short_clips(frames):
    still, root = held(frames)
    np.testing.assert_allclose(steadied(still, root, FPS, SECONDS), still, atol=1e-9)
