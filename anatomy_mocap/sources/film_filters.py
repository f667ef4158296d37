"""Turns decoded frames into pictures of one moment with ordinary brightness: fields apart, HDR tone-mapped (libav)."""

from __future__ import annotations

import io
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import av
import numpy as np

from ..core.errors import MocapError

TELECINED = 0.25
"""Share of frames that repeat a field, from which a film counts as telecined; 3:2 pulldown has two of five. Chosen."""
WHOLE = 0.9
"""Share of the frames that show how they were filmed, above which all are taken to be of that kind. Guessed."""
FEWEST, ENOUGH = 4, 20
"""Frames that show how they were filmed (something moves in them), below which the file's own mark counts, and after
which no more are looked at. Guessed."""
LONGEST_LOOK = 200
"""Frames that are looked at. Chosen."""
TALLEST_COMBED = 1088
"""Rows of the tallest interlaced film."""
TELECINED_FILM = ("it repeats fields, as film of 24 pictures per second does that was telecined: the motion comes in "
                  "steps; undo that first (FFmpeg: fieldmatch,decimate)")
_PQ, _HLG = 16, 18
"""Transfer functions of HDR in ITU-T H.273: SMPTE ST 2084 and ARIB STD-B67."""
WHITE, PEAK = 203.0, 1000.0
"""cd/m2: the reference white of HDR (ITU-R BT.2408), and the brightest that is kept apart from white, as HLG has it."""
_GRID = 33
"""Steps of a colour channel in the table of the tone mapping. Usual for such tables."""
_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
"""Linear BT.2020 to linear BT.709 (ITU-R BT.2407)."""


@dataclass
class Scan:
    """How frames were filmed, by what moves between their rows.

    whole: each shows one moment. combed: each shows two. order: "tff" or "bff", the field that comes first, "" where
    it can't be told. telecined: fields are repeated as where film of 24 pictures a second was spread over 60 fields.
    Nothing is told of frames in which nothing moves.
    """

    whole: bool = False
    combed: bool = False
    order: str = ""
    telecined: bool = False


def scan(frames: Iterable[av.VideoFrame]) -> Scan:
    """Look at successive frames until enough show how they were filmed (the filter idet)."""
    look = _Look()
    for frame in frames:
        if not look.at(frame):
            break
    return look.result()


class _Look:
    """Counts of idet over frames of one form."""

    def __init__(self) -> None:
        self._counts: Counter = Counter()
        self._repeated, self._idet = 0, None

    def at(self, frame: av.VideoFrame) -> bool:
        """Look at the next frame; returns whether more are wanted."""
        self._idet = self._idet or _Filter(frame, "idet")
        if self._idet.form != _form(frame):
            return False
        self._count(self._idet.put(frame))
        return self._idet.count < LONGEST_LOOK and self._told() < ENOUGH

    def result(self) -> Scan:
        """What the frames so far show."""
        if self._idet is None:
            return Scan()
        self._count(self._idet.put(None))
        told, first, second = self._told(), self._counts["tff"], self._counts["bff"]
        if told < FEWEST:
            return Scan()
        whole = self._counts["progressive"] >= WHOLE * told
        order = "tff" if first >= WHOLE * (first + second) else "bff" if second >= WHOLE * (first + second) else ""
        return Scan(whole, max(first, second) >= WHOLE * told, order * (first + second >= FEWEST),
                    not whole and self._repeated >= TELECINED * self._idet.count)

    def _told(self) -> int:
        return self._counts["tff"] + self._counts["bff"] + self._counts["progressive"]

    def _count(self, frames: Iterable[av.VideoFrame]) -> None:
        for frame in frames:
            self._counts[frame.metadata.get("lavfi.idet.single.current_frame")] += 1
            self._repeated += frame.metadata.get("lavfi.idet.repeated.current_frame") in ("top", "bottom")


def watched_for_combs(timed: Iterable[tuple[float, av.VideoFrame]], warn: Callable[[str], None]
                      ) -> Iterator[tuple[float, av.VideoFrame]]:
    """Yield the same (time, frame); warn of two moments in a frame where the file marks no frame as interlaced."""
    look: _Look | None = _Look()
    for time, frame in timed:
        if look is not None and (frame.interlaced_frame or frame.height > TALLEST_COMBED):
            look = None
        if look is not None and not look.at(frame):
            _tell(look.result(), warn)
            look = None
        yield time, frame
    if look is not None:
        _tell(look.result(), warn)


def _tell(found: Scan, warn: Callable[[str], None]) -> None:
    if found.telecined:
        warn(TELECINED_FILM)
    elif found.combed:
        warn("its frames show two moments each (a comb at moving edges), though the file does not mark them as "
             "interlaced: deinterlace it first, to the doubled frame rate (FFmpeg: bwdif=deint=all)")


def fields_apart(timed: Iterable[tuple[float, av.VideoFrame]], interval: float, order: str = ""
                 ) -> Iterator[tuple[float, av.VideoFrame]]:
    """Yield (time, frame) with each interlaced frame as two whole ones, half an interval apart; others as they are.

    timed: (seconds, decoded frame) in rising order. interval: usual seconds between two frames. order: "tff" or "bff",
    which field comes first; "" by the frame's own mark. The missing rows are interpolated from their own field and,
    where nothing moves, from its neighbours (the filter bwdif).
    """
    bob, times = None, []
    for time, frame in timed:
        if bob is not None and bob.form != _form(frame):
            yield from _in_time(bob.put(None), times, interval)
            bob = None
        if bob is None and not frame.interlaced_frame:
            yield time, frame
            continue
        if bob is None:
            bob, times = _Filter(frame, "bwdif", mode="send_field", deint="interlaced", parity=order or "auto"), []
        times.append(time)
        yield from _in_time(bob.put(frame), times, interval)
    if bob is not None:
        yield from _in_time(bob.put(None), times, interval)


