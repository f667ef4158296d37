"""Runs a real Blender with a window in a folder with its own Linux system (see docs/contributing/tests.md)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_ENTER = """
root=$1; shift
for folder in /proc /dev /sys; do mount --rbind "$folder" "$root$folder"; done
for folder in $FOLDERS; do mkdir -p "$root$folder"; mount --bind "$folder" "$root$folder"; done
exec chroot "$root" "$@"
"""


class Chroot:
    """A system at `root` with Blender, Xvfb, xdotool and ImageMagick. It is entered as root and leaves no mounts."""

    def __init__(self, root: Path):
        self.root = root.resolve()

    def run(self, *command: str, folders: tuple[Path, ...] = (), environment: dict | None = None,
            timeout: float = 900) -> subprocess.CompletedProcess:
        """Run a command inside, with `folders` of this machine mounted at the same paths."""
        enter = ["unshare", "--mount", "--propagation", "private", "bash", "-ec", _ENTER, "enter", str(self.root)]
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
                     "FOLDERS": " ".join(str(folder.resolve()) for folder in folders), **(environment or {})}
        return subprocess.run([*enter, *command], env=variables, capture_output=True, text=True, timeout=timeout,
                              check=False)

    def python_version(self) -> str:
        """Return the Python version of its Blender, such as "3.14"."""
        probe = "import sys; print('python:%d.%d' % sys.version_info[:2])"
        said = self.run("blender", "--background", "--factory-startup", "--python-expr", probe).stdout
        return next(line.removeprefix("python:") for line in said.splitlines() if line.startswith("python:"))

    def wheels(self, requirements: list[str]) -> list[Path]:
        """Return the wheels for its Python, which this machine's pip downloads once and stores inside."""
        folder = self.root / "opt" / "anatomy_mocap_wheels"
        if len(list(folder.glob("*.whl"))) != len(requirements):
            folder.mkdir(parents=True, exist_ok=True)
            version = self.python_version()
            platforms = [f"--platform=manylinux_2_{minor}_x86_64" for minor in range(28, 16, -1)]
            tags = [f"--abi={tag}" for tag in (f"cp{version.replace('.', '')}", "abi3", "none")]
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                            "--implementation=cp", f"--python-version={version}", *tags, *platforms,
                            "--platform=manylinux2014_x86_64", "--dest", str(folder), *requirements], check=True)
        return sorted(folder.glob("*.whl"))


def chroot_of_this_machine() -> Chroot | None:
    """Return the system at BLENDER_CHROOT; None if the variable is not set or the system cannot be entered."""
    named = os.environ.get("BLENDER_CHROOT")
    if not named or not Path(named, "usr", "bin", "blender").exists() or os.geteuid() != 0:
        return None
    return Chroot(Path(named))
