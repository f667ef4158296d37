"""Convert a .vrm into a .glb for which Blender's glTF importer creates an armature (no bpy here)."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from ...core.errors import MocapError

_HEADER = struct.Struct("<III")
_CHUNK = struct.Struct("<II")
_GLB, _JSON = 0x46546C67, 0x4E4F534A


def write_as_glb(vrm: Path, glb: Path) -> None:
    """Copy `vrm` to `glb`. A file without skins gets one with its humanoid bones, because armatures come from skins."""
    data = vrm.read_bytes()
    try:
        magic, version, _ = _HEADER.unpack_from(data)
        length, kind = _CHUNK.unpack_from(data, _HEADER.size)
        start = _HEADER.size + _CHUNK.size
        if magic != _GLB or kind != _JSON:
            raise ValueError("no glTF header")
        scene = json.loads(data[start:start + length])
        if not scene.get("skins"):
            scene["skins"] = [{"joints": _joints(scene)}]
    except (struct.error, ValueError, KeyError, IndexError, TypeError) as error:
        raise MocapError(f"{vrm}: not a VRM file ({error}); export the character again") from error
    text = json.dumps(scene, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    rest = data[start + length:]
    header = _HEADER.pack(magic, version, start + len(text) + len(rest))
    glb.write_bytes(header + _CHUNK.pack(len(text), _JSON) + text + rest)


def _joints(scene: dict) -> list[int]:
    """The hips, by the file's own table of humanoid bones, and every node below them."""
    extensions = scene.get("extensions", {})
    bones = (extensions.get("VRMC_vrm") or extensions.get("VRM") or {}).get("humanoid", {}).get("humanBones")
    if not bones:
        raise ValueError("no table of humanoid bones")
    if isinstance(bones, dict):  # VRM 1; VRM 0 has a list
        hips = bones["hips"]["node"]
    else:
        hips = next((bone["node"] for bone in bones if bone["bone"] == "hips"), None)
    if hips is None:
        raise ValueError("no hips among its humanoid bones")
    joints = [hips]
    for node in joints:  # the list grows during the loop: breadth first
        joints += scene["nodes"][node].get("children", [])
    return joints
