"""Reads numpy object arrays of pickled dicts, lists, numbers and arrays without running any code of the file.

A pickle is a program, so numpy's allow_pickle=True lets a file do anything. This module replaces every permitted name
with a stand-in that records its arguments, and rejects all other names. numpy's own reconstruction does not run on the
file's data either: the stand-ins are converted to arrays afterwards, with checks.
"""

from __future__ import annotations

import io
import math
import pickle
import re
from typing import Any, BinaryIO

import numpy as np

from .records import FormatError

LARGEST = 10_000_000
"""Items that any pickle may hold, each occurrence of a repeated part counted. Chosen: larger files may hold as many as
they have bytes."""


class _DType:
    """Stand-in for numpy.dtype: a type code such as "f4" and the byte order from its state."""

    __slots__ = ("code", "order")

    def __init__(self, code):
        self.code, self.order = code, "<"

    def __setstate__(self, state):
        if not isinstance(state, tuple) or len(state) < 5 or state[3] is not None or state[4] is not None:
            raise FormatError("it contains structured arrays; save plain arrays")
        self.order = ">" if state[1] == ">" else "<"

    def numpy(self) -> np.dtype:
        code = self.code.decode("latin1") if isinstance(self.code, bytes) else self.code
        if not isinstance(code, str) or not re.fullmatch(r"[fiub][1248]|O8?", code):
            raise FormatError(f"it contains arrays of type {code!r:.40}; save plain numbers"
                              if isinstance(code, str) else "it contains arrays of no type; save plain numbers")
        return np.dtype(object) if code[0] == "O" else np.dtype(self.order + code)


class _Array:
    """Stand-in for an ndarray: shape, type and content from its state."""

    __slots__ = ("state",)

    def __init__(self, state=None):
        self.state = state

    def __setstate__(self, state):
        self.state = state

    def numpy(self, plain):
        """Return the array, or nested lists if it contains objects."""
        if not isinstance(self.state, tuple) or len(self.state) != 5:
            raise FormatError("a damaged array; save the file again")
        _, shape, dtype, fortran, data = self.state
        if not isinstance(dtype, _DType) or not isinstance(shape, tuple) \
                or not all(isinstance(n, int) and 0 <= n < 2**31 for n in shape):
            raise FormatError("a damaged array; save the file again")
        kind, count = dtype.numpy(), math.prod(shape)
        if kind.hasobject:
            if not isinstance(data, list) or len(data) != count:
                raise FormatError("a damaged array; save the file again")
            values = [plain(item) for item in data]
            return values if len(shape) == 1 else values[0] if not shape else _nested(values, shape)
        if isinstance(data, str):
            data = data.encode("latin1", "replace")
        if not isinstance(data, (bytes, bytearray)) or len(data) != count * kind.itemsize:
            raise FormatError("a damaged array; save the file again")
        return np.frombuffer(data, kind).reshape(shape, order="F" if fortran else "C").copy()


class _Scalar:
    """Stand-in for a numpy scalar."""

    __slots__ = ("dtype", "data")

    def __init__(self, dtype, data):
        self.dtype, self.data = dtype, data


class _Name:
    """Stand-in for a callable. Its instances accept no attributes, so a pickle cannot change them."""

    __slots__ = ("_make",)

    def __init__(self, make):
        object.__setattr__(self, "_make", make)

    def __call__(self, *arguments):
        return self._make(*arguments)

    def __setattr__(self, name, value):
        raise FormatError("it tries to change a name; save the file again")

    def __setstate__(self, state):
        raise FormatError("it tries to change a name; save the file again")


def _encode(text, encoding="latin1"):
    if encoding not in ("latin1", "latin-1") or not isinstance(text, str):
        raise FormatError("it contains text in an unknown encoding; save the file again")
    return text.encode("latin1")


_CORES = ("numpy.core.multiarray", "numpy._core.multiarray")
_ALLOWED = {
    **{(core, "_reconstruct"): lambda *_: _Array() for core in _CORES},
    **{(core, "scalar"): lambda dtype, data=b"": _Scalar(dtype, data) for core in _CORES},
    ("numpy", "dtype"): lambda code, *_: _DType(code), ("numpy", "ndarray"): lambda *_: _Array(),
    ("collections", "OrderedDict"): lambda *_: {}, ("collections", "defaultdict"): lambda *_: {},
    # names of list and b"" in Python 2 and in protocol 2
    **{(builtins, "list"): lambda *_: [] for builtins in ("builtins", "__builtin__")},
    **{(builtins, "bytes"): lambda: b"" for builtins in ("builtins", "__builtin__")},
    ("_codecs", "encode"): _encode,
}


