"""One thread for the linear algebra of many small systems."""

from __future__ import annotations

from threadpoolctl import threadpool_limits

one_thread = threadpool_limits.wrap(limits=1, user_api="blas")
"""Decorator: OpenBLAS has one thread while the function runs, and as many as before after it.

A batch of small systems gains nothing from more, and where other programs (a render, other clips of a farm) keep the
cores busy they wait for each other a hundred times as long as the work takes. Blender has loaded numpy before us, so
that an environment variable would come too late.
"""
