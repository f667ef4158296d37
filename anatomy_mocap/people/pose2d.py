"""33 body keypoints of one person: BlazePose GHUM Heavy on an upright square around the person."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..networks.onnx_session import open_session
from .crop import Region, crop
from .detect_people import Detection
from .tuning import TUNING

SIDE = 256
HEATMAP = 64
KEYPOINTS = 33
"""Pixels of the network's picture and cells of its heatmap, along one side; number of keypoints."""

_CENTRE, _RIM = 33, 34  # the network's two landmarks for tracking: middle of the body, rim of a circle around it

_MIRROR = np.array([0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9, *(i + 1 if i % 2 else i - 1 for i in range(11, 33)),
                    *range(33, 39)])
"""Index of the landmark on the other side of the body, for each of the network's 39."""

COCO_FROM_33 = np.array([0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28])
"""Index in MediaPipe's 33 keypoints of each of COCO's 17."""


@dataclass(frozen=True)
class Pose2D:
    """The network's result for one region.

    xy: (33, 2) pixels of the picture, MEDIAPIPE33. score: (33,) probability that the point is right, 0..1.
    presence: probability that there is a person. region: the square that was looked at. next_region: the person's own
    square by this pose.
    world: (33, 3) the network's own 3D estimate, metres from the hips, camera axes (not used by the product).
    """

    xy: np.ndarray
    score: np.ndarray
    presence: float
    region: Region
    next_region: Region
    world: np.ndarray

    @property
    def is_there(self) -> bool:
        """Whether the network sees somebody. Its own probability is sometimes wrong where all keypoints are clear."""
        return self.presence >= TUNING.presence or float(self.score.mean()) >= TUNING.doubtful_score

    def scaled(self, factor: float) -> Pose2D:
        """The same pose in a picture that is `factor` times as large."""
        return replace(self, xy=self.xy * factor, region=self.region.scaled(factor),
                       next_region=self.next_region.scaled(factor))


class PoseEstimator:
    """One of the keypoint networks on one device. Several threads may use it at a time."""

    def __init__(self, device: str = "auto", network: str = "blazepose_heavy", threads: int | None = None):
        """device, threads: see `open_session`. network: the model's name."""
        self._session = open_session(network, device, threads)

    @property
    def device(self) -> str:
        """The device in use: "cuda:0" or "cpu"."""
        return self._session.device

    def estimate(self, rgb: np.ndarray, region: Region) -> Pose2D:
        """The person in `region` of an (H, W, 3) uint8 picture."""
        outputs = self._session.run({"image": self._image(rgb, region)})
        return self._read(rgb, region, *(output[0] for output in outputs))

    def estimate_all(self, looks: list[tuple[np.ndarray, Region]]) -> list[Pose2D]:
        """As `estimate`, for several pictures and regions: in one run of the network on a GPU, one by one on a CPU,
        where a run of several is no faster."""
        if self.device == "cpu" or len(looks) < 2:
            return [self.estimate(rgb, region) for rgb, region in looks]
        outputs = self._session.run({"image": np.concatenate([self._image(rgb, region) for rgb, region in looks])})
        return [self._read(rgb, region, *(output[number] for output in outputs))
                for number, (rgb, region) in enumerate(looks)]

    def mirrored(self, rgb: np.ndarray, region: Region) -> Pose2D:
        """As `estimate`, by a look at the mirrored square. A mistake of the network rarely occurs in both looks."""
        landmarks, flag, heatmap, world = (
            output[0] for output in self._session.run({"image": self._image(rgb, region)[..., ::-1]}))
        landmarks = landmarks.reshape(-1, 5)[_MIRROR]
        landmarks[:, 0] = SIDE - landmarks[:, 0]
        # Cell i stands for i / 64 of the square, so mirrored it is cell 64 - i.
        heatmap = np.roll(heatmap[_MIRROR, :, ::-1], 1, axis=-1)
        world = world.reshape(-1, 3)[_MIRROR] * (-1, 1, 1)
        return self._read(rgb, region, landmarks, flag, heatmap, world)

    @staticmethod
    def _image(rgb, region) -> np.ndarray:
        return crop(rgb, region, SIDE)[None] / np.float32(255)

    def _read(self, rgb, region, landmarks, flag, heatmap, world) -> Pose2D:
        """The network's outputs for one square, in the picture."""
        points = refine(landmarks.reshape(-1, 5)[:, :2] / SIDE, heatmap)
        points = region.to_picture(points)
        score = confidence(heatmap[:KEYPOINTS])
        # The network infers points clearly outside the picture from the others, so their score is lowered.
        size = np.array(rgb.shape[1::-1])
        beyond = np.maximum(np.maximum(-points, points - size), 0).max(axis=1)[:KEYPOINTS]
        outside = beyond > TUNING.outside_margin * region.size
        own, world = region_around(points[_CENTRE], points[_RIM]), region.upright(world.reshape(-1, 3)[:KEYPOINTS])
        return Pose2D(points[:KEYPOINTS], np.where(outside, TUNING.outside_factor * score, score), float(flag[0]),
                      region, own, world)


