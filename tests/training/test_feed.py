"""The processes that simulate: one that dies is told, and nobody waits for it."""

import os
import signal
import time

import numpy as np
import pytest
from figure import write_set
from test_training import settings

from anatomy_mocap.core.errors import MocapError
from anatomy_mocap.training.feed import Feed

sent = []


def fails(*_):
    """Breaks down at the third batch."""
    if len(sent) == 2:
        raise ValueError("broken")
    sent.append(0)
    return np.zeros(3)


def killed(*_):
    """Is killed while its first batch, which fits no pipe, is half written."""
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


def number(rng, *_):
    """A batch that tells whose it is, by the worker's seed."""
    return rng.integers(1000) if not sent and not sent.append(0) else None


def test_nobody_waits_behind_a_process_that_sends_more(tmp_path):
    chosen = settings(tmp_path, data=write_set(tmp_path))
    with Feed(number, chosen, (0,), workers=2) as feed:
        deadline, got = time.monotonic() + 120, set()
        while len(got) < 2 and time.monotonic() < deadline:
            got |= {feed.next()} - {None}
    assert got == {np.random.default_rng(seed).integers(1000) for seed in ((0,), (0, 1))}
