"""Fit the body, the pose and the path of a lifted clip to its keypoints."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from ..core.camera import Camera
from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from ..core.progress import Progress, part_of
from ..core.skeleton import MOCAP22
from .body_fit import fit_body
from .floor_plane import World, find_world, level
from .gaps_and_jumps import well_seen_frames
from .lifter_corrections import correct_lean, smooth_depth
from .pose_fit import refine
from .root_fit import fit_root
from .seen_body import SeenBody

_BODY, _PATH = 0.06, 0.13
"""Shares of `fit_pose` at which the body and the path are fitted, by the time that they take in a clip of minutes."""
_POSE = 0.93
"""Share of `fit_to_picture` at which the pose is fitted."""


@dataclass(frozen=True)
class FittedPose:
    """A body and its pose in each frame.

    body: bone lengths and the places of the keypoints. directions: (T, J, 3) unit vectors. root: (T, 3) metres, each
    frame's own, so that it trembles. Camera axes.
    """

    body: SeenBody
    directions: np.ndarray
    root: np.ndarray


@dataclass(frozen=True)
class FittedClip:
    """A body, its motion and the world.

    body: bone lengths and the places of the keypoints. directions: (T, J, 3) unit vectors. root: (T, 3) metres, a
    smooth path. Both in camera axes. world: the upright world and its confidence.
    """

    body: SeenBody
    directions: np.ndarray
    root: np.ndarray
    world: World


def fit_to_picture(lifted: Lifted, canonical: Keypoints2D, camera: Camera) -> Generator[Progress, None, FittedClip]:
    """The body, the motion and the upright world that fit the keypoints best, step by step.

    lifted, canonical: the same T frames. The pose changes where the path has to be, so the path is fitted before the
    pose, as its prior, and again after it.
    """
    frames = len(canonical)
    stage = Progress("fit", 0, frames)
    pose = yield from part_of(fit_pose(lifted, canonical, camera), stage, 0.0, _POSE)
    lengths, directions = pose.body.lengths, pose.directions
    root = yield from part_of(
        fit_root(lengths, directions, canonical, camera, places=pose.body.places), stage, _POSE, 1.0)
    seen = well_seen_frames(canonical)
    positions = MOCAP22.joint_positions(lengths, directions[seen], root[seen])
    yield Progress("fit", frames, frames)
    return FittedClip(pose.body, directions, root, find_world(positions, lifted.up[seen], canonical.fps))


def fit_pose(lifted: Lifted, canonical: Keypoints2D, camera: Camera) -> Generator[Progress, None, FittedPose]:
    """The body and the pose that fit the keypoints best, step by step.

    lifted, canonical: the same T frames. The lifter's directions are smoothed in depth first, and the lean of upright
    people is corrected.
    """
    frames = len(canonical)
    stage = Progress("fit", 0, frames)
    body = yield from part_of(fit_body(lifted, canonical, camera), stage, 0.0, _BODY)
    root = yield from part_of(
        fit_root(body.lengths, lifted.directions, canonical, camera, places=body.places), stage, _BODY, _PATH)
    seen = well_seen_frames(canonical)
    positions = MOCAP22.joint_positions(body.lengths, lifted.directions[seen], root[seen])
    yield Progress("fit", round(_PATH * frames), frames)
    up = level(positions, lifted.up[seen], canonical.fps)[2, :3]
    yield Progress("fit", round(_PATH * frames), frames)
    directions = smooth_depth(lifted.directions, root, canonical.fps)
    yield Progress("fit", round(_PATH * frames), frames)
    directions = correct_lean(directions, lifted, root, up)
    yield Progress("fit", round(_PATH * frames), frames)
    lifted = replace(lifted, bone_lengths=body.lengths, directions=directions)
    directions, root = yield from part_of(refine(lifted, body, root, canonical, camera), stage, _PATH, 1.0)
    return FittedPose(body, directions, root)