def is_person(pose: Pose2D, rgb: np.ndarray) -> bool:
    """Whether the network sees a person with plausible keypoints, at least partly inside the picture."""
    height, width = rgb.shape[:2]
    inside = ((pose.xy >= 0) & (pose.xy <= (width, height))).all(axis=1)
    return (pose.is_there and pose.next_region.size > TUNING.smallest_region
            and inside.sum() >= TUNING.fewest_inside and float(pose.score.mean()) >= TUNING.lowest_score)


def seed_region(detection: Detection) -> Region:
    """The first region of a detected person: around the middle of the hips, turned so that the torso is upright.

    Where the hips or the shoulders are not seen, the region is around the box.
    """
    xy, seen = detection.xy, detection.keypoint_score > TUNING.seen_score
    shoulders, hips = xy[5:7].mean(axis=0), xy[11:13].mean(axis=0)
    if not (seen[5:7].any() and seen[11:13].any()):
        box = detection.box.reshape(2, 2)
        return Region(tuple(box.mean(axis=0)), TUNING.box_region * float((box[1] - box[0]).max()))
    reach = np.linalg.norm(xy[seen] - hips, axis=-1).max()
    up = shoulders - hips
    return Region(tuple(hips), 2 * TUNING.first_region * float(reach), float(np.arctan2(up[0], -up[1])))


def region_around(centre: np.ndarray, rim: np.ndarray) -> Region:
    """The region of a person from the network's two tracking landmarks; the person's up points from centre to rim."""
    up = np.asarray(rim, dtype=float) - centre
    size = 2 * TUNING.next_region * float(np.linalg.norm(up))
    return Region(tuple(map(float, centre)), size, float(np.arctan2(up[0], -up[1])))


def refine(points: np.ndarray, heatmap: np.ndarray) -> np.ndarray:
    """Landmarks moved to the local centre of mass of the heatmap, where its peak nearby is clear.

    points: (N, 2) in 0..1 of the square. heatmap: (N, 64, 64) logits. Returns (N, 2).
    """
    count, reach = len(points), TUNING.refine_window
    heat = np.pad(heatmap[:count], ((0, 0), (reach, reach), (reach, reach)), constant_values=-50)
    cell = np.floor(points * HEATMAP).astype(int)
    inside = ((cell >= 0) & (cell < HEATMAP)).all(axis=1)
    cell = np.clip(cell, 0, HEATMAP - 1)
    offsets = np.arange(2 * reach + 1)
    window = heat[np.arange(count)[:, None, None], (cell[:, 1, None] + offsets)[:, :, None],
                  (cell[:, 0, None] + offsets)[:, None, :]]
    window = _sigmoid(window)
    total = window.sum(axis=(1, 2))
    # Cell i of the map stands for i / 64 of the square (MediaPipe's convention, with which the network was trained).
    x = (window.sum(axis=1) * (offsets - reach)).sum(axis=1)
    y = (window.sum(axis=2) * (offsets - reach)).sum(axis=1)
    centre = (cell + np.stack([x, y], axis=1) / np.maximum(total, 1e-9)[:, None]) / HEATMAP
    clear = inside & (window.max(axis=(1, 2)) >= TUNING.refine_peak)
    return np.where(clear[:, None], centre, points)


def confidence(heatmap: np.ndarray) -> np.ndarray:
    """(N,) probability that a landmark is within a tenth of the body's size, from its (N, 64, 64) heatmap logits.

    A logistic regression on the peak of the heatmap. The network's own "visibility" does not separate right landmarks
    from wrong ones; see Tuning.score_slope.
    """
    limit = np.log((1 - 1e-4) / 1e-4)
    peak = np.clip(heatmap.reshape(len(heatmap), -1).max(axis=1).astype(float), -limit, limit)
    return _sigmoid(TUNING.score_offset + TUNING.score_slope * peak)


def _sigmoid(logits):
    return 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
