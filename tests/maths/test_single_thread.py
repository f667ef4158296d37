"""The fit to the picture limits OpenBLAS to one thread and restores the number afterwards."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from anatomy_mocap.core.progress import drain
from anatomy_mocap.fitting import body_fit as proportions
from anatomy_mocap.fitting import pose_fit as refine
from anatomy_mocap.maths.single_thread import one_thread


def threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_one_thread_within_a_step_and_the_others_between_steps():
    @one_thread
    def job():
        yield threads()
        yield threads()
        return "done"

    np.linalg.solve(np.eye(3), np.ones(3))
    with threadpool_limits(2, "blas"):
        assert threads() == {2}
        steps = job()
        for _ in range(2):
            assert next(steps) == {1}
            assert threads() == {2}
        with pytest.raises(StopIteration) as end:
            next(steps)
        assert end.value.value == "done" and threads() == {2}


def test_the_threads_come_back_after_an_error():
    @one_thread
    def fails():
        yield
        raise ValueError

    with threadpool_limits(2, "blas"):
        with pytest.raises(ValueError):
            list(fails())
        assert threads() == {2}


def test_closing_the_job_closes_its_steps():
    closed = []

    @one_thread
    def job():
        try:
            yield
        finally:
            closed.append(True)

    steps = job()
    next(steps)
    steps.close()
    assert closed


@pytest.mark.parametrize("fit", [refine.refine, proportions.fit_body])
def test_fits_run_on_one_thread(fit):
    class Clip:
        """Records the number of threads at the first access."""

        def __len__(self):
            raise LookupError(threads())

        def __getattr__(self, name):
            raise LookupError(threads())

    clip = Clip()
    arguments = [clip] * (5 if fit is refine.refine else 4)
    with threadpool_limits(2, "blas"), pytest.raises(LookupError) as seen:
        drain(fit(*arguments))
    assert seen.value.args == ({1},)
