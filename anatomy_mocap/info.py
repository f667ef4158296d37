"""`info`: what a file is and what would be done with it, as plain facts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .core.errors import MocapError
from .core.take import load_take
from .take_facts import describe_take

RIG_SUFFIXES = (".blend", ".fbx", ".glb", ".gltf", ".vrm", ".bvh")


def describe(path: Path) -> dict:
    """Facts about a take, a keypoint file, a rig or a video; MocapError where it is none of them."""
    from .sources.image_sequence import is_image_sequence
    from .sources.keypoint_file import describe as describe_keypoints
    from .sources.keypoint_file import is_keypoint_file

    if not path.exists() and not is_image_sequence(path):
        raise MocapError(f"{path}: no such file; check the name")
    if path.suffix.lower() in RIG_SUFFIXES:
        return _describe_rig(path)
    if is_take(path):
        return {"kind": "take", **describe_take(load_take(path))}
    if is_keypoint_file(path):
        return {"kind": "keypoint file", **describe_keypoints(path), "next": "capture lifts it to 3D"}
    from .sources.video import probe

    return {"kind": "video", **probe(path), "next": "capture finds the person and lifts them to 3D"}


def is_take(path: Path) -> bool:
    """Whether a file says of itself that it is a take (of any schema version)."""
    if path.suffix.lower() != ".npz":
        return False
    try:
        with np.load(path, allow_pickle=False) as data:
            return "schema" in data.files
    except Exception:  # any damage: the loaders tell what is wrong, in words
        return False






def _describe_rig(path: Path) -> dict:
    try:
        from .blender import file_jobs as jobs
    except ModuleNotFoundError as error:
        raise MocapError(f"{path}: rigs are read by Blender; run `blender --command anatomy_mocap info ...` or install "
                         "the bpy module for this Python") from error
    return {"kind": "rig", **jobs.describe_rig(path)}


def print_facts(facts: dict, as_json: bool) -> None:
    """Print facts on stdout: JSON for machines, aligned lines for people."""
    if as_json:
        print(json.dumps(facts, indent=2))
        return
    width = max(len(key) for key in facts)
    for key, value in facts.items():
        if isinstance(value, dict):
            value = ", ".join(f"{name} {part}" for name, part in value.items())
        elif isinstance(value, list):
            value = "; ".join(map(str, value))
        if value not in ("", None):
            print(f"{key.replace('_', ' '):{width}}  {value}")
