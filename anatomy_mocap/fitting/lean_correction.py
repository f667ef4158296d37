"""The lean of people who stand upright, made good by the clip's one up.

In each frame the lifter tells the directions of the bones and which way is up. Of somebody upright it knows the one
from the other, so that what it has wrong about the camera's tilt it has wrong about the person's lean. The camera
stands still; the clip's up, from all frames and the floor under the feet, is better than that of any frame.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from ..core.lifted_clip import Lifted
from ..maths.rotations import unit
from .lifter_error_model import view_axes

SHARE = 0.4
"""How much of a frame's difference from the clip's up the person leans too far: 0.38 to 0.45 on simulated clips of
training subjects, whatever the difference."""

UPRIGHT = 0.75, 0.92
"""Cosine between trunk and up from which on somebody begins to count as upright, and wholly does. Below, the two have
nothing to do with each other."""

FARTHEST = np.radians(15.0), np.radians(25.0)
"""Differences beyond which they are believed less, and not at all: there, up itself is wrong."""


def lean_made_good(directions: np.ndarray, lifted: Lifted, root: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Directions (T, J, 3) of a lifted clip, turned in depth by what `up`, of the whole clip, tells of their lean.

    root: (T, 3) metres. up: (3,) unit vector. Camera axes. Only turns towards the camera or away from it are made;
    others the picture shows.
    """
    seen = unit(lifted.up)
    axis = np.cross(seen, up)
    size = np.linalg.norm(axis, axis=-1)
    angle = np.arctan2(size, seen @ up)
    sideways = view_axes(root)[:, 0]
    tilt = angle * (unit(axis) * sideways).sum(axis=-1)
    spine, thorax = (lifted.skeleton.index(name) for name in ("spine", "thorax"))
    trunk = unit(directions[:, spine] + directions[:, thorax]) @ up
    upright = np.clip((trunk - UPRIGHT[0]) / (UPRIGHT[1] - UPRIGHT[0]), 0.0, 1.0)
    believed = np.clip((FARTHEST[1] - angle) / (FARTHEST[1] - FARTHEST[0]), 0.0, 1.0)
    turn = Rotation.from_rotvec((SHARE * upright * believed * tilt)[:, None] * sideways).as_matrix()
    return directions @ turn.swapaxes(-1, -2)
