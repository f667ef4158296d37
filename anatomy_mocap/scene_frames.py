"""Times of a source as frame numbers of a scene. Nothing else of the package is imported: the panel draws with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FIRST_FRAME = 1
"""The scene frame of a source's time 0; Blender's own movie clips and strips begin at frame 1 too."""


def scene_frames(times: np.ndarray, fps: float, start: float | None = None) -> np.ndarray:
    """(T,) scene frames of `times` in seconds from the source's start: 1 + times * fps, whole within 0.001 frames.

    This is the one place where a time becomes a frame number: for keys, for the panel and for messages.
    fps: of the scene. start: the scene frame of the first time, if the keys were asked to begin there.
    """
    frames = FIRST_FRAME + np.asarray(times, dtype=float) * fps
    if start is not None and len(frames):
        frames = frames - frames[0] + start
    whole = np.round(frames)
    return np.where(np.abs(frames - whole) < 1e-3, whole, frames)


def frame_ranges(spans: Sequence[tuple[float, float]], first: float, fps: float, start: float | None = None) -> str:
    """Stretches of time as scene frames, such as "41-51, 131"; the arguments are those of `frame_stretches`."""
    return frames_text(frame_stretches(spans, first, fps, start))


def frame_stretches(spans: Sequence[tuple[float, float]], first: float, fps: float, start: float | None = None
                    ) -> list[tuple[int, int]]:
    """First and last scene frame of stretches of time.

    spans: (first, last) in seconds. first: seconds, the take's first frame. fps, start: as in `scene_frames`.
    """
    times = [first, *(time for span in spans for time in span)]
    frames = np.round(scene_frames(np.array(times), fps, start)).astype(int)[1:].reshape(-1, 2)
    return [(int(a), int(b)) for a, b in frames]


def frames_text(stretches: Sequence[tuple[int, int]]) -> str:
    """Stretches of frames in words, such as "41-51, 131"."""
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in stretches)
