"""Fit the body, the pose and the path of a lifted clip to its keypoints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.camera import Camera
from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from .body_fit import fit_body
from .depth_smoothing import steadied
from .floor_plane import level
from .gaps_and_jumps import well_seen
from .lean_correction import lean_made_good
from .pose_fit import refine
from .root_fit import fit_root
from .seen_body import SeenBody


def fit_to_picture(lifted: Lifted, canonical: Keypoints2D, camera: Camera) -> tuple[SeenBody, np.ndarray, np.ndarray]:
    """The body, the directions (T, J, 3) and the root's path (T, 3), camera axes, that fit the picture best; who stands
    upright leans as the clip's up tells."""
    body = fit_body(lifted, canonical, camera)
    root = fit_root(lifted.skeleton, body.lengths, lifted.directions, canonical, camera, places=body.places)
    positions = lifted.skeleton.joint_positions(body.lengths, lifted.directions, root)
    told = well_seen(canonical)
    up = level(positions[told], lifted.up[told], lifted.skeleton, canonical.fps)[2, :3]
    directions = lean_made_good(steadied(lifted.directions, root, canonical.fps), lifted, root, up)
    lifted = replace(lifted, bone_lengths=body.lengths, directions=directions)
    return body, *refine(lifted, body, root, canonical, camera)
