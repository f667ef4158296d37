"""Converts a decoded frame to the displayed picture: upright, with square pixels, in RGB."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np

from ..core.errors import MocapError
from ..core.whole_file import written_whole

_ROWS = 256  # converted at a time; limits memory
_GREY = 128.0  # behind transparent pixels: dark and light people contrast with it


_FLAT = 4
"""Projection of an ordinary film in libavutil's AVSphericalMapping; the others are of spheres, cubes and fisheyes."""
_ONE_VIEW = (0, 8)
"""Types of libavutil's AVStereo3D with one view a picture."""
_UNSTATED = 2
"""A transfer function, and a matrix, that the file does not state (ITU-T H.273)."""
_MATRICES, _RANGES = (0, 1, 2, 4, 5, 6, 7, 9), (0, 1, 2)
"""Colour matrices (ITU-T H.273) and ranges of brightness that FFmpeg converts to RGB; it fails on the others."""
_LIKE_2020 = (10, 13, 14, 15)
"""Matrices of films with the colours of BT.2020: constant luminance, derived, ICtCp, IPT."""
THUMBNAIL = 32
"""Pixels of a thumbnail's sides. Chosen: enough to tell one shot from another."""
LIGHTEST = 2**22
"""Pixels of a frame up to which it waits as it was decoded until somebody looks at it. Chosen: at most 6 MB; larger
ones are scaled down at once."""
SLANTED = 2.0
"""Degrees from the nearest quarter turn from which a film's turn is said. Chosen."""


class Glance:
    """A frame of a clip that becomes a picture only when somebody looks at it, since the conversion takes its time.

    thumbnail: (32, 32) uint8 brightness of points spread over the frame, as it is stored: tells shots apart.
    """

    def __init__(self, thumbnail: np.ndarray, look: Callable[[], np.ndarray]):
        """look: gives the picture, (H, W, 3) uint8."""
        self.thumbnail, self._look, self._rgb = thumbnail, look, None
        self._lock = threading.Lock()

    @property
    def rgb(self) -> np.ndarray:
        """(H, W, 3) uint8: the picture."""
        with self._lock:  # PyAV must not convert one frame on two threads at a time: it crashes
            if self._rgb is None:
                self._rgb = self._look()
            return self._rgb


def glance_at(frame: Any, size: tuple[int, int], matrix: np.ndarray) -> Glance:
    """A PyAV frame as a glance. size: width and height of its picture before `upright` turns it by the matrix."""
    thumbnail = frame.to_ndarray(format="gray", width=THUMBNAIL, height=THUMBNAIL, interpolation="POINT")
    glance = Glance(thumbnail, lambda: upright(to_rgb(frame, size), matrix))
    if frame.width * frame.height > LIGHTEST:
        rgb = glance.rgb
        return Glance(thumbnail, lambda: rgb)
    return glance


def glance_of(rgb: np.ndarray) -> Glance:
    """An (H, W, 3) uint8 picture as a glance."""
    rows, columns = (np.linspace(0, n - 1, THUMBNAIL).astype(int) for n in rgb.shape[:2])
    return Glance(rgb[np.ix_(rows, columns)].mean(axis=-1).astype(np.uint8), lambda: rgb)


