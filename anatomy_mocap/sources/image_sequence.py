"""Finds the files of an image sequence and their order. It decodes no picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from ..core.errors import MocapError

IMAGE_SUFFIXES = frozenset((
    ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".tga", ".exr", ".dpx", ".jp2", ".ppm", ".pgm"))

_PLACEHOLDER = re.compile(r"#+|%0?\d*d")


@dataclass(frozen=True)
class ImageSequence:
    """Numbered pictures in order.

    name: pattern for display, such as shot_####.png.
    files: the N pictures. numbers: their N frame numbers, ascending; numbers between them have no picture.
    """

    name: str
    files: tuple[Path, ...]
    numbers: tuple[int, ...]

    @property
    def missing(self) -> int:
        """Number of frame numbers between the first and the last that have no file."""
        return self.numbers[-1] - self.numbers[0] + 1 - len(self.numbers)


def is_image_sequence(path: str | PathLike) -> bool:
    """Return whether `path` denotes pictures: a folder, a picture, or a pattern (shot_####.png, shot_%04d.png)."""
    path = Path(path)
    if path.is_dir():
        return True
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        return False
    return not animated_kind(path) if path.is_file() else bool(_PLACEHOLDER.search(path.name))


def animated_kind(path: Path) -> str:
    """"png" or "webp" for a picture file that is an animation, else ""."""
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError:
        return ""
    if head.startswith(b"\x89PNG\r\n\x1a\n") and b"acTL" in head.partition(b"IDAT")[0]:
        return "png"
    return "webp" if head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and head[20:21] and head[20] & 2 else ""


def refuse_animated(path: Path) -> None:
    """Raise MocapError for an animation that FFmpeg can't read."""
    if path.suffix.lower() == ".webp" and path.is_file() and animated_kind(path) == "webp":
        raise MocapError(f"{path}: an animated WebP picture can't be read; convert it to MP4 or GIF")


def find_sequence(path: str | PathLike) -> ImageSequence:
    """Find the sequence of a folder, a pattern or one of its pictures. Raises MocapError unless it is exactly one."""
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    groups = _groups(folder)
    if path.is_dir():
        if not groups:
            raise MocapError(f"{path}: the folder contains no pictures; give a video, or a folder of numbered pictures "
                             f"({' '.join(sorted(IMAGE_SUFFIXES))})")
        if len(groups) > 1:
            names = ", ".join(sorted(groups)[:4]) + (" ..." if len(groups) > 4 else "")
            raise MocapError(f"{path}: the folder contains {len(groups)} image sequences ({names}); give one of them")
        wanted = next(iter(groups))
    elif path.is_file():
        wanted = _split(path.name)[0]
    else:
        wanted = _PLACEHOLDER.sub(lambda found: "#", path.name, count=1)
        if wanted not in groups:
            raise MocapError(f"{path}: no picture matches this pattern; check folder and name before the number")
    members = sorted(groups[wanted])
    numbers = tuple(number for number, _ in members)
    if len(set(numbers)) < len(numbers):
        raise MocapError(f"{path}: two pictures have the same number {_first_twice(numbers)}; keep one of them")
    return ImageSequence(wanted.replace("#", "####", 1), tuple(file for _, file in members), numbers)


def _first_twice(numbers) -> int:
    return next(a for a, b in zip(numbers, numbers[1:], strict=False) if a == b)


def _groups(folder: Path) -> dict[str, list[tuple[int, Path]]]:
    """Group a folder's pictures by name, without the last run of digits: {"shot_#.png": [(number, file), ...]}."""
    groups: dict[str, list[tuple[int, Path]]] = {}
    try:
        files = [file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES and file.is_file()]
    except OSError as error:
        raise MocapError(f"{folder}: cannot be read ({error.strerror}); check name and permissions") from error
    for file in files:
        if not file.name.startswith("."):
            key, number = _split(file.name)
            groups.setdefault(key, []).append((number, file))
    return groups


def _split(name: str) -> tuple[str, int]:
    """Split shot_0012.png into ("shot_#.png", 12). A name without digits is its own group, with number 0."""
    stem, dot, suffix = name.rpartition(".")
    runs = list(re.finditer(r"\d+", stem))
    if not runs:
        return name, 0
    last = runs[-1]
    return f"{stem[:last.start()]}#{stem[last.end():]}{dot}{suffix}", int(last.group())
