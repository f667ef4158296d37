"""Writes and reads a clip's pictures as H.264 with PyAV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np

from anatomy_mocap.core.whole_file import written_whole

_OPTIONS = {"crf": "19", "preset": "veryfast"}


def write_video(path: Path, pictures: Iterable[np.ndarray], fps: float) -> None:
    """Write pictures (H, W, 3) uint8 as an .mp4, whole or not at all; the same bytes for the same pictures."""
    with (written_whole(path, "video") as partial,
          av.open(str(partial), "w", format="mp4", options={"fflags": "+bitexact"}) as container):
        stream = None
        for picture in pictures:
            if stream is None:
                stream = container.add_stream("libx264", rate=round(fps), options=_OPTIONS)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt, stream.thread_count = "yuv420p", 1
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        if stream is not None:
            container.mux(stream.encode())


def pictures_of(path: Path, frames: Iterable[int]) -> Iterator[np.ndarray]:
    """The pictures (H, W, 3) uint8 of some frames, in ascending order."""
    wanted = set(frames)
    with av.open(str(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index in wanted:
                yield frame.to_ndarray(format="rgb24")
            if index >= max(wanted, default=-1):
                return
