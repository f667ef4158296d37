"""Reads COCO keypoint results and annotations, and AlphaPose's results, which resemble COCO's."""

from __future__ import annotations

from collections.abc import Generator

from ...core.progress import Progress
from .records import STEP, Collector, FormatError, Hints, number


def is_results(document: object) -> bool:
    """Recognise a list of {"image_id", "keypoints": [x, y, score, ...]}, one entry per person and picture."""
    return (isinstance(document, list) and bool(document) and isinstance(document[0], dict)
            and "image_id" in document[0] and "keypoints" in document[0])


def is_annotations(document: object) -> bool:
    """Recognise COCO's annotation file: {"images": [...], "annotations": [...]}."""
    return (isinstance(document, dict) and isinstance(document.get("images"), list)
            and isinstance(document.get("annotations"), list))


def read_results(document: list) -> Generator[Progress, None, Collector]:
    """AlphaPose names pictures ("12.jpg") and adds `idx` and `box`; COCO results number them."""
    first = document[0]
    alphapose = isinstance(first["image_id"], str) or "idx" in first or "box" in first
    collector = Collector("AlphaPose JSON" if alphapose else "COCO results JSON")
    for i, entry in enumerate(document):
        if not isinstance(entry, dict) or "image_id" not in entry or "keypoints" not in entry:
            raise FormatError(f"entry {i} has no image_id and keypoints; give one result list only")
        collector.person(entry["image_id"], entry["keypoints"], _track(entry))
        if i % STEP == 0:
            yield Progress("read", i, len(document))
    return collector


def _track(entry: dict):
    """Return the track id: AlphaPose's idx (a number or a nested list of one number), or other tools' track_id."""
    value = next((entry[key] for key in ("track_id", "idx", "person_id") if key in entry), None)
    while isinstance(value, list) and value:
        value = value[0]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def read_annotations(document: dict) -> Generator[Progress, None, Collector]:
    """Third values are COCO's visibility flags: 0 not labelled, 1 hidden but labelled, 2 visible."""
    collector = Collector("COCO annotations JSON", _annotation_hints(document))
    names_of, chosen = _categories(document, collector)
    names = {}
    for image in document["images"]:
        if not isinstance(image, dict) or not isinstance(image.get("id"), (int, str)):
            raise FormatError("an image without id; export the annotations again")
        names[image["id"]] = image.get("frame_id", image.get("file_name", image["id"]))
    if len(set(map(str, names.values()))) < len(names):
        names = {key: key for key in names}
    for name in names.values():
        collector.frame(name)
    for i, entry in enumerate(document["annotations"]):
        if not isinstance(entry, dict) or "image_id" not in entry:
            raise FormatError(f"annotation {i} has no image_id; export the annotations again")
        if "keypoints" not in entry or _category(entry) not in chosen:
            continue
        if not isinstance(entry["image_id"], (int, str)) or entry["image_id"] not in names:
            raise FormatError(f"annotation {i} refers to image {entry['image_id']!r:.40}, which is missing; "
                              "export the annotations again")
        collector.person(names[entry["image_id"]], entry["keypoints"], _track(entry),
                         names_of.get(_category(entry)))
        if i % STEP == 0:
            yield Progress("read", i, len(document["annotations"]))
    return collector


def _annotation_hints(document: dict) -> Hints:
    hints = Hints()
    sizes = {(image.get("width"), image.get("height")) for image in document["images"] if isinstance(image, dict)
             and number(image.get("width")) and number(image.get("height"))}
    if len(sizes) > 1:
        raise FormatError(f"its pictures have {len(sizes)} different sizes; give the frames of one video")
    for width, height in sizes:
        hints.width, hints.height = int(width), int(height)
    return hints


def _category(entry: dict):
    value = entry.get("category_id")
    return value if isinstance(value, (int, str)) else None


def _categories(document: dict, collector: Collector) -> tuple[dict, set]:
    """Return the names of the keypoints of each category, and the categories to read: those of the most used names."""
    names: dict = {}
    for category in document["categories"] if isinstance(document.get("categories"), list) else ():
        keypoints = category.get("keypoints") if isinstance(category, dict) else None
        number = category.get("id") if isinstance(category, dict) else None
        if isinstance(keypoints, list) and keypoints and all(isinstance(name, str) for name in keypoints) \
                and isinstance(number, (int, str)):
            names[number] = tuple(keypoints)
    used = [_category(entry) for entry in document["annotations"] if isinstance(entry, dict) and "keypoints" in entry]
    if len(names) == 1 and not set(used) & set(names):
        names = dict.fromkeys(used, next(iter(names.values())))
    counts: dict = {}
    for number in used:
        counts[names.get(number)] = counts.get(names.get(number), 0) + 1
    if not counts:
        return names, set()
    most = max(counts, key=lambda kind: (kind is not None, counts[kind]))
    left = sum(counts.values()) - counts[most]
    if left:
        collector.notes.append(f"{left} annotations of other categories are not used")
    return names, {number for number in used if names.get(number) == most}
