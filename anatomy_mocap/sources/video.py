"""Reads a video file or an image sequence frame by frame with PyAV: upright pictures with their true times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from ..core.errors import MocapError
from .image_sequence import ImageSequence, find_sequence, is_image_sequence
from .picture import clockwise_degrees, display_matrix, to_rgb, upright

# Formats with which FFmpeg reads texts and lists as films. They are never a user's video.
_NOT_VIDEO = frozenset(("tty", "bin", "xbin", "idf", "concat", "hls", "lavfi", "sami", "srt", "ass"))


class VideoSource:
    """A clip that is read as a stream. Every iteration starts at the first frame.

    An iteration yields (time, rgb). time: seconds since the first frame, ascending, from the file's timestamps, so a
    variable frame rate is preserved. rgb: (H, W, 3) uint8, upright by the file's rotation, with square pixels.

    width, height: pixels of the upright picture. fps: frames per second, the mean if the rate varies.
    frame_count: number of frames in the file's header, or None. duration: seconds, or None.
    codec: short name. rotation: clockwise turn of the pictures for display, degrees.
    warnings: faults of the file that did not stop the reading; complete after an iteration.
    """

    def __init__(self, path: Path, fps: float | None):
        self.path = path
        self.warnings: list[str] = []
        self.sequence = find_sequence(path) if is_image_sequence(path) else None
        self.duration: float | None = None
        self._running = None
        if self.sequence:
            self._probe_pictures(self.sequence, fps)
        else:
            self._probe_video()

    @property
    def expected_frames(self) -> int | None:
        """Number of frames for a progress bar: from the file's header, else from duration and rate, else None."""
        if self.frame_count:
            return self.frame_count
        return max(1, round(self.duration * self.fps)) if self.duration and self.fps else None

    def __iter__(self) -> Iterator[tuple[float, np.ndarray]]:
        self.close()
        self.warnings.clear()
        self._running = self._pictures(self.sequence) if self.sequence else self._frames()
        return self._running

    def close(self) -> None:
        """End a running iteration and close the file."""
        if self._running is not None:
            self._running.close()
            self._running = None

    def __enter__(self) -> VideoSource:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    # --- video files ---

    def _probe_video(self) -> None:
        with _open(self.path) as container:
            stream = _video_stream(container, self.path)
            frame = next(_decoded(container, stream, self._warn), None)
            if frame is None:
                raise MocapError(f"{self.path}: not a single frame can be decoded; the file is damaged or cut off, "
                                 "export or copy it again")
            self._set_picture(frame, stream.sample_aspect_ratio)
            self.codec = stream.codec_context.name
            self.fps = float(stream.average_rate or stream.guessed_rate or 0) or 25.0
            self.frame_count = stream.frames or None
            self.duration = _stated_duration(container, stream)

    def _set_picture(self, frame: av.VideoFrame, pixel_aspect=None) -> None:
        """Set size and rotation of all frames from the first frame."""
        self._turn = display_matrix(frame)
        self.rotation = clockwise_degrees(self._turn)
        # Non-square pixels are stretched (never shrunk), so that the picture keeps all its detail.
        aspect = float(pixel_aspect or 1) or 1.0
        self._stored = (round(frame.width * max(aspect, 1)), round(frame.height * max(1 / aspect, 1)))
        self.width, self.height = self._stored[::-1] if self.rotation % 180 else self._stored

    def _frames(self) -> Iterator[tuple[float, np.ndarray]]:
        first = last = None
        with _open(self.path) as container:
            stream = _video_stream(container, self.path)
            shape = None
            for frame in _decoded(container, stream, self._warn):
                shape = shape or (frame.width, frame.height)
                if (frame.width, frame.height) != shape:
                    self._warn("the picture size changes within the clip; later frames were scaled to the first")
                if frame.is_corrupt:
                    self._warn("some frames are damaged")
                first = frame.time if first is None else first
                time = 0.0 if last is None else last + 1 / self.fps
                if frame.time is not None and first is not None and (last is None or frame.time - first > last):
                    time = frame.time - first
                elif frame.time is not None:
                    self._warn("some timestamps do not increase; these frames were timed by the frame rate")
                last = float(time)
                yield last, upright(to_rgb(frame, self._stored), self._turn)
        if last is None:
            raise MocapError(f"{self.path}: not a single frame can be decoded; the file is damaged or cut off, "
                             "export or copy it again")
        end = last + 1 / self.fps
        if self.duration and self.duration - end > max(3 / self.fps, 0.02 * self.duration):
            self._warn(f"only {end:.2f} s of {self.duration:.2f} s could be read; the file is damaged or cut off")

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

    def _pictures(self, sequence: ImageSequence) -> Iterator[tuple[float, np.ndarray]]:
        if sequence.missing:
            self._warn(f"{sequence.missing} numbers of the sequence have no picture")
        for file, number in zip(sequence.files, sequence.numbers, strict=True):
            frame = self._picture(file)
            if frame is None:
                continue
            rgb = upright(to_rgb(frame, (frame.width, frame.height)), display_matrix(frame))
            if rgb.shape[:2] != (self.height, self.width):
                raise MocapError(f"{file}: {rgb.shape[1]} x {rgb.shape[0]} pixels, the first picture has "
                                 f"{self.width} x {self.height}; all pictures of a sequence must have one size")
            yield (number - sequence.numbers[0]) / self.fps, rgb

    def _picture(self, file: Path) -> av.VideoFrame | None:
        try:
            with _open(file) as container:
                frame = next(_decoded(container, _video_stream(container, file), lambda text: None), None)
        except MocapError:
            frame = None
        if frame is None:
            self._warn(f"{file.name} cannot be read and was left out")
        return frame


