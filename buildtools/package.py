"""Builds the installable zips: stages the extension's files, runs Blender's own packager, validates and summarises.

The package's content is staged at the root, since Blender requires the add-on's `__init__.py` beside the manifest. Each
platform and Python has its own zip, since one zip for all of them would be six times as large.
"""

import os
import platform as machine
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .project import ROOT, BuildError, manifest
from .pythons import Blender
from .wheels import CUDA_PLATFORMS, PLATFORMS, Wheel, fetch, locked_wheels

PACKAGE = ROOT / "anatomy_mocap"
CACHE = "__pycache__"
MODEL_SUFFIXES = (".onnx", ".md", ".txt", "")  # the networks, their cards, licences and notices
DOCUMENTS = ("LICENSE", "THIRD_PARTY.md", "README.md")
ZIP_DATE = (2026, 1, 1, 0, 0, 0)  # date of every entry, so that equal content gives equal bytes


def this_platform() -> str:
    """Return Blender's name of this machine's platform."""
    names = {("Linux", "x86_64"): "linux-x64", ("Windows", "AMD64"): "windows-x64", ("Darwin", "arm64"): "macos-arm64"}
    try:
        return names[machine.system(), machine.machine()]
    except KeyError:
        raise BuildError(f"{machine.system()} {machine.machine()} has no zip, only {list(PLATFORMS)} do") from None


def package(python: Path, platforms: list[str], blenders: list[Blender], flavour: str, out: Path) -> list[Path]:
    """Build one zip for each platform and Blender line and return their paths.

    python: Python of an environment that has bpy (for its packager) and pip (for the wheels).
    flavour: "cpu" or "cuda". CUDA does not exist for macOS, so no macOS zip is built with it.
    """
    if flavour == "cuda":
        platforms = [name for name in platforms if name in CUDA_PLATFORMS]
        if not platforms:
            raise BuildError(f"the cuda flavour is for {' and '.join(CUDA_PLATFORMS)}")
    packager = find_packager(python)
    out.mkdir(parents=True, exist_ok=True)
    zips = []
    for platform in platforms:
        for blender in blenders:
            wheels = locked_wheels(blender, platform, flavour)
            zips.append(out / zip_name(platform, blender, flavour))
            _one_zip(python, packager, wheels, blender, zips[-1])
            _summarise(zips[-1])
    return zips


def zip_name(platform: str, blender: Blender, flavour: str) -> str:
    """Return the file name of one zip, such as anatomy_mocap-1.2.3-linux_x64-cp311.zip."""
    facts = manifest()
    suffix = "" if flavour == "cpu" else f"-{flavour}"
    return f"{facts['id']}-{facts['version']}-{platform.replace('-', '_')}-{blender.tag}{suffix}.zip"


def find_packager(python: Path) -> Path:
    """Find Blender's command-line packager inside the bpy wheel of the environment."""
    probe = "import importlib.util as u; print(u.find_spec('bpy').submodule_search_locations[0])"
    answer = subprocess.run([str(python), "-c", probe], capture_output=True, text=True, check=False)
    found = list(Path(answer.stdout.strip() or ".").glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))
    if answer.returncode or len(found) != 1:
        raise BuildError(f"{python} has no bpy with the packager bl_pkg/cli/blender_ext.py")
    return found[0]


def package_files() -> Iterator[tuple[str, Path]]:
    """Yield (path in the extension, file) of all files but wheels and manifest, in sorted order."""
    for folder, folders, files in os.walk(PACKAGE):
        folders[:] = sorted(set(folders) - {CACHE})
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix != ".pyc" and not name.startswith("."):
                yield path.relative_to(PACKAGE).as_posix(), path
    for path in sorted((ROOT / "models").iterdir()):
        if path.is_file() and path.suffix in MODEL_SUFFIXES:
            yield f"models/{path.name}", path
    for name in DOCUMENTS:
        yield name, ROOT / name


