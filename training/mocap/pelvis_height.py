"""Height and path of the pelvis after a pose was changed, so that the lowest joint stays on the floor."""

from __future__ import annotations

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22

from .tuning import TUNING


def on_the_floor(root: np.ndarray, before: np.ndarray, after: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The pelvis' path (B, T, 3) metres, world axes, raised or lowered so that the lowest joint keeps its height.

    before, after: directions (B, T, J, 3) of the recorded pose and of the changed one; lengths: (B, J) metres. People
    who sit down come down; people who jump stay as far above the floor.
    """
    root = root.copy()
    root[..., 2] += _lowest(before, lengths) - _lowest(after, lengths)
    return root


def staying(rng: np.random.Generator, root: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The level path (B, T, 3) of `rows` (B,) bool shrunk towards its middle: nobody walks on a chair."""
    keep = np.where(rows, rng.uniform(0, TUNING.posture_path, len(root)), 1.0)[:, None, None]
    level = root * (1.0, 1.0, 0.0)
    middle = level.mean(axis=1, keepdims=True)
    return root + (keep - 1) * (level - middle)


def _lowest(directions: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """(B, T) height of the lowest joint above the pelvis."""
    return ((lengths[:, None] * directions[..., 2]) @ MOCAP22.ancestors.T.astype(float)).min(axis=-1)