def display_matrix(frame: Any) -> np.ndarray:
    """Return the display matrix (2, 2) of a PyAV frame, see `upright`; the identity if the file states none."""
    try:
        side = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:
        # PyAV rejects the whole list if one kind is unknown to it (a photo's EXIF data). The picture stays unturned.
        angle = np.radians(frame.rotation)
        return np.round([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if side is None:
        return np.eye(2)
    return np.frombuffer(bytes(side), dtype=np.int32)[:9].reshape(3, 3)[:2, :2] / 65536


def oddities(frame: Any) -> list[str]:
    """What a PyAV frame says of its picture that a tracking of one flat, upright view does not hold for, as sentences.
    """
    found = []
    matrix = display_matrix(frame)
    angle = np.degrees(np.arctan2(matrix[0, 1], matrix[0, 0]))
    if abs((angle + 45) % 90 - 45) > SLANTED:
        found.append(f"the file turns its picture by {angle % 360:.0f} degrees; the nearest quarter turn is used")
    if _first_number(frame, "SPHERICAL") not in (None, _FLAT):
        found.append("the film shows a sphere (360 degrees, VR or fisheye), which bends people; export a flat view of "
                     "the person first")
    if (kind := _first_number(frame, "STEREO3D")) is not None and kind not in _ONE_VIEW:
        found.append("the film is stereoscopic, with two views in its pictures; cut out one of them first")
    if _first_number(frame, "DOVI_METADATA") is not None and frame.color_trc == _UNSTATED:
        found.append("the film is Dolby Vision without an ordinary picture (profile 5): its colours are read wrong; "
                     "export it as HDR10 or SDR if the person is not found")
    return found


def _first_number(frame: Any, name: str) -> int | None:
    """The first number of a frame's side data; None where it has none of that kind."""
    try:
        side = frame.side_data.get(name)
    except ValueError:  # see display_matrix
        return None
    return None if side is None else int(np.frombuffer(bytes(side), dtype=np.int32)[0])


def clockwise_degrees(matrix: np.ndarray) -> int:
    """Return the clockwise turn of the stored picture for display: 0, 90, 180 or 270 degrees."""
    return int(round(np.degrees(np.arctan2(matrix[0, 1], matrix[0, 0])) / 90)) % 4 * 90


def at_most(size: tuple[int, int], longest: int | None) -> tuple[int, int]:
    """The width and height of a picture whose longer side is scaled down to `longest` pixels if it has more."""
    if longest is None or max(size) <= longest:
        return size
    return tuple(max(1, round(side * longest / max(size))) for side in size)


def make_colours_readable(frame: Any) -> str:
    """Replace a PyAV frame's colour matrix or range that cannot be converted; returns a sentence about it, or ""."""
    told = ""
    if frame.colorspace not in _MATRICES:
        told = f"its colours are stored in a way that is not read (matrix {int(frame.colorspace)}); they may look wrong"
        frame.colorspace = 9 if frame.colorspace in _LIKE_2020 else _UNSTATED
    if frame.color_range not in _RANGES:
        frame.color_range = 0
    return told


def to_rgb(frame: Any, size: tuple[int, int]) -> np.ndarray:
    """Convert a PyAV frame to uint8 (H, W, 3) at `size` (width, height). Transparent parts become grey.

    The picture is a view of one with four bytes a pixel, from which regions are cut faster.
    """
    if not any(component.is_alpha for component in frame.format.components):
        return frame.to_ndarray(format="rgba", width=size[0], height=size[1])[..., :3]
    rgba = frame.to_ndarray(format="rgba", width=size[0], height=size[1])
    rgb = np.empty((*rgba.shape[:2], 3), np.uint8)
    for top in range(0, len(rgba), _ROWS):
        part = rgba[top:top + _ROWS].astype(np.float32)
        opaque = part[..., 3:] / 255
        rgb[top:top + _ROWS] = (part[..., :3] * opaque + _GREY * (1 - opaque) + 0.5).astype(np.uint8)
    return rgb


def upright(rgb: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Turn and mirror a picture by a display matrix to the nearest quarter turn.

    matrix: (2, 2); a point (x, y) of the stored picture, y down, is displayed at (x, y) @ matrix plus a translation.
    """
    (a, b), (c, d) = matrix
    if a > 0 and d > 0 and abs(b) + abs(c) <= a + d:
        return rgb
    if abs(b) + abs(c) > abs(a) + abs(d):
        rgb, a, d = rgb.swapaxes(0, 1), c, b
    return np.ascontiguousarray(rgb[::-1 if d < 0 else 1, ::-1 if a < 0 else 1])


def save_png(rgb: np.ndarray, path: Path) -> None:
    """Write an (H, W, 3) uint8 picture. MocapError where the file can't be written."""
    if path.suffix.lower() != ".png":
        raise MocapError(f"{path}: {path.suffix or 'no'} ending can't be written; use .png")
    encoder = av.CodecContext.create("png", "w")
    encoder.height, encoder.width = rgb.shape[:2]
    encoder.pix_fmt, encoder.time_base = "rgb24", 1
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    packets = [*encoder.encode(frame), *encoder.encode()]
    with written_whole(path, "picture") as partial:
        partial.write_bytes(b"".join(map(bytes, packets)))
