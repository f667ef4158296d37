"""Where the picture should show a lifted person's joints: what fitting to keypoints (refine, proportions) shares."""

from __future__ import annotations

import numpy as np

from .camera import Camera
from .keypoint_bias import BESIDE
from .keypoints import CANONICAL, Keypoints2D
from .lengths import body_height
from .rotations import unit
from .skeleton import Skeleton

# Joints whose keypoint lies beside them, measured (keypoint_bias).
_SHIFTED = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_PARENT = {"knee": "hip", "ankle": "knee", "elbow": "shoulder", "wrist": "elbow"}
# How much worse than the others these are found.
_LOOSE = {"toe": 1.6, "knuckle": 1.8, "nose": 1.5, "wrist": 1.2}


class Reprojection:
    """The joints of a body that have keypoints, as linear functions of the root and the directions (equation 1).

    joints, points: their indices in the skeleton and in the canonical layout. influence: (P, J), joint = influence @
    (root, directions of bones 1..J-1). sure: metres by which a sure keypoint lies off its joint's projection; loose:
    (P,) how many times more each does.
    """

    def __init__(self, skeleton: Skeleton, lengths: np.ndarray, sure: float) -> None:
        self.skeleton, self.sure = skeleton, sure
        names = skeleton.joint_names
        pairs = [(names.index(name), k) for k, name in enumerate(CANONICAL.keypoint_names) if name in names]
        self.joints, self.points = [joint for joint, _ in pairs], [k for _, k in pairs]
        self.loose = np.array([_LOOSE.get(names[joint].rpartition("_")[2], 1.0) for joint in self.joints])
        chain = skeleton.ancestors * lengths
        chain[:, 0] = 1.0
        self.influence = chain[self.joints]
        self.height = body_height(lengths, skeleton)

    def seen(self, keypoints: Keypoints2D, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
        """Rays (T, P, 2) on z = 1 and scores (T, P), both 0 where nothing is seen."""
        rays = camera.rays(keypoints.xy[:, self.points])
        score = np.where(np.isfinite(rays).all(-1), keypoints.score[:, self.points], 0.0)
        return np.where(score[..., None] > 0, rays, 0.0), score

    def robust(self, errors: np.ndarray) -> np.ndarray:
        """(T, P, 2) metres -> (T, P) Geman-McClure weights."""
        scale = 3.0 * self.sure * self.loose
        return (1.0 + (np.linalg.norm(errors, axis=-1) / scale) ** 2) ** -2

    def beside(self, now: np.ndarray) -> np.ndarray:
        """now: (T, J, 3), root and directions. (T, P, 3) metres from each joint to where the detector sees it."""
        def bone(name):
            return now[:, self.skeleton.index(name)]

        up = unit(bone("spine") + bone("thorax"))
        left = unit(bone("left_hip") - bone("right_hip") + bone("left_shoulder") - bone("right_shoulder"))
        front = np.cross(left, up)
        result = np.zeros((len(now), len(self.joints), 3))
        for index, joint in enumerate(self.joints):
            side, _, part = self.skeleton.joint_names[joint].partition("_")
            if part in _SHIFTED:
                axis = -bone(f"{side}_{part}") if part in _PARENT else up
                outward = left if side == "left" else -left
                a, b, c = np.array(BESIDE[part]) * 0.01 * self.height
                result[:, index] = a * outward + b * axis + c * front
        return result


def off_the_ray(rays: np.ndarray) -> np.ndarray:
    """(..., 2) rays -> (..., 2, 3): what gives of a point the metres by which it is beside its ray."""
    return np.concatenate([np.broadcast_to(np.eye(2), (*rays.shape[:-1], 2, 2)), -rays[..., None]], axis=-1)
