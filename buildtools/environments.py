"""Creates and updates the virtual environments: one for each Blender line, with the pinned requirements."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from .project import ROOT, BuildError, all_requirements, requirement_name, requirements, say
from .pythons import Blender, blender_of_this_python, dotted_version, find_python

STAMP = "installed-by-build.json"


def environment(blender: Blender, *groups: str, optional: tuple[str, ...] = ()) -> Path:
    """Create or complete the environment of a Blender line and return the path of its Python.

    blender: the line; its own dependency group and "runtime" are always installed.
    groups: further required dependency groups.
    optional: further groups; if one cannot be installed, a line is printed and the work goes on.
    """
    folder = _folder(blender)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = _read_stamp(folder)
    if stamp is None or stamp["python"] != list(blender.python) or not python.exists():
        stamp = _create(folder, blender)
    _install(python, stamp, requirements(blender.group, "runtime", *groups), folder)
    for group in optional:
        try:
            _install(python, stamp, requirements(group), folder)
        except BuildError as error:
            say(f"{folder.name}: continuing without the group '{group}': {error}")
    return python


def _folder(blender: Blender) -> Path:
    """Return the folder of a line: `.venv` for the line that created it, else `.venv-` and the line's version."""
    plain = ROOT / ".venv"
    stamp = _read_stamp(plain)
    if stamp is None:
        return plain if blender == blender_of_this_python() else ROOT / f".venv-{blender.version}"
    return plain if stamp["python"] == list(blender.python) else ROOT / f".venv-{blender.version}"


def _read_stamp(folder: Path) -> dict | None:
    """Read the list of what build.py installed there; None if it created nothing or the folder was moved since."""
    try:
        stamp = json.loads((folder / STAMP).read_text())
        return stamp if stamp["folder"] == str(folder) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _create(folder: Path, blender: Blender) -> dict:
    """Create an empty environment and return its stamp. The stamp is written first and marks the folder as ours."""
    python = find_python(blender.python)
    if python is None:
        raise BuildError(f"Blender {blender.version} needs Python {dotted_version(blender.python)}: install it first")
    say(f"{folder.name}: creating the environment for Blender {blender.version} with {python}")
    if folder.exists() and not (folder / STAMP).exists():
        raise BuildError(f"{folder} was not created by build.py: move or remove it, then try again")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _write_stamp(folder, stamp := {"python": list(blender.python), "requirements": []})
    if subprocess.run([python, "-m", "venv", str(folder)], check=False).returncode:
        raise BuildError(f"{python} cannot create an environment in {folder} (Debian: install python3-venv)")
    return stamp


def _install(python: Path, stamp: dict, wanted: list[str], folder: Path) -> None:
    """Install the missing requirements. All pins are passed to pip together, so that it keeps them."""
    if set(wanted) <= set(stamp["requirements"]):
        return
    replaced = {requirement_name(requirement) for requirement in wanted}
    current = [requirement for requirement in stamp["requirements"] if requirement in all_requirements()]
    kept = [requirement for requirement in current if requirement_name(requirement) not in replaced]
    say(f"{folder.name}: installing {', '.join(r for r in wanted if r not in stamp['requirements'])}")
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    if subprocess.run([*command, *kept, *wanted], check=False).returncode:
        raise BuildError(f"pip could not install {' '.join(wanted)} into {folder}; see its message above")
    stamp["requirements"] = kept + wanted
    _write_stamp(folder, stamp)


def _write_stamp(folder: Path, stamp: dict) -> None:
    (folder / STAMP).write_text(json.dumps({**stamp, "folder": str(folder)}, indent=1))
