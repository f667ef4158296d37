"""Fixtures of the Blender tests: the zip that users install, and an exit without the bpy module's shutdown."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

# The Blender tests cannot be imported without the bpy module, which every environment of build.py test contains.
collect_ignore_glob = ["*test_*.py"] if importlib.util.find_spec("bpy") is None else []

_exit_status: list[int] = []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Store the exit code for pytest_unconfigure."""
    _exit_status.append(int(exitstatus))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End the process at once: the bpy module of Blender 4.5 hangs at its shutdown after it generated a Rigify rig."""
    if "bpy" in sys.modules and _exit_status:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_exit_status[0])


@pytest.fixture(scope="session")
def extension_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the zip for this Python and platform, as `build.py package` does."""
    from buildtools.package import package, this_platform
    from buildtools.pythons import blender_of_this_python

    blender = blender_of_this_python()
    assert blender is not None, "the tests need the Python version of a supported Blender line"
    [path] = package(Path(sys.executable), [this_platform()], [blender], "cpu", tmp_path_factory.mktemp("dist"))
    return path
