"""Opens the film stream of a video file: which stream, at which rate, and its decoded frames in display order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import av

from ..core.errors import MocapError, one_line, require_file

# Formats with which FFmpeg reads texts and lists as films. They are never a user's video.
_NOT_VIDEO = frozenset(("tty", "bin", "xbin", "idf", "concat", "hls", "lavfi", "sami", "srt", "ass"))
LARGEST_SIDE, LARGEST_AREA, SMALLEST_SIDE = 16384, 2**26, 8
"""Pixels of a picture. Chosen: twice an 8K camera's; what is outside is damage, and would take the memory."""
MOST_STRETCHED = 5.0
"""Largest ratio of a pixel's sides. Chosen: twice the widest that films have."""
ASSUMED_RATE = 25.0
"""Frames per second of a stream that states none, as FFmpeg assumes it."""
LOOKED_AT = 400
"""Packets from which the streams that move are told from thumbnails. Chosen."""


def open_container(path: Path) -> av.container.InputContainer:
    """Open the container of a file. Raises MocapError if the file is missing, empty or not a video."""
    require_file(path, "check the name, or give a folder of numbered pictures")
    try:
        if path.stat().st_size == 0:
            raise MocapError(f"{path}: the file is empty; export or copy it again")
        # FFmpeg cannot take an absolute path for one of its protocols ("concat:...").
        container = av.open(str(path.resolve()))
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = one_line(getattr(error, "strerror", None) or error)
        raise MocapError(f"{path}: not a readable video ({reason}); the file is damaged, cut off or not a video: "
                         "choose another or export it again") from error
    if _NOT_VIDEO & set(container.format.name.split(",")):
        container.close()
        raise MocapError(f"{path}: not a video (recognised as {container.format.name}); choose a video file")
    return container


def film_stream(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    """The container's largest film, with threaded decoding. Cover pictures and thumbnails do not count.

    Raises MocapError where there is none, where no decoder is known, and for a size that no film has.
    """
    films = _films(container)
    if not films:
        found = ", ".join(f"{s.type} stream" for s in container.streams) or "nothing"
        raise MocapError(f"{path}: no video stream (found: {found}); choose a video file")
    films = [s for s in films if s.codec_context is not None]
    if not films:
        raise MocapError(f"{path}: its video codec is not supported; convert the file to H.264")
    moving = _moving(path) if len(films) > 1 else set()
    stream = max(films, key=lambda s: (s.index in moving, s.width * s.height, bool(s.disposition & _DEFAULT), -s.index))
    check_size(path, stream.width or SMALLEST_SIDE, stream.height or SMALLEST_SIDE)
    options = {"max_pixels": str(LARGEST_AREA)}
    if stream.codec_context.name == "exr":
        options["apply_trc"] = "iec61966_2_1"  # its light is linear, and far too dark if shown as it is
    stream.codec_context.options = options
    stream.thread_type = "AUTO"
    return stream


def other_films(container: av.container.InputContainer, stream: av.VideoStream, path: Path) -> int:
    """The number of further streams of a file that move and are as large as the one that is read."""
    others = [s for s in _films(container) if s.index != stream.index and s.codec_context is not None
              and s.width * s.height >= stream.width * stream.height]
    return len(_moving(path) & {s.index for s in others}) if others else 0


_DEFAULT = av.stream.Disposition.default
_STILL = av.stream.Disposition.attached_pic | av.stream.Disposition.still_image | av.stream.Disposition.timed_thumbnails


def _films(container: av.container.InputContainer) -> list[av.VideoStream]:
    return [s for s in container.streams.video if not s.disposition & _STILL] \
        or [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]


def _moving(path: Path) -> set[int]:
    """Indices of the streams with several pictures among the file's first packets."""
    counts: Counter = Counter()
    with open_container(path) as container:
        try:
            for number, packet in enumerate(container.demux(*container.streams.video)):
                counts[packet.stream_index] += packet.size > 0
                if number >= LOOKED_AT:
                    break
        except av.FFmpegError:
            pass  # the packets so far decide
    return {index for index, count in counts.items() if count > 1}


def check_size(path: Path, width: int, height: int) -> None:
    """Raise MocapError for a size that no film has."""
    if min(width, height) < SMALLEST_SIDE or max(width, height) > LARGEST_SIDE or width * height > LARGEST_AREA:
        raise MocapError(f"{path}: pictures of {width} x {height} pixels can't be tracked; export it again at a usual "
                         f"size ({SMALLEST_SIDE} to {LARGEST_SIDE} pixels a side)")


def check_aspect(path: Path, aspect: float) -> float:
    """A pixel's width through its height, 1 where none is stated. Raises MocapError for one that no film has."""
    if not aspect:
        return 1.0
    if not 1 / MOST_STRETCHED <= aspect <= MOST_STRETCHED:
        raise MocapError(f"{path}: it states pixels {aspect:g} times as wide as high, which no film has; export it "
                         "again with square pixels")
    return aspect


def has_no_times(container: av.container.InputContainer) -> bool:
    """Whether the file is a raw stream, whose frames have no times."""
    return bool(int(container.format.flags) & av.format.Flags.no_timestamps.value)


def stated_rate(container: av.container.InputContainer, stream: av.VideoStream) -> float | None:
    """Frames per second by the file; None where it states none."""
    if has_no_times(container):
        return float(stream.codec_context.framerate or 0) or None
    mean, guess = float(stream.average_rate or 0), float(stream.guessed_rate or 0)
    # Some formats give the clock's rate for the mean one (60000 a second in raw DV).
    return (guess if guess and mean > 2 * guess else mean or guess) or None


def usual_interval(path: Path, index: int) -> float | None:
    """Seconds between two frames in the middle of the file's first ones; None where they have no timestamps.

    index: of the stream. A pause, and a rate that changes later, do not influence it.
    """
    times = []
    with open_container(path) as container:
        try:
            for packet in container.demux(container.streams[index]):
                stamp = packet.dts if packet.dts is not None else packet.pts
                if packet.size and stamp is not None:
                    times.append(float(stamp * packet.time_base))
                if len(times) >= LOOKED_AT // 4:
                    break
        except av.FFmpegError:
            pass  # the packets so far are enough, or the film has no rate
    steps = sorted(later - former for former, later in pairwise(sorted(times)) if later > former)
    return steps[len(steps) // 2] if len(steps) > 1 else None


def counts_packets(container: av.container.InputContainer) -> bool:
    """Whether a packet's place in the file, and not its timestamp, tells when a picture is shown: so in AVI, where the
    timestamps of films with B frames are in coding order."""
    return "avi" in container.format.name.split(",")


def decoded(container: av.container.InputContainer, stream: av.VideoStream, warn: Callable[[str], None],
            sent: list[float] | None = None) -> Iterator[av.VideoFrame]:
    """Yield the decoded frames in display order. Damaged parts are skipped with a warning.

    sent: a list that gets the time of each packet with content, in seconds, as it is sent to the decoder.
    """
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            if sent is not None and packet.size and packet.dts is not None:
                sent.append(float(packet.dts * packet.time_base))
            frames = packet.decode()
        except av.error.EOFError:
            return
        except av.FFmpegError as error:
            warn(f"damaged data was skipped ({error.strerror or error})")
            if isinstance(error, av.error.InvalidDataError):
                continue
            return
        yield from frames


def stated_duration(container: av.container.InputContainer, stream: av.VideoStream) -> float | None:
    """Return the video's duration in seconds from the header; None if the container's duration may be the sound's."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration and len(container.streams) == 1:
        return container.duration / av.time_base
    return None
