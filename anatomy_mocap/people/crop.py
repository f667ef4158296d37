"""Cut regions out of pictures in numpy: bilinear, with repeated edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Region:
    """A square of the picture that may be turned.

    centre: (2,) pixels, (0, 0) the picture's top left corner. size: side, pixels.
    angle: radians clockwise as seen; the square's own "up" points to (sin angle, -cos angle) in the picture.
    """

    centre: tuple[float, float]
    size: float
    angle: float = 0.0

    @property
    def axes(self) -> np.ndarray:
        """(2, 2): rows are the square's own x and y axis in the picture, of unit length."""
        c, s = np.cos(self.angle), np.sin(self.angle)
        return np.array([[c, s], [-s, c]])

    def to_picture(self, points: ArrayLike) -> np.ndarray:
        """(..., 2) in the square, 0..1 from its top left corner -> (..., 2) pixels of the picture."""
        return (np.asarray(points, dtype=float) - 0.5) * self.size @ self.axes + self.centre

    def upright(self, vectors: ArrayLike) -> np.ndarray:
        """(..., 3) along the square's axes and ahead -> the same along the picture's."""
        vectors = np.asarray(vectors, dtype=float)
        return np.concatenate([vectors[..., :2] @ self.axes, vectors[..., 2:]], axis=-1)


def crop(rgb: np.ndarray, region: Region, side: int) -> np.ndarray:
    """(3, side, side) float32 in 0..255: the region resampled, pixel centres on pixel centres.

    The picture's edge is repeated outside it. With black edges the network's landmarks shift by up to 9 % of the
    square.
    """
    grid = (np.arange(side) + 0.5) / side
    (xx, xy), (yx, yy) = region.axes * region.size
    across, down = np.float32(grid - 0.5)[None, :], np.float32(grid - 0.5)[:, None]
    # Continuous coordinates: the middle of pixel 0 is at 0.5.
    x = across * np.float32(xx) + down * np.float32(yx) + np.float32(region.centre[0] - 0.5)
    y = across * np.float32(xy) + down * np.float32(yy) + np.float32(region.centre[1] - 0.5)
    return bilinear(rgb, x.ravel(), y.ravel()).reshape(3, side, side)


def bilinear(rgb: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(3, N) float32 colours at N points given as float32 pixel indices (0 is the middle of the first pixel)."""
    height, width = rgb.shape[:2]
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    column = np.minimum(x.astype(np.int32), max(width - 2, 0))
    row = np.minimum(y.astype(np.int32), max(height - 2, 0))
    x, y = x - column, y - row
    right, below = 3 * (width > 1), 3 * width * (height > 1)
    both = x * y
    corners = ((0, 1 - x - y + both), (right, x - both), (below, y - both), (right + below, both))
    flat = np.ascontiguousarray(rgb).reshape(-1)
    first = (row * width + column) * 3
    colours = np.zeros((3, len(x)), dtype=np.float32)
    # One plane after the other: four times faster than lookups of (N, 3) rows.
    for offset, weight in corners:
        index = first + offset
        for channel in range(3):
            colours[channel] += flat[channel:].take(index, mode="clip") * weight
    return colours


def shrink(rgb: np.ndarray, factor: int) -> np.ndarray:
    """The picture with each block of factor x factor pixels averaged (4 x 4 samples at most).

    An incomplete last block is cut off.
    """
    if factor < 2:
        return rgb
    height, width = (n // factor * factor for n in rgb.shape[:2])
    offsets = sorted({int((i + 0.5) * factor / min(factor, 4)) for i in range(min(factor, 4))})
    total = np.zeros((height // factor, width // factor, 3), dtype=np.uint16)
    for dy in offsets:
        for dx in offsets:
            total += rgb[dy:height:factor, dx:width:factor]
    return (total // len(offsets) ** 2).astype(np.uint8)
