"""Arranges a file's keypoints in a layout: by the user's choice, names, ids, or the number of keypoints."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from ..core.keypoint_layouts import LAYOUTS
from .keypoint_formats.records import Detections, FormatError
from .keypoint_names import is_keypoint_name, layout_by_names, places_by_name
from .keypoint_plausibility import better_layout, body_start

# Other tools' names of these layouts, without case and punctuation.
_ALIASES = {
    "coco": "COCO17", "cocokeypoints": "COCO17", "body17": "COCO17", "openposecoco": "COCO18", "body18": "COCO18",
    "openpose": "BODY25", "body25": "BODY25", "openposebody25b": "BODY25B",
    "halpe": "HALPE26", "body26": "HALPE26", "body8halpe26": "HALPE26",
    "mediapipe": "MEDIAPIPE33", "blazepose": "MEDIAPIPE33", "pose33": "MEDIAPIPE33", "h36m": "H36M17",
    "human36m": "H36M17", "cocowholebody": "COCO133", "wholebody": "COCO133", "wholebody133": "COCO133",
}
# Numbers of keypoints that only one layout has. 17 may be COCO or Human3.6M, 23 may be COCO with feet or our own.
_BY_COUNT = {18: "COCO18", 25: "BODY25", 26: "HALPE26", 33: "MEDIAPIPE33", 133: "COCO133", 136: "HALPE136"}
# Formats whose 17 keypoints are always COCO's, unless the file states another layout.
_COCO_FORMATS = ("AlphaPose", "COCO", "MMPose", "rtmlib", "OpenPose", "detectron", "VideoPose3D", "Ultralytics",
                 "OpenPifPaf", "PoseNet", "PoseFlow")
# Numbers of points of MediaPipe Holistic (body, face, hands) -> where the 33 of the body may begin.
_HOLISTIC = {501: (0, 468), 543: (0, 468, 489, 510), 553: (0,), 554: (0,)}
_BODY_OF = {"HALPE136": ("HALPE26", 26)}
_LEAST = 8  # keypoints of a body
# MediaPipe's model of the upper body has the first 25 of its 33 landmarks.
_MEDIAPIPE_UPPER = 25
_MEDIAPIPE_HIPS = (23, 24)


class Arranged(NamedTuple):
    """Keypoints in the order of a layout.

    points: (N, K, 3) x, y, score as in the file. layout: a key of LAYOUTS. notes: assumptions as sentences.
    """

    points: np.ndarray
    layout: str
    notes: list[str]


def known_layouts() -> str:
    """Return the layouts' names for messages."""
    return ", ".join(LAYOUTS)


