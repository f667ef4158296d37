"""Lets the bpy module import the bundled libraries from an installed extension's wheels alone, as a Blender would.

The environment of the tests and the demo has those libraries too, and before the extension's own on `sys.path`; what is
meant to prove the zip would otherwise run without its wheels.
"""

import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from pathlib import Path

BUNDLED = ("av", "onnxruntime", "scipy", "threadpoolctl")


class BundledOnly(MetaPathFinder):
    """Finds the bundled libraries where Blender unpacks the wheels of extensions, and nowhere else."""

    def __init__(self, resources: str):
        """resources: the folder of BLENDER_USER_RESOURCES."""
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        self.folder = Path(resources, "extensions", ".local", "lib", version, "site-packages")

    def find_spec(self, name, path=None, target=None):
        """Answer for the bundled libraries; all others are left to Python."""
        if name not in BUNDLED:
            return None
        spec = PathFinder.find_spec(name, [str(self.folder)])
        if spec is None:
            raise ModuleNotFoundError(f"{name} is in no wheel of the extension", name=name)
        return spec


def use_bundled_only() -> None:
    """Switch it on for this process; BLENDER_USER_RESOURCES must be set and none of the libraries imported yet."""
    early = [name for name in BUNDLED if name in sys.modules]
    if early:
        raise ImportError(f"{', '.join(early)} came in before the extension")
    sys.meta_path.insert(0, BundledOnly(os.environ["BLENDER_USER_RESOURCES"]))
