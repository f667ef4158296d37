"""Reads the arrays of an .npz file. The safe unpickler reads object arrays."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from .plain_pickle import load_plain
from .records import FormatError


def member_names(path: Path) -> list[str]:
    """Return the names of the arrays without reading them."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    except (OSError, ValueError, zipfile.BadZipFile, RuntimeError) as error:
        raise FormatError(f"not a readable .npz ({error}); the file is cut off or damaged, export it again") from error


def read_members(path: Path, wanted) -> dict:
    """Return name -> array for the members that `wanted(name)` accepts; objects become plain dicts and lists."""
    arrays = {}
    for name in member_names(path):
        if wanted(name):
            arrays[name] = read_member(path, name)
    return arrays


def read_member(path: Path, name: str):
    """Read one array, or the plain object of an object array."""
    try:
        with zipfile.ZipFile(path) as archive:
            file_name = name + ".npy" if name + ".npy" in archive.namelist() else name
            with archive.open(file_name) as stream:
                if _is_object(stream):
                    return load_plain(stream)
            with archive.open(file_name) as stream:
                array = npy.read_array(stream, allow_pickle=False)
        if array.dtype.kind == "U" and (array.astype("<U").reshape(-1).view("<u4") > 0x10FFFF).any():
            raise FormatError("text with invalid characters; the file is damaged, export it again")
        return array
    except FormatError as error:
        raise FormatError(f"array {name}: {error}") from error
    except Exception as error:  # zipfile, zlib and numpy raise many kinds of errors on damaged bytes.
        raise FormatError(f"array {name} cannot be read ({type(error).__name__}: {error}); "
                          "the file is cut off or damaged, export it again") from error


def _is_object(stream) -> bool:
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise FormatError(f"written in .npy version {version}; save plain arrays")
    _, _, dtype = npy.read_array_header_1_0(stream) if version == (1, 0) else npy.read_array_header_2_0(stream)
    return np.dtype(dtype).hasobject
