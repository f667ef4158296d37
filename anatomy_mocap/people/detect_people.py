"""Find the people in a picture with MoveNet MultiPose Lightning."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..networks.onnx_session import open_session
from .crop import Region, bilinear, crop, shrink
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

    @property
    def size(self) -> float:
        """The box's longer side, pixels, at least 1."""
        return max(float((self.box[2:] - self.box[:2]).max()), 1.0)

    @property
    def centre(self) -> np.ndarray:
        """(2,) the box's middle, pixels."""
        return (self.box[:2] + self.box[2:]) / 2

    def scaled(self, factor: float) -> Detection:
        """The same person in a picture that is `factor` times as large."""
        return replace(self, box=self.box * factor, xy=self.xy * factor)


class PersonDetector:
    """Finds up to six people. It always runs on the CPU, since most of this small network does not gain from a GPU."""

    def __init__(self, threads: int | None = None):
        self._session = open_session("movenet_multipose", "cpu", threads)

    def detect(self, rgb: np.ndarray) -> list[Detection]:
        """People in an (H, W, 3) uint8 picture, the largest first."""
        picture, scale = _network_picture(rgb)
        (people,) = self._session.run({"input:0": picture})
        found = parse(people[0], (picture.shape[2], picture.shape[1]), scale)
        return sorted((within(d, rgb.shape) for d in found), key=lambda d: -d.area)

    def detect_small(self, rgb: np.ndarray) -> list[Detection]:
        """People in an (H, W, 3) uint8 picture who may be too small for `detect`, from squares that cover it.

        Whom the edge of a square cuts is found in the square beside it.
        """
        side = TUNING.tile * max(rgb.shape[:2])
        limit, found = np.array(rgb.shape[1::-1], dtype=float), []
        for centre in _centres(limit, side):
            low, high, edge = centre - side / 2, centre + side / 2, 0.02 * side
            for d in self.detect_in(rgb, Region(tuple(centre), side)):
                cut = ((d.box[:2] < low + edge) & (low > 0)) | ((d.box[2:] > high - edge) & (high < limit))
                if d.size <= TUNING.tile_fill * side and not cut.any():
                    found.append(d)
        return sorted(found, key=lambda d: -d.area)

    def detect_in(self, rgb: np.ndarray, region: Region) -> list[Detection]:
        """People in a square of the picture, which may be turned, the largest first."""
        square = crop(rgb, region, LONG_SIDE).transpose(1, 2, 0)[None] + np.float32(0.5)
        (people,) = self._session.run({"input:0": square.astype(np.int32)})
        found = []
        for d in parse(people[0], (LONG_SIDE, LONG_SIDE), LONG_SIDE):
            left, top, right, bottom = d.box
            corners = region.to_picture([(left, top), (right, top), (left, bottom), (right, bottom)])
            box = np.concatenate([corners.min(axis=0), corners.max(axis=0)])
            found.append(within(replace(d, box=box, xy=region.to_picture(d.xy)), rgb.shape))
        return sorted(found, key=lambda d: -d.area)


def _centres(limit: np.ndarray, side: float) -> list[np.ndarray]:
    """Centres of squares that cover a picture of the size `limit` (2,) and overlap by tile_fill of their side."""
    places = []
    for length in limit:
        count = max(1, int(np.ceil((length - TUNING.tile_fill * side) / ((1.0 - TUNING.tile_fill) * side))))
        places.append(np.linspace(side / 2, length - side / 2, count) if count > 1 else np.array([length / 2]))
    return [np.array([x, y]) for y in places[1] for x in places[0]]


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


def parse(people: np.ndarray, padded: tuple[int, int], scale: float) -> list[Detection]:
    """Detections from the network's (6, 56) rows: 17 times y, x, score, then ymin, xmin, ymax, xmax, score.

    padded: width and height of the network's picture, to which its coordinates are relative. scale: its pixels per
    unit of the result.
    """
    to_pixels = np.array(padded) / scale
    found = []
    for row in people.astype(float):
        keypoints, box = row[:51].reshape(17, 3), row[51:55].reshape(2, 2)[:, ::-1] * to_pixels
        detection = Detection(box.ravel(), float(row[55]), keypoints[:, 1::-1] * to_pixels, keypoints[:, 2])
        if detection.score > TUNING.detection_score and detection.area > 0:
            found.append(detection)
    return found


def within(detection: Detection, shape: tuple[int, ...]) -> Detection:
    """The detection with its box cut off at the edges of a picture of this shape (H, W, ...)."""
    limit = np.array([shape[1], shape[0]] * 2, dtype=float)
    return replace(detection, box=np.clip(detection.box, 0, limit))
