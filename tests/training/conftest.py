"""Tests of training run where torch is installed (it is no part of the product)."""

import importlib.util
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # figure.py
collect_ignore_glob = [] if all(importlib.util.find_spec(name) for name in ("torch", "onnx")) else ["test_*.py"]
