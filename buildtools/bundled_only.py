"""Restricts imports of the bundled libraries to the wheels of an installed extension, as in Blender itself.

The environment of the tests and the demo also contains these libraries, and it comes first on `sys.path`. Without the
restriction a test of the zip would pass even if its wheels were missing.
"""

import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from pathlib import Path

BUNDLED = ("av", "onnxruntime", "scipy", "threadpoolctl")


class BundledOnly(MetaPathFinder):
    """Finds the bundled libraries only in the folder to which Blender unpacks the wheels of extensions."""

    def __init__(self, resources: str):
        """resources: the path in BLENDER_USER_RESOURCES."""
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        self.folder = Path(resources, "extensions", ".local", "lib", version, "site-packages")

    def find_spec(self, name, path=None, target=None):
        """Find a bundled library, or return None for all other modules so that Python finds them."""
        if name not in BUNDLED:
            return None
        spec = PathFinder.find_spec(name, [str(self.folder)])
        if spec is None:
            raise ModuleNotFoundError(f"no wheel of the extension contains {name}", name=name)
        return spec


def use_bundled_only() -> None:
    """Apply the restriction to this process.

    BLENDER_USER_RESOURCES must be set. Raises ImportError if one of the libraries is already imported.
    """
    early = [name for name in BUNDLED if name in sys.modules]
    if early:
        raise ImportError(f"already imported before the extension: {', '.join(early)}")
    sys.meta_path.insert(0, BundledOnly(os.environ["BLENDER_USER_RESOURCES"]))
