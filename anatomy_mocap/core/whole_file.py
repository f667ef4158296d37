"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import MocapError


@contextmanager
def written_whole(path, what: str) -> Iterator[Path]:
    """The path of a file beside `path` to write to; it takes the place of `path` when the block ends well.

    what: what is written, for the message. Whatever goes wrong, `path` is as before and nothing half-made stays; an
    OSError becomes a MocapError.
    """
    path = Path(path)
    partial = path.with_name(path.name + ".part")
    try:
        yield partial
        os.replace(partial, path)
    except OSError as error:
        raise MocapError(f"{path}: the {what} can't be written ({error.strerror}); choose a folder that exists and "
                         "can be written") from error
    finally:
        partial.unlink(missing_ok=True)
