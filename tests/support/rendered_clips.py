"""Rendered clips without Blender: the figure of the small motion set before the first camera, detected at random."""

import numpy as np

from tests.support.small_motion_set import moving
from training.rendered_people import filming
from training.rendered_people.clip_file import RenderedClip
from training.rendered_people.clip_plan import CAMERAS
from training.rendered_people.person import POINTS


def rendered_clip(frames: int = 5, motion: int = 0) -> RenderedClip:
    """A clip of a moving figure with random detections; nobody is detected in the first frame. motion: its number."""
    rng = np.random.default_rng(0)
    keypoints, scores = rng.uniform(0, 400, (frames, 33, 2)), rng.uniform(0.1, 1, (frames, 33))
    scores[0] = 0
    view = CAMERAS[0]
    points = moving(frames, motion)
    points = np.concatenate([points, points[:, :6]], axis=1)
    world = filming.place(view, points)
    return RenderedClip(keypoints, scores, rng.normal(size=(frames, 33, 3)), np.arange(frames) / 25,
                        np.array([view.width, view.height]), view.intrinsics, world, points,
                        filming.project(filming.to_camera(points, world), view.intrinsics),
                        np.zeros((frames, 28), bool), np.array(POINTS), np.ones(22), 1.8, 86, "86_01",
                        np.arange(frames, dtype=float), {"kind": "mocap", "shape": {"male": 1.0}})
