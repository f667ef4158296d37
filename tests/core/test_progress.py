"""Stepwise jobs: parts of a stage, calls on a thread, closing."""

import threading
import time

import pytest

from anatomy_mocap.core.progress import Progress, ahead, chunks, drain, in_thread, part_of

STAGE = Progress("fit", 0, 200, "fitting")


def inner(closed: list):
    try:
        for done in range(5):
            yield Progress("inner", done, 4, "within")
        return "result"
    finally:
        closed.append(True)


def test_chunks_cover_the_whole_range():
    assert [list(range(10))[part] for part in chunks(10, 4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert list(chunks(0, 4)) == []


def test_a_part_moves_its_share_of_the_stage():
    steps, closed = [], []
    assert drain(part_of(inner(closed), STAGE, 0.5, 1.0), steps.append) == "result" and closed
    assert [step.done for step in steps] == [100, 125, 150, 175, 200]
    assert {(step.stage, step.total, step.message) for step in steps} == {("fit", 200, "fitting")}


def test_closing_a_part_closes_the_inner_job():
    closed = []
    steps = part_of(inner(closed), STAGE)
    next(steps)
    steps.close()
    assert closed


def test_a_call_on_a_thread_keeps_yielding_and_gives_its_result():
    heard = []
    assert drain(in_thread(lambda: time.sleep(0.35) or 7, STAGE), heard.append) == 7
    assert len(heard) >= 3 and set(heard) == {STAGE}


def test_an_error_on_the_thread_is_raised_by_the_job():
    def fails():
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        drain(in_thread(fails, STAGE))


def test_closing_does_not_wait_for_the_thread():
    steps = in_thread(lambda: time.sleep(0.5), STAGE)
    next(steps)
    started = time.perf_counter()
    steps.close()
    assert time.perf_counter() - started < 0.2


def test_items_are_ready_ahead_in_order_and_their_error_comes_at_its_place():
    def items():
        yield from range(20)
        raise ValueError("broken")

    got = []
    with pytest.raises(ValueError, match="broken"):
        for item in ahead(items(), 3):
            got.append(item)
    assert got == list(range(20))


def test_no_more_items_than_asked_for_are_made_ahead():
    made = []

    def items():
        for number in range(100):
            made.append(number)
            yield number

    waiting = ahead(items(), 4)
    next(waiting)
    time.sleep(0.1)
    assert len(made) <= 1 + 4 + 1
    waiting.close()


def test_closing_ends_the_thread_and_closes_the_items():
    closed = []
    waiting = ahead(inner(closed), 2)
    next(waiting)
    waiting.close()
    assert closed == [True]
    assert not [t for t in threading.enumerate() if t.name == "anatomy_mocap ahead"]
