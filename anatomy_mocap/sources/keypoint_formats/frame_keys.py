"""Reads the number and the time of a frame under the names that tools use."""

from __future__ import annotations

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
            if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e19:
                if unit is None:
                    return key, UnstatedTime(value)
                if value < 1e12:
                    return key, value * unit
    return key, None
