"""Errors like a lifter's, made to order: slow and white noise on bone directions, noise on keypoints and on the up."""

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
    """(T, J, 3) directions off by about `degrees` (root mean square): three quarters slow (0.3 s), the rest white."""
    slow = gaussian_filter1d(rng.normal(size=directions.shape), 0.3 * fps, axis=0, mode="wrap")
    slow /= max(slow.std(), 1e-9)
    white = rng.normal(size=directions.shape)
    # Two of the three components of the noise turn the bone.
    found = unit(directions + np.radians(degrees) / np.sqrt(2) * (np.sqrt(0.75) * slow + np.sqrt(0.25) * white))
    found[:, 0] = 0.0
    return found


def noisy_take(take: Take, rng, degrees: float = 6.0, keypoint_share: float = 0.01, up_degrees: float = 3.0) -> Take:
    """A take as captured: directions and keypoints with errors, root and world found from them.

    keypoint_share: noise of the keypoints as a part of the person's height in the picture. up_degrees: error of the
    clip's up direction; each frame has as much again of its own.
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
