"""Checks of option values and output paths, made before any work begins."""

from __future__ import annotations

import math
from pathlib import Path

from anatomy_mocap.core.errors import MocapError


def at_least(settings: object, **lowest: float) -> None:
    """Raises MocapError for a setting that is below the given lowest value of its name, or not a number."""
    for name, least in lowest.items():
        value = getattr(settings, name)
        if not (math.isfinite(value) and value >= least):
            raise MocapError(f"--{name} {value}: too small; give {least:g} or more")


def more_than_nothing(settings: object, *names: str) -> None:
    """Raises MocapError for settings that are zero or less, or not numbers."""
    for name in names:
        value = getattr(settings, name)
        if not (math.isfinite(value) and value > 0):
            raise MocapError(f"--{name} {value}: give a number above 0")


def between_0_and_1(settings: object, *names: str) -> None:
    """Raises MocapError for settings outside of 0..1."""
    for name in names:
        value = getattr(settings, name)
        if not 0 <= value <= 1:
            raise MocapError(f"--{name} {value}: give a number from 0 to 1")


def results_folder(path: str | Path) -> Path:
    """The folder, created if it is missing. Raises MocapError if it can't be created: a file has its name, no
    permission."""
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MocapError(f"--out {path}: can't be created ({error.strerror}); give another one") from error
    return path


def results_file(path: str | Path) -> Path:
    """The path of a file that can be written later. Raises MocapError if its folder is missing, or a folder has its
    name."""
    path = Path(path)
    if path.is_dir():
        raise MocapError(f"--out {path}: a folder has this name; give a file")
    if not path.parent.is_dir():
        raise MocapError(f"--out {path}: there is no folder {path.parent}; make it, or give a file in one that exists")
    return path
