"""`info`: what a file is and what would be done with it, as plain facts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .core.bone_lengths import body_height
from .core.errors import MocapError
from .core.take import Take, load_take
from .pipeline import LOW_CONFIDENCE

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


def describe_take(take: Take) -> dict:
    """What a person wants to know of a take before using it."""
    seconds = take.info.get("seconds", {})
    low = take.confidence[:, 1:].mean(axis=1) < LOW_CONFIDENCE
    facts = {
        "frames": len(take), "fps": round(take.fps, 3), "start_seconds": round(float(take.times[0]), 3),
        "source": take.info.get("source", ""), "detector": take.info.get("detector", ""),
        "device": take.info.get("device", ""),
        "person_height_m": round(body_height(take.bone_lengths, take.skeleton), 3),
        "bone_lengths_m": {name: round(float(length), 3)
                           for name, length in zip(take.joint_names, take.bone_lengths, strict=True) if length},
        "low_confidence_frames": int(low.sum()), "low_confidence_ranges": _ranges(low),
        "camera_fov_degrees": round(float(np.degrees(take.camera.fov)), 1),
        "camera_height_m": round(float(take.world_from_camera[2, 3]), 2),
        "seconds": {stage: round(value, 2) for stage, value in seconds.items()},
        "warnings": list(take.info.get("warnings", [])),
    }
    if seconds:
        facts["frames_per_second"] = round(len(take) / max(sum(seconds.values()), 1e-9), 1)
    return facts


def _ranges(mask: np.ndarray) -> str:
    """Frames where mask is true, as "3-7, 12"; frame numbers from 0."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    pairs = [(start, stop - 1) for start, stop in edges.reshape(-1, 2)]
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in pairs)


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
