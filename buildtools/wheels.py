"""Fetches the wheels inside the zips: wheels/wheels.lock lists them with hashes, pip downloads them into wheels/."""

import hashlib
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .project import ROOT, BuildError, read_toml, requirement_name, requirements, say
from .pythons import BLENDERS, Blender

FOLDER = ROOT / "wheels"
LOCK = "wheels/wheels.lock"

# Blender's platform names and the wheel platforms that its builds can load (on Linux Blender itself needs glibc 2.28).
PLATFORMS = {
    "linux-x64": [*(f"manylinux_2_{minor}_x86_64" for minor in range(28, 16, -1)), "manylinux2014_x86_64"],
    "windows-x64": ["win_amd64"],
    "macos-arm64": ["macosx_14_0_arm64"],
}
CUDA_PLATFORMS = ("linux-x64", "windows-x64")
BUNDLED = {flavour: ("av", engine, "scipy", "threadpoolctl")
           for flavour, engine in (("cpu", "onnxruntime"), ("cuda", "onnxruntime-gpu"))}


@dataclass(frozen=True)
class Wheel:
    """One entry of the lock file."""

    name: str
    version: str
    platform: str  # Blender's name, such as "linux-x64"
    pythons: tuple[str, ...]  # wheel tags of its Pythons, such as ("cp311", "cp313")
    file: str
    size: int  # bytes
    sha256: str


def locked_wheels(blender: Blender, platform: str, flavour: str) -> list[Wheel]:
    """Return the wheels of one zip, sorted by name."""
    table = [Wheel(**{**row, "pythons": tuple(row["pythons"])}) for row in read_toml(LOCK)["wheel"]]
    names = BUNDLED[flavour]
    found = [w for w in table if w.name in names and w.platform == platform and blender.tag in w.pythons]
    if sorted(w.name for w in found) != sorted(names):
        raise BuildError(f"{LOCK} lacks a wheel of {', '.join(names)} for {platform} {blender.tag}: run build.py lock")
    return sorted(found, key=lambda wheel: wheel.name)


def fetch(wheel: Wheel, python: Path) -> Path:
    """Return the wheel's file in wheels/. pip downloads it if it is missing; the hash is always checked."""
    path = FOLDER / wheel.file
    if not path.exists():
        say(f"wheels: downloading {wheel.file} ({wheel.size / 1e6:.1f} MB)")
        abi, platforms = wheel.file.removesuffix(".whl").rsplit("-", 2)[1:]
        with tempfile.TemporaryDirectory(dir=FOLDER, prefix="download.part") as folder:
            _download(python, f"{wheel.name}=={wheel.version}", wheel.pythons[0], [abi], platforms.split("."), folder)
            got = [file for file in Path(folder).iterdir() if file.name == wheel.file]
            if not got:
                raise BuildError(f"the registry returned another file than {wheel.file}, which {LOCK} lists")
            got[0].rename(path)
    if _sha256(path) != wheel.sha256:
        path.unlink()
        raise BuildError(f"{wheel.file}: its hash differs from {LOCK}; the file was removed, try again")
    return path


def write_lock(python: Path) -> None:
    """Download the wheels of all pinned versions for all platforms and write the lock file from them."""
    rows: dict[tuple[str, str], Wheel] = {}
    for blender in BLENDERS.values():
        pins = {requirement_name(r): r for r in requirements(blender.group, "runtime", "cuda")}
        for platform in PLATFORMS:
            names = set(BUNDLED["cpu"]) | (set(BUNDLED["cuda"]) if platform in CUDA_PLATFORMS else set())
            for name in sorted(names):
                wheel = _found(python, pins[name], blender, platform)
                known = rows.get((wheel.file, platform))
                rows[wheel.file, platform] = wheel if known is None else _for_both(known, wheel)
    ordered = sorted(rows.values(), key=lambda w: (w.name, w.platform, w.pythons))
    text = "# Written by `python build.py lock` from the versions in pyproject.toml.\n" + "".join(map(_row, ordered))
    (ROOT / LOCK).write_text(text)
    say(f"{LOCK}: {len(ordered)} wheels")


def _found(python: Path, requirement: str, blender: Blender, platform: str) -> Wheel:
    name, _, version = requirement.partition("==")
    say(f"lock: {requirement} for {platform} {blender.tag}")
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="download.part") as folder:
        _download(python, requirement, blender.tag, [blender.tag, "abi3"], PLATFORMS[platform], folder)
        [path] = Path(folder).iterdir()
        wheel = Wheel(name, version, platform, (blender.tag,), path.name, path.stat().st_size, _sha256(path))
        path.replace(FOLDER / path.name)
    return wheel


def _download(python: Path, requirement: str, tag: str, abis: list[str], platforms: list[str], folder: str) -> None:
    command = [str(python), "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--only-binary=:all:", "--implementation=cp", f"--python-version={tag.removeprefix('cp')}"]
    command += [f"--abi={abi}" for abi in abis] + [f"--platform={platform}" for platform in platforms]
    if subprocess.run([*command, f"--dest={folder}", requirement], check=False).returncode:
        raise BuildError(f"pip could not download {requirement} for {platforms[0]}; see its message above")


def _for_both(first: Wheel, second: Wheel) -> Wheel:
    """Merge the entries of one wheel (stable ABI or pure Python) that serves both Pythons."""
    return Wheel(**{**vars(first), "pythons": first.pythons + second.pythons})


def _row(wheel: Wheel) -> str:
    pythons = ", ".join(f'"{python}"' for python in wheel.pythons)
    return (
        f'\n[[wheel]]\nname = "{wheel.name}"\nversion = "{wheel.version}"\nplatform = "{wheel.platform}"\n'
        f'pythons = [{pythons}]\nfile = "{wheel.file}"\nsize = {wheel.size}\nsha256 = "{wheel.sha256}"\n'
    )


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
