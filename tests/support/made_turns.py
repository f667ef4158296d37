"""Made rotations for tests without Blender."""

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from anatomy_mocap.maths.rotations import continuous, quaternions


def smooth_turns(rng, frames: int, swing: float) -> np.ndarray:
    """(T, 4) quaternions that wander by about `swing` radians, as smooth as a take."""
    vectors = gaussian_filter1d(rng.normal(size=(frames, 3)), 5.0, axis=0, mode="nearest") * 5.0 * swing
    return continuous(quaternions(Rotation.from_rotvec(vectors + rng.normal(size=3) * 0.5)))
