"""Forearm roll: how far each palm is turned about the hand, from the picture's thumb, index and little finger.

The lifter gives a hand one direction, which leaves its roll open. For every angle of a grid the hand's knuckles are
projected and compared with the keypoints; a path through the grid (Viterbi) joins the frames, so that a frame in which
the palm is seen edge on takes the side on which its neighbours are. Without evidence the path returns to the roll of a
relaxed arm, whose palm follows the elbow. Where the hand network looked at the hand, its palm counts too.
"""

from __future__ import annotations

import numpy as np

from ..core.keypoint_layouts import LAYOUTS, palm_axes
from ..core.skeleton import MOCAP22, SIDES, rest_directions
from ..core.take import Take
from ..maths.rotations import apply, swing
from ..maths.smooth_series import smooth_series
from .tuning import TUNING

_POINTS = ("index", "pinky", "thumb")
_NAMES = {"index": ("index_knuckle", "index_1"), "pinky": ("pinky_knuckle", "pinky_1"),
          "thumb": ("thumb_knuckle", "thumb_2")}
"""Names of a point in the layouts that have it."""
_DIFFERENCES = (("index", "pinky"), ("thumb", "index"), ("thumb", "pinky"))
_THUMB_SIDE, _PALM = np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, -1.0])
"""Directions of a hand in the T-pose: to the thumb's side, and out of the palm."""


def forearm_rolls(take: Take, hands: np.ndarray) -> np.ndarray:
    """(T, 2) radians, left hand first: the turn of each hand about its own rest direction, from `hands`.

    hands: (T, 2, 4) world rotations of the hands without any roll of their own. 0 for a take that no camera saw, and
    for keypoints without a thumb's and a little finger's side.
    """
    rolls = np.zeros((len(take), 2))
    if take.origin != "lifted":
        return rolls
    angles = np.radians(np.linspace(-TUNING.roll_limit, TUNING.roll_limit, TUNING.roll_steps))
    points = [_points(take.keypoints.layout, side) for side in SIDES]
    if not all(points) and take.finger_points is None:
        return rolls
    costs = np.stack([_costs(take, side, hands[:, number], points[number], angles)
                      + _network_costs(take, number, hands[:, number], angles)
                      for number, side in enumerate(SIDES)], axis=1)
    return smooth_series(angles[_cheapest_path(costs, angles, take.fps)], TUNING.roll_seconds, take.fps)


def _points(layout: str, side: str) -> dict[str, int]:
    """Point -> its index in the layout; empty unless both sides of the palm are there."""
    names = LAYOUTS[layout].keypoint_names
    found = {point: names.index(f"{side}_{name}") for point, options in _NAMES.items() for name in options
             if f"{side}_{name}" in names}
    return found if {"index", "pinky"} <= set(found) else {}


def _costs(take: Take, side: str, hands: np.ndarray, points: dict[str, int], angles: np.ndarray) -> np.ndarray:
    """(T, N) how badly each of N angles fits the picture and a natural arm: half a squared error in its spread."""
    knuckle, elbow = MOCAP22.index(f"{side}_knuckle"), MOCAP22.index(f"{side}_wrist")
    length, camera = take.bone_lengths[knuckle], take.camera
    at = take.joint_positions("camera")[:, elbow]
    depth = np.maximum(at[:, 2:], 0.05)
    to_camera = take.world_from_camera[:3, :3]
    along, across, out = (apply(hands, axis) @ to_camera for axis in (rest_directions()[knuckle], _THUMB_SIDE, _PALM))
    cos, sin = np.cos(angles), np.sin(angles)
    costs = np.tile(0.5 * (angles / np.radians(TUNING.roll_spread)) ** 2, (len(take), 1))
    keypoints, shape = take.keypoints, TUNING.hand_shape
    for first, second in _DIFFERENCES:
        if first not in points or second not in points:
            continue
        a, b, c = np.array(shape[first]) - np.array(shape[second])
        # The hand turns about its own direction: a + b cos + c sin of three vectors.
        parts = (a * along, b * across + c * out, np.cross(along, b * across + c * out))
        flat = [length * camera.focal / depth * (part[:, :2] - part[:, 2:] * at[:, :2] / depth) for part in parts]
        seen = keypoints.xy[:, points[first]] - keypoints.xy[:, points[second]]
        wanted = flat[0][:, None] + flat[1][:, None] * cos[:, None] + flat[2][:, None] * sin[:, None]
        spread = np.maximum(TUNING.hand_spread * length * camera.focal / depth, TUNING.hand_pixels)
        error = ((wanted - seen[:, None]) ** 2).sum(-1) / spread ** 2
        score = np.minimum(keypoints.score[:, points[first]], keypoints.score[:, points[second]])
        low, high = TUNING.hand_score
        trust = np.clip((score - low) / (high - low), 0.0, 1.0)
        costs += 0.5 * trust[:, None] * error / (1.0 + error / TUNING.hand_outlier ** 2)
    return costs


def _network_costs(take: Take, number: int, hands: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """(T, N) how badly each of N angles fits the palm that the hand network saw; 0 where it saw none."""
    if take.finger_points is None:
        return np.zeros((len(hands), len(angles)))
    side, turn = SIDES[number], take.world_from_camera[:3, :3]
    seen = palm_axes(take.finger_points[:, number], side) @ turn.T
    along = apply(hands, rest_directions()[MOCAP22.index(f"{side}_knuckle")])
    palm, out = apply(hands, _PALM), apply(swing(seen[:, 0], along), seen[:, 2])
    roll = np.arctan2((np.cross(palm, out) * along).sum(-1), (palm * out).sum(-1))
    off = (angles[None] - roll[:, None] + np.pi) % (2 * np.pi) - np.pi
    error = (off / np.radians(TUNING.seen_roll)) ** 2
    sure = take.finger_presence[:, number]
    trust = np.where(sure >= TUNING.seen_presence, sure, 0.0)
    return 0.5 * trust[:, None] * error / (1.0 + error / TUNING.seen_roll_outlier ** 2)


def _cheapest_path(costs: np.ndarray, angles: np.ndarray, fps: float) -> np.ndarray:
    """(T, H) indices of the angles whose costs (T, H, N) and changes from frame to frame are least together."""
    rate = np.radians(TUNING.roll_speed) / fps
    change = 0.5 * ((angles[:, None] - angles[None]) / rate) ** 2
    total, best = costs[0], np.zeros(costs.shape, dtype=np.int16)
    for frame in range(1, len(costs)):
        options = total[:, None] + change
        best[frame] = options.argmin(axis=-1)
        total = options.min(axis=-1) + costs[frame]
    path, hands = np.empty(costs.shape[:2], dtype=int), np.arange(costs.shape[1])
    path[-1] = total.argmin(axis=-1)
    for frame in range(len(costs) - 1, 0, -1):
        path[frame - 1] = best[frame, hands, path[frame]]
    return path
