"""Convert a .vrm into a .glb for which Blender's glTF importer creates an armature (no bpy here)."""

from __future__ import annotations

import json
from pathlib import Path

from ...core.errors import MocapError, one_line
from .gltf_check import CHUNK, GLB, HEADER, JSON, read_gltf


def write_as_glb(vrm: Path, glb: Path) -> None:
    """Copy `vrm` to `glb`. A file without skins gets one with its humanoid bones, because armatures come from skins.

    Raises MocapError for a file that is no VRM, or a damaged one.
    """
    scene, version, rest = read_gltf(vrm, "VRM file")
    try:
        if not scene.get("skins"):
            scene["skins"] = [{"joints": _joints(scene)}]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise MocapError(f"{vrm}: not a VRM file ({one_line(error)}); export the character again") from error
    text = json.dumps(scene, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    start = HEADER.size + CHUNK.size
    header = HEADER.pack(GLB, version, start + len(text) + len(rest))
    glb.write_bytes(header + CHUNK.pack(len(text), JSON) + text + rest)


def _joints(scene: dict) -> list[int]:
    """The hips, by the file's own table of humanoid bones, and every node below them. The tree is checked already."""
    extensions = scene.get("extensions", {})
    bones = (extensions.get("VRMC_vrm") or extensions.get("VRM") or {}).get("humanoid", {}).get("humanBones")
    if not bones:
        raise ValueError("no table of humanoid bones")
    if isinstance(bones, dict):  # VRM 1; VRM 0 has a list
        hips = bones["hips"]["node"]
    else:
        hips = next((bone["node"] for bone in bones if bone["bone"] == "hips"), None)
    if type(hips) is not int or not 0 <= hips < len(scene.get("nodes", [])):
        raise ValueError("no hips among its humanoid bones")
    joints = [hips]
    for node in joints:  # the list grows during the loop: breadth first
        joints += scene["nodes"][node].get("children", [])
    return joints
