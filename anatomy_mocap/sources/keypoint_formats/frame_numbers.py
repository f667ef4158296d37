"""Orders frames by their numbers, or by the numbers in picture and file names."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from .records import FormatError


@dataclass(frozen=True)
class FrameOrder:
    """The order of a clip's frames.

    index: frame key -> row. numbers: (T,) frame number of each row, from 0. step: frames between rows.
    notes: assumptions as sentences.
    """

    index: dict
    numbers: np.ndarray
    step: int
    notes: tuple[str, ...] = ()


_DIGITS = re.compile(r"\d+")
LONGEST_STEP = 240
"""Largest common step of frame numbers, some seconds of a film; larger ones are times or other numbers. Guessed."""
# Least number of frames for a common step: with fewer frames, the others may be missing by chance.
_ENOUGH = 8


def order_frames(keys: list, fill_gaps: bool = True) -> FrameOrder:
    """Assign rows to frame keys (whole numbers or names, in any order).

    Absent frame numbers between the first and the last become rows of missing frames, unless fill_gaps is False.
    Numbers with a common step (0, 5, 10, ...) count as every step-th frame of the video. Raises FormatError.
    """
    numbers, notes = _numbers(keys)
    first, last = min(numbers.values()), max(numbers.values())
    ordered = sorted(set(numbers.values()))
    step = math.gcd(*(b - a for a, b in zip(ordered, ordered[1:], strict=False))) if len(ordered) >= _ENOUGH else 1
    if step > LONGEST_STEP:
        raise FormatError(f"{len(ordered)} frames are numbered in steps of {step:.6g}, which are no frames of one "
                          "clip; number them 0, 1, 2 ..., or give their times (timestamp_ms)")
    if step > 1:
        notes.append(f"frames are numbered in steps of {step}: they count as every {step}th frame of the video")
    if first > 1:
        notes.append(f"frames are numbered from {first}: frame {first} gets time 0")
    if not fill_gaps:
        rows = {n: i for i, n in enumerate(ordered)}
        return FrameOrder({key: rows[n] for key, n in numbers.items()}, np.array(ordered) - first, 1, tuple(notes))
    count = (last - first) // step + 1
    missing = count - len(ordered)
    if missing > most_missing(len(ordered)):
        raise FormatError(f"{len(ordered)} frames with numbers from {first} to {last} are not one clip; "
                          "give the frames of one video, numbered in order")
    if missing:
        notes.append(f"{missing} of {count} frames are missing in the file")
    index = {key: (n - first) // step for key, n in numbers.items()}
    return FrameOrder(index, np.arange(count) * step, step, tuple(notes))


def most_missing(frames: int) -> int:
    """Return the largest accepted number of missing frames for this number of present frames."""
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
    ordered = sorted(keys, key=lambda key: [int(part[-15:]) if part.isdecimal() else part
                                            for part in re.split(r"(\d+)", str(key))])
    return ({key: i for i, key in enumerate(ordered)},
            ["frame names have no frame number: frames are ordered by name"])
