"""How a benchmark that uses the bpy module ends: Blender 4.5's own shutdown can hang, above all after Rigify."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable


def run_and_leave(main: Callable[[], object]) -> None:
    """Call `main` and end the process at once: exit code 0, 1 after an exception, or SystemExit's own."""
    code = 0
    try:
        main()
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
