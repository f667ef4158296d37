"""`python -m anatomy_mocap`: the same command line as `blender --command anatomy_mocap`."""

import os
import sys

from .cli import main

code = main(sys.argv[1:])
if "bpy" in sys.modules:
    # The bpy module of Blender 4.5 can hang while it shuts down; everything is on disk by now.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
sys.exit(code)
