"""Reads a video file or an image sequence frame by frame with PyAV: upright pictures with their true times."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from os import PathLike
from pathlib import Path

import av
import numpy as np

from ..core.errors import MocapError
from .film_filters import TELECINED_FILM, fields_apart, is_hdr, scan, standard_range, watched_for_combs
from .film_stream import (
    ASSUMED_RATE,
    check_aspect,
    check_size,
    counts_packets,
    decoded,
    film_stream,
    has_no_times,
    open_container,
    other_films,
    stated_duration,
    stated_rate,
    usual_interval,
)
from .image_sequence import ImageSequence, find_sequence, is_image_sequence, refuse_animated
from .picture import Glance, at_most, clockwise_degrees, display_matrix, glance_at, make_colours_readable, oddities

PAUSE, PAUSE_INTERVALS = 3.0, 8.0
"""Seconds, and multiples of the usual time between two frames, above which a pause in the timestamps is cut out. Both
guessed. What happened meanwhile is unknown; shorter ones keep their length, and have no confidence."""

PROBED = 6
"""First frames of a film from which it counts as interlaced. Chosen."""
TRIMMED = 0.95
"""Share of a file's frames that its duration has room for, below which it shows only a part of them. Chosen."""


class VideoSource:
    """A clip that is read as a stream. Every iteration starts at the first frame.

    An iteration yields (time, rgb). time: seconds since the first frame, ascending, from the file's timestamps, so a
    variable frame rate is preserved. rgb: (H, W, 3) uint8, upright by the file's rotation, with square pixels.

    An interlaced frame gives two pictures, one of each field, at their own times. HDR is tone-mapped.

    width, height: pixels of the upright picture. fps: pictures per second, the mean if the rate varies.
    frame_count: number of pictures by the file's header, or None. duration: seconds, or None.
    codec: short name. rotation: clockwise turn of the pictures for display, degrees.
    warnings: faults of the file that did not stop the reading; complete after an iteration.
    """

    def __init__(self, path: Path, fps: float | None) -> None:
        self.path = path
        self.warnings: list[str] = []
        self.sequence = find_sequence(path) if is_image_sequence(path) else None
        self.duration: float | None = None
        self._running = None
        self._said: list[str] = []
        if self.sequence:
            self._probe_pictures(self.sequence, fps)
        else:
            refuse_animated(path)
            self._probe_video(fps)

    @property
    def own_times(self) -> bool:
        """Whether the file has times; pictures and raw streams have the rate that the user gives."""
        return self.sequence is None and not self._raw

    @property
    def expected_frames(self) -> int | None:
        """Number of frames for a progress bar: from the file's header, else from duration and rate, else None."""
        if self.frame_count:
            return self.frame_count
        return max(1, round(self.duration * self.fps)) if self.duration and self.fps else None

    def __iter__(self) -> Iterator[tuple[float, np.ndarray]]:
        return ((time, np.ascontiguousarray(rgb)) for time, rgb in self.pictures())

    def pictures(self, longest: int | None = None) -> Iterator[tuple[float, np.ndarray]]:
        """Start at the first frame; see the class. longest: pixels of the longer side, to which larger pictures are
        scaled down. A picture may be a view of one with four bytes a pixel.
        """
        return ((time, glance.rgb) for time, glance in self.glances(longest))

    def glances(self, longest: int | None = None) -> Iterator[tuple[float, Glance]]:
        """As `pictures`, but a frame is converted only when somebody looks at it."""
        self.close()
        self.warnings[:] = self._said
        self._running = self._pictures(self.sequence, longest) if self.sequence else self._frames(longest)
        return self._running

    def close(self) -> None:
        """End a running iteration and close the file."""
        if self._running is not None:
            self._running.close()
            self._running = None

    def __enter__(self) -> VideoSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    # --- video files ---

    def _probe_video(self, fps: float | None) -> None:
        with open_container(self.path) as container:
            stream = film_stream(container, self.path)
            first, marks, stamps = None, [], []
            for frame in islice(decoded(container, stream, self._warn), PROBED):
                first = first or frame
                marks.append(frame.interlaced_frame)
                stamps.append(frame.time)
            if first is None:
                raise MocapError(f"{self.path}: not a single frame can be decoded; the file is damaged or cut off, "
                                 "export or copy it again")
            self._set_picture(first, stream.sample_aspect_ratio)
            self.codec = stream.codec_context.name
            self.duration = stated_duration(container, stream)
            self.frame_count = stream.frames or None
            self._raw, self._by_packets = has_no_times(container), counts_packets(container)
            stated, index = stated_rate(container, stream), stream.index
            if more := other_films(container, stream, self.path):
                self._say(f"the file has {more} more film{'s' * (more > 1)} as large as the one that is read (stream "
                          f"{index})")
        self._interval = None if self._raw else usual_interval(self.path, index)
        if self._interval and any(marks) and len(stamps) > 1 and not (self._by_packets or None in stamps):
            # Some cameras store each field in a packet of its own: packets then come twice as often as frames.
            self._interval = max(self._interval, float(np.median(np.diff(stamps))))
        if self._raw:
            self.fps = self._rate_of_raw_stream(stated, fps)
        else:
            seen = 1 / self._interval if self._interval else None
            # A pause spoils the mean rate in the header, and some headers state the clock's rate.
            self.fps = seen if seen and not 0.5 * seen <= (stated or 0) <= 3 * seen else stated or ASSUMED_RATE
        if self.frame_count and self.duration and self.duration * self.fps < TRIMMED * self.frame_count:
            self.frame_count = max(1, round(self.duration * self.fps))  # an edit list shows a part of the frames
        self._interval = self._interval or 1 / self.fps
        self._rate, self._apart, self._order = self.fps, True, ""
        if is_hdr(first):
            self._say("the film is HDR: it is tone-mapped to ordinary brightness for the tracking")
        if 2 * sum(marks) >= len(marks):
            self._set_fields()

    def _set_fields(self) -> None:
        """Decide whether the frames of a film that is marked as interlaced hold two moments, and say it."""
        with open_container(self.path) as container:
            frames = decoded(container, film_stream(container, self.path), lambda text: None)
            found = scan(frame for frame in frames if frame.interlaced_frame)
        self._apart, self._order = not found.whole, found.order
        if found.whole:
            self._say("the film is marked as interlaced, but each frame shows one moment: whole frames are used")
            return
        self.fps, self.frame_count = 2 * self.fps, 2 * self.frame_count if self.frame_count else None
        self._say(f"the film is interlaced: the two fields of each frame are pictures of their own, {self.fps:g} per "
                  "second")
        if found.telecined:
            self._say(TELECINED_FILM)

    def _rate_of_raw_stream(self, stated: float | None, given: float | None) -> float:
        """The given frame rate, else that in the stream's own header, else the usual one; both with a warning."""
        if given is not None:
            if not (np.isfinite(given) and given > 0):
                raise MocapError(f"{self.path}: frame rate {given} is not usable; give a positive number")
            return float(given)
        self._say(f"the file states no times: {stated or ASSUMED_RATE:g} frames per second are "
                  f"{'taken from its header' if stated else 'assumed'}; give the true rate (--fps) if it differs")
        return stated or ASSUMED_RATE

    def _say(self, text: str) -> None:
        """Add a warning that holds for every iteration."""
        self._said.append(text)
        self._warn(text)

    def _set_picture(self, frame: av.VideoFrame, pixel_aspect=None) -> None:
        """Set size and rotation of all frames from the first frame."""
        self._turn = display_matrix(frame)
        self.rotation = clockwise_degrees(self._turn)
        for text in oddities(frame):
            self._say(text)
        # Non-square pixels are stretched (never shrunk), so that the picture keeps all its detail.
        aspect = check_aspect(self.path, float(pixel_aspect or 1))
        self._stored = (round(frame.width * max(aspect, 1)), round(frame.height * max(1 / aspect, 1)))
        check_size(self.path, *self._stored)
        self.width, self.height = self._stored[::-1] if self.rotation % 180 else self._stored

    def _frames(self, longest: int | None) -> Iterator[tuple[float, Glance]]:
        size = at_most(self._stored, longest)
        clock = _Clock(self._rate, self._interval, self._warn)
        with open_container(self.path) as container:
            timed = watched_for_combs(self._timed(container, clock), self._warn)
            if self._apart:
                timed = fields_apart(timed, 1 / self._rate, self._order)
            for time, frame in standard_range(timed):
                yield time, glance_at(frame, size, self._turn)
        if clock.last is None:
            raise MocapError(f"{self.path}: not a single frame can be decoded; the file is damaged or cut off, "
                             "export or copy it again")
        end = clock.last + clock.cut + 1 / self._rate
        if self.duration and not self._raw and self.duration - end > max(3 / self._rate, 0.02 * self.duration):
            self._warn(f"only {end:.2f} s of {self.duration:.2f} s could be read; the file is damaged or cut off")

    def _timed(self, container: av.container.InputContainer, clock: _Clock) -> Iterator[tuple[float, av.VideoFrame]]:
        """Yield the time of each decoded frame, and the frame."""
        sent: list[float] | None = [] if self._by_packets else None
        shape = None
        for number, frame in enumerate(decoded(container, film_stream(container, self.path), self._warn, sent)):
            shape = shape or (frame.width, frame.height)
            if (frame.width, frame.height) != shape:
                self._warn("the picture size changes within the clip; later frames were scaled to the first")
            if frame.is_corrupt:
                self._warn("some frames are damaged")
            if told := make_colours_readable(frame):
                self._warn(told)
            if frame.interlaced_frame and self._apart and self.fps == self._rate:
                self._warn("a part of the film is interlaced: each frame there is read as two pictures, one a field")
            stamp = None if self._raw else frame.time
            if sent:
                stamp = sent[min(number, len(sent) - 1)]
            yield clock.time_of(stamp), frame

    # --- image sequences ---

    def _probe_pictures(self, sequence: ImageSequence, fps: float | None) -> None:
        if fps is not None and not (np.isfinite(fps) and fps > 0):
            raise MocapError(f"{self.path}: frame rate {fps} is not usable; give a positive number")
        if fps is None and len(sequence.files) > 1:
            raise MocapError(f"{self.path}: an image sequence has no frame rate of its own; give one (--fps)")
        self.fps = float(fps or 1.0)
        self.frame_count = len(sequence.files)
        self.duration = (sequence.numbers[-1] - sequence.numbers[0] + 1) / self.fps
        frame = next((f for f in map(self._picture, sequence.files) if f is not None), None)
        if frame is None:
            raise MocapError(f"{self.path}: none of the {len(sequence.files)} pictures can be read; "
                             "the files are empty, damaged or not pictures")
        self._set_picture(frame)
        self.codec = sequence.files[0].suffix[1:].lower()

    def _pictures(self, sequence: ImageSequence, longest: int | None) -> Iterator[tuple[float, Glance]]:
        if sequence.missing:
            self._warn(f"{sequence.missing} numbers of the sequence have no picture")
        for file, number in zip(sequence.files, sequence.numbers, strict=True):
            frame = self._picture(file)
            if frame is None:
                continue
            turn, stored = display_matrix(frame), (frame.width, frame.height)
            width, height = stored[::-1] if clockwise_degrees(turn) % 180 else stored
            if (width, height) != (self.width, self.height):
                raise MocapError(f"{file}: {width} x {height} pixels, the first picture has {self.width} x "
                                 f"{self.height}; all pictures of a sequence must have one size")
            yield (number - sequence.numbers[0]) / self.fps, glance_at(frame, at_most(stored, longest), turn)

    def _picture(self, file: Path) -> av.VideoFrame | None:
        try:
            with open_container(file) as container:
                frame = next(decoded(container, film_stream(container, file), lambda text: None), None)
        except MocapError:
            frame = None
        if frame is None:
            self._warn(f"{file.name} cannot be read and was left out")
        elif told := make_colours_readable(frame):
            self._warn(told)
        return frame


