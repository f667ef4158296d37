"""`python -m anatomy_mocap`: the same command line as `blender --command anatomy_mocap`."""

import os
import sys

# Set before numpy is loaded: OpenBLAS's threads do not speed up its many small products, and on a busy machine they
# wait for each other a hundred times as long as the work takes. The networks have threads of their own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from .cli import main

code = main(sys.argv[1:])
if "bpy" in sys.modules:
    # The bpy module of Blender 4.5 can hang while it shuts down; everything is on disk by now.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
sys.exit(code)
