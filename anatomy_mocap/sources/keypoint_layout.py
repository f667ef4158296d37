"""Determines the keypoint layout of a file: from the user, from the file, or from the number of keypoints."""

from __future__ import annotations

import re

from ..core.keypoint_layouts import LAYOUTS
from .keypoint_formats.records import FormatError, Hints

# Other tools' names of these layouts, without case and punctuation.
_ALIASES = {
    "coco": "COCO17", "cocokeypoints": "COCO17", "body17": "COCO17", "openposecoco": "COCO18", "body18": "COCO18",
    "openpose": "BODY25", "body25": "BODY25", "halpe": "HALPE26", "body26": "HALPE26", "mediapipe": "MEDIAPIPE33",
    "blazepose": "MEDIAPIPE33", "pose33": "MEDIAPIPE33", "h36m": "H36M17", "human36m": "H36M17",
    "cocowholebody": "COCO133", "wholebody": "COCO133", "wholebody133": "COCO133",
}
# Numbers of keypoints that only one layout has. 17 may be COCO or Human3.6M, 23 may be COCO with feet or our own.
_BY_COUNT = {18: "COCO18", 25: "BODY25", 26: "HALPE26", 33: "MEDIAPIPE33", 133: "COCO133", 136: "HALPE136"}
# Formats whose 17 keypoints are always COCO's, unless the file states another layout.
_COCO_FORMATS = ("AlphaPose", "COCO", "MMPose", "rtmlib", "OpenPose", "detectron", "VideoPose3D")
_BODY_OF = {"HALPE136": ("HALPE26", 26)}


def known_layouts() -> str:
    """Return the layouts' names for messages."""
    return ", ".join(LAYOUTS)


def layout_named(name: str) -> str | None:
    """Return the key of LAYOUTS for a tool's name of a layout, or None."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    exact = {re.sub(r"[^a-z0-9]", "", key.lower()): key for key in LAYOUTS}
    return exact.get(plain) or _ALIASES.get(plain) or None


def find_layout(count: int, wanted: str | None, hints: Hints, format_name: str) -> tuple[str, int, list[str]]:
    """Return (layout, number of keypoints to use, notes) for people of `count` keypoints.

    wanted: the user's layout or None. Raises FormatError if the layout is unknown or does not fit `count`.
    """
    if wanted is not None:
        layout = layout_named(str(wanted))
        if layout is None:
            raise FormatError(f"layout {wanted!r} is unknown; give one of {known_layouts()}")
        if len(LAYOUTS[layout]) != count:
            raise FormatError(f"its people have {count} keypoints, layout {layout} has {len(LAYOUTS[layout])}; "
                              "give the file's layout")
        return layout, count, []
    layout = _from_file(count, hints) or _BY_COUNT.get(count)
    if layout is None and count == 17 and format_name.startswith(_COCO_FORMATS):
        layout = "COCO17"
    if layout in _BODY_OF:
        body, used = _BODY_OF[layout]
        return body, used, [f"{layout}: its {used} body keypoints are used"]
    if layout is None:
        named = f" named {hints.layout!r}" if hints.layout else ""
        raise FormatError(f"its layout of {count} keypoints{named} is ambiguous or unknown; give one of "
                          + ", ".join(f"{name} ({len(kind)})" for name, kind in LAYOUTS.items()))
    return layout, count, []


def _from_file(count: int, hints: Hints) -> str | None:
    """Return the layout from the file's keypoint names or from its name of the layout."""
    if hints.keypoint_names and len(hints.keypoint_names) == count:
        ours = [tuple(map(_plain_name, hints.keypoint_names)), tuple(hints.keypoint_names)]
        for name, layout in LAYOUTS.items():
            if len(layout) == count and tuple(map(_plain_name, layout.keypoint_names)) in ours:
                return name
        named = layout_named(hints.layout) if hints.layout else None
        if named and len(LAYOUTS[named]) == count:
            return named
        raise FormatError(f"its {count} keypoints ({', '.join(map(str, hints.keypoint_names[:4]))} ...) have no "
                          f"known order; give the layout if it is one of {known_layouts()}")
    if not hints.layout:
        return None
    named = layout_named(hints.layout)
    if named and len(LAYOUTS[named]) == count:
        return named
    if named:
        raise FormatError(f"it states layout {named} ({len(LAYOUTS[named])} keypoints) but its people have {count}; "
                          "export the file again or give the layout")
    return None if count in _BY_COUNT else _refuse_name(hints.layout, count)


def _refuse_name(name: str, count: int) -> None:
    raise FormatError(f"its layout {name!r} of {count} keypoints is unknown; give one of {known_layouts()}")


def _plain_name(name: str) -> str:
    """Normalise a keypoint's name: "LShoulder" and "left shoulder" become "leftshoulder"."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[LR])(?=[A-Z][a-z])", "_", str(name))
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", text.lower()) if part]
    swapped = {"l": "left", "r": "right"}
    parts = [swapped.get(part, part) for part in parts]
    if parts and parts[-1] in ("left", "right"):
        parts = [parts[-1], *parts[:-1]]
    if len(parts) > 2 and parts[-1] == "knuckle":
        parts = parts[:-1]  # MediaPipe's left_pinky is the product's left_pinky_knuckle.
    return "".join(parts)