class _Clock:
    """Turns a film's timestamps into rising times from 0, without long pauses.

    fps: for frames without a usable timestamp. interval: usual seconds between two frames. warn: called with a text.
    last: the time of the frame before; None before the first. cut: seconds of pauses that were cut out.
    """

    def __init__(self, fps: float, interval: float, warn):
        self._step, self._longest, self._warn = 1 / fps, max(PAUSE, PAUSE_INTERVALS * interval), warn
        self._first = self.last = None
        self.cut = 0.0

    def time_of(self, stamp: float | None) -> float:
        """The next frame's time. stamp: its timestamp in seconds, if it has one."""
        if self._first is None and stamp is not None:
            self._first = stamp - (0.0 if self.last is None else self.last + self._step)
        if self.last is None:
            self.last = 0.0
            return 0.0
        time = self.last + self._step
        if stamp is not None:
            since = stamp - self._first - self.cut
            if since - self.last > self._longest:
                pause = since - self.last
                self._warn(f"the film pauses for {pause:.1f} s after {self.last:.2f} s; the pause is cut out")
                self.cut += pause - self._step
            elif since > self.last:
                time = since
            else:
                self._warn("some timestamps do not increase; these frames were timed by the frame rate")
        self.last = float(time)
        return self.last


def open_video(path: str | PathLike, fps: float | None = None) -> VideoSource:
    """Open a video file, a folder of pictures, one picture of a sequence, or a pattern (shot_####.png, shot_%04d.png).

    fps: frames per second, required for an image sequence and used for a raw stream, which states no times; other
    videos have their own times and ignore it.
    """
    return VideoSource(Path(path), fps)


def probe(path: str | PathLike, fps: float | None = None) -> dict:
    """Return the facts of a clip for `info` as JSON values; fps and duration are None for a sequence without a rate."""
    source = VideoSource(Path(path), fps or (1.0 if is_image_sequence(path) else None))
    known = source.sequence is None or fps is not None
    facts = {
        "kind": "image sequence" if source.sequence else "video", "width": source.width, "height": source.height,
        "fps": source.fps if known else None, "frames": source.frame_count,
        "duration": source.duration if known else None, "codec": source.codec, "rotation": source.rotation}
    return facts | ({"warnings": list(source.warnings)} if source.warnings else {})
