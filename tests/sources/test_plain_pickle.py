"""Reads pickled arrays without running code; a pickle that tries to run code is refused and has no effect."""

from __future__ import annotations

import collections
import io
import os
import pickle
import pickletools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.sources.keypoint_file import read_keypoints
from anatomy_mocap.sources.keypoint_formats.plain_pickle import load_plain
from anatomy_mocap.sources.keypoint_formats.records import FormatError


def same(a, b):
    if isinstance(b, np.ndarray) and b.dtype != object:
        return isinstance(a, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b)
    if isinstance(b, np.ndarray):
        return same(a, b.tolist())
    if isinstance(b, dict):
        return isinstance(a, dict) and list(a) == list(b) and all(same(a[k], b[k]) for k in b)
    if isinstance(b, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return a == b


def loaded(value, protocol=3):
    return load_plain(io.BytesIO(pickle.dumps(value, protocol=protocol)))


_ARRAYS = st.builds(lambda shape, kind, seed: (np.random.default_rng(seed).uniform(-99, 99, shape)).astype(kind),
                    st.lists(st.integers(0, 4), max_size=3),
                    st.sampled_from(["<f4", "<f8", ">f8", "<i2", "<i8", "|u1", "|b1", "<f2"]), st.integers(0, 99))
_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | _ARRAYS,
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10)


@settings(max_examples=200)
@given(value=_PLAIN, protocol=st.integers(2, 4))
def test_plain_data_comes_back(value, protocol):
    assert same(loaded(value, protocol), value)


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_what_data_sets_hold(protocol):
    objects = np.empty((2, 2), dtype=object)
    objects[0], objects[1] = [[], np.ones((1, 4, 17), np.float32)], [[], []]
    for value in (objects, np.array({"a": 1}, dtype=object), np.asfortranarray(np.arange(6.0).reshape(2, 3)),
                  collections.OrderedDict(a=1, b=[2]), collections.defaultdict(list, a=[1])):
        wanted = dict(value) if isinstance(value, dict) else value
        if isinstance(value, np.ndarray) and not value.ndim:
            wanted = value.item()
        assert same(loaded(value, protocol), wanted)
    assert loaded(np.float32(1.5), protocol) == 1.5 and loaded({"n": np.int64(7)}, protocol) == {"n": 7}


def test_python_2_pickles():
    """Python 2's numpy writes text for bytes and an old module name."""
    dump = pickle.dumps(np.arange(3, dtype="<f4"), protocol=2).replace(b"numpy._core", b"numpy.core")
    assert same(load_plain(io.BytesIO(dump)), np.arange(3, dtype="<f4"))


class Trap:
    """An object that creates a folder when it is unpickled normally."""

    def __init__(self, path, how):
        self.path, self.how = str(path), how

    def __reduce__(self):
        return {"mkdir": (os.mkdir, (self.path,)), "eval": (eval, (f"__import__('os').mkdir({self.path!r})",)),
                "exec": (exec, (f"import os; os.mkdir({self.path!r})",)),
                "makedirs": (os.makedirs, (self.path,))}[self.how]


@pytest.mark.parametrize("how", ["mkdir", "eval", "exec", "makedirs"])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_traps_are_refused_and_do_nothing(tmp_path, how, protocol):
    target = tmp_path / "trapped"
    with pytest.raises(FormatError, match="was not run"):
        loaded({"a": [Trap(target, how)]}, protocol)
    assert not target.exists()
    pickle.loads(pickle.dumps(Trap(target, how), protocol=protocol))
    assert target.exists()  # The trap works where nothing guards against it.


def test_a_trap_in_a_data_set(tmp_path):
    target = tmp_path / "trapped"
    trap = np.empty((), dtype=object)
    trap[()] = {"dance": {"custom": [Trap(target, "mkdir")]}}
    np.savez(tmp_path / "data_2d_custom.npz", positions_2d=trap)
    with pytest.raises(MocapError, match=r"data_2d_custom\.npz.*positions_2d.*mkdir.*was not run"):
        read_keypoints(tmp_path / "data_2d_custom.npz")
    assert not target.exists()


def handmade(*parts: bytes) -> bytes:
    return b"\x80\x03" + b"".join(parts) + b"."


def name(module: str, attribute: str) -> bytes:
    return f"c{module}\n{attribute}\n".encode()


def array(shape: bytes, kind: bytes, content: bytes) -> bytes:
    """Return the pickle of an ndarray with this state in opcodes."""
    return handmade(name("numpy.core.multiarray", "_reconstruct"), name("numpy", "ndarray"),
                    b"K\x00\x85C\x01b\x87R(K\x01", shape, b"\x85", name("numpy", "dtype"),
                    b"X\x02\x00\x00\x00", kind, b"\x85R\x89C", bytes([len(content)]), content, b"tb")


