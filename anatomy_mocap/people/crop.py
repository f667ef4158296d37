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

    def scaled(self, factor: float) -> Region:
        """The same square in a picture that is `factor` times as large."""
        return Region((self.centre[0] * factor, self.centre[1] * factor), self.size * factor, self.angle)


def crop(rgb: np.ndarray, region: Region, side: int) -> np.ndarray:
    """(3, side, side) float32 in 0..255: the region resampled, pixel centres on pixel centres.

    The picture's edge is repeated outside it. With black edges the network's landmarks shift by up to 9 % of the
    square. A picture of four bytes a pixel, see `packed`, is used as it is; of another only the region is packed.
    """
    left = top = 0
    if not _is_packed(rgb):
        rgb, left, top = _around(rgb, region)
    grid = ((np.arange(side) + 0.5) / side - 0.5).astype(np.float32)
    (xx, xy), (yx, yy) = (region.axes * region.size).astype(np.float32)
    # Continuous coordinates: the middle of pixel 0 is at 0.5.
    x0, y0 = np.float32(region.centre[0] - left - 0.5), np.float32(region.centre[1] - top - 0.5)
    across, down = grid[None, :], grid[:, None]
    x, y = across * xx + (down * yx + x0), across * xy + (down * yy + y0)
    return bilinear(rgb, x.ravel(), y.ravel()).reshape(3, side, side)


def _around(rgb: np.ndarray, region: Region) -> tuple[np.ndarray, int, int]:
    """The upright part of the picture that contains the region; its left and top pixel."""
    size = rgb.shape[1::-1]
    reach = region.size / 2 * float(np.abs(region.axes).sum(axis=0).max()) + 2
    first = [int(np.clip(c - reach, 0, n - 1)) for c, n in zip(region.centre, size, strict=True)]
    after = [int(np.clip(np.ceil(c + reach), f + 1, n)) for c, n, f in zip(region.centre, size, first, strict=True)]
    return rgb[first[1]:after[1], first[0]:after[0]], first[0], first[1]


def _is_packed(rgb: np.ndarray) -> bool:
    return rgb.dtype == np.uint8 and rgb.strides[1:] == (4, 1) and rgb.strides[0] % 4 == 0


def packed(rgb: np.ndarray) -> np.ndarray:
    """(H, W) uint32: the (H, W, 3) uint8 picture with red in the lowest byte, blue in the third; the fourth is free.

    The colours of an (H, W, 4) picture, a view of it, are packed without a copy.
    """
    if not _is_packed(rgb):
        four = np.empty((*rgb.shape[:2], 4), dtype=np.uint8)
        for channel in range(3):  # a copy of all at once takes three times as long
            four[..., channel] = rgb[..., channel]
        rgb = four[..., :3]
    four = np.lib.stride_tricks.as_strided(rgb, (*rgb.shape[:2], 4), (*rgb.strides[:2], 1))
    return four.view("<u4")[..., 0]


def bilinear(rgb: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(3, N) float32 colours at N points given as float32 pixel indices (0 is the middle of the first pixel)."""
    colours, rgb = np.empty((3, len(x)), dtype=np.float32), packed(rgb)
    # In parts whose arrays stay in the processor's cache.
    for first in range(0, len(x), _PART):
        part = slice(first, first + _PART)
        _bilinear(rgb, x[part], y[part], colours[:, part])
    return colours


_PART = 16384


def _bilinear(pixels: np.ndarray, x: np.ndarray, y: np.ndarray, colours: np.ndarray) -> None:
    """Fill the colours (3, N) of N points. pixels: (H, W) uint32, see `packed`."""
    height, width = pixels.shape
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    column = np.minimum(x.astype(np.int32), max(width - 2, 0))
    row = np.minimum(y.astype(np.int32), max(height - 2, 0))
    x, y = x - column, y - row
    # One lookup gets all colours of a pixel; two colours a sum, 16 bits each.
    line = pixels.strides[0] // 4
    flat = np.lib.stride_tricks.as_strided(pixels, (line * (height - 1) + width,), (4,))
    first = row * line + column
    right, below = int(width > 1), line * int(height > 1)
    sums = np.zeros((2, len(x)), dtype=np.uint32)
    for offset, weight in zip((0, right, below, right + below), _weights(x, y), strict=True):
        pixel = flat.take(first + offset, mode="clip")
        sums[0] += (pixel & _RED_BLUE) * weight
        sums[1] += ((pixel >> _BYTE) & _RED_BLUE) * weight
    colours[0], colours[1], colours[2] = sums[0] & _LOW, sums[1] & _LOW, sums[0] >> _TWO_BYTES
    colours *= np.float32(1 / 256)


_RED_BLUE, _LOW = np.uint32(0x00FF00FF), np.uint32(0xFFFF)
_BYTE, _TWO_BYTES = np.uint32(8), np.uint32(16)


def _weights(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    """Weights of the four pixels in 256ths, uint32, which sum to 256. x, y: 0..1 from the upper left one."""
    both = np.rint(x * y * np.float32(256)).astype(np.uint32)
    x, y = (np.rint(v * np.float32(256)).astype(np.uint32) for v in (x, y))
    right, below = x - np.minimum(both, x), y - np.minimum(both, y)
    both = np.minimum(both, np.minimum(x, y))
    return np.uint32(256) - right - below - both, right, below, both


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
