"""What the contact network sees of a take: speeds in the picture and in space, and heights, of one side of the body."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import grey_opening

from ..core.keypoint_layouts import CANONICAL
from ..core.keypoints import to_canonical
from ..core.skeleton import MOCAP22, SIDES
from ..core.soles import BODY_JOINTS, body_points, foot_points
from ..core.take import Take
from ..maths.rotations import unit
from ..maths.smooth_series import smooth_series
from .tuning import TUNING

_POINTS = ("heel", "ankle", "toe", "knee", "hip", "wrist")
"""Keypoints of a side whose speed in the picture is seen."""
_SKIN = ("knee", "wrist", "hip")
"""Joints of a side whose skin's height and speed are seen."""
_MIDDLE = ("pelvis", "spine", "thorax", "head")
OF_A_SIDE = len(_POINTS) * 3 + 2 * 4 + len(_SKIN) * 3
OF_THE_MIDDLE = len(_MIDDLE) * 2 + 4
FEATURES = 2 * OF_A_SIDE + OF_THE_MIDDLE
"""Numbers a frame and side: those of the side, of the other one, and of the middle."""


def frame_times(take: Take) -> np.ndarray:
    """(N,) seconds from the take's first frame: the network's frames, from its first to its last."""
    seconds = (len(take) - 1) / take.fps
    return np.arange(int(round(seconds * TUNING.rate)) + 1) / TUNING.rate


def features(take: Take) -> np.ndarray:
    """(2, N, FEATURES) float32 at the frames of `frame_times`: as the left and as the right side sees the body."""
    sides, middle = _of_sides(take), _of_middle(take)
    own = np.arange(len(take)) / take.fps
    both = np.concatenate([sides[0], sides[1], middle], axis=1)
    times = np.minimum(frame_times(take), own[-1])
    even = np.stack([np.interp(times, own, column) for column in both.T], axis=1).astype(np.float32)
    left, right, rest = np.split(even, [OF_A_SIDE, 2 * OF_A_SIDE], axis=1)
    return np.stack([np.concatenate([left, right, rest], axis=1), np.concatenate([right, left, rest], axis=1)])


def _of_sides(take: Take) -> np.ndarray:
    """(2, T, OF_A_SIDE) of the left and the right side."""
    positions = take.joint_positions()
    sight = _sight(take, positions)
    floor = local_floor(positions, take.fps)
    soles = smooth_series(foot_points(positions), TUNING.point_seconds, take.fps)
    skin = smooth_series(body_points(positions)[:, 4:], TUNING.point_seconds, take.fps)
    pictured, scores = _pictured(take)
    found = []
    for side, name in enumerate(SIDES):
        columns = [CANONICAL.keypoint_names.index(f"{name}_{point}") for point in _POINTS]
        speed = np.linalg.norm(pictured[:, columns], axis=-1)
        parts = [squash(speed, TUNING.still), squash(pictured[:, columns, 1], TUNING.still), scores[:, columns]]
        points = [soles[:, side, 0], soles[:, side, 1]]
        points += [skin[:, BODY_JOINTS.index(MOCAP22.index(f"{name}_{joint}"))] for joint in _SKIN]
        for number, point in enumerate(points):
            velocity = _velocity(point, take.fps)
            parts.append(squash(np.linalg.norm(velocity, axis=-1), TUNING.still)[:, None])
            parts.append(squash(point[:, 2] - floor, TUNING.low)[:, None])
            parts.append(squash(velocity[:, 2], TUNING.still)[:, None])
            if number < 2:
                along = (velocity * sight).sum(axis=-1)
                parts.append(squash(along, TUNING.still)[:, None])
        found.append(np.concatenate(parts, axis=1))
    return np.stack(found)


def _of_middle(take: Take) -> np.ndarray:
    """(T, OF_THE_MIDDLE): height and speed of the trunk, how upright it is, and the path."""
    positions = take.joint_positions()
    smooth = smooth_series(positions, TUNING.point_seconds, take.fps)
    floor = local_floor(positions, take.fps)
    joints = [MOCAP22.index(name) for name in _MIDDLE]
    velocity = _velocity(smooth[:, joints], take.fps)
    heights = squash(smooth[:, joints, 2] - floor[:, None], TUNING.low)
    up = unit(smooth[:, joints[2]] - smooth[:, joints[0]])[:, 2]
    level = np.linalg.norm(velocity[:, 0, :2], axis=-1)
    fall = np.gradient(velocity[:, 0, 2], 1 / take.fps) if len(take) > 1 else np.zeros(1)
    return np.column_stack([heights, squash(np.linalg.norm(velocity, axis=-1), TUNING.still), up,
                            squash(level, TUNING.still), squash(velocity[:, 0, 2], TUNING.still), fall / 9.81])


def _pictured(take: Take) -> tuple[np.ndarray, np.ndarray]:
    """Speeds (T, 23, 2) of the keypoints, metres a second in the picture's axes at the body's depth, and scores."""
    keypoints = to_canonical(take.keypoints)
    seen = keypoints.score > 0
    frames = np.arange(len(take))
    xy = keypoints.xy.copy()
    for point in np.flatnonzero(seen.any(axis=0)):
        known = seen[:, point]
        for axis in range(2):
            xy[:, point, axis] = np.interp(frames, frames[known], keypoints.xy[known, point, axis])
    depth = np.maximum(take.root_positions[:, 2], TUNING.nearest) / take.camera.focal
    speed = _velocity(smooth_series(xy, TUNING.point_seconds, take.fps), take.fps) * depth[:, None, None]
    return speed * seen.any(axis=0)[:, None], np.clip(keypoints.score, 0.0, 1.0)


def _sight(take: Take, positions: np.ndarray) -> np.ndarray:
    """(T, 3) unit direction from the camera to the pelvis."""
    return unit(positions[:, 0] - take.world_from_camera[:3, 3])


def local_floor(positions: np.ndarray, fps: float) -> np.ndarray:
    """(T,) metres: the height at which the body touches around each frame: a lower envelope that spans flights."""
    lowest = body_points(positions)[..., 2].min(axis=1)
    size = min(2 * int(TUNING.flight * fps / 2) + 1, 2 * len(lowest) - 1)
    floor = smooth_series(grey_opening(lowest, size=size, mode="nearest"), TUNING.floor_seconds, fps)
    return np.clip(floor, -TUNING.hidden_depth, None)


def _velocity(points: np.ndarray, fps: float) -> np.ndarray:
    return np.gradient(points, 1.0 / fps, axis=0) if len(points) > 1 else np.zeros_like(points)


def squash(values: np.ndarray, unit_: float) -> np.ndarray:
    """Values with even steps near zero and even ratios far from it."""
    return np.arcsinh(values / unit_)