def _in_time(frames: Iterator[av.VideoFrame], times: list[float], interval: float
             ) -> Iterator[tuple[float, av.VideoFrame]]:
    for frame in frames:
        # The filter's clock is twice as fast: frame i is at 2 i, its second field between it and the next frame.
        number, second = divmod(round(frame.pts * frame.time_base * 2), 2)
        number = min(number, len(times) - 1)
        after = times[number + 1] - times[number] if number + 1 < len(times) else interval
        yield times[number] + second * min(after, interval) / 2, frame


def is_hdr(frame: av.VideoFrame) -> bool:
    """Whether a frame has the brightness of HDR: PQ (HDR10, Dolby Vision) or HLG."""
    return frame.color_trc in (_PQ, _HLG)


def standard_range(timed: Iterable[tuple[float, av.VideoFrame]]) -> Iterator[tuple[float, av.VideoFrame]]:
    """Yield (time, frame) with HDR frames as ordinary ones (BT.709), by ITU-R BT.2390's curve; others as they are."""
    mapping, kind = None, None
    for time, frame in timed:
        if not is_hdr(frame):
            yield time, frame
            continue
        deep = frame.reformat(format="gbrp16le")  # the one for which the filter is fast
        if mapping is None or (kind, mapping.form) != (frame.color_trc, _form(deep)):
            kind = frame.color_trc
            mapping = _tone_mapping(deep, kind)
        for mapped in mapping.put(deep):
            yield time, mapped


def _tone_mapping(like: av.VideoFrame, kind: int) -> _Filter:
    """The filter for HDR frames of one form. It reads its table from a file, which is gone afterwards."""
    try:
        handle, file = tempfile.mkstemp(prefix="anatomy_mocap_", suffix=".cube")
    except OSError as error:
        raise MocapError(f"{tempfile.gettempdir()}: the table for HDR can't be written there ({error.strerror}); free "
                         "some space, or set another temporary folder") from error
    try:
        with os.fdopen(handle, "wb") as open_file:
            open_file.write(_table(kind))
        return _Filter(like, "lut3d", file=file, interp="tetrahedral")
    finally:
        os.unlink(file)


@lru_cache(maxsize=2)
def _table(kind: int) -> bytes:
    """The tone mapping as a table of the colour cube, in the format .cube. kind: _PQ or _HLG."""
    steps = np.arange(_GRID) / (_GRID - 1)
    nits = _nits_of_pq(steps) if kind == _PQ else PEAK * _light_of_hlg(steps) ** 1.2
    light = _compressed(nits) / WHITE
    blue, green, red = np.meshgrid(light, light, light, indexing="ij")  # red changes fastest
    linear = np.clip(np.stack([red, green, blue], axis=-1) @ _TO_709.T, 0, 1)
    text = io.StringIO(f"LUT_3D_SIZE {_GRID}\n")
    text.seek(0, io.SEEK_END)
    np.savetxt(text, linear.reshape(-1, 3) ** (1 / 2.4), fmt="%.5f")
    return text.getvalue().encode()


def _compressed(nits: np.ndarray) -> np.ndarray:
    """Brightness 0..WHITE of brightness 0..PEAK, cd/m2: dark tones as they are, light ones rolled off (BT.2390-11)."""
    top, least = _pq_of_nits(np.array([WHITE, PEAK]))
    top, value = top / least, np.clip(_pq_of_nits(nits) / least, 0, 1)
    knee = 1.5 * top - 0.5
    t = (value - knee) / (1 - knee)
    rolled = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * top
    return _nits_of_pq(np.where(value < knee, value, rolled) * least)


def _nits_of_pq(code: np.ndarray) -> np.ndarray:
    """cd/m2 of a PQ code 0..1 (SMPTE ST 2084)."""
    root = np.asarray(code) ** (32 / 2523)
    return 10000 * (np.maximum(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)) ** (8192 / 1305)


def _pq_of_nits(nits: np.ndarray) -> np.ndarray:
    power = (np.asarray(nits) / 10000) ** (1305 / 8192)
    return ((107 / 128 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)


def _light_of_hlg(code: np.ndarray) -> np.ndarray:
    """The scene's light 0..1 of an HLG code 0..1 (ITU-R BT.2100)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)


def _form(frame: av.VideoFrame) -> tuple:
    return frame.width, frame.height, frame.format.name


class _Filter:
    """One filter of libav for frames of one form, such as ("bwdif", mode="send_field"). like: a frame of that form."""

    def __init__(self, like: av.VideoFrame, name: str, **options: str) -> None:
        self.form, self.count = _form(like), 0
        self._graph = av.filter.Graph()
        self._source = self._graph.add_buffer(width=like.width, height=like.height, format=like.format,
                                              time_base=Fraction(1))
        node, sink = self._graph.add(name, **options), self._graph.add("buffersink")
        self._source.link_to(node)
        node.link_to(sink)
        self._graph.configure()

    def put(self, frame: av.VideoFrame | None) -> Iterator[av.VideoFrame]:
        """Give the next frame, None at the end; yields the frames that are ready. The clock counts the frames given."""
        if frame is not None:
            frame.pts, frame.time_base = self.count, Fraction(1)
            self.count += 1
        self._source.push(frame)
        while True:
            try:
                yield self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