def layout_named(name: str) -> str | None:
    """Return the key of LAYOUTS for a tool's name of a layout, or None."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    exact = {re.sub(r"[^a-z0-9]", "", key.lower()): key for key in LAYOUTS}
    return exact.get(plain) or _ALIASES.get(plain) or None


def arrange(found: Detections, wanted: str | None) -> Arranged:
    """Put the keypoints in the order of their layout.

    wanted: the user's layout or None. The file's names are used before its ids, and these before the number of
    keypoints. Raises FormatError if the layout is unknown, or contradicts the names or the number of keypoints.
    """
    if wanted is not None:
        layout = layout_named(str(wanted))
        if layout is None:
            raise FormatError(f"layout {wanted!r} is unknown; give one of {known_layouts()}")
        wanted = layout
    names = found.hints.keypoint_names
    if names and found.ids is not None and max(found.ids) < len(names):
        names = tuple(names[i] for i in found.ids)
    if names and len(names) == found.points.shape[1]:
        named = _by_names(found, names, wanted)
        if named is not None:
            return named
    if found.ids is not None:
        return _by_ids(found, wanted)
    return _by_count(found, wanted)


def _by_names(found: Detections, names: tuple[str, ...], wanted: str | None) -> Arranged | None:
    """The keypoints where their names say; None where the names say nothing and the layout is given or stated."""
    layout = layout_by_names(names)
    stated = layout_named(found.hints.layout) if found.hints.layout else None
    if layout is None:
        fits = [name for name in (wanted, stated) if name and len(LAYOUTS[name]) == len(names)]
        if fits and sum(map(is_keypoint_name, names)) < len(names) / 2:
            return None
        raise FormatError(f"its {len(names)} keypoints ({', '.join(map(str, names[:4]))} ...) have no "
                          f"known order; give the layout if it is one of {known_layouts()}")
    chosen = wanted or layout
    places = places_by_name(names, chosen)
    lost = len(set(places_by_name(names, layout)) - set(places)) if chosen != layout else 0
    if lost > 2:
        raise FormatError(f"layout {chosen} contradicts the names of its keypoints, which are those of {layout}; "
                          f"leave the layout out, or give {layout}")
    points = _placed(found.points, places, chosen)
    notes = [f"layout {chosen} by the names of the keypoints" + (
        "" if list(places) == list(places.values()) else ", each point where its name says")]
    left = [str(name) for i, name in enumerate(names) if i not in places]
    if left:
        notes.append(f"{len(left)} keypoints are not in layout {chosen} and are not used: {', '.join(left[:6])}")
    return Arranged(points, chosen, notes + _absent(chosen, set(places.values())))


def _by_ids(found: Detections, wanted: str | None) -> Arranged:
    """The keypoints where their numbers say. Numbers that never occur are missing."""
    ids = found.ids
    if len(ids) < _LEAST:
        raise FormatError(f"it has {len(ids)} keypoints alone (numbers {', '.join(map(str, ids))}); a body needs "
                          f"{_LEAST}: export all keypoints of a model")
    size = len(LAYOUTS[wanted or "MEDIAPIPE33"])
    if min(ids) > 0 and max(ids) == size and (wanted or found.mediapipe):
        ids = tuple(i - 1 for i in ids)  # numbered from 1; some never occur
    elif ids == tuple(range(1, len(ids) + 1)) and len(ids) in {17, 23, *_BY_COUNT, *_HOLISTIC}:
        ids = tuple(range(len(ids)))  # numbered from 1
    if ids == tuple(range(len(ids))) and len(ids) in _HOLISTIC and wanted in (None, "MEDIAPIPE33"):
        return _of_holistic(found)
    top = max(ids)
    layout, evidence = wanted, "as given"
    if layout is None:
        layout, evidence = _stated(found, top + 1)
    if layout is None and found.mediapipe and top < len(LAYOUTS["MEDIAPIPE33"]) and set(_MEDIAPIPE_HIPS) <= set(ids):
        layout, evidence = "MEDIAPIPE33", "by the columns and numbers of MediaPipe's landmarks"
    if layout is None and min(ids) > 0:
        raise FormatError(f"its keypoints have the numbers {min(ids)} to {top}: their layout is unknown, as they may "
                          f"count from 0 or 1; give one of {known_layouts()}")
    if layout is None:
        layout, evidence = _counted(found, top + 1), f"by the highest number {top} of a keypoint"
    if layout in _BODY_OF:
        layout = _BODY_OF[layout][0]
    elif top >= len(LAYOUTS[layout]):
        raise FormatError(f"its keypoints have numbers up to {top}, layout {layout} has {len(LAYOUTS[layout])}; "
                          "give the file's layout")
    places = {i: place for i, place in enumerate(ids) if place < len(LAYOUTS[layout])}
    points = _placed(found.points, places, layout)
    if evidence.startswith("by"):
        _check(points, layout)
    return Arranged(points, layout, [f"layout {layout} {evidence}", *_absent(layout, set(places.values()))])


def _of_holistic(found: Detections) -> Arranged:
    """The body among the points of MediaPipe Holistic."""
    count = found.points.shape[1]
    start = body_start(found.points, _HOLISTIC[count], "MEDIAPIPE33")
    if start is None:
        raise FormatError(f"its {count} points are those of MediaPipe Holistic, but no 33 of them form a body; export "
                          "the 33 landmarks of the pose alone")
    return Arranged(found.points[:, start:start + 33], "MEDIAPIPE33", [
        f"{count} points of MediaPipe Holistic: the 33 of the body from number {start} are read"])


def _by_count(found: Detections, wanted: str | None) -> Arranged:
    count = found.points.shape[1]
    if count in _HOLISTIC and wanted in (None, "MEDIAPIPE33"):
        return _of_holistic(found)
    if wanted is not None:
        if len(LAYOUTS[wanted]) != count:
            raise FormatError(f"its people have {count} keypoints, layout {wanted} has {len(LAYOUTS[wanted])}; "
                              "give the file's layout")
        return Arranged(found.points, wanted, [])
    layout, evidence = _stated(found, count)
    if layout is None and found.mediapipe and count == _MEDIAPIPE_UPPER:
        places = {i: i for i in range(count)}
        points = _placed(found.points, places, "MEDIAPIPE33")
        _check(points, "MEDIAPIPE33")
        return Arranged(points, "MEDIAPIPE33",
                        ["layout MEDIAPIPE33: the file has its 25 landmarks of the upper body",
                         *_absent("MEDIAPIPE33", set(places))])
    layout = layout or _counted(found, count)
    if not evidence and found.format.startswith(("OpenPose", "AlphaPose")) \
            and better_layout(found.points, layout) == "BODY25B":
        return Arranged(found.points, "BODY25B", ["layout BODY25B: its 25 keypoints form a body in that order alone"])
    if layout in _BODY_OF:
        body, used = _BODY_OF[layout]
        return Arranged(found.points[:, :used], body, [f"{layout}: its {used} body keypoints are used"])
    if not evidence:
        if found.format.startswith(("landmark", "keypoint")):
            _check(found.points, layout)
        evidence = f"by the number of keypoints ({count})"
    return Arranged(found.points, layout, [f"layout {layout} {evidence}"])


def _stated(found: Detections, count: int) -> tuple[str | None, str]:
    """The layout that the file itself names, and the evidence."""
    name = found.hints.layout
    if not name:
        return None, ""
    layout = layout_named(name)
    if layout and (len(LAYOUTS[layout]) == count or (found.ids is not None and count < len(LAYOUTS[layout]))):
        return layout, "as the file says"
    if layout:
        raise FormatError(f"it states layout {layout} ({len(LAYOUTS[layout])} keypoints) but its people have {count}; "
                          "export the file again or give the layout")
    if count in _BY_COUNT:
        return None, ""
    raise FormatError(f"its layout {name!r} of {count} keypoints is unknown; give one of {known_layouts()}")


def _counted(found: Detections, count: int) -> str:
    gaps = found.ids is not None and len(found.ids) < count
    layout = None if gaps and count < 24 else _BY_COUNT.get(count)
    if layout is None and count == 17 and found.format.startswith(_COCO_FORMATS):
        layout = "COCO17"
    if layout is None:
        named = f" named {found.hints.layout!r}" if found.hints.layout else ""
        raise FormatError(f"its layout of {count} keypoints{named} is ambiguous or unknown; give one of "
                          + ", ".join(f"{name} ({len(kind)})" for name, kind in LAYOUTS.items()))
    return layout


def _check(points: np.ndarray, layout: str) -> None:
    """Raise FormatError where the keypoints form a body in another layout than the guessed one."""
    other = better_layout(points, layout)
    if other is not None:
        raise FormatError(f"by their number its keypoints are those of layout {layout}, but they form a body only in "
                          f"the order of {other}; give the layout, for example --layout {other}, or {layout}")


def _placed(points: np.ndarray, places: dict[int, int], layout: str) -> np.ndarray:
    arranged = np.zeros((len(points), len(LAYOUTS[layout]), 3))
    arranged[:, list(places.values())] = points[:, list(places)]
    return arranged


def _absent(layout: str, there: set[int]) -> list[str]:
    names = [name for i, name in enumerate(LAYOUTS[layout].keypoint_names) if i not in there]
    if not names:
        return []
    more = " ..." if len(names) > 6 else ""
    return [f"{len(names)} keypoints of layout {layout} are not in the file and count as missing: "
            f"{', '.join(names[:6])}{more}"]
