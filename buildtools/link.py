"""Makes the live link: an extension in the user's Blender whose modules are links to this checkout's files."""

import os
import shutil
import subprocess
from pathlib import Path

from .package import CACHE, DOCUMENTS, PACKAGE, find_packager, staged_manifest, this_platform
from .project import ROOT, BuildError, manifest, say
from .pythons import Blender
from .wheels import fetch, locked_wheels

MARK = ".linked-by-build"  # Blender ignores files that begin with a dot


def link(python: Path, blender: Blender, extensions: str | None) -> Path:
    """Create the extension's folder with manifest and wheels, link code and models into it, and return it.

    python: Python of an environment with this Blender's bpy, which is asked for the folder of the user's extensions.
    extensions: folder of another extension repository, or None for the user's user_default.
    """
    target = _target(python, extensions)
    _clear(target)
    platform = this_platform()
    wheels = locked_wheels(blender, platform, "cpu")
    (target / "wheels").mkdir(parents=True)
    (target / MARK).write_text(f"{ROOT}\n")
    for wheel in wheels:
        _link_file(fetch(wheel, python), target / "wheels" / wheel.file)
    for entry in sorted(PACKAGE.iterdir()):
        if entry.name != CACHE:
            _link(entry, target / entry.name)
    _link(ROOT / "models", target / "models")
    for name in DOCUMENTS:
        _link(ROOT / name, target / name)
    text = staged_manifest(platform, blender, [wheel.file for wheel in wheels])
    (target / "blender_manifest.toml").write_text(text, encoding="utf-8")
    packager = find_packager(python)
    validate = [str(python), str(packager), "validate", str(target)]
    if subprocess.run(validate, capture_output=True, check=False).returncode:
        raise BuildError(f"Blender's packager does not accept {target}")
    say(f"linked as {target}")
    say(f"Start Blender {blender.version} and enable '{manifest()['name']}' under Preferences > Add-ons.")
    say("After a change of the code, disable and enable it there; after a change of manifest or wheels, link again.")
    return target


def unlink(python: Path, blender: Blender, extensions: str | None) -> None:
    """Remove the folder that link() created. The checkout's files stay."""
    target = _target(python, extensions)
    if not target.exists():
        raise BuildError(f"there is no link at {target}")
    _clear(target)
    say(f"removed {target}; Blender {blender.version} removes its entry at the next start")


def _target(python: Path, extensions: str | None) -> Path:
    if extensions:
        return Path(extensions).resolve() / manifest()["id"]
    probe = "import os, bpy; print('folder:' + bpy.utils.user_resource('EXTENSIONS', path='user_default')); "
    probe += "import sys; sys.stdout.flush(); os._exit(0)"
    answer = subprocess.run([str(python), "-c", probe], capture_output=True, text=True, check=False)
    folders = [line.removeprefix("folder:") for line in answer.stdout.splitlines() if line.startswith("folder:")]
    if not folders:
        raise BuildError(f"bpy did not start in {python}: {answer.stderr.strip()}")
    return Path(folders[0]) / manifest()["id"]


def _clear(target: Path) -> None:
    """Remove an earlier link. Refuse to remove an extension that was installed from a zip."""
    if not target.exists():
        return
    if not (target / MARK).exists():
        raise BuildError(f"{target} was not made by build.py link: uninstall the extension in Blender first")
    shutil.rmtree(target)  # removes links and junctions, never their targets


def _link(source: Path, target: Path) -> None:
    """Link a file or a folder. Where Windows forbids symbolic links, make a junction or a hard link."""
    if source.is_file():
        _link_file(source, target)
        return
    try:
        target.symlink_to(source, target_is_directory=True)
    except OSError:
        if os.name != "nt":
            raise
        subprocess.run(["cmd", "/c", "mklink", "/J", str(target), str(source)], check=True, capture_output=True)


def _link_file(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source)
    except OSError:
        try:
            os.link(source, target)
        except OSError:  # on another drive the file is a copy and changes do not reach it
            shutil.copyfile(source, target)
