"""Writes small clips for the tests of the video reader."""

from __future__ import annotations

import av
import numpy as np


def corners(width=64, height=48) -> np.ndarray:
    """Make a picture whose four quarters are red, green (top), blue and white (bottom)."""
    rgb = np.zeros((height, width, 3), dtype=np.uint8)
    rgb[: height // 2, : width // 2] = (250, 0, 0)
    rgb[: height // 2, width // 2:] = (0, 250, 0)
    rgb[height // 2:, : width // 2] = (0, 0, 250)
    rgb[height // 2:, width // 2:] = (250, 250, 250)
    return rgb


def names_of_corners(rgb) -> str:
    """Return the colours near the corners in reading order, such as "rgbw"."""
    height, width = rgb.shape[:2]
    letters = {(1, 0, 0): "r", (0, 1, 0): "g", (0, 0, 1): "b", (1, 1, 1): "w", (0, 0, 0): "k"}
    spots = [(y, x) for y in (height // 8, height - 1 - height // 8) for x in (width // 8, width - 1 - width // 8)]
    return "".join(letters.get(tuple((rgb[spot] > 128).astype(int)), "?") for spot in spots)


def grey_level(rgb) -> int:
    """Return the number of the grey of `write_clip` that a picture shows."""
    return round((float(rgb.mean()) - 20) / 10)


def write_clip(path, pictures=None, *, times=None, rate=10, codec="mpeg4", pixels="yuv420p", turn=None, aspect=None,
               options=None, frames=8):
    """Write a video of `pictures` (default: `frames` numbered greys) with timestamps `times` in seconds (default even).
    """
    if pictures is None:
        pictures = [np.full((48, 64, 3), 20 + 10 * i, dtype=np.uint8) for i in range(frames)]
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pixels
        if turn:
            stream.set_display_rotation(**turn)
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if times is not None:
            from fractions import Fraction
            stream.codec_context.time_base = Fraction(1, 1000)
        for i, rgb in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            if times is not None:
                frame.pts = round(times[i] * 1000)
                frame.time_base = stream.codec_context.time_base
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def write_picture(path, rgb, codec="png", pixels="rgb24"):
    """Write one picture file. rgb may have an alpha channel."""
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream(codec, rate=1)
        stream.height, stream.width = rgb.shape[:2]
        stream.pix_fmt = pixels
        frame = av.VideoFrame.from_ndarray(rgb, format="rgba" if rgb.shape[2] == 4 else "rgb24")
        for packet in (*stream.encode(frame.reformat(format=pixels)), *stream.encode()):
            container.mux(packet)
    return path


def write_sound(path):
    """Write a file with only a sound stream."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        for packet in (*stream.encode(frame), *stream.encode()):
            container.mux(packet)
    return path
