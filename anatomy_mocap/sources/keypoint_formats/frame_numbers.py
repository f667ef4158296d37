"""Put frames in order, by frame numbers or by the numbers in picture and file names."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from .records import FormatError


@dataclass(frozen=True)
class FrameOrder:
    """index: row of each frame key. numbers: (T,) frame number of each row, from 0. step: frames between rows."""

    index: dict
    numbers: np.ndarray
    step: int
    notes: tuple[str, ...] = ()


_DIGITS = re.compile(r"\d+")
# Fewest frames for a common step: with fewer, the others may be missing by chance.
_ENOUGH = 8


def order_frames(keys: list, fill_gaps: bool = True) -> FrameOrder:
    """The rows of frame keys (whole numbers or names, in any order).

    fill_gaps: frame numbers missing between the first and the last get rows too.
    Numbers with a common step (0, 5, 10, ...) are read as every step-th frame of the video.
    Raises FormatError where the frames are not those of one clip.
    """
    numbers, notes = _numbers(keys)
    first, last = min(numbers.values()), max(numbers.values())
    ordered = sorted(set(numbers.values()))
    step = math.gcd(*(b - a for a, b in zip(ordered, ordered[1:], strict=False))) if len(ordered) >= _ENOUGH else 1
    if step > 1:
        notes.append(f"frames are numbered in steps of {step} and read as every {step}th frame of the video")
    if first > 1:
        notes.append(f"frames are numbered from {first}; this frame has time 0")
    if not fill_gaps:
        rows = {n: i for i, n in enumerate(ordered)}
        return FrameOrder({key: rows[n] for key, n in numbers.items()}, np.array(ordered) - first, 1, tuple(notes))
    count = (last - first) // step + 1
    missing = count - len(ordered)
    if missing > most_missing(len(ordered)):
        raise FormatError(f"its {len(ordered)} frames are numbered from {first} to {last}, which is not one clip; "
                          "give the frames of one video, numbered in order")
    if missing:
        notes.append(f"{missing} of {count} frames are not in the file and count as missing")
    index = {key: (n - first) // step for key, n in numbers.items()}
    return FrameOrder(index, np.arange(count) * step, step, tuple(notes))


def most_missing(frames: int) -> int:
    """Most frames that may be missing from a clip with `frames` present ones."""
    return max(10_000, 10 * frames)


def _numbers(keys: list) -> tuple[dict, list[str]]:
    if all(isinstance(key, int) for key in keys):
        return {key: key for key in keys}, []
    names = [str(key) for key in keys]
    if len(set(names)) < len(names):
        raise FormatError("some frames have both a number and a name; number the frames in one way")
    stems = [re.sub(r"\.[A-Za-z]\w{0,4}$", "", name) for name in names]
    groups = [[int(found[-15:]) for found in _DIGITS.findall(stem)] for stem in stems]
    counts = {len(group) for group in groups}
    # The frame number is the last number in the name that differs in all frames: "take2_000017_rendered" -> 17.
    if len(counts) == 1 and counts != {0}:
        for position in reversed(range(counts.pop())):
            column = [group[position] for group in groups]
            if len(set(column)) == len(column):
                return dict(zip(keys, column, strict=True)), []
    prefixes = sorted({_DIGITS.sub("#", stem) for stem in stems})
    if 1 < len(prefixes) <= len(names) // 2:
        raise FormatError(f"it contains several clips ({', '.join(prefixes[:4])}); give the files of one clip")
    if len(names) == 1:
        return {keys[0]: 0}, []
    ordered = sorted(keys, key=lambda key: [int(part[-15:]) if part.isdigit() else part
                                            for part in re.split(r"(\d+)", str(key))])
    return ({key: i for i, key in enumerate(ordered)},
            ["frame names have no frame number; the order of the names is used"])
