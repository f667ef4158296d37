"""What touches the floor in a recorded motion: what is slow and low there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22, SIDES
from anatomy_mocap.core.soles import BODY_JOINTS, body_points, foot_points
from anatomy_mocap.maths.smooth_series import smooth_series

from ..mocap.dataset import LIFTER_FPS

STILL, STAND_HEIGHT, HAND_HEIGHT, SKIN_HEIGHT = 0.25, 0.07, 0.12, 0.09
"""Metres a second, and metres above the floor, below which a recorded foot point, a wrist, or the skin below another
joint touches the floor in truth."""
POINT_SECONDS = 0.04
"""Seconds over which recorded points are smoothed before their speed is taken."""
BACK = ("spine", "thorax", "left_shoulder", "right_shoulder")
"""Joints of which any one on the floor is a back on the floor."""


class TrueContacts(NamedTuple):
    """What touches the floor in T frames, bool.

    feet: (T, 2, 2), [left, right] x [heel, toe]. hands, knees: (T, 2), [left, right]. seat, back: (T,).
    """

    feet: np.ndarray
    hands: np.ndarray
    knees: np.ndarray
    seat: np.ndarray
    back: np.ndarray


def true_contacts(joints: np.ndarray, floor: float | None = None, fps: float = LIFTER_FPS) -> TrueContacts:
    """What touches the floor in recorded joints (T, 22, 3), metres, Z up.

    floor: metres; None takes `floor_of`. fps: frames per second.
    """
    joints = joints.astype(float)
    floor = floor_of(joints, fps) if floor is None else floor
    feet = smooth_series(foot_points(joints), POINT_SECONDS, fps)
    wrists = smooth_series(joints[:, [MOCAP22.index(f"{side}_wrist") for side in SIDES]], POINT_SECONDS, fps)
    skin = smooth_series(body_points(joints)[:, 4:], POINT_SECONDS, fps)
    touches = _touches(skin, floor + SKIN_HEIGHT, fps)

    def of(*names: str) -> np.ndarray:
        return touches[:, [BODY_JOINTS.index(MOCAP22.index(name)) for name in names]]
    return TrueContacts(
        _touches(feet, floor + STAND_HEIGHT, fps), _touches(wrists, floor + HAND_HEIGHT, fps),
        of("left_knee", "right_knee"), of("pelvis", "left_hip", "right_hip").any(axis=1), of(*BACK).any(axis=1))


def floor_of(joints: np.ndarray, fps: float = LIFTER_FPS) -> float:
    """The floor of recorded joints (T, 22, 3), metres: the tenth percentile of the lowest foot points."""
    feet = smooth_series(foot_points(joints.astype(float)), POINT_SECONDS, fps)
    return float(np.percentile(feet[..., 2].min(axis=(1, 2)), 10))


def _touches(points: np.ndarray, height: float, fps: float) -> np.ndarray:
    speed = np.linalg.norm(np.gradient(points, 1 / fps, axis=0), axis=-1)
    return (speed < STILL) & (points[..., 2] < height)
