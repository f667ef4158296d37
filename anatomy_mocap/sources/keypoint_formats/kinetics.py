"""Reads skeletons in the form of the kinetics-skeleton data set: a flat list of x, y and a list of scores a person."""

from __future__ import annotations

from collections.abc import Generator

from ...core.progress import Progress
from .frame_keys import frame_key
from .records import STEP, Collector, FormatError, hints_from


def is_kinetics(document: object) -> bool:
    """Recognise {"data": [{"frame_index": 1, "skeleton": [{"pose": [x, y, ...], "score": [...]}]}, ...]}."""
    frames = document.get("data") if isinstance(document, dict) else None
    return (isinstance(frames, list) and bool(frames)
            and all(isinstance(frame, dict) and isinstance(frame.get("skeleton"), list) for frame in frames))


def read_kinetics(document: dict) -> Generator[Progress, None, Collector]:
    """x and y are fractions of the picture's size; the layout is OpenPose's with 18 keypoints."""
    collector = Collector("kinetics skeleton JSON", hints_from(document))
    for position, frame in enumerate(document["data"]):
        key, seconds = frame_key(frame, position)
        collector.frame(key, seconds)
        for person in frame["skeleton"]:
            pose = person.get("pose") if isinstance(person, dict) else None
            scores = person.get("score") if isinstance(person, dict) else None
            if not isinstance(pose, list) or not isinstance(scores, list) or len(pose) != 2 * len(scores):
                raise FormatError(f"frame {key}: a person without x, y and score of each keypoint; "
                                  "export the file again")
            collector.person(key, list(zip(pose[::2], pose[1::2], scores, strict=True)))
        if position % STEP == 0:
            yield Progress("read", position, len(document["data"]))
    return collector