class _Unpickler(pickle._Unpickler):
    """Python's own unpickler, not the one in C: that one gives memory to whatever index or length a pickle claims, and
    its hash of a deep tuple can overflow the stack."""

    dispatch = dict(pickle._Unpickler.dispatch)

    def find_class(self, module, name):
        if (module, name) in _ALLOWED:
            return _Name(_ALLOWED[module, name])
        raise FormatError(f"it is a pickle that calls {module}.{name}, which data never needs; it was not run: "
                          "get the file from someone you trust and save its keypoints as plain arrays")

    def _checked(self, load, keys):
        for key in keys:
            parts = key if type(key) is tuple else (key,)
            if not all(part is None or isinstance(part, (str, bytes, int, float, _Scalar)) for part in parts):
                raise FormatError("it contains a dict whose keys are not plain; save plain arrays")
        load(self)

    def load_setitem(self):
        self._checked(pickle._Unpickler.load_setitem, self.stack[-2:-1])

    def load_setitems(self):
        self._checked(pickle._Unpickler.load_setitems, self.stack[::2])

    def load_dict(self):
        self._checked(pickle._Unpickler.load_dict, self.stack[::2])

    def refuse(self):
        raise FormatError("it contains a set or a bytearray, not plain data; save plain arrays")

    dispatch |= {pickle.SETITEM[0]: load_setitem, pickle.SETITEMS[0]: load_setitems, pickle.DICT[0]: load_dict}
    dispatch |= dict.fromkeys((pickle.EMPTY_SET[0], pickle.ADDITEMS[0], pickle.FROZENSET[0], pickle.BYTEARRAY8[0]),
                              refuse)


def load_plain(stream: BinaryIO) -> Any:
    """Read the object at the stream's position: dict, list, tuple, str, bytes, numbers, None and numpy arrays only.

    An object array becomes (nested) lists, a zero-dimensional one its only object. Raises FormatError, also where
    parts that occur several times would make far more items than the stream has bytes.
    """
    try:
        data = stream.read()
        return _Plain(max(LARGEST, len(data)))(_Unpickler(io.BytesIO(data), encoding="latin1").load())
    except FormatError:
        raise
    except (MemoryError, RecursionError) as error:
        raise FormatError(f"a pickle that is too large or too deep to read ({type(error).__name__}); "
                          "save plain arrays") from error
    except Exception as error:  # The opcodes of a damaged pickle can raise any exception.
        raise FormatError(f"a damaged pickle ({error}); save the file again") from error


class _Plain:
    """Converts unpickled objects to plain data. An object that occurs several times is converted once.

    limit: items that the whole may have, with each occurrence counted.
    """

    def __init__(self, limit: int):
        self._done: dict[int, object] = {}
        self._sizes: dict[int, int] = {}
        self._limit = limit

    def __call__(self, value):
        if isinstance(value, int) and value.bit_length() > 1000:
            raise FormatError("it contains a number with hundreds of digits; save plain arrays")
        if value is None or isinstance(value, (str, bytes, int, float, complex)):
            return value
        if id(value) not in self._done:
            self._done[id(value)] = _Plain  # marks an object in progress, to find one that contains itself
            self._done[id(value)] = self._turned(value)
            self._sizes[id(value)] = size = self._size(value)
            if size > self._limit:
                raise FormatError("a pickle that repeats its content many times over; save plain arrays")
        if self._done[id(value)] is _Plain:
            raise FormatError("a pickle that contains itself; save plain arrays")
        return self._done[id(value)]

    def _size(self, value) -> int:
        """Items of a value whose parts are converted."""
        if isinstance(value, _Array):
            content = value.state[4]
            if not isinstance(content, list):
                return 1 + len(content)
        else:
            content = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
        return 1 + sum(self._sizes.get(id(item), 1) for item in content)

    def _turned(self, value):
        if isinstance(value, _Array):
            return value.numpy(self)
        if isinstance(value, _Scalar):
            return _Array((1, (1,), value.dtype, False, value.data)).numpy(self)[0]
        if isinstance(value, dict):
            return {self(key): self(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)([self(item) for item in value])
        raise FormatError(f"it contains a {type(value).__name__.strip('_')}, not plain data; save plain arrays")


def _nested(values: list, shape: tuple):
    """Convert a flat list to nested lists of the given shape."""
    for size in reversed(shape[1:]):
        if size == 0:
            return []
        values = [values[i:i + size] for i in range(0, len(values), size)]
    return values
