"""Correct the lifter's directions before they are fitted: trembling in depth, and the lean of upright people.

Across the line of sight the picture shows every move. Along it the lifter guesses, each frame a little differently, and
most of what changes within a fifth of a second is error.

In each frame the lifter estimates the bones' directions and the up direction. For an upright person it derives one from
the other, so its error in the camera's tilt is also its error in the person's lean. The camera stands still: the clip's
single up vector, from all frames and the floor under the feet, is better than that of any frame.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from ..core.lifted_clip import Lifted
from ..core.skeleton import MOCAP22
from ..maths.rotations import unit
from ..maths.smooth_series import smooth_series
from .lifter_error_model import view_axes
from .tuning import TUNING


def smooth_depth(directions: np.ndarray, root: np.ndarray, fps: float, seconds: float = TUNING.depth_seconds
                 ) -> np.ndarray:
    """Smooth the part of unit directions (T, J, 3) along the line of sight; keep the part across it.

    root: (T, 3) metres; the line of sight is that to the pelvis. Both in camera axes. fps: frames per second.
    seconds: see `smooth_series`. Returns unit directions; row 0 of the bones stays zero.
    """
    directions = np.asarray(directions, dtype=float)
    if len(directions) < 3:
        return directions
    sight = unit(root)[:, None]
    along = (directions * sight).sum(axis=-1, keepdims=True)
    return unit(directions + (smooth_series(along, seconds, fps) - along) * sight)


def steady_depth(directions: np.ndarray, root: np.ndarray, confidence: np.ndarray, fps: float) -> np.ndarray:
    """(T, J) the component of each bone away from the camera, averaged over time where the lifter is in doubt.

    Its sign is the side of the camera on which a bone has to stay. The lifter is torn between forward and backward for
    a leg that is held up in front of the body, and would change the side from frame to frame.

    directions (T, J, 3), root (T, 3) metres, camera axes. confidence (T, J). fps: frames per second.
    """
    along = (np.asarray(directions, dtype=float) * unit(root)[:, None]).sum(axis=-1, keepdims=True)
    if len(along) < 3:
        return along[..., 0]
    sure = np.clip(confidence / TUNING.side_confidence, 0.0, 1.0)
    return sure * along[..., 0] + (1.0 - sure) * smooth_series(along, TUNING.side_seconds, fps)[..., 0]


def correct_lean(directions: np.ndarray, lifted: Lifted, root: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Correct the forward or backward lean of upright people with the clip's single, robust up vector.

    directions: (T, J, 3), of the lifted clip. root: (T, 3) metres. up: (3,) unit vector of the whole clip. Camera axes.
    Returns directions (T, J, 3), turned towards the camera or away from it only; the picture shows other turns.
    """
    frame_up = unit(lifted.up)
    axis = np.cross(frame_up, up)
    angle = np.arctan2(np.linalg.norm(axis, axis=-1), frame_up @ up)
    sideways = view_axes(root)[:, 0]
    tilt = angle * (unit(axis) * sideways).sum(axis=-1)
    trunk = unit(directions[:, MOCAP22.index("spine")] + directions[:, MOCAP22.index("thorax")]) @ up
    begins, whole = TUNING.upright
    upright = np.clip((trunk - begins) / (whole - begins), 0.0, 1.0)
    most, none = TUNING.lean_limits
    plausible = np.clip((none - angle) / (none - most), 0.0, 1.0)
    turn = Rotation.from_rotvec((TUNING.lean_share * upright * plausible * tilt)[:, None] * sideways).as_matrix()
    return directions @ turn.swapaxes(-1, -2)
