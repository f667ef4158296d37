"""The one base class of the package's errors, and how the faults of inputs become one line."""

from __future__ import annotations

import os
import tempfile
import traceback
from pathlib import Path

LONGEST_LINE = 300
"""Characters of a cause within a message. Chosen."""


class MocapError(Exception):
    """An input or a setting that cannot be used.

    The message is one line. It names the file or setting, the cause and the remedy:
    `dance.mp4: no video stream (found: 1 audio stream); choose a video file`.
    Operators report it; the command line prints it and exits with 2.
    """


def one_line(text: object) -> str:
    """A text that may contain parts of a file, safe to print: one line, no control characters, of bounded length."""
    line = " ".join(str(text)[:8 * LONGEST_LINE].split())
    return "".join(letter if letter.isprintable() else "?" for letter in line)[:LONGEST_LINE]


def require_file(path: str | Path, remedy: str) -> None:
    """Raise MocapError unless `path` is a regular file, or a link to one.

    remedy: ends the message. Pipes and devices are refused because opening one can wait for ever.
    """
    path = Path(path)
    try:
        if path.is_file():
            return
        kind = "a folder, not a file" if path.is_dir() else "not a regular file" if path.exists() else "no such file"
    except (OSError, ValueError) as error:  # a name that is too long, or that holds a zero byte
        kind = f"can't be opened ({one_line(getattr(error, 'strerror', None) or error)})"
    raise MocapError(f"{path}: {kind}; {remedy}")


def unforeseen(error: BaseException, subject: object) -> str:
    """One line for an exception that is no MocapError; its traceback goes into a new log file, which the line names.

    subject: the file or the job that it belongs to. Call it while the exception is handled.
    """
    what = f"{one_line(subject)}: unexpected error ({type(error).__name__}: {one_line(error)})"
    try:
        handle, log = tempfile.mkstemp(prefix="anatomy_mocap_", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{what}\n\n{''.join(traceback.format_exception(error))}")
    except Exception:  # no folder for it, or no memory: the line is all there is
        return f"{what}; please report it"
    return f"{what}; please report it with the log {log}"
