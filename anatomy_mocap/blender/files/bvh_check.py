"""Check a BVH file before Blender's importer reads it (no bpy here).

The importer believes the file: a frame time of zero, or a value of NaN, becomes a scene that has no use.
"""

from __future__ import annotations

import math
from pathlib import Path

from ...core.errors import MocapError, one_line

LARGEST = 2 * 2**30
"""Bytes. Chosen: ten hours of motion."""
SHORTEST_FRAME, LONGEST_FRAME = 1e-4, 100.0
"""Seconds a frame. Chosen: beyond those of any recording."""
DEEPEST = 300
"""Levels of the hierarchy. Chosen: far deeper than any body, and within what the importer can call itself."""
FARTHEST = 1e9
"""Largest number, in the file's units or degrees. Chosen."""


def check_bvh(path: Path) -> None:
    """Raise MocapError where the hierarchy, the frame time or a value is not one that a motion can have."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("larger than 2 GB")
        with open(path, encoding="utf-8", errors="replace") as lines:
            _check_motion(lines, _check_hierarchy(lines))
    except OSError as error:
        raise MocapError(f"{path}: can't be read ({error.strerror}); check it") from error
    except (ValueError, OverflowError) as error:
        raise MocapError(f"{path}: not a readable BVH file ({one_line(error)}); export the motion again") from error


def _check_hierarchy(lines) -> int:
    """Read up to the line MOTION; returns the number of channels."""
    channels = depth = joints = 0
    for line in lines:
        words = line.split()
        first = words[0].upper() if words else ""
        if first == "MOTION":
            if not joints:
                raise ValueError("no joint in its hierarchy")
            if depth:
                raise ValueError("its braces do not match")
            return channels
        depth += line.count("{") - line.count("}")
        joints += first in ("ROOT", "JOINT")
        if not 0 <= depth <= DEEPEST:
            raise ValueError("its braces do not match" if depth < 0 else f"more than {DEEPEST} levels of joints")
        if first == "OFFSET":
            _numbers(words[1:4])
        elif first == "CHANNELS":
            count = int(words[1]) if len(words) > 1 and words[1].isdecimal() else -1
            if not 0 <= count <= 9 or len(words) < 2 + count:
                raise ValueError(f"channels {' '.join(words[1:])[:40]!r}")
            channels += count
    raise ValueError("no line MOTION")


def _check_motion(lines, channels: int) -> None:
    timed, frames = False, 0
    for line in lines:
        words = line.split()
        if not words:
            continue
        if not timed:
            if words[0].lower() == "frame" and len(words) > 2:
                seconds = _numbers(words[2:3])[0]
                if not SHORTEST_FRAME <= seconds <= LONGEST_FRAME:
                    raise ValueError(f"a frame time of {seconds:g} s")
                timed = True
            continue
        frames += 1
        if len(_numbers(words)) < channels:
            raise ValueError(f"frame {frames} has {len(words)} values for {channels} channels; the file is cut off")
    if not timed:
        raise ValueError("no frame time")


def _numbers(words: list[str]) -> list[float]:
    values = list(map(float, words))
    if values and not (math.isfinite(sum(values)) and min(values) >= -FARTHEST and max(values) <= FARTHEST):
        raise ValueError("a number that is not finite, or too large")
    return values
