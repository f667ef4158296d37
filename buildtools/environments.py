"""The virtual environments: one for each Blender line, from the pinned requirements, made once and kept up to date."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from .project import ROOT, BuildError, all_requirements, requirement_name, requirements, say
from .pythons import Blender, blender_of_this_python, dotted_version, find_python

STAMP = "installed-by-build.json"


def environment(blender: Blender, *groups: str, optional: tuple[str, ...] = ()) -> Path:
    """Make or complete the environment of a Blender line.

    blender: the line; its own group and "runtime" are always installed.
    groups: further dependency groups that are needed.
    optional: groups whose failure to install is reported and otherwise ignored.
    Returns the path of the environment's Python.
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
            say(f"{folder.name}: going on without the group '{group}': {error}")
    return python


def _folder(blender: Blender) -> Path:
    """`.venv` belongs to the Python that made it first; the other Blender line gets a folder with its version."""
    plain = ROOT / ".venv"
    stamp = _read_stamp(plain)
    if stamp is None:
        return plain if blender == blender_of_this_python() else ROOT / f".venv-{blender.version}"
    return plain if stamp["python"] == list(blender.python) else ROOT / f".venv-{blender.version}"


def _read_stamp(folder: Path) -> dict | None:
    """What build.py has installed there; None where it has made nothing, or made it before the folder was moved."""
    try:
        stamp = json.loads((folder / STAMP).read_text())
        return stamp if stamp["folder"] == str(folder) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _create(folder: Path, blender: Blender) -> dict:
    """Make an empty environment and return its stamp, which marks the folder as ours from the first moment."""
    python = find_python(blender.python)
    if python is None:
        raise BuildError(f"Blender {blender.version} needs Python {dotted_version(blender.python)}: install it first")
    say(f"{folder.name}: new environment for Blender {blender.version} with {python}")
    if folder.exists() and not (folder / STAMP).exists():
        raise BuildError(f"{folder} was not made by build.py: move it away or remove it, then try again")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _write_stamp(folder, stamp := {"python": list(blender.python), "requirements": []})
    if subprocess.run([python, "-m", "venv", str(folder)], check=False).returncode:
        raise BuildError(f"{python} can't make an environment in {folder} (Debian: install python3-venv)")
    return stamp


def _install(python: Path, stamp: dict, wanted: list[str], folder: Path) -> None:
    """Install what is missing of the wanted requirements, together with what stays, so that pip keeps every pin."""
    if set(wanted) <= set(stamp["requirements"]):
        return
    replaced = {requirement_name(requirement) for requirement in wanted}
    current = [requirement for requirement in stamp["requirements"] if requirement in all_requirements()]
    kept = [requirement for requirement in current if requirement_name(requirement) not in replaced]
    say(f"{folder.name}: installing {', '.join(r for r in wanted if r not in stamp['requirements'])}")
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    if subprocess.run([*command, *kept, *wanted], check=False).returncode:
        raise BuildError(f"pip could not install {' '.join(wanted)} into {folder}; its message stands above")
    stamp["requirements"] = kept + wanted
    _write_stamp(folder, stamp)


def _write_stamp(folder: Path, stamp: dict) -> None:
    (folder / STAMP).write_text(json.dumps({**stamp, "folder": str(folder)}, indent=1))
