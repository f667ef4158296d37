"""Several people of one clip in one world."""

from dataclasses import replace

import numpy as np
import pytest

from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.fitting.floor_plane import floor_height
from anatomy_mocap.one_world import in_one_world
from tests.support.moving_bodies import LENGTHS


def standing(x=0.0, scale=1.0, tilt=0.0):
    """A take of a person who stands `x` metres to the right, as another one of `scale` times the size would look. Its
    own up direction is off by `tilt` degrees."""
    frames = 30
    directions = np.repeat(rest_directions()[None], frames, axis=0)
    sway = 0.01 * np.sin(np.arange(frames) / 5)[:, None] * (1, 0, 0)
    positions = MOCAP22.joint_positions(LENGTHS, directions, sway + (x, 0, 0))
    positions[..., 2] -= positions[..., 2].min()
    world = np.array([[1.0, 0, 0, 0], [0, 0, 1, -4], [0, -1, 0, 1.5], [0, 0, 0, 1]])
    take = take_from_positions(positions, 25.0, world_from_camera=world, info={"body_height": 1.75})
    angle = np.radians(tilt)
    lean = np.eye(4)
    lean[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return replace(take, bone_lengths=scale * take.bone_lengths, root_positions=scale * take.root_positions,
                   world_from_camera=lean @ take.world_from_camera,
                   info={**take.info, "body_height": scale * 1.75})


def test_people_stand_on_one_floor_and_keep_their_places_in_the_picture():
    left, right = standing(-1, 1.06, 1.0), standing(1, 0.95, -1.0)
    one, two = in_one_world([left, right])
    np.testing.assert_allclose(one.world_from_camera[:3, :3], two.world_from_camera[:3, :3])
    np.testing.assert_allclose(one.world_from_camera[:2, 3], two.world_from_camera[:2, 3])
    for before, after in ((left, one), (right, two)):
        scale = after.bone_lengths[1] / before.bone_lengths[1]
        np.testing.assert_allclose(after.joint_positions("camera"), scale * before.joint_positions("camera"))
        assert after.info["body_height"] == pytest.approx(scale * before.info["body_height"])
        assert floor_height(after.joint_positions("world"), 25.0) == pytest.approx(0, abs=0.01)
    # The sizes differed by 12 % and the heights of the camera by as much; most of it was the scale.
    assert one.info["body_height"] / two.info["body_height"] == pytest.approx(1, abs=0.06)
    x = [take.joint_positions("world")[0, 0, 0] for take in (one, two)]
    assert x[0] == pytest.approx(0, abs=0.01) and x[1] == pytest.approx(2, abs=0.1)
    assert one.world_from_camera[2, 3] == pytest.approx(two.world_from_camera[2, 3], rel=0.06)


def test_sizes_that_are_given_and_cameras_near_the_floor_leave_the_scale():
    takes = [standing(-1, 1.06), standing(1, 0.95)]
    for before, after in zip(takes, in_one_world(takes, known_height=True), strict=True):
        np.testing.assert_array_equal(after.bone_lengths, before.bone_lengths)
    (alone,) = in_one_world(takes[:1])
    assert alone is takes[0]


def test_a_person_on_a_table_keeps_the_size():
    """Whoever seems to be far too large for the floor stands on something."""
    takes = [standing(-1), standing(1, 0.5)]
    one, two = in_one_world(takes)
    np.testing.assert_allclose([one.bone_lengths, two.bone_lengths], [t.bone_lengths for t in takes])
