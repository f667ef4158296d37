"""One thread for the linear algebra of many small systems."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator

from threadpoolctl import threadpool_limits

_next_on_one_thread = threadpool_limits.wrap(limits=1, user_api="blas")(next)


def one_thread(steps: Callable[..., Generator]) -> Callable[..., Generator]:
    """Decorate a stepwise job: OpenBLAS has one thread while a step runs, and as many as before between two steps.

    A batch of small systems gains nothing from more threads. Where other programs keep the cores busy (a render, other
    clips of a farm), the threads wait for each other a hundred times as long as the work takes. Blender loads numpy
    first, so an environment variable would come too late.
    """
    @functools.wraps(steps)
    def limited(*arguments, **keywords):
        job = steps(*arguments, **keywords)
        try:
            while True:
                try:
                    step = _next_on_one_thread(job)
                except StopIteration as end:
                    return end.value
                yield step
        finally:
            job.close()

    return limited