def staged_manifest(platform: str, blender: Blender, wheel_files: list[str]) -> str:
    """Return the manifest's text with the version range, platform and wheels of one zip."""
    lines = [f'blender_version_min = "{blender.minimum}"']
    if blender.maximum:
        lines.append(f'blender_version_max = "{blender.maximum}"')
    lines.append(f'platforms = ["{platform}"]')
    lines += ["wheels = [", *(f'  "./wheels/{name}",' for name in wheel_files), "]"]
    text = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    text, count = re.subn(r"(?:^#.*\n)?^blender_version_min = .*$", "\n".join(lines), text, flags=re.MULTILINE)
    if count != 1:
        raise BuildError("blender_manifest.toml: expected exactly one line 'blender_version_min = ...'")
    return text


def stage(folder: Path, python: Path, platform: str, blender: Blender, wheels: list[Wheel]) -> None:
    """Fill a folder with exactly the content of the zip."""
    for name, path in package_files():
        _place(path, folder / name, copy=True)
    for wheel in wheels:
        _place(fetch(wheel, python), folder / "wheels" / wheel.file, copy=False)
    text = staged_manifest(platform, blender, [wheel.file for wheel in wheels])
    (folder / "blender_manifest.toml").write_text(text, encoding="utf-8", newline="\n")


def _place(source: Path, target: Path, copy: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if copy:
        shutil.copyfile(source, target)
        return
    try:  # a wheel has up to 280 MB
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _one_zip(python: Path, packager: Path, wheels: list[Wheel], blender: Blender, target: Path) -> None:
    """Build one zip beside the target, validate it, and rename it to the target."""
    # The staging folder is beside the wheels, so that they can be linked. Git ignores its name.
    with (tempfile.TemporaryDirectory(dir=ROOT / "wheels", prefix="stage.part") as work,
          tempfile.TemporaryDirectory(dir=target.parent, prefix=".zip.part") as beside):
        part = Path(beside, target.name)
        staged, raw = Path(work, "extension"), Path(work, "raw.zip")
        stage(staged, python, wheels[0].platform, blender, wheels)
        _packager(python, packager, "build", "--source-dir", str(staged), "--output-filepath", str(raw))
        repack(raw, part)
        tags = packager.parents[3] / "modules" / "_bpy_internal" / "extensions" / "tags.py"
        _packager(python, packager, "validate", f"--valid-tags={tags}", str(part))
        os.replace(part, target)


def _packager(python: Path, packager: Path, *arguments: str) -> None:
    answer = subprocess.run([str(python), str(packager), *arguments], capture_output=True, text=True, check=False)
    if answer.returncode:
        raise BuildError(f"Blender's packager failed: {(answer.stdout + answer.stderr).strip()}")


def repack(source: Path, target: Path) -> None:
    """Copy a zip with sorted entries, one date and one file mode. Each entry keeps its kind of compression."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in sorted(old.infolist(), key=lambda entry: entry.filename):
            entry = zipfile.ZipInfo(info.filename, ZIP_DATE)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = info.compress_type
            entry.file_size = info.file_size
            with old.open(info) as reader, new.open(entry, "w") as writer:
                shutil.copyfileobj(reader, writer, 1 << 20)


def _summarise(path: Path) -> None:
    """Print the zip's size, and the number of files and the compressed size of each of its parts."""
    parts: dict[str, list[int]] = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            head, _, rest = info.filename.partition("/")
            parts.setdefault(rest if head == "wheels" else head if rest else "(root)", []).append(info.compress_size)
    print(f"{path.stat().st_size / 1e6:8.2f} MB  {os.path.relpath(path)}", flush=True)
    for name, sizes in sorted(parts.items(), key=lambda item: -sum(item[1])):
        print(f"{sum(sizes) / 1e6:14.2f}  {name} ({len(sizes)} file{'s' * (len(sizes) > 1)})", flush=True)
