"""Mend what the motion set's recorded rotations of heads and hands tell wrongly.

In a few clips (subject 85's skeleton `neo`, 127_32) the model head that carries the nose faces backwards: the nose is
opposite to chest, knees and toes in all frames. In those of `neo` the hand stands off the forearm by 80 to 117 degrees
in the mean of the clip, which no wrist can do.
"""

from __future__ import annotations

import numpy as np

from ..core.skeleton import MOCAP22

SHARE = 0.9
"""Share of a clip's frames with the nose behind from which the head is taken to be the wrong way round."""


def facing_forward(positions: np.ndarray) -> np.ndarray:
    """(T, J, 3) metres: the same clip, its nose turned by half a turn about the head if it is behind nearly always."""
    def at(name: str) -> np.ndarray:
        return positions[:, MOCAP22.index(name)]

    left, up = at("left_hip") - at("right_hip"), at("thorax") - at("pelvis")
    forward = np.cross(left, up)
    nose, axis = at("nose") - at("neck"), at("head") - at("neck")
    if np.mean((nose * forward).sum(-1) < 0) < SHARE:
        return positions
    along = axis * ((nose * axis).sum(-1) / np.maximum((axis * axis).sum(-1), 1e-9))[:, None]
    positions = positions.copy()
    positions[:, MOCAP22.index("nose")] = at("neck") + 2 * along - nose
    return positions


LARGEST_BEND = 78.0
"""Degrees between forearm and hand, mean of a clip and of both hands, beyond which the hands are taken to be wrong."""


def hands_along(positions: np.ndarray) -> np.ndarray:
    """(T, J, 3) metres: the same clip; hands that are wrong go on from the forearm."""
    parts = {"elbow": [], "wrist": [], "knuckle": []}
    for name, joints in parts.items():
        joints.extend(MOCAP22.index(f"{side}_{name}") for side in ("left", "right"))
    wrist = positions[:, parts["wrist"]]
    forearm, hand = wrist - positions[:, parts["elbow"]], positions[:, parts["knuckle"]] - wrist
    length, reach = (np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-6) for v in (forearm, hand))
    bend = np.degrees(np.arccos(np.clip((forearm / length * hand / reach).sum(-1), -1, 1)))
    if bend.mean() < LARGEST_BEND:
        return positions
    positions = positions.copy()
    positions[:, parts["knuckle"]] = wrist + forearm / length * reach
    return positions
