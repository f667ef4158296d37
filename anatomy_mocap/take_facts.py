"""Facts about a take: for the command `info`, and for the list of takes."""

from __future__ import annotations

import numpy as np

from .core.bone_lengths import body_height
from .core.take import Take
from .scene_frames import frame_ranges

LOW_CONFIDENCE = 0.5
"""A frame with a lower mean confidence is uncertain: half of its joints or more are likely off by over 10 cm."""


def describe_take(take: Take) -> dict:
    """Facts about a take by name, as plain values that JSON can hold."""
    seconds = take.info.get("seconds", {})
    low = take.confidence[:, 1:].mean(axis=1) < LOW_CONFIDENCE
    facts = {
        "frames": len(take), "fps": round(take.fps, 3), "start_seconds": round(float(take.times[0]), 3),
        "source": take.info.get("source", ""), "detector": take.info.get("detector", ""),
        "device": take.info.get("device", ""),
        "person_height_m": round(body_height(take.bone_lengths), 3),
        "bone_lengths_m": {name: round(float(length), 3)
                           for name, length in zip(take.joint_names, take.bone_lengths, strict=True) if length},
        "low_confidence_frames": int(low.sum()),
        "low_confidence_ranges": frame_ranges(low_spans(take), float(take.times[0]), take.fps),
        "camera_fov_degrees": round(float(np.degrees(take.camera.fov)), 1),
        "camera_height_m": round(float(take.world_from_camera[2, 3]), 2),
        "seconds": {stage: round(value, 2) for stage, value in seconds.items()},
        "warnings": list(take.info.get("warnings", [])), "settings": dict(take.settings),
    }
    if seconds:
        facts["frames_per_second"] = round(len(take) / max(sum(seconds.values()), 1e-9), 1)
    return facts


def low_spans(take: Take) -> list[tuple[float, float]]:
    """(first, last) in seconds from the source's start of each stretch of low confidence."""
    low = take.confidence[:, 1:].mean(axis=1) < LOW_CONFIDENCE
    edges = np.flatnonzero(np.diff(np.concatenate([[0], low.astype(int), [0]])))
    return [(float(take.times[start]), float(take.times[stop - 1])) for start, stop in edges.reshape(-1, 2)]
