"""Installs a zip as users do, uses it, and writes the observed facts as JSON. It runs in a process of its own.

    python use_installed_zip.py ZIP FACTS.json [COMMAND...]

Each COMMAND is a JSON list of words for the registered command.

BLENDER_USER_RESOURCES must be the path of an empty folder. The bundled libraries come only from the zip's wheels.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bpy

from buildtools.bundled_only import BUNDLED, use_bundled_only

addon_utils = importlib.import_module("addon_utils")  # importable after bpy only
NAME = "bl_ext.user_default.anatomy_mocap"


def watch_commands() -> dict:
    """Record the commands that add-ons register, since Python cannot read them from the bpy module."""
    table = {}
    register, unregister = bpy.utils.register_cli_command, bpy.utils.unregister_cli_command

    def watched(name, function):
        table[name] = function
        return name, register(name, function)

    def unwatched(handle):
        del table[handle[0]]
        unregister(handle[1])

    bpy.utils.register_cli_command, bpy.utils.unregister_cli_command = watched, unwatched
    return table


def install(zip_file: str) -> dict:
    """Install the zip and return the facts. The operator returns FINISHED even for a zip that Blender refuses."""
    try:
        bpy.ops.extensions.package_install_files(filepath=zip_file, repo="user_default", enable_on_install=True)
        error = None
    except RuntimeError as exception:
        error = str(exception)
    return {"error": error, "enabled": addon_utils.check(NAME) == (True, True)}


def run(command, words: list[str]) -> int | None:
    """Run a command and return its exit code; None if it raised an exception, which is a fault."""
    try:
        return command(words)
    except Exception:
        traceback.print_exc()
        return None


def use(table: dict, commands: list[list[str]]) -> dict:
    """Import the zip's modules, run the commands, disable and enable the extension."""
    facts = {
        "module": sys.modules[NAME].__file__,
        "libraries": {name: importlib.import_module(name).__file__ for name in BUNDLED},
        "versions": {name: importlib.import_module(name).__version__ for name in BUNDLED},
        "numpy": importlib.import_module("numpy").__version__,
        "codes": [run(table["anatomy_mocap"], words) for words in commands],
    }
    states = []
    for operator in (bpy.ops.preferences.addon_disable, bpy.ops.preferences.addon_enable):
        operator(module=NAME)
        states.append([addon_utils.check(NAME)[1], hasattr(bpy.types.Scene, "anatomy_mocap"), "anatomy_mocap" in table])
    return {**facts, "disabled": states[0], "enabled_again": states[1]}


def main(zip_file: str, facts_file: str, *commands: str) -> None:
    """Install and use the zip, then write the facts."""
    use_bundled_only()
    table = watch_commands()
    facts = install(zip_file)
    if facts["enabled"]:
        facts |= use(table, [json.loads(command) for command in commands])
    Path(facts_file).write_text(json.dumps(facts))


if __name__ == "__main__":
    code = 0
    try:
        main(*sys.argv[1:])
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the bpy module may hang or crash at its shutdown
