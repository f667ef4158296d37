"""Times and rate of a keypoint file's frames: by the user, by the file's times, or by its frame numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..core.errors import MocapError
from ..core.keypoints import usual_rate
from .keypoint_formats.frame_numbers import FrameOrder, most_missing
from .keypoint_formats.records import Detections, FormatError

DEFAULT_FPS = 30.0
PAUSE, PAUSE_INTERVALS = 3.0, 8.0
"""Seconds, and multiples of the usual time between two frames, above which a pause in a file's times is cut out, as in
a film (`video`). Both guessed."""
FASTEST = 10_000
"""Frames per second; more are refused."""


class Timing(NamedTuple):
    """When the rows of a clip were filmed.

    fps: rows per second. times: (T,) seconds from the first row. notes: assumptions as sentences.
    """

    fps: float
    times: np.ndarray
    notes: list[str]


def timing(found: Detections, order: FrameOrder, fps: float | None, shot_fps: float | None) -> Timing:
    """Return the frame rate of the rows and their times.

    fps: frames per second at which the source plays; it overrides the file's rate and times. shot_fps: frames per
    second at which it was filmed; the times are then those of the real motion.
    """
    fps, shot_fps = _rate("frame rate", fps), _rate("rate of the shot", shot_fps)
    found_times = _from_seconds(found, order) if found.seconds and fps is None else _from_numbers(found, order, fps)
    if found.seconds and fps is not None:
        found_times.notes.append(f"{fps:g} frames per second as given: the times in the file are not used")
    if shot_fps is None:
        return found_times
    played = found_times.fps * order.step
    faster = shot_fps / played
    return Timing(found_times.fps * faster, found_times.times / faster, [
        *found_times.notes, shot_note(shot_fps, played)])


def shot_note(shot: float, played: float) -> str:
    """What a rate of the shot means. shot, played: frames per second."""
    return (f"filmed at {shot:g} and played at {played:.4g} frames per second: the motion is {shot / played:.4g} times "
            "as fast as it plays")


def _rate(what: str, value: float | None) -> float | None:
    if value is None:
        return None
    try:
        rate = float(value)
    except (TypeError, ValueError) as error:
        raise MocapError(f"{what} {value!r} is not a number; give frames per second") from error
    if not (np.isfinite(rate) and 0 < rate <= FASTEST):
        raise MocapError(f"{what} {rate:g} is not usable; give a positive number of frames per second")
    return rate


def _from_numbers(found: Detections, order: FrameOrder, fps: float | None) -> Timing:
    """Times by the frames' numbers and the rate: given, the file's, or the usual one."""
    notes = []
    rate = fps or found.hints.fps
    if fps and found.hints.fps and abs(fps - found.hints.fps) > 0.01:
        notes.append(f"{fps:g} frames per second as given, the file has {found.hints.fps:g}")
    if rate is None:
        rate = DEFAULT_FPS
        notes.append(f"the file does not state its frame rate: {DEFAULT_FPS:g} frames per second are assumed; "
                     "give the video's rate if it differs")
    return Timing(rate / order.step, order.numbers / rate, notes)


def _from_seconds(found: Detections, order: FrameOrder) -> Timing:
    """Return frame rate and times from the file's own times, without long pauses."""
    if len(found.seconds) < len(found.listed):
        raise FormatError("only some frames have a time; give all frames a time, or none")
    times = np.zeros(len(order.numbers))
    for key in found.listed:
        times[order.index[key]] = found.seconds[key]
    times -= times[0]
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise FormatError("the frames' times do not increase; number the frames in the order of their times, or "
                          "give the frame rate in their place (--fps)")
    if len(times) == 1:
        return Timing(found.hints.fps or DEFAULT_FPS, times, [])
    rate = usual_rate(times)
    times, notes = _without_pauses(times, order.numbers, rate)
    if times[-1] * rate > len(times) + most_missing(len(times)):
        raise FormatError(f"{len(times)} frames over {times[-1]:g} s at {rate:.4g} frames per second are not one "
                          "clip; give the frames of one video, with times in seconds (timestamp_ms: milliseconds)")
    return Timing(rate, times, ["the times come from the file", *notes])


def _without_pauses(times: np.ndarray, numbers: np.ndarray, rate: float) -> tuple[np.ndarray, list[str]]:
    """(T,) rising times in seconds without long pauses, and notes.

    numbers: (T,) frame numbers. Where they go on through the pause as fast as the times, the film ran on while nobody
    was seen: such a pause stays.
    """
    steps = np.diff(times)
    counted = np.diff(numbers) / rate
    long = (steps > max(PAUSE, PAUSE_INTERVALS / rate)) & ~((counted > 0.5 * steps) & (counted < 2 * steps))
    if not long.any():
        return times, []
    first = int(np.argmax(long))
    pauses = f"{int(long.sum())} pauses" if long.sum() > 1 else "a pause"
    note = (f"the frames' times have {pauses} of {steps[long].sum():.4g} s in all (after {times[first]:.2f} s): "
            f"{'they are' if long.sum() > 1 else 'it is'} cut out")
    return np.concatenate(([0.0], np.cumsum(np.where(long, 1 / rate, steps)))), [note]
