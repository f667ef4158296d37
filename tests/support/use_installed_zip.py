"""Run in a fresh process: install a zip as a user would, use it, and leave the facts as JSON.

    python use_installed_zip.py ZIP FACTS.json [COMMAND...]

Each COMMAND is a JSON list of words for the registered command.

BLENDER_USER_RESOURCES must name an empty folder. The bundled libraries can come from the zip's wheels alone.
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

addon_utils = importlib.import_module("addon_utils")  # can be found once bpy is imported
NAME = "bl_ext.user_default.anatomy_mocap"


def watch_commands() -> dict:
    """The commands that add-ons register: the bpy module keeps them where no Python call can reach them."""
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
    """What Blender says of the installation; the operator's own answer is FINISHED even for a zip that it refused."""
    try:
        bpy.ops.extensions.package_install_files(filepath=zip_file, repo="user_default", enable_on_install=True)
        error = None
    except RuntimeError as exception:
        error = str(exception)
    return {"error": error, "enabled": addon_utils.check(NAME) == (True, True)}


def run(command, words: list[str]) -> int | None:
    """The exit code; None where the command raised, which it never should."""
    try:
        return command(words)
    except Exception:
        traceback.print_exc()
        return None


def use(table: dict, commands: list[list[str]]) -> dict:
    """Import what the zip brought, run the commands, disable, enable."""
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
    """Install, use, write the facts."""
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
    os._exit(code)  # the bpy module may hang or crash in its own shutdown
