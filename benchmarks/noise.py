"""Adds errors like a lifter's to exact takes: noise on bone directions, on keypoints and on the up direction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from anatomy_mocap.core.progress import drain
from anatomy_mocap.core.take import Take
from anatomy_mocap.fitting.floor_plane import level
from anatomy_mocap.fitting.root_fit import fit_root
from anatomy_mocap.maths.rotations import unit


def noisy_directions(directions, degrees: float, fps: float, rng) -> np.ndarray:
    """Turn directions (T, J, 3) by about `degrees` (root mean square).

    Three quarters of the variance are slow noise (Gaussian, 0.3 s), one quarter is white.
    """
    slow = gaussian_filter1d(rng.normal(size=directions.shape), 0.3 * fps, axis=0, mode="wrap")
    slow /= max(slow.std(), 1e-9)
    white = rng.normal(size=directions.shape)
    # Two of the three components of the noise turn the bone.
    found = unit(directions + np.radians(degrees) / np.sqrt(2) * (np.sqrt(0.75) * slow + np.sqrt(0.25) * white))
    found[:, 0] = 0.0
    return found


def noisy_take(take: Take, rng, degrees: float = 6.0, keypoint_share: float = 0.01, up_degrees: float = 3.0) -> Take:
    """Return a take as if it was captured: noisy directions and keypoints, with root and world fitted to them.

    degrees: root mean square error of the directions. keypoint_share: standard deviation of the keypoints' noise as a
    fraction of the person's height in the picture. up_degrees: error of the clip's up direction; each frame has an
    independent error of the same size.
    """
    directions = noisy_directions(take.directions, degrees, take.fps, rng)
    height = 1.7 * take.camera.focal / take.root_positions[:, 2].mean()
    keypoints = replace(
        take.keypoints, xy=take.keypoints.xy + rng.normal(scale=keypoint_share * height, size=take.keypoints.xy.shape))
    root = drain(fit_root(take.bone_lengths, directions, keypoints, take.camera))
    true_up, off = take.world_from_camera[2, :3], np.radians(up_degrees) / np.sqrt(2)
    up = unit(true_up + rng.normal(scale=off, size=3) + rng.normal(scale=off, size=(len(take), 3)))
    positions = take.skeleton.joint_positions(take.bone_lengths, directions, root)
    return replace(take, directions=directions, root_positions=root, keypoints=keypoints,
                   world_from_camera=level(positions, up, take.fps))
