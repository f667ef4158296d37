"""Reads the arrays of an .npz file. The safe unpickler reads object arrays."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...core.npz_file import check_sizes, read_array, read_header
from .plain_pickle import load_plain
from .records import FormatError

LIMIT_FLOOR = 64 * 2**20
"""Bytes to which an array of any file may unpack. Chosen: two hours of one person."""
LIMIT_TIMES = 20
"""Times the file's size on disk to which an array may unpack. Chosen: keypoints that move pack by less than 4."""


def member_names(path: Path) -> list[str]:
    """Return the names of the arrays without reading them."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    except Exception as error:  # zipfile raises many kinds of errors on damaged bytes
        raise FormatError(f"not a readable .npz ({error}); the file is cut off or damaged, export it again") from error


def read_members(path: Path, wanted: Callable[[str], bool]) -> dict[str, Any]:
    """Return name -> array for the members that `wanted(name)` accepts; objects become plain dicts and lists."""
    arrays = {}
    for name in member_names(path):
        if wanted(name):
            arrays[name] = read_member(path, name)
    return arrays


def read_member(path: Path, name: str) -> Any:
    """Read one array, or the plain object of an object array.

    Raises FormatError also for an array that would unpack to more than LIMIT_FLOOR, or LIMIT_TIMES the file's size.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            file_name = name + ".npy" if name + ".npy" in archive.namelist() else name
            entry = archive.getinfo(file_name)
            check_sizes([entry], max(LIMIT_FLOOR, LIMIT_TIMES * path.stat().st_size))
            with archive.open(entry) as stream:
                if read_header(stream)[2].hasobject:
                    return load_plain(stream)
            with archive.open(entry) as stream:
                return read_array(stream, entry.file_size, (LIMIT_FLOOR + LIMIT_TIMES * path.stat().st_size) // 8)
    except FormatError as error:
        raise FormatError(f"array {name}: {error}") from error
    except Exception as error:  # zipfile, zlib and numpy raise many kinds of errors on damaged bytes.
        raise FormatError(f"array {name} cannot be read ({type(error).__name__}: {error}); "
                          "the file is cut off or damaged, export it again") from error
