"""Cameras: projection, focal length, and the world's axes from an up direction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_mocap.core.camera import DEFAULT_FOV, WORLD_FROM_LEVEL_CAMERA, Camera, world_from_camera_rotation


@given(st.floats(0.3, 2.5), st.integers(16, 4000), st.integers(16, 4000))
def test_field_of_view_spans_the_longer_side(fov, width, height):
    camera = Camera.from_fov(width, height, fov)
    assert camera.fov == pytest.approx(fov)
    edge = (width, camera.cy) if width >= height else (camera.cx, height)
    assert np.abs(camera.rays(edge)).max() == pytest.approx(np.tan(fov / 2))
    assert Camera.from_focal(width, height, camera.focal) == camera


def test_project_undoes_rays():
    camera = Camera(1280, 720, 900.0, 600.0, 380.0)
    rng = np.random.default_rng(0)
    xy, z = rng.uniform(0, 1000, (5, 7, 2)), rng.uniform(0.5, 9, (5, 7, 1))
    assert np.allclose(camera.project(np.concatenate([camera.rays(xy) * z, z], -1)), xy)
    assert np.allclose(camera.project((0, 0, 3.0)), (600, 380))


def test_default_camera_is_a_phones():
    assert 50 < np.degrees(DEFAULT_FOV) < 70 and Camera.from_fov(1920, 1080).fov == pytest.approx(DEFAULT_FOV)


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3).filter(lambda v: np.linalg.norm(v) > 1e-2))
def test_world_rotation_is_proper_and_stands_upright(up):
    turn = world_from_camera_rotation(up)
    assert np.allclose(turn @ turn.T, np.eye(3)) and np.linalg.det(turn) == pytest.approx(1)
    assert np.allclose(turn @ (np.array(up) / np.linalg.norm(up)), (0, 0, 1))
    # The viewing direction heads along +Y as far as it can.
    forward = turn @ (0, 0, 1.0)
    if np.linalg.norm(forward[:2]) > 2e-3:
        assert abs(forward[0]) < 1e-9 and forward[1] > 0


def test_a_level_camera_looks_along_y():
    assert np.allclose(world_from_camera_rotation((0, -1, 0)), WORLD_FROM_LEVEL_CAMERA)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_straight_up_and_down_take_the_heading_from_the_pictures_top(sign):
    """sign +1: the camera looks straight up, so the picture's top is behind it."""
    straight = world_from_camera_rotation((0, 0, sign))
    almost = world_from_camera_rotation((0, -1e-2, sign))
    assert np.allclose(straight, almost, atol=0.05)
