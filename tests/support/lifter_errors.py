"""Draws random errors of a lifter as rotations, from the tables of fitting/lifter_error_model.py."""

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22
from anatomy_mocap.fitting.lifter_error_model import OWN, TOGETHER

NAMES = MOCAP22.joint_names[1:]


def drawn(rng, count):
    """Draw rotation vectors (count, J - 1, 3) in radians about the view's axes."""
    turn = np.zeros((count, len(NAMES), 3))
    for bone, name in enumerate(NAMES):
        sight, across = OWN[name.rpartition("_")[2]]
        turn[:, bone] += rng.normal(size=(count, 3)) * np.radians([across, across, sight])
    for joints, degrees in TOGETHER:
        bones = [NAMES.index(joint) for joint in joints]
        turn[:, bones] += (rng.normal(size=(count, 3)) * np.radians(degrees))[:, None]
    return turn
