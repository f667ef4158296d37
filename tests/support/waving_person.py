"""Makes a person who moves randomly in front of a camera, as truth and as exact keypoints."""

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from anatomy_mocap.core.bone_lengths import body_height
from anatomy_mocap.core.camera import Camera
from anatomy_mocap.core.keypoint_layouts import CANONICAL
from anatomy_mocap.core.keypoints import Keypoints2D
from anatomy_mocap.core.lifted_clip import Lifted
from anatomy_mocap.core.skeleton import MOCAP22, rest_directions
from anatomy_mocap.fitting.detector_bias import average_places
from anatomy_mocap.fitting.seen_body import SeenBody

CAMERA = Camera.from_fov(1280, 720)
LENGTHS = {"pelvis": 0.0, "hip": 0.1, "knee": 0.42, "ankle": 0.41, "toe": 0.2, "spine": 0.25, "thorax": 0.25,
           "neck": 0.13, "nose": 0.1, "head": 0.15, "shoulder": 0.17, "elbow": 0.28, "wrist": 0.25, "knuckle": 0.09}
BONE_LENGTHS = np.array([LENGTHS[name.rpartition("_")[2]] for name in MOCAP22.joint_names])
BODY = SeenBody(BONE_LENGTHS, average_places(body_height(BONE_LENGTHS)))


def clip(frames=40, seed=0, body=BODY):
    """Return a person who moves randomly: the true Lifted, the root (T, 3), and the exact keypoints of `body`."""
    rng = np.random.default_rng(seed)
    rest = rest_directions() @ np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]).T  # level camera axes
    wander = gaussian_filter1d(rng.normal(size=(frames, *rest.shape)), 6, axis=0, mode="wrap") * 2.0
    directions = rest + wander
    directions[:, 1:] /= np.linalg.norm(directions[:, 1:], axis=-1, keepdims=True)
    directions[:, 0] = 0
    root = np.array([0.1, 0.2, 4.0]) + gaussian_filter1d(rng.normal(size=(frames, 3)), 8, axis=0) * 0.3
    up = np.tile([0.0, -1.0, 0.0], (frames, 1))
    truth = Lifted(body.lengths, directions, up, np.ones((frames, len(MOCAP22))))
    xy, score = CAMERA.project(body.keypoints(root, directions)), np.ones((frames, len(CANONICAL)))
    return truth, root, Keypoints2D(xy, score, CANONICAL.name, 25.0, np.arange(frames) / 25, 1280, 720,
                                    exact=True)


def perturbed(truth, radians, seed=1):
    """Add white noise of this standard deviation to the directions of a Lifted."""
    noise = np.random.default_rng(seed).normal(size=truth.directions.shape) * radians
    directions = truth.directions + noise
    directions[:, 1:] /= np.linalg.norm(directions[:, 1:], axis=-1, keepdims=True)
    directions[:, 0] = 0
    return replace(truth, directions=directions)
