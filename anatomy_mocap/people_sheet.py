"""Who is in a video: a list for `info`, and a contact sheet with boxes and letters."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np

from .core.progress import Progress
from .people.watch import Present, who_is_there
from .sources.picture import save_png
from .sources.video import open_video

PICTURES, SIDE, COLUMNS = 12, 480, 4
"""Pictures of a sheet, the longer side of one in pixels, and pictures in a row."""
_COLOURS = ((255, 80, 80), (80, 200, 255), (120, 230, 90), (255, 190, 40), (220, 120, 255), (255, 255, 120))
_GLYPHS = {
    "A": "01110 10001 10001 11111 10001 10001 10001", "B": "11110 10001 10001 11110 10001 10001 11110",
    "C": "01111 10000 10000 10000 10000 10000 01111", "D": "11110 10001 10001 10001 10001 10001 11110",
    "E": "11111 10000 10000 11110 10000 10000 11111", "F": "11111 10000 10000 11110 10000 10000 10000",
    "G": "01111 10000 10000 10011 10001 10001 01111", "H": "10001 10001 10001 11111 10001 10001 10001",
    "I": "01110 00100 00100 00100 00100 00100 01110", "J": "00111 00010 00010 00010 00010 10010 01100",
    "K": "10001 10010 10100 11000 10100 10010 10001", "L": "10000 10000 10000 10000 10000 10000 11111",
    "M": "10001 11011 10101 10101 10001 10001 10001", "N": "10001 11001 10101 10011 10001 10001 10001",
    "O": "01110 10001 10001 10001 10001 10001 01110", "P": "11110 10001 10001 11110 10000 10000 10000",
    "Q": "01110 10001 10001 10001 10101 10010 01101", "R": "11110 10001 10001 11110 10100 10010 10001",
    "S": "01111 10000 10000 01110 00001 00001 11110", "T": "11111 00100 00100 00100 00100 00100 00100",
    "U": "10001 10001 10001 10001 10001 10001 01110", "V": "10001 10001 10001 10001 10001 01010 00100",
    "W": "10001 10001 10001 10101 10101 11011 10001", "X": "10001 10001 01010 00100 01010 10001 10001",
    "Y": "10001 10001 01010 00100 00100 00100 00100", "Z": "11111 00001 00010 00100 01000 10000 11111",
}
"""Letters of 5 x 7 dots, row by row. No library of the add-on writes on pictures."""


def list_people(path: Path, fps: float | None, picture: Path | None) -> Generator[Progress, None, list[dict]]:
    """Facts about everybody in a video, from left to right, step by step. fps: see `open_video`.

    picture: a .png that gets a contact sheet, or None. MocapError where it can't be written.
    """
    with open_video(path, fps=fps) as source:
        people, frames = yield from who_is_there(source)
        if picture:
            yield from _draw(source, people, frames, picture)
    return [{"person": one.label, "number": one.number, "from_s": round(one.first, 2), "to_s": round(one.last, 2),
             "height_px": round(one.height), "frames": len(one.where)} for one in people]


def _draw(source, people: list[Present], frames: int, picture: Path) -> Generator[Progress, None, None]:
    wanted = {int(frame) for frame in np.linspace(0, max(frames - 1, 0), PICTURES).round()}
    scale = min(1.0, SIDE / max(source.width, source.height))
    tiles = []
    for frame, (_, rgb) in enumerate(source.pictures(SIDE)):
        if frame in wanted:
            tiles.append(_marked(np.array(rgb), people, frame, scale))
        yield Progress("look", frame + 1, frames, "drawing the contact sheet")
    height, width = tiles[0].shape[:2]
    rows = -(-len(tiles) // COLUMNS)
    sheet = np.zeros((rows * height, min(COLUMNS, len(tiles)) * width, 3), dtype=np.uint8)
    for number, tile in enumerate(tiles):
        top, left = number // COLUMNS * height, number % COLUMNS * width
        sheet[top:top + height, left:left + width] = tile
    save_png(sheet, picture)


def _marked(rgb: np.ndarray, people: list[Present], frame: int, scale: float) -> np.ndarray:
    """The picture with the box and the letter of everybody who is there."""
    height, width = rgb.shape[:2]
    for index, one in enumerate(people):
        if frame not in one.where:
            continue
        colour = _COLOURS[index % len(_COLOURS)]
        left, top, right, low = np.clip(np.rint(one.where[frame] * scale), 0, (width, height) * 2).astype(int)
        for edge in (np.s_[top:top + 2, left:right], np.s_[max(low - 2, 0):low, left:right],
                     np.s_[top:low, left:left + 2], np.s_[top:low, max(right - 2, 0):right]):
            rgb[edge] = colour
        for place, sign in enumerate(one.label):
            dots = np.kron([[dot == "1" for dot in row] for row in _GLYPHS[sign].split()], np.ones((3, 3))) > 0
            dots = np.pad(dots, 3)
            corner = rgb[top + 2:top + 2 + dots.shape[0], left + 2 + 18 * place:left + 2 + 18 * place + dots.shape[1]]
            corner[:] = np.where(dots[:corner.shape[0], :corner.shape[1], None], colour, 0)
    return rgb
