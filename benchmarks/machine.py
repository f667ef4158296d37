"""Describes the machine that a benchmark runs on, for the first line of its output."""

from __future__ import annotations

import os
import platform

import numpy as np
import scipy


def machine() -> str:
    """Return versions, processor kind, number of cores and load as one line."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, "
            f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores{load}")
