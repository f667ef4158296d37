"""The chain from a take to a motion is the same as its steps, one by one."""

import numpy as np

from anatomy_mocap.animation.animate import animate, clean_up
from anatomy_mocap.animation.ground import ground
from anatomy_mocap.animation.smoothing import smooth
from anatomy_mocap.animation.solve_rotations import solve
from anatomy_mocap.core.take_from_joints import take_from_positions
from anatomy_mocap.touch.contacts import find_contacts
from tests.support import moving_bodies as bodies


def test_the_chain_is_its_steps():
    take = take_from_positions(bodies.walk(1.0)[0] - (0, 0, 0.03), 30.0)
    smoothed = smooth(solve(take), 0.1)
    grounded = ground(smoothed, find_contacts(smoothed), 0.7)
    for found, wanted in ((animate(take), solve(take)), (animate(take, 0.1), smoothed),
                          (animate(take, 0.1, 0.7), grounded)):
        assert np.array_equal(found.rotations, wanted.rotations)
        assert np.array_equal(found.root_positions, wanted.root_positions)
    assert np.abs(grounded.root_positions - smoothed.root_positions).max() > 1e-3


def test_no_smoothing_and_no_grounding_return_the_same_motion():
    motion = solve(take_from_positions(bodies.walk(0.5)[0], 30.0))
    assert clean_up(motion) is motion
