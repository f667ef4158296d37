"""Lists the supported Blender lines with their Python versions, and finds these Pythons on this machine.

This module uses the syntax and library of Python 3.9 only, since build.py imports it before it starts a newer Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Blender(NamedTuple):
    """A supported Blender line: the oldest or the newest long-term release."""

    version: str
    """Major and minor version, such as "4.5"."""
    python: tuple[int, int]
    """Major and minor version of its Python."""
    group: str
    """Its dependency group in pyproject.toml."""
    minimum: str
    """First Blender version that accepts the zip."""
    maximum: str | None
    """First later Blender version that rejects the zip, None for no limit."""

    @property
    def tag(self) -> str:
        """Return the wheel tag of its Python, such as "cp311"."""
        return f"cp{self.python[0]}{self.python[1]}"


BLENDERS: dict[str, Blender] = {
    "4.5": Blender("4.5", (3, 11), "blender-4-5", "4.5.0", "5.1.0"),
    "5.2": Blender("5.2", (3, 13), "blender-5-2", "5.1.0", None),
}


def blender_of_this_python() -> Blender | None:
    """Return the Blender line with the Python version of this process, or None."""
    return next((b for b in BLENDERS.values() if b.python == sys.version_info[:2]), None)


def dotted_version(version: tuple[int, int]) -> str:
    """Format a version such as "3.11"."""
    return f"{version[0]}.{version[1]}"


def find_python(version: tuple[int, int]) -> str | None:
    """Find a Python of this version: the running one, one on PATH, or one of a version manager. Returns its path."""
    if version == sys.version_info[:2]:
        return sys.executable
    for command in _candidates(version):
        path = _executable(command, version)
        if path:
            return path
    return None


def _candidates(version: tuple[int, int]) -> Iterator[list[str]]:
    dotted = dotted_version(version)
    for name in ("python" + dotted, "python3", "python"):
        found = shutil.which(name)
        if found:
            yield [found]
    roots = [os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv", Path.home() / ".pyenv" / "pyenv-win"]
    for root in roots:
        for folder in sorted(Path(root).glob("versions/" + dotted + ".*"), reverse=True) if root else ():
            yield [str(folder / ("python.exe" if os.name == "nt" else "bin/python"))]
    if os.name == "nt" and shutil.which("py"):
        yield ["py", "-" + dotted]
    if shutil.which("uv"):
        answer = subprocess.run(["uv", "python", "find", dotted], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            yield [answer.stdout.strip()]


def _executable(command: list[str], version: tuple[int, int]) -> str | None:
    """Return the real path of the command's Python if it starts and has the version, else None.

    A version manager's shim may fail to start or start another version.
    """
    probe = "import sys; print(*sys.version_info[:2], sep='.'); print(sys.executable)"
    try:
        answer = subprocess.run(command + ["-c", probe], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = answer.stdout.splitlines()
    return lines[1] if answer.returncode == 0 and lines[:1] == [dotted_version(version)] else None
