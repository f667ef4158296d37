"""Depth is a single camera's weak side: what bones do along the line of sight is smoothed before it is believed.

Across it the picture tells every move; along it the lifter guesses, each frame somewhat otherwise, and most of what
changes within a fifth of a second is error.
"""

from __future__ import annotations

import numpy as np

from ..maths.rotations import unit
from ..maths.smooth_series import smooth_series

SECONDS = 0.15
"""On lifted clips of the validation subjects 0.1 to 0.2 s lower the errors of place, velocity and acceleration."""

LONGER, SURE = 0.6, 0.3
"""Seconds over which a doubted bone keeps its side, and the confidence from which on none is doubted."""


def steadied(directions, root, fps: float, seconds: float = SECONDS) -> np.ndarray:
    """Unit directions (T, J, 3) with their part along the line of sight smoothed, what they do across it kept.

    root: (T, 3) metres, camera axes as the directions: the line of sight is that to the pelvis. fps: frames per second.
    seconds: of `smooth_series`. Row 0 of the bones stays zero.
    """
    directions = np.asarray(directions, dtype=float)
    if len(directions) < 3:
        return directions
    sight = unit(root)[:, None]
    along = (directions * sight).sum(axis=-1, keepdims=True)
    return unit(directions + (smooth_series(along, seconds, fps) - along) * sight)


def sides(directions, root, confidence, fps: float) -> np.ndarray:
    """(T, J) how far each bone points away from the camera, at least in its sign: where the lifter is in doubt, in the
    mean over LONGER seconds. A leg held up in front of the body is torn between forward and backward in every frame,
    and would change from one to the other.

    directions (T, J, 3), root (T, 3) metres, camera axes. confidence (T, J). fps: frames per second.
    """
    along = (np.asarray(directions, dtype=float) * unit(root)[:, None]).sum(axis=-1, keepdims=True)
    if len(along) < 3:
        return along[..., 0]
    sure = np.clip(confidence / SURE, 0.0, 1.0)
    return sure * along[..., 0] + (1.0 - sure) * smooth_series(along, LONGER, fps)[..., 0]
