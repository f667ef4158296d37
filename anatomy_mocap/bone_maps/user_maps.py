"""A folder with the user's own bone maps; the map of a rig is found by the rig's fingerprint."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ..core.errors import MocapError
from ..rigs.rig import TargetRig
from .bone_map import BoneMap
from .fingerprint import fingerprint


def remember(folder: str | Path, bone_map: BoneMap, rig: TargetRig) -> Path:
    """Save a rig's map in a folder, over an older one of that rig; returns its path.

    Raises MocapError if the folder or the file cannot be written.
    """
    mark = fingerprint(rig)
    path = _file(Path(folder), mark) or Path(folder) / f"{_plain(rig.name)}-{mark}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MocapError(f"{path.parent}: the folder of bone maps can't be created ({error.strerror}); choose another "
                         "folder") from error
    return replace(bone_map, fingerprint=mark).save(path)


def recall(folder: str | Path, rig: TargetRig) -> BoneMap | None:
    """The saved map of a rig with the same bones; None if there is none. Raises MocapError for a damaged file."""
    path = _file(Path(folder), fingerprint(rig))
    return BoneMap.load(path, rig) if path else None


def forget(folder: str | Path, rig: TargetRig) -> bool:
    """Delete the saved map of a rig; returns whether there was one. Raises MocapError where it can't be deleted."""
    path = _file(Path(folder), fingerprint(rig))
    if path:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise MocapError(f"{path}: can't be deleted ({error.strerror}); delete it yourself") from error
    return path is not None


def _file(folder: Path, mark: str) -> Path | None:
    """The map file with the fingerprint `mark`."""
    try:
        found = sorted(folder.glob(f"*-{mark}.json"))
    except OSError as error:
        raise MocapError(f"{folder}: the folder of bone maps can't be read ({error.strerror}); choose another folder"
                         ) from error
    return found[0] if found else None


def _plain(name: str) -> str:
    """A rig's name, made safe as part of a file name on any system."""
    return re.sub(r"[^\w.]+", "_", name)[:60].strip("._") or "rig"
