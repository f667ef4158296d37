"""Reads MMPose's predictions (demo scripts and inferencer) and rtmlib's arrays in JSON."""

from __future__ import annotations

from collections.abc import Generator

from ...core.progress import Progress
from .frame_keys import frame_key
from .records import STEP, Collector, FormatError, Hints, hints_from, joined

_SCORES = ("keypoint_scores", "scores", "keypoint_score", "conf", "confidence", "confidences")


def is_demo(document: object) -> bool:
    """Recognise the demo scripts' file: {"meta_info": {...}, "instance_info": [...]}."""
    return isinstance(document, dict) and isinstance(document.get("instance_info"), list)


def is_frames(document: object) -> bool:
    """Recognise the inferencer's video file: a list of {"frame_id", "instances": [...]}."""
    return (isinstance(document, list) and bool(document)
            and all(isinstance(frame, dict) and isinstance(frame.get("instances"), list) for frame in document))


def is_instances(document: object) -> bool:
    """Recognise one picture: a list of {"keypoints": [[x, y], ...], "keypoint_scores": [...]}."""
    return (isinstance(document, list) and bool(document) and all(
        isinstance(person, dict) and "keypoint_scores" in person and _depth(person.get("keypoints")) == 2
        for person in document))


def is_array_frames(document: object) -> bool:
    """Recognise rtmlib's list of frames {"keypoints": N x K x 2, "scores": N x K}, and others' with xy and conf."""
    if not isinstance(document, list) or not document or not all(isinstance(frame, dict) for frame in document):
        return False
    arrays = [_arrays(frame) for frame in document]
    return all(xy is not None and scores is not None for xy, scores in arrays) \
        and any(_depth(xy) == 3 for xy, _ in arrays)


def _arrays(frame: dict) -> tuple[list | None, list | None]:
    """The lists of all people's keypoints and scores of a frame, or of the object under its "keypoints"."""
    held = frame["keypoints"] if isinstance(frame.get("keypoints"), dict) else frame
    xy = next((held[name] for name in ("keypoints", "xy", "keypoints_xy") if isinstance(held.get(name), list)), None)
    return xy, _scores(held)


def is_dumped(document: object) -> bool:
    """Recognise data samples: a list of {"img_path", "ori_shape", "pred_instances": {"keypoints": N x K x 2}}."""
    return (isinstance(document, list) and bool(document)
            and all(isinstance(frame, dict) and isinstance(frame.get("pred_instances"), dict) for frame in document))


def read_dumped(document: list) -> Generator[Progress, None, Collector]:
    """Data samples, one a picture; ori_shape is the picture's height and width."""
    collector = Collector("MMPose dumped JSON", _meta_hints(document[0].get("dataset_meta")))
    for position, frame in enumerate(document):
        shape = frame.get("ori_shape")
        if isinstance(shape, list) and len(shape) >= 2:
            collector.hints.add(hints_from({"width": shape[1], "height": shape[0]}))
        picture = frame.get("img_path")
        key, seconds = (picture, None) if isinstance(picture, str) else frame_key(frame, position)
        found = frame["pred_instances"]
        keypoints, scores = found.get("keypoints") or [], _scores(found) or []
        if not isinstance(keypoints, list) or len(keypoints) != len(scores):
            raise FormatError(f"frame {key}: keypoints and keypoint_scores do not fit; dump the results again")
        collector.frame(key, seconds)
        for points, values in zip(keypoints, scores, strict=True):
            collector.person(key, joined(points, values))
        if position % STEP == 0:
            yield Progress("read", position, len(document))
    return collector


def read_demo(document: dict) -> Generator[Progress, None, Collector]:
    """The demo's frame ids count from 1; a single picture has its people directly under instance_info."""
    collector = Collector("MMPose JSON", _meta_hints(document.get("meta_info")))
    collector.hints.add(hints_from(document))
    people = document["instance_info"]
    if is_instances(people):
        _add(collector, 0, people)
    elif is_frames(people):
        yield from _add_frames(collector, people)
    elif people:
        raise FormatError("instance_info has no instances with keypoints; export the predictions again")
    return collector


def add_demo_picture(collector: Collector, key: int | str, document: dict) -> None:
    """Add the demo script's file of one picture."""
    collector.format = "MMPose JSON folder"
    collector.hints.add(_meta_hints(document.get("meta_info")))
    people = document["instance_info"]
    if is_frames(people):
        people = [person for frame in people for person in frame["instances"]]
    _add(collector, key, people)


def read_frames(document: list) -> Generator[Progress, None, Collector]:
    """The inferencer's list of frames."""
    collector = Collector("MMPose JSON")
    yield from _add_frames(collector, document)
    return collector


def add_instances(collector: Collector, key: int | str, people: list) -> None:
    """Add one picture's people. The inferencer writes one file per picture."""
    _add(collector, key, people)


def read_array_frames(document: list) -> Generator[Progress, None, Collector]:
    """rtmlib's arrays, frame by frame."""
    collector = Collector("rtmlib JSON")
    for position, frame in enumerate(document):
        key, seconds = frame_key(frame, position)
        collector.frame(key, seconds)
        keypoints, scores = _arrays(frame)
        if len(keypoints) != len(scores):
            raise FormatError(f"frame {key}: {len(keypoints)} people but {len(scores)} score lists; "
                              "write keypoints and scores of all people")
        for points, values in zip(keypoints, scores, strict=True):
            collector.person(key, joined(points, values))
        if position % STEP == 0:
            yield Progress("read", position, len(document))
    return collector


def _add_frames(collector: Collector, frames: list) -> Generator[Progress, None, None]:
    for position, frame in enumerate(frames):
        key, seconds = frame_key(frame, position)
        collector.frame(key, seconds)
        _add(collector, key, frame["instances"])
        if position % STEP == 0:
            yield Progress("read", position, len(frames))


def _add(collector: Collector, key, people: list) -> None:
    collector.frame(key)
    for person in people:
        scores = _scores(person) if isinstance(person, dict) else None
        if scores is None or "keypoints" not in person:
            raise FormatError(f"frame {key}: a person without keypoints and keypoint_scores; "
                              "export the predictions again")
        collector.person(key, joined(person["keypoints"], scores), person.get("track_id"))


def _scores(mapping: dict):
    return next((mapping[name] for name in _SCORES if isinstance(mapping.get(name), list)), None)


def _depth(value) -> int:
    """Return the nesting depth of lists: 2 for [[x, y], ...]."""
    depth = 0
    while isinstance(value, list):
        depth += 1
        value = next((item for item in value if item), None) if value and isinstance(value[0], list) else None
    return depth


def _meta_hints(meta) -> Hints:
    hints = Hints()
    if not isinstance(meta, dict):
        return hints
    if isinstance(meta.get("dataset_name"), str):
        hints.layout = meta["dataset_name"]
    names = meta.get("keypoint_id2name")
    if isinstance(names, dict) and names:
        try:
            ordered = sorted(names.items(), key=lambda item: int(item[0]))
        except (TypeError, ValueError):
            return hints
        if all(isinstance(name, str) for _, name in ordered):
            hints.keypoint_names = tuple(name for _, name in ordered)
    return hints
