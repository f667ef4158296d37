"""How far a take's body, seen through its camera, lies from the take's keypoints."""

from __future__ import annotations

import numpy as np

from ..core.bone_lengths import body_height
from ..core.keypoint_layouts import CANONICAL
from ..core.keypoints import to_canonical
from ..core.skeleton import MOCAP22
from ..core.take import Take
from ..fitting.seen_body import SeenBody

_SAME = [(MOCAP22.index(name), k) for k, name in enumerate(CANONICAL.keypoint_names) if name in MOCAP22.joint_names]
_JOINTS, _POINTS = ([pair[side] for pair in _SAME] for side in (0, 1))
_NEAREST = 0.05
"""Metres from the camera within which nothing is seen."""


def reprojection_errors(take: Take) -> np.ndarray:
    """(n,) per cent of the person's height in the picture, of every keypoint that is not missing.

    A detector's keypoints are compared with the places on an average body where the detector sees them, exact ones with
    the joints. Points that the camera can't see, behind it, are left out.
    """
    keypoints, height = to_canonical(take.keypoints), body_height(take.bone_lengths)
    if keypoints.exact:
        points = np.zeros((len(take), len(CANONICAL), 3))
        points[:, _POINTS] = take.joint_positions("camera")[:, _JOINTS]
    else:
        places = SeenBody.average(height).places
        points = SeenBody(take.bone_lengths, places).keypoints(take.root_positions, take.directions)
    seen = (keypoints.score > 0) & (points[..., 2] > _NEAREST)
    depth = np.broadcast_to(take.root_positions[:, None, 2], seen.shape)[seen]
    off = np.linalg.norm(take.camera.project(points[seen]) - keypoints.xy[seen], axis=-1)
    return 100.0 * off * np.maximum(depth, _NEAREST) / (height * take.camera.focal)