@pytest.mark.parametrize("dump", [
    # A path through an allowed name to another one.
    b"\x80\x04\x8c\x05numpy\x8c\x12ndarray.__class__.x\x93.",
    handmade(name("numpy", "ndarray.__reduce__")), handmade(name("numpy.core.multiarray", "frombuffer")),
    handmade(name("builtins", "list.__class__")), handmade(name("copyreg", "_reconstructor")),
    handmade(name("numpy.testing._private.utils", "runstring")), handmade(name("_codecs", "decode")),
    # A name is given new attributes (BUILD with a dict, and with a slot state).
    handmade(name("numpy", "dtype"), b"}X\x05\x00\x00\x00_makeK\x01sb"),
    handmade(name("numpy", "dtype"), b"N}X\x05\x00\x00\x00_makeK\x01s\x86b"),
    # A class is made anew (NEWOBJ) of a name.
    handmade(name("numpy", "ndarray"), b")\x81"),
    # The stand-ins themselves are left in the data.
    handmade(name("numpy", "dtype")), handmade(name("numpy", "dtype"), b"X\x02\x00\x00\x00f4\x85R"),
    # An object array whose content is bytes would be an array of wild pointers.
    array(b"K\x01", b"O8", bytes(8)),
    # A shape that the bytes do not fill.
    array(b"J\xff\xff\xff\x7f", b"f4", bytes(4)), array(b"K\x03", b"f4", bytes(13)),
    # A list that holds itself; a stop too early; persistent names; extension codes.
    handmade(b"]q\x00h\x00a"), b"\x80\x03.", handmade(b"Pabc\n"), handmade(b"\x82\x01"), b"", b"\x80\xff",
])
def test_odd_pickles_are_refused(dump):
    with pytest.raises(FormatError):
        load_plain(io.BytesIO(dump))


def test_the_handmade_array_is_sound_where_its_content_fits():
    """The refusals above have the stated causes, since the valid array is accepted."""
    assert same(load_plain(io.BytesIO(array(b"K\x01", b"f4", bytes(4)))), np.zeros(1, "<f4"))


def test_shared_parts_are_read_once_up_to_a_size():
    value = [0]
    for _ in range(5):
        value = [value] * 10
    assert len(loaded(value)) == 10


@pytest.mark.parametrize("wrap", [lambda d: [d] * 10, lambda d: {"a": d, "b": d, "c": d}, lambda d: (d, d, d)])
def test_shared_parts_that_would_explode_are_refused(wrap):
    """Forty levels, each with several references to the one before."""
    value = [0]
    for _ in range(40):
        value = wrap(value)
    with pytest.raises(FormatError, match="repeats its content"):
        loaded(value)
    with pytest.raises(FormatError, match="repeats its content"):
        loaded([np.zeros(10**5, "u1")] * 10**4)


@pytest.mark.parametrize(("dump", "words"), [
    (b"\x80\x02Nr\x00\x00\x00\x10.", None),  # LONG_BINPUT: a place of its own in a table of 268 million
    (b"\x80\x02N" + b"p268435456\n.", None),
    (b"\x80\x05\x96" + (2**40).to_bytes(8, "little") + b".", "bytearray"),  # BYTEARRAY8 of a terabyte
    (b"\x80\x04\x8e" + (2**40).to_bytes(8, "little") + b".", "damaged"),  # BINBYTES8
    (b"\x80\x04\x8b" + (2**31 - 1).to_bytes(4, "little") + b".", "damaged"),  # LONG4
    (b"\x80\x04\x95" + (2**40).to_bytes(8, "little") + b"N.", None),  # FRAME
    (b"\x80\x04}N" + b"\x85" * 10**5 + b"Ns.", "keys"),  # a dict whose key is a very deep tuple
    (b"\x80\x04}(N" + b"\x85" * 10**5 + b"Nu.", "keys"), (b"\x80\x04(N" + b"\x85" * 10**5 + b"Nd.", "keys"),
    (b"\x80\x04\x8f(N" + b"\x85" * 10**5 + b"\x90.", "set"), (b"\x80\x04(N" + b"\x85" * 10**5 + b"\x91.", "set"),
    (b"\x80\x04N" + b"\x85" * 10**5 + b".", "too deep"), (b"\x80\x04\x8a\xff" + b"\x7f" * 255 + b".", "digits")])
def test_small_pickles_get_no_more_than_they_hold(dump, words):
    tracemalloc.start()
    try:
        if words is None:
            assert load_plain(io.BytesIO(dump)) is None
        else:
            with pytest.raises(FormatError, match=words):
                load_plain(io.BytesIO(dump))
        assert tracemalloc.get_traced_memory()[1] < 2**28
    finally:
        tracemalloc.stop()


def test_structured_arrays_are_refused():
    with pytest.raises(FormatError, match="structured|type"):
        loaded(np.zeros(2, dtype=[("x", "f4"), ("o", "O")]))
    with pytest.raises(FormatError):
        loaded(np.array(["a", "b"]))


@settings(max_examples=300)
@given(seed=st.integers(0, 2**32 - 1), value=_PLAIN)
def test_damaged_pickles(seed, value):
    rng = np.random.default_rng(seed)
    dump = bytearray(pickle.dumps({"a": value, "b": np.arange(3.0)}, protocol=3))
    for _ in range(rng.integers(1, 5)):
        dump[rng.integers(len(dump))] = rng.integers(256)
    try:
        load_plain(io.BytesIO(bytes(dump)))
    except FormatError:
        return


@settings(max_examples=200)
@given(codes=st.lists(st.sampled_from(sorted(op.code.encode("latin1") for op in pickletools.opcodes)), max_size=12))
def test_random_opcodes(codes):
    try:
        load_plain(io.BytesIO(b"\x80\x03" + b"".join(codes) + b"."))
    except FormatError:
        return
