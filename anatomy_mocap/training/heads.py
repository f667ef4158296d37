"""Turn round the motion set's backward heads.

In a few clips (subject 85's skeleton `neo`, 127_32) the model head that carries the nose faces backwards: the nose is
opposite to chest, knees and toes in all frames.
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
