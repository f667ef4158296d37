"""Write a file completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import MocapError


@contextmanager
def written_whole(path: str | Path, what: str) -> Iterator[Path]:
    """A temporary path beside `path` to write to; it replaces `path` when the block ends without an error.

    what: a noun for the content, for the message. After an error `path` is as before and no partial file is left. An
    OSError becomes a MocapError.
    """
    path = Path(path)
    partial = path.with_name(path.name + ".part")
    try:
        yield partial
        os.replace(partial, path)
    except OSError as error:
        raise MocapError(f"{path}: the {what} can't be written ({error.strerror}); choose an existing folder that you "
                         "can write to") from error
    finally:
        partial.unlink(missing_ok=True)
