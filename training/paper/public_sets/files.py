"""Read .npz files that hold Python objects, without running code from them."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np

from anatomy_mocap.core.errors import MocapError

_PLAIN = {("collections", "OrderedDict"), ("_codecs", "encode")}
_NUMPY = {"_reconstruct", "scalar", "ndarray", "dtype"}
_NUMPY_MODULES = {"numpy", "numpy.core.multiarray", "numpy._core.multiarray"}


class _ArraysOnly(pickle.Unpickler):
    """Dicts, lists, strings, numbers and numpy arrays; anything else is refused."""

    def find_class(self, module: str, name: str):
        """As pickle asks for it."""
        if (module, name) in _PLAIN or (module in _NUMPY_MODULES and name in _NUMPY):
            current = "numpy._core.multiarray" if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else (
                "numpy.core.multiarray")
            return super().find_class(current if module.endswith("multiarray") else module, name)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def read_objects(path: Path, key: str):
    """np.load(path, allow_pickle=True)[key].item(), for plain data only.

    Raises MocapError for a file that is missing, is not an .npz file, has no `key`, or holds more than plain data.
    """
    if not path.is_file():
        raise MocapError(f"{path}: not found; docs/how_it_works/paper.md lists the sources of the files")
    try:
        with zipfile.ZipFile(path) as archive:
            if f"{key}.npy" not in archive.namelist():
                found = ", ".join(name.removesuffix(".npy") for name in archive.namelist())
                raise MocapError(f"{path}: no {key!r} in it, but {found or 'nothing'}; is it the file of that name?")
            with archive.open(f"{key}.npy") as stream:
                return _array(stream).item()
    except MocapError:
        raise
    except Exception as error:  # damaged bytes: zipfile, zlib and pickle may raise anything
        cause = f"{type(error).__name__}: {error}"
        raise MocapError(f"{path}: {key!r} can't be read ({cause}); download it again") from error


def read_dictionary(path: Path, key: str) -> dict:
    """`read_objects` for a dictionary. Raises MocapError for anything else."""
    content = read_objects(path, key)
    if not isinstance(content, dict) or not content:
        raise MocapError(f"{path}: {key!r} is not a dictionary of anything; is it the file of that name?")
    return content


def numbers(path: Path, what: str, value: object) -> np.ndarray:
    """An array of a video as float64. Raises MocapError if it is not an array of numbers, is empty, or holds NaN."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MocapError(f"{path}: {what} is not an array of numbers ({error}); download it again") from error
    if not array.size or not np.isfinite(array).all():
        raise MocapError(f"{path}: {what} holds {'NaN or infinite numbers' if array.size else 'nothing'}; "
                         "download it again")
    return array


def scores_of(path: Path, what: str, seen: np.ndarray) -> np.ndarray:
    """(T, 17) in 0..1: the third column of keypoints (T, 17, 2 or 3), or all 1 without one."""
    if seen.shape[2] == 2:
        return np.ones(seen.shape[:2])
    if seen[..., 2].min() < 0 or seen[..., 2].max() > 1:
        raise MocapError(f"{path}: the third column of {what} is not a score of 0 to 1; scale it, or leave it out")
    return seen[..., 2]


def _array(stream) -> np.ndarray:
    """One .npy stream."""
    version = np.lib.format.read_magic(stream)
    reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    _, _, kind = reader(stream)
    if not kind.hasobject:
        raise ValueError("it holds plain numbers, not a dictionary")
    return _ArraysOnly(stream, encoding="latin1").load()
