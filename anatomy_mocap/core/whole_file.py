"""Write a file completely or not at all, by way of a temporary file of its own beside it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import MocapError

TRIES = 100
"""Names that are tried before giving up; each has 64 random bits, so the second one is never needed in practice."""


@contextmanager
def temporary_beside(path: str | Path, suffix: str = "") -> Iterator[Path]:
    """A new, empty file in the folder of `path`, for this block alone; it is deleted at the end if it is still there.

    suffix: the ending after ".part", for writers that look at it. The name is hidden and random, and the file is
    created exclusively, so it is never an existing file and never a link. Unlike that of tempfile.mkstemp, it has the
    usual permissions. Raises OSError where the folder can't be written.
    """
    path = Path(path)
    partial = _created(path, suffix)
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


def _created(path: Path, suffix: str) -> Path:
    for _ in range(TRIES):
        partial = path.parent / f".{path.stem[:40]}.{secrets.token_hex(8)}.part{suffix}"
        try:
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            continue
        return partial
    raise FileExistsError(None, "no free name for a temporary file", str(path))


@contextmanager
def written_whole(path: str | Path, what: str) -> Iterator[Path]:
    """A temporary path beside `path` to write to; it replaces `path` when the block ends without an error.

    what: a noun for the content, for the message. After an error `path` is as before and no partial file is left. A
    link at `path` is replaced, and the file that it names stays as it is. An OSError becomes a MocapError.
    """
    path = Path(path)
    try:
        with temporary_beside(path) as partial:
            yield partial
            os.replace(partial, path)
    except OSError as error:
        raise MocapError(f"{path}: the {what} can't be written ({error.strerror}); choose an existing folder that you "
                         "can write to") from error
