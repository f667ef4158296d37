"""Ends a benchmark's process without Blender's shutdown, which can hang in Blender 4.5, mostly after Rigify."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable


def run_and_leave(main: Callable[[], object]) -> None:
    """Call `main`, then end the process at once. The exit code is SystemExit's, 1 after other exceptions, else 0."""
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
