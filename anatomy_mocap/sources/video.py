"""Read the frames of a video file or an image sequence one at a time, upright, with their times (PyAV)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from ..core.errors import MocapError
from .image_sequence import ImageSequence, find_sequence, is_image_sequence
from .picture import clockwise_degrees, display_matrix, to_rgb, upright

# Formats in which FFmpeg reads texts and lists as if they were videos.
_NOT_VIDEO = frozenset(("tty", "bin", "xbin", "idf", "concat", "hls", "lavfi", "sami", "srt", "ass"))


class VideoSource:
    """A clip that is read as a stream; every iteration starts again at the first frame.

    An iteration yields (time, rgb): seconds since the first frame, rising, from the file's own timestamps; and the
    upright picture, (H, W, 3) uint8, with square pixels.

    width, height: of the upright picture, pixels. fps: frames per second, the mean where the rate varies.
    frame_count: the file's own, or None. duration: seconds, or None.
    codec: short name. rotation: degrees by which the pictures are turned clockwise for display.
    warnings: the faults of a file that was read nevertheless; complete after an iteration.
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
        """Number of frames for a progress bar: the file's own, or from duration and rate, or None."""
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
        """Set size and rotation of all frames from the first one."""
        self._turn = display_matrix(frame)
        self.rotation = clockwise_degrees(self._turn)
        # Pixels that are not square are widened, never shrunk, so that the picture keeps its detail.
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
                    self._warn("the picture's size changes within the clip; later frames are scaled to the first")
                if frame.is_corrupt:
                    self._warn("some frames are damaged")
                first = frame.time if first is None else first
                time = 0.0 if last is None else last + 1 / self.fps
                if frame.time is not None and first is not None and (last is None or frame.time - first > last):
                    time = frame.time - first
                elif frame.time is not None:
                    self._warn("some timestamps do not rise; these frames are spaced by the frame rate")
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
                             "the files are empty, damaged or not pictures; export them again")
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
            self._warn(f"{file.name} can't be read and was left out")
        return frame


def open_video(path, fps: float | None = None) -> VideoSource:
    """Open a video file, a folder of pictures, one picture of a sequence, or a pattern (shot_####.png, shot_%04d.png).

    fps: frames per second of an image sequence, which needs it; a video has its own times.
    Raises MocapError with the file, the cause and the remedy.
    """
    return VideoSource(Path(path), fps)


def probe(path, fps: float | None = None) -> dict:
    """Facts about a clip for `info`, JSON values only; fps and duration are None for a sequence of unknown rate."""
    source = VideoSource(Path(path), fps or (1.0 if is_image_sequence(path) else None))
    known = source.sequence is None or fps is not None
    return {
        "kind": "image sequence" if source.sequence else "video", "width": source.width, "height": source.height,
        "fps": source.fps if known else None, "frames": source.frame_count,
        "duration": source.duration if known else None, "codec": source.codec, "rotation": source.rotation}


def _open(path: Path):
    """The container of a file. Raises MocapError for a file that is missing, empty or not a video."""
    if path.is_dir() or not path.exists():
        raise MocapError(f"{path}: no such file; check the name, or give a folder of numbered pictures")
    try:
        if path.stat().st_size == 0:
            raise MocapError(f"{path}: the file is empty; export or copy it again")
        # FFmpeg cannot mistake an absolute path for one of its protocols ("concat:...").
        container = av.open(str(path.resolve()))
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MocapError(f"{path}: not a readable video ({reason}); the file is damaged, cut off or not a video: "
                         "choose another one, or export it again") from error
    if _NOT_VIDEO & set(container.format.name.split(",")):
        container.close()
        raise MocapError(f"{path}: not a video (recognised as {container.format.name}); choose a video file")
    return container


def _video_stream(container, path: Path):
    """The container's video stream, set to decode on several threads; a cover picture of a sound file does not
    count."""
    films = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not films:
        found = ", ".join(f"{s.type} stream" for s in container.streams) or "nothing"
        raise MocapError(f"{path}: no video stream (found: {found}); choose a video file")
    if films[0].codec_context is None:
        raise MocapError(f"{path}: its video codec is unknown; convert the file to H.264")
    films[0].thread_type = "AUTO"
    return films[0]


def _decoded(container, stream, warn) -> Iterator[av.VideoFrame]:
    """Decoded frames in the order of display; damaged parts are skipped with a warning."""
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
    """Seconds of video from the file's own data; None where the container's duration may be that of the sound."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration and len(container.streams) == 1:
        return container.duration / av.time_base
    return None
