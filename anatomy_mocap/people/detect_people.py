"""Find the people in a picture with MoveNet MultiPose Lightning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..networks.onnx_session import open_session
from .crop import bilinear, shrink
from .tuning import TUNING

LONG_SIDE = 256
"""Longer side of the network's picture, pixels; the network's own."""


@dataclass(frozen=True)
class Detection:
    """One person in a picture, in pixels.

    box: (4,) left, top, right, bottom. score: 0..1. xy: (17, 2) COCO keypoints. keypoint_score: (17,).
    """

    box: np.ndarray
    score: float
    xy: np.ndarray
    keypoint_score: np.ndarray

    @property
    def area(self) -> float:
        """Square pixels of the box."""
        return float(np.prod(np.maximum(self.box[2:] - self.box[:2], 0)))


class PersonDetector:
    """Finds up to six people. It always runs on the CPU, since most of this small network does not gain from a GPU."""

    def __init__(self):
        self._session = open_session("movenet_multipose", "cpu")

    def detect(self, rgb: np.ndarray) -> list[Detection]:
        """People in an (H, W, 3) uint8 picture, the largest first."""
        picture, scale = _network_picture(rgb)
        (people,) = self._session.run({"input:0": picture})
        return parse(people[0], (picture.shape[2], picture.shape[1]), scale, rgb.shape)


def _network_picture(rgb: np.ndarray) -> tuple[np.ndarray, float]:
    """The network's picture, (1, h, w, 3) int32, and its pixels per pixel of the given one.

    The longer side has 256 pixels; both sides are padded to multiples of 32.
    """
    height, width = rgb.shape[:2]
    scale = LONG_SIDE / max(height, width)
    small = shrink(rgb, int(1 / scale))
    # The network was trained on pictures whose corner pixels coincide with the source's: no half-pixel shift here.
    step = 1 / scale * small.shape[1] / width
    h, w = max(1, round(height * scale)), max(1, round(width * scale))
    x, y = np.meshgrid(np.arange(w, dtype=np.float32) * np.float32(step),
                       np.arange(h, dtype=np.float32) * np.float32(step))
    picture = np.zeros((1, -(-h // 32) * 32, -(-w // 32) * 32, 3), dtype=np.int32)
    picture[0, :h, :w] = bilinear(small, x.ravel(), y.ravel()).T.reshape(h, w, 3) + 0.5
    return picture, scale


def parse(people: np.ndarray, padded: tuple[int, int], scale: float, shape: tuple[int, ...]) -> list[Detection]:
    """Detections from the network's (6, 56) rows: 17 times y, x, score, then ymin, xmin, ymax, xmax, score.

    padded: width and height of the network's picture, to which its coordinates are relative.
    """
    to_pixels = np.array(padded) / scale
    limit = np.array([shape[1], shape[0]], dtype=float)
    found = []
    for row in people.astype(float):
        keypoints, box = row[:51].reshape(17, 3), row[51:55].reshape(2, 2)[:, ::-1] * to_pixels
        detection = Detection(np.clip(box, 0, limit).ravel(), float(row[55]), keypoints[:, 1::-1] * to_pixels,
                              keypoints[:, 2])
        if detection.score > TUNING.detection_score and detection.area > 0:
            found.append(detection)
    return sorted(found, key=lambda d: -d.area)
