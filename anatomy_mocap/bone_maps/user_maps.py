"""A folder of the user's own bone maps, in which the map of a rig is found again by the rig's fingerprint."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ..core.errors import MocapError
from ..rigs.rig import TargetRig
from .bone_map import BoneMap
from .fingerprint import fingerprint


def remember(folder, bone_map: BoneMap, rig: TargetRig) -> Path:
    """Keep a rig's map in a folder, in place of an older one of that rig; MocapError where it can't be written."""
    mark = fingerprint(rig)
    path = _file(Path(folder), mark) or Path(folder) / f"{_plain(rig.name)}-{mark}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MocapError(f"{path.parent}: the folder of bone maps can't be made ({error.strerror}); choose another "
                         "folder") from error
    return replace(bone_map, fingerprint=mark).save(path)


def recall(folder, rig: TargetRig) -> BoneMap | None:
    """The map kept for a rig with the same bones; None where there is none. MocapError names a file that is damaged."""
    path = _file(Path(folder), fingerprint(rig))
    return BoneMap.load(path, rig) if path else None


def forget(folder, rig: TargetRig) -> bool:
    """Drop the map kept for a rig; whether there was one."""
    path = _file(Path(folder), fingerprint(rig))
    if path:
        path.unlink(missing_ok=True)
    return path is not None


def _file(folder: Path, mark: str) -> Path | None:
    found = sorted(folder.glob(f"*-{mark}.json"))
    return found[0] if found else None


def _plain(name: str) -> str:
    """A rig's name as part of a file name on any system."""
    return re.sub(r"[^\w.]+", "_", name)[:60].strip("._") or "rig"