def open_video(path, fps: float | None = None) -> VideoSource:
    """Open a video file, a folder of pictures, one picture of a sequence, or a pattern (shot_####.png, shot_%04d.png).

    fps: frames per second, required for an image sequence; a video has its own times and ignores it.
    """
    return VideoSource(Path(path), fps)


def probe(path, fps: float | None = None) -> dict:
    """Return the facts of a clip for `info` as JSON values; fps and duration are None for a sequence without a rate."""
    source = VideoSource(Path(path), fps or (1.0 if is_image_sequence(path) else None))
    known = source.sequence is None or fps is not None
    return {
        "kind": "image sequence" if source.sequence else "video", "width": source.width, "height": source.height,
        "fps": source.fps if known else None, "frames": source.frame_count,
        "duration": source.duration if known else None, "codec": source.codec, "rotation": source.rotation}


def _open(path: Path):
    """Open the container of a file. Raises MocapError if the file is missing, empty or not a video."""
    if path.is_dir() or not path.exists():
        raise MocapError(f"{path}: no such file; check the name, or give a folder of numbered pictures")
    try:
        if path.stat().st_size == 0:
            raise MocapError(f"{path}: the file is empty; export or copy it again")
        # FFmpeg cannot take an absolute path for one of its protocols ("concat:...").
        container = av.open(str(path.resolve()))
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MocapError(f"{path}: not a readable video ({reason}); the file is damaged, cut off or not a video: "
                         "choose another or export it again") from error
    if _NOT_VIDEO & set(container.format.name.split(",")):
        container.close()
        raise MocapError(f"{path}: not a video (recognised as {container.format.name}); choose a video file")
    return container


def _video_stream(container, path: Path):
    """Return the container's video stream with threaded decoding. A cover picture in a sound file does not count."""
    films = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not films:
        found = ", ".join(f"{s.type} stream" for s in container.streams) or "nothing"
        raise MocapError(f"{path}: no video stream (found: {found}); choose a video file")
    if films[0].codec_context is None:
        raise MocapError(f"{path}: its video codec is not supported; convert the file to H.264")
    films[0].thread_type = "AUTO"
    return films[0]


def _decoded(container, stream, warn) -> Iterator[av.VideoFrame]:
    """Yield the decoded frames in display order. Damaged parts are skipped with a warning."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except av.error.EOFError:
            return
        except av.FFmpegError as error:
            warn(f"damaged data was skipped ({error.strerror or error})")
            if isinstance(error, av.error.InvalidDataError):
                continue
            return
        yield from frames


def _stated_duration(container, stream) -> float | None:
    """Return the video's duration in seconds from the header; None if the container's duration may be the sound's."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration and len(container.streams) == 1:
        return container.duration / av.time_base
    return None
