"""Turn a decoded frame into the picture for display: upright, with square pixels, as RGB."""

from __future__ import annotations

import numpy as np

_GREY = 128.0  # seen through transparent pixels: neither a dark nor a light person disappears against it


def display_matrix(frame) -> np.ndarray:
    """(2, 2) display matrix of a PyAV frame, see `upright`; the identity where the file has none."""
    try:
        side = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:
        # PyAV refuses the whole list where it contains an unknown kind (a photo's EXIF data); the rotation remains.
        angle = np.radians(frame.rotation)
        return np.round([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if side is None:
        return np.eye(2)
    return np.frombuffer(bytes(side), dtype=np.int32)[:9].reshape(3, 3)[:2, :2] / 65536


def clockwise_degrees(matrix: np.ndarray) -> int:
    """Clockwise rotation of the stored picture for display, to the nearest quarter turn: 0, 90, 180 or 270 degrees."""
    return int(round(np.degrees(np.arctan2(matrix[0, 1], matrix[0, 0])) / 90)) % 4 * 90


def to_rgb(frame, size: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) uint8 of a PyAV frame at `size` (width, height); transparent parts become grey."""
    if not any(component.is_alpha for component in frame.format.components):
        return frame.to_ndarray(format="rgb24", width=size[0], height=size[1])
    rgba = frame.to_ndarray(format="rgba", width=size[0], height=size[1]).astype(np.float32)
    opaque = rgba[..., 3:] / 255
    return (rgba[..., :3] * opaque + _GREY * (1 - opaque) + 0.5).astype(np.uint8)


def upright(rgb: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Turn and mirror a picture by a display matrix to the nearest quarter turn.

    matrix: (2, 2); a point (x, y) of the stored picture, y down, is displayed at (x, y) @ matrix, plus a shift.
    """
    (a, b), (c, d) = matrix
    if abs(b) + abs(c) > abs(a) + abs(d):
        rgb, a, d = rgb.swapaxes(0, 1), c, b
    return np.ascontiguousarray(rgb[::-1 if d < 0 else 1, ::-1 if a < 0 else 1])
