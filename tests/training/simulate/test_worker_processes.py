"""The simulation's worker processes: the death of one is reported, and the training does not wait for it."""

import os
import signal
import time
from multiprocessing.connection import wait

import numpy as np
import pytest

from anatomy_mocap.core.errors import MocapError
from tests.support.small_motion_set import write_set
from tests.training.train.test_train import settings
from training.simulate.worker_processes import Feed

sent = []


def fails(*_):
    """Fail at the third batch."""
    if len(sent) == 2:
        raise ValueError("broken")
    sent.append(0)
    return np.zeros(3)


def killed(*_):
    """Be killed while the first batch, which is larger than a pipe, is half written."""
    if sent:
        time.sleep(1)
        os.kill(os.getpid(), signal.SIGKILL)
    sent.append(0)
    return np.zeros(3_000_000)


@pytest.mark.parametrize("dies", [fails, killed])
def test_a_process_that_dies_is_told(tmp_path, dies):
    with Feed(dies, settings(tmp_path, data=write_set(tmp_path)), (0,)) as feed:
        feed._workers[0].join(120)
        assert not feed._workers[0].is_alive()
        for ask in (feed.ready, feed.next):
            with pytest.raises(MocapError, match="has ended"):
                for _ in range(3):  # two may have been sent
                    ask()


def endless(rng, *_):
    """Yield endless batches that contain the worker's seed."""
    if not sent:
        sent.append(rng.integers(1000))
    return sent[0]


def test_nobody_waits_behind_a_process_that_sends_more(tmp_path):
    chosen, got = settings(tmp_path, data=write_set(tmp_path)), []
    deadline = time.monotonic() + 120
    with Feed(endless, chosen, (0,), workers=2) as feed:
        for _ in range(4):
            while len(wait(feed._pipes)) < 2:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            got.append(feed.ready())
    assert got[:2] == got[2:]
    assert set(got) == {np.random.default_rng(seed).integers(1000) for seed in ((0,), (0, 1))}
