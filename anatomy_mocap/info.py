"""The command `info`: facts about a take, a video, a keypoint file or a rig."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

import numpy as np

from .animation.animate import animate_and_tell
from .core.errors import MocapError, require_file
from .core.take import Take, load_take
from .settings import OF_TAKES
from .take_facts import describe_take
from .take_settings import clean_up_of, settings_in
from .touch.contact_edits import contact_edits, described, edit_text
from .touch.take_contacts import intervals

RIG_SUFFIXES = (".blend", ".fbx", ".glb", ".gltf", ".vrm", ".bvh")


def describe(path: Path, people: Callable[[Path], list[dict]] | None = None, **reading: Any) -> dict:
    """Facts about a take, a keypoint file, a rig or a video; MocapError where the file is none of them.

    people: a function that lists the people in a video; None leaves the list out. reading: how to read a keypoint
    file: the settings named in READING.
    """
    from .sources.image_sequence import is_image_sequence
    from .sources.keypoint_file import describe as describe_keypoints
    from .sources.keypoint_file import is_keypoint_file

    if not path.exists() and not is_image_sequence(path):
        raise MocapError(f"{path}: no such file; check the name")
    if path.exists() and not path.is_dir():
        require_file(path, "give a take, a video, a keypoint file or a rig")
    if path.suffix.lower() in RIG_SUFFIXES:
        return {"kind": "rig", **blender_jobs(f"{path}: ").describe_rig(path)}
    if is_take(path):
        return {"kind": "take", **_take(load_take(path))}
    if is_keypoint_file(path):
        return {"kind": "keypoint file", **describe_keypoints(path, **reading), "next": "capture lifts it to 3D"}
    from .sources.video import probe

    facts = {"kind": "video", **probe(path)}
    if people and facts["fps"]:  # pictures without a rate have no times
        facts["people"] = people(path)
    return {**facts, "next": "capture finds the person and lifts the pose to 3D"}


def _take(take: Take) -> dict:
    """Facts about a take, with what touches the floor when its motion is made."""
    facts = describe_take(take)
    try:
        settings = settings_in(take)
    except MocapError as error:  # its other facts are of use all the same
        settings, facts["warnings"] = OF_TAKES, [*facts["warnings"], str(error)]
    contacts = animate_and_tell(take, settings.smoothing, 0.0, clean_up_of(settings)).contacts
    return {**facts, "contacts": described(take, intervals(contacts)),
            "contacts_by": "rule" if take.contacts is None else "network",
            "contact_edits": [edit_text(edit) for edit in contact_edits(take)]}


def is_take(path: Path) -> bool:
    """Whether a file is marked as a take, of any schema version."""
    if path.suffix.lower() != ".npz" or not path.is_file():
        return False
    try:
        with np.load(path, allow_pickle=False) as data:
            return "schema" in data.files
    except Exception:  # any damage: the loaders explain it
        return False


def blender_jobs(subject: str = "") -> ModuleType:
    """The module of the jobs that need Blender; MocapError where there is none. subject: begins the message."""
    try:
        from .blender import file_jobs
    except ModuleNotFoundError as error:
        if error.name not in ("bpy", "mathutils"):
            raise
        raise MocapError(f"{subject}this command needs Blender; run it as `blender --command anatomy_mocap ...`, or "
                         "install the bpy module for this Python") from error
    return file_jobs


def _line(value: Any) -> str:
    return " ".join(f"{name} {part}" for name, part in value.items()) if isinstance(value, dict) else str(value)


def print_facts(facts: dict, as_json: bool, out: TextIO | None = None) -> None:
    """Print facts, as JSON or as aligned lines. out: the stream; None is stdout."""
    if as_json:
        print(json.dumps(facts, indent=2), file=out)
        return
    width = max(len(key) for key in facts)
    for key, value in facts.items():
        if isinstance(value, dict):
            value = ", ".join(f"{name} {part}" for name, part in value.items())
        elif isinstance(value, list):
            value = "; ".join(map(_line, value))
        if value not in ("", None):
            print(f"{key.replace('_', ' '):{width}}  {value}", file=out)
