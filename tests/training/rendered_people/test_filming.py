"""The camera: projection, and where it stands."""

import numpy as np
import pytest

from tests.support.small_motion_set import moving
from training.rendered_people import filming
from training.rendered_people.clip_plan import CAMERAS


def test_projection_equals_one_made_by_hand():
    """A level camera 4 m in front of a person facing -Y sees their left on the right, at f / depth pixels a metre."""
    view = filming.View(0, 0, 0, 2 * np.degrees(np.arctan(0.5)), 640, 480)  # focal 640 px
    assert view.focal == pytest.approx(640)
    pose_of_camera = np.eye(4)
    # columns: right, down, forward
    pose_of_camera[:3, :3] = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    pose_of_camera[:3, 3] = (0, -4, 1)
    points = np.array([[[0.5, 0.0, 1.0], [0.0, 0.0, 1.5], [-0.5, 4.0, 0.0]]])
    seen = filming.to_camera(points, pose_of_camera[None])
    np.testing.assert_allclose(seen, [[[0.5, 0, 4], [0, -0.5, 4], [-0.5, 1, 8]]], atol=1e-12)
    np.testing.assert_allclose(filming.project(seen, view.intrinsics), [[[400, 240], [320, 160], [280, 320]]])


@pytest.mark.parametrize("view", [*CAMERAS, filming.View(30, 20, -15, 70, 320, 512, 0.9, True)])
def test_placed_cameras_see_the_person_from_the_side_asked_for(view):
    joints = moving(40, 3)
    world = filming.place(view, joints)
    turn = world[:, :3, :3]
    np.testing.assert_allclose(np.swapaxes(turn, 1, 2) @ turn, np.broadcast_to(np.eye(3), turn.shape), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(turn), 1)
    pixels = filming.project(filming.to_camera(joints, world), view.intrinsics)
    size = np.array([view.width, view.height])
    if not view.follows:
        edge = (1 - view.fill) / 2
        share = pixels / size
        assert share.min() > edge - 1e-6 and share.max() < 1 - edge + 1e-6
        assert np.abs(share - 0.5).max() == pytest.approx(0.5 - edge, abs=1e-6)  # as near as it can
    looks = world[0, :3, 2]
    assert np.degrees(np.arcsin(-looks[2])) == pytest.approx(view.pitch)
    heading = np.degrees(np.arctan2(-looks[1], -looks[0]) - filming.facing(joints))
    assert (heading - view.yaw + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)
    assert np.degrees(np.arcsin(world[0, 2, 0])) == pytest.approx(
        -np.degrees(np.arcsin(np.sin(np.radians(view.roll)) * np.cos(np.radians(view.pitch)))), abs=1e-6)
