"""Fit the body, the pose and the path of a lifted clip to its keypoints."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from ..core.camera import Camera
from ..core.keypoints import Keypoints2D
from ..core.lifted_clip import Lifted
from ..core.progress import Progress, part_of
from .body_fit import fit_body
from .depth_smoothing import steadied
from .floor_plane import level
from .gaps_and_jumps import well_seen
from .lean_correction import lean_made_good
from .pose_fit import refine
from .root_fit import fit_root
from .seen_body import SeenBody

_BODY, _PATH = 0.08, 0.2
"""Where in the whole fit the body's and the path's end, by the time that they take in a clip of minutes."""


def fit_to_picture(lifted: Lifted, canonical: Keypoints2D, camera: Camera
                   ) -> Generator[Progress, None, tuple[SeenBody, np.ndarray, np.ndarray]]:
    """The body, the directions (T, J, 3) and the root's path (T, 3), camera axes, that fit the picture best; who stands
    upright leans as the clip's up tells."""
    frames = len(canonical)
    stage = Progress("fit", 0, frames)
    body = yield from part_of(fit_body(lifted, canonical, camera), stage, 0.0, _BODY)
    root = yield from part_of(
        fit_root(lifted.skeleton, body.lengths, lifted.directions, canonical, camera, places=body.places),
        stage, _BODY, _PATH)
    positions = lifted.skeleton.joint_positions(body.lengths, lifted.directions, root)
    told = well_seen(canonical)
    yield Progress("fit", round(_PATH * frames), frames)
    up = level(positions[told], lifted.up[told], lifted.skeleton, canonical.fps)[2, :3]
    yield Progress("fit", round(_PATH * frames), frames)
    directions = lean_made_good(steadied(lifted.directions, root, canonical.fps), lifted, root, up)
    lifted = replace(lifted, bone_lengths=body.lengths, directions=directions)
    directions, root = yield from part_of(refine(lifted, body, root, canonical, camera), stage, _PATH, 1.0)
    return body, directions, root
