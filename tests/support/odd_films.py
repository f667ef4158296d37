"""Writes interlaced and HDR films of a moving bar and of stripes."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

from anatomy_mocap.sources.film_filters import _pq_of_nits


def bar(number, width=320, height=180):
    """A picture with a bar that moves by 8 pixels of 320 a picture."""
    rgb = np.full((height, width, 3), 40, np.uint8)
    left = number * 8 * width // 320
    rgb[:, left:left + width // 16] = 230
    return rgb


def place(rgb):
    """The number of the picture that `bar` drew."""
    bright = np.flatnonzero(rgb[:, :, 0].mean(axis=0) > 135)
    return round(bright[0] * 320 / rgb.shape[1] / 8)


def woven(first, second, order="tff"):
    """A frame of two pictures' rows; `first` is the earlier one."""
    both = first.copy()
    both[1 if order == "tff" else 0::2] = second[1 if order == "tff" else 0::2]
    return both


def interlaced(order="tff", frames=10, size=(320, 180)):
    """Frames with the pictures 2 i and 2 i + 1 of the bar."""
    return [woven(bar(2 * i, *size), bar(2 * i + 1, *size), order) for i in range(frames)]


def marked(rgb, mark):
    """A frame with its mark: "tff", "bff" or "prog"."""
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
    graph = av.filter.Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 25))
    setfield, sink = graph.add("setfield", mark), graph.add("buffersink")
    source.link_to(setfield)
    setfield.link_to(sink)
    graph.configure()
    frame.pts = 0
    graph.push(frame)
    frame = graph.pull()
    frame.pts = None
    return frame


def write_fields(path, pictures, marks="tff", codec="libx264", rate=25, pixels="yuv420p"):
    """Write frames with their marks, one for all or one for each: "tff", "bff" or "prog"."""
    options = {"libx264": {"x264-params": "interlaced=1", "crf": "10"} if marks != "prog" else {"crf": "10"},
               "mpeg2video": {"flags": "+ildct+ilme", "qscale": "2"}}.get(codec, {})
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options)
        stream.height, stream.width, stream.pix_fmt = *pictures[0].shape[:2], pixels
        for number, rgb in enumerate(pictures):
            container.mux(stream.encode(marked(rgb, marks if isinstance(marks, str) else marks[number])))
        container.mux(stream.encode())
    return path


def curve_of(kind):
    """Code 0..1 of brightness in cd/m2, for a screen of 1000 cd/m2."""
    def hlg(nits):
        light = (np.asarray(nits) / 1000) ** (1 / 1.2)
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        return np.where(light <= 1 / 12, np.sqrt(3 * light), a * np.log(np.maximum(12 * light - b, 1e-9)) + c)

    return {"pq": (_pq_of_nits, 16), "hlg": (hlg, 18)}[kind]


def write_hdr(path, nits, kind, codec="libx265"):
    """Write a film of stripes. kind: "pq" or "hlg". nits: (N, 3) linear BT.2020 of each stripe in cd/m2."""
    code, tag = curve_of(kind)
    rgb = np.repeat(code(np.array(nits, float)), 64, axis=0)[None].repeat(64, axis=0)
    luma = rgb @ [0.2627, 0.678, 0.0593]
    planes = (64 + 876 * luma, (512 + 896 * (rgb[..., 2] - luma) / 1.8814)[::2, ::2],
              (512 + 896 * (rgb[..., 0] - luma) / 1.4746)[::2, ::2])
    frame = av.VideoFrame(rgb.shape[1], rgb.shape[0], "yuv420p10le")
    for plane, values in zip(frame.planes, planes, strict=True):
        held = np.zeros((plane.height, plane.line_size // 2), np.uint16)
        held[:, :values.shape[1]] = np.round(values)
        plane.update(held)
    frame.colorspace, frame.color_range, frame.color_trc, frame.color_primaries = 9, 1, tag, 9
    with av.open(str(path), "w") as container:
        options = {"x265-params": "log-level=none:crf=4"} if codec == "libx265" else {}
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p10le"
        context = stream.codec_context
        context.colorspace, context.color_range, context.color_trc, context.color_primaries = 9, 1, tag, 9
        for number in range(3):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
