"""Read arrays of an .npz file: memory and time are bounded by the size of the file on disk, and no pickle is run."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

LIMIT_FLOOR = 256 * 2**20
"""Bytes to which the arrays of any file may unpack together. Chosen: about an hour of a body that stands still."""
LIMIT_TIMES = 20
"""Times its size on disk to which a larger file may unpack. Chosen: measured motion packs by less than 4."""
KINDS = "biufcSU"
"""Kinds of dtypes that hold plain numbers or text."""


def unpacking_limit(path: str | Path) -> int:
    """Bytes to which the arrays of a file may unpack together."""
    return max(LIMIT_FLOOR, LIMIT_TIMES * Path(path).stat().st_size)


def read_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """Every array of an .npz file by name.

    Raises ValueError with the cause for any damage, for objects, and for arrays that unpack to more than
    `unpacking_limit`; OSError where the file can't be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_sizes(archive.infolist(), unpacking_limit(path))
            arrays = {}
            for entry in archive.infolist():
                with archive.open(entry) as stream:
                    arrays[entry.filename.removesuffix(".npy")] = read_array(stream, entry.file_size)
            return arrays
    except (OSError, ValueError, MemoryError):
        raise
    except Exception as error:  # zipfile, zlib and numpy raise many kinds of errors on damaged bytes
        raise ValueError(f"{type(error).__name__}: {error}") from error


def check_sizes(entries: list[zipfile.ZipInfo], limit: int) -> None:
    """Raise ValueError where members of a zip claim to unpack to more than `limit` bytes together."""
    size = sum(entry.file_size for entry in entries)
    if size > limit:
        raise ValueError(f"its arrays would unpack to {size / 2**20:.0f} MB, where {limit / 2**20:.0f} MB are the "
                         "limit for a file of this size")


def read_header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """(shape, whether in Fortran's order, dtype) of a .npy file. Raises ValueError for anything else."""
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"written in .npy version {version}")
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    try:
        shape, fortran, dtype = read(stream)
    except Exception as error:  # the header is a Python literal: its parser raises many kinds of errors
        raise ValueError(f"the header of an array is damaged ({type(error).__name__})") from error
    if not all(type(length) is int and length >= 0 for length in shape) or dtype.itemsize < 0:  # it can overflow
        raise ValueError(f"the header of an array is damaged (shape {str(shape)[:60]}, type {str(dtype)[:20]})")
    return shape, fortran, dtype


def read_array(stream: BinaryIO, size: int, most: int | None = None) -> np.ndarray:
    """The array of a .npy file of `size` bytes, at its start. Raises ValueError for objects and damage.

    most: number of elements above which it is refused, because a byte can become a float of eight bytes.
    """
    shape, fortran, dtype = read_header(stream)
    if dtype.hasobject or dtype.kind not in KINDS:
        raise ValueError(f"an array of type {dtype} in place of numbers or text")
    needed = math.prod(shape) * dtype.itemsize
    if needed > size:
        raise ValueError(f"an array of shape {str(shape)[:60]} needs {needed} bytes, and the file holds {size}")
    if most is not None and math.prod(shape) > most:
        raise ValueError(f"an array of shape {str(shape)[:60]} has more numbers than a file of this size can hold")
    data = stream.read(needed)
    if len(data) < needed or stream.read(1) not in (b"",):
        raise ValueError(f"an array of shape {str(shape)[:60]} does not fit its {size} bytes")
    array = np.ndarray(shape, dtype, data, order="F" if fortran else "C").copy(order="K")
    if dtype.kind == "U" and array.size and dtype.itemsize:
        points = np.ascontiguousarray(array).astype(dtype.newbyteorder("=")).reshape(-1).view("u4")
        if ((points > 0x10FFFF) | ((points >= 0xD800) & (points < 0xE000))).any():
            raise ValueError("text with invalid characters")
    return array
