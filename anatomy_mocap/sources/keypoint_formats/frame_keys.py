"""Reads the number and the time of a frame under the names that tools use."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from .records import UnstatedTime

NUMBERS = ("frame_id", "frame", "frame_number", "frameNumber", "frame_index", "frameIndex", "frame_idx", "frame_no",
           "frameId", "frame_num", "frameNo", "Frame", "iter", "iteration", "image_id", "image_name", "file_name",
           "filename", "image", "img_name")
MILLISECONDS = ("timestamp_ms", "timestampMs", "time_ms", "timestampInMilliseconds", "timeMs", "ms", "milliseconds")
SECONDS = ("timestamp_s", "time_s", "timestamp_sec", "seconds", "time_seconds", "time_sec", "timestamp_seconds",
           "timeInSeconds", "time_in_seconds", "t_sec", "timeSeconds", "timestampSeconds")
UNSTATED = ("timestamp", "time", "t", "ts", "timestamps", "frame_time")


def frame_key(frame: dict, position: int) -> tuple[int | str, float | None]:
    """Return a frame's number or name (its `position` in the list if it has none) and its time in seconds or None."""
    key = next((frame[name] for name in NUMBERS
                if isinstance(frame.get(name), (int, str)) and not isinstance(frame[name], bool)), position)
    for names, unit in ((MILLISECONDS, 1e-3), (SECONDS, 1.0), (UNSTATED, None)):
        for name in names:
            value = frame.get(name)
            if isinstance(value, str) and clock_time(value) is not None:
                return key, clock_time(value)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e19:
                if unit is None:
                    return key, UnstatedTime(value)
                if value < 1e12:
                    return key, value * unit
    return key, None


def clock_time(text: str) -> float | None:
    """Seconds of a time such as "00:01:02.500" or "2026-08-15T12:14:24.368"; None for another text."""
    found = re.fullmatch(r"\s*(\d{1,3}):([0-5]\d)(?::([0-5]\d))?([.,]\d{1,9})?\s*", text, re.ASCII)
    if found:
        parts = [int(part) for part in found.groups()[:3] if part is not None]
        whole = parts[0] * 60 + parts[1] if len(parts) == 2 else parts[0] * 3600 + parts[1] * 60 + parts[2]
        return UnstatedTime(whole + float((found[4] or ".0").replace(",", ".")))
    if not re.match(r"\s*\d{4}-\d\d-\d\d[T ]\d\d:", text, re.ASCII):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return UnstatedTime((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
