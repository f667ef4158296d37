"""Motion: the rest pose, rotations of single bones, and the camera's position."""

from dataclasses import replace

import numpy as np

from anatomy_mocap.core.motion import Motion, make_in_place, rotate_about_vertical
from anatomy_mocap.core.skeleton import rest_directions
from anatomy_mocap.maths.rotations import about
from tests.support import moving_bodies as bodies


def still(frames=3):
    return Motion(np.tile((1.0, 0, 0, 0), (frames, 22, 1)), np.zeros((frames, 3)), bodies.LENGTHS, 30.0)


def test_no_rotation_is_the_rest_pose():
    motion = still()
    assert len(motion) == 3
    assert np.allclose(motion.directions, rest_directions())
    assert np.allclose(motion.joint_positions(), bodies.t_pose(3) - (0, 0, 0.9))


def test_a_rotation_turns_its_own_bone_alone():
    motion = still(1)
    motion.rotations[0, bodies.index("left_elbow")] = about((0, 0, 1.0), -np.pi / 2)
    moved = np.flatnonzero(np.abs(motion.directions - rest_directions()).max(axis=(0, 2)) > 1e-9)
    assert moved.tolist() == [bodies.index("left_elbow")]
    assert np.allclose(motion.directions[0, moved[0]], (0, -1, 0))


def test_the_camera_turns_with_the_performance_and_is_forgotten_when_that_is_made_in_place():
    seen = replace(still(), eye=np.array([0.0, -4.0, 1.2]))
    assert np.allclose(rotate_about_vertical(seen, np.pi / 2).eye, (4.0, 0, 1.2))
    assert rotate_about_vertical(still(), 1.0).eye is None and make_in_place(seen).eye is None
