"""Tests of training run where torch is installed (it is no part of the product)."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("torch") else ["test_*.py"]
