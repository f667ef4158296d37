"""What the Blender tests share: a clean way out of the bpy module, and the zip that users install."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

# Without Blender's module none of these can be imported; build.py test gives every environment one.
collect_ignore_glob = ["*test_*.py"] if importlib.util.find_spec("bpy") is None else []

_exit_status: list[int] = []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep the exit code for pytest_unconfigure."""
    _exit_status.append(int(exitstatus))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave at once: the bpy module of Blender 4.5 hangs in its own shutdown after a Rigify rig was generated."""
    if "bpy" in sys.modules and _exit_status:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_exit_status[0])


@pytest.fixture(scope="session")
def extension_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip for this Python and platform, made just as `build.py package` makes it."""
    from buildtools.package import package, this_platform
    from buildtools.pythons import blender_of_this_python

    blender = blender_of_this_python()
    assert blender is not None, "the tests run on a Python that one of the supported Blenders has"
    [path] = package(Path(sys.executable), [this_platform()], [blender], "cpu", tmp_path_factory.mktemp("dist"))
    return path
