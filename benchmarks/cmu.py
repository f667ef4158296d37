"""Reads CMU mocap from the shared data as joint positions of the product's skeleton, for tests and benchmarks.

The data used was obtained from mocap.cs.cmu.edu. The database was created with funding from NSF EIA-0196217.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from anatomy_mocap.core.skeleton import MOCAP22

FPS = 50.0
VALIDATION = (
    "09_01", "09_02", "09_03", "09_04", "09_05", "09_06", "09_07", "09_08", "09_09", "09_10", "09_11", "09_12", "86_01",
    "86_09", "131_04", "69_69", "69_70", "69_73", "69_75", "85_03", "85_04", "85_04.2", "85_12", "85_14", "85_14.2",
    "85_14.3", "131_01", "131_02", "131_03", "85_02", "85_02.2")
"""Clips of the validation subjects. No training uses them."""
_OWN_NAMES = {"headtop": "head"}


@lru_cache(maxsize=1)
def _archive(path: Path):
    """Open the motion set once."""
    return np.load(path)


def load(shared_data: Path, clip: str) -> np.ndarray:
    """Return the joint positions (T, 22, 3) of one clip at FPS, in metres and world axes (Z up)."""
    data = _archive(Path(shared_data) / "mocap" / "cmu17.npz")
    names = [_ours(str(name)) for name in (*data["joints"], *data["extra"])]
    joints = np.concatenate([data[f"pos/{clip}"], data[f"ext/{clip}"]], axis=1).astype(float)
    positions = joints[:, [names.index(name) for name in MOCAP22.joint_names]]
    return np.stack([positions[..., 0], -positions[..., 2], positions[..., 1]], axis=-1)


def _ours(name: str) -> str:
    """Translate a joint name of the motion set to the product's."""
    side = {"l": "left_", "r": "right_"}.get(name[0], "")
    part = name[1:].removesuffix("s")
    if side and f"{side}{part}" in MOCAP22.joint_names:
        return f"{side}{part}"
    return _OWN_NAMES.get(name, name)
