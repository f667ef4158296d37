"""A stdout that holds the result alone: what Blender and its add-ons print meanwhile goes to stderr."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from typing import TextIO


@contextlib.contextmanager
def result_alone(alone: bool) -> Iterator[TextIO]:
    """Yield the stream for the result. alone: send everything else that is printed on stdout to stderr."""
    if not alone:
        yield sys.stdout
        return
    sys.stdout.flush()
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(_c_prints_to_stderr()) or sys.stdout
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        yield out
        out.flush()


@contextlib.contextmanager
def _c_prints_to_stderr() -> Iterator[TextIO | None]:
    """Connect the process's stdout with its stderr; yields a stream to the true stdout if Python's is the process's."""
    try:
        ours = sys.stdout.fileno() == 1
    except (OSError, ValueError, AttributeError):  # a test or a host program replaced it
        ours = False
    try:
        true = os.dup(1)
    except OSError:  # a program without a console
        yield None
        return
    _flush()
    os.dup2(2, 1)
    try:
        yield os.fdopen(os.dup(true), "w", encoding="utf-8") if ours else None
    finally:
        _flush()
        os.dup2(true, 1)
        os.close(true)


def _flush() -> None:
    """Flush the C library's buffers, which hold what Blender printed."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None).fflush(None)
